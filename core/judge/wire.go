package judge

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// A frame is a little-endian uint32 length and that many bytes. Parent to
// child: one setup, then batches. Child to parent: one hello, then one reply
// per program, in order.
const (
	wireMagic   = "ra3-judge"
	wireVersion = 1

	maxSetup = 256
	maxBatch = 64 << 20
	// Replies carry reasons of at most maxReason bytes besides the values.
	maxReason = 160
)

// writeFrame writes length and payload with one call, so that a frame is one
// system call on a pipe.
func writeFrame(w io.Writer, buf []byte, payload []byte) ([]byte, error) {
	buf = binary.LittleEndian.AppendUint32(buf[:0], uint32(len(payload)))
	buf = append(buf, payload...)
	if _, err := w.Write(buf); err != nil {
		return buf, fmt.Errorf("judge: writing a frame of %d bytes: %w", len(payload), err)
	}
	return buf, nil
}

// readFrame reads one payload of at most limit bytes. io.EOF means the stream
// ended between frames.
func readFrame(r io.Reader, limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if uint64(n) > uint64(limit) {
		return nil, fmt.Errorf("judge: frame of %d bytes exceeds its bound of %d", n, limit)
	}
	// A claimed length is believed only as its bytes arrive.
	const step = 64 << 10
	b := make([]byte, 0, min(int(n), step))
	for len(b) < int(n) {
		k := min(int(n)-len(b), step)
		b = append(b, make([]byte, k)...)
		if _, err := io.ReadFull(r, b[len(b)-k:]); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return b, nil
}

// encodeSetup is the parent's first frame: magic, version, limits.
func encodeSetup(lim Limits) []byte {
	b := append([]byte(wireMagic), wireVersion)
	b = binary.AppendUvarint(b, lim.Steps)
	b = binary.AppendUvarint(b, uint64(lim.MemoryMB))
	b = binary.AppendUvarint(b, uint64(lim.Timeout))
	return binary.AppendUvarint(b, uint64(lim.MaxOutput))
}

func decodeSetup(b []byte) (Limits, error) {
	rest, err := checkMagic(b)
	if err != nil {
		return Limits{}, err
	}
	r := reader{b: rest}
	steps, mem, timeout, out := r.uvarint(), r.uvarint(), r.uvarint(), r.uvarint()
	if r.err != nil {
		return Limits{}, fmt.Errorf("judge: setup: %w", r.err)
	}
	if mem > maxMemoryMB || timeout > uint64(maxTimeout) || out > maxOutput {
		return Limits{}, fmt.Errorf("judge: setup: limits out of range")
	}
	return Limits{steps, int(mem), time.Duration(timeout), int(out)}.withDefaults()
}

// encodeHello is the child's first frame.
func encodeHello() []byte { return append([]byte(wireMagic), wireVersion) }

func checkMagic(b []byte) ([]byte, error) {
	n := len(wireMagic)
	if len(b) <= n || string(b[:n]) != wireMagic {
		return nil, fmt.Errorf("judge: the other side does not speak the judge protocol")
	}
	if b[n] != wireVersion {
		return nil, fmt.Errorf("judge: protocol version %d, this program has %d; restart so that both come from one binary", b[n], wireVersion)
	}
	return b[n+1:], nil
}

// program is what the child learns of a case.
type program struct {
	source, entry string
	inputs        [][]any
}

func appendProgram(b []byte, c *Case) ([]byte, error) {
	b = appendString(b, c.Source)
	b = appendString(b, c.Entry)
	b = binary.AppendUvarint(b, uint64(len(c.Inputs)))
	for i, args := range c.Inputs {
		b = binary.AppendUvarint(b, uint64(len(args)))
		var err error
		for j, a := range args {
			if _, bad := a.(opaque); bad {
				return nil, fmt.Errorf("test %d argument %d: not a plain value", i+1, j+1)
			}
			if b, err = appendValue(b, a, 0); err != nil {
				return nil, fmt.Errorf("test %d argument %d: %w", i+1, j+1, err)
			}
		}
	}
	return b, nil
}

// decodeBatch decodes concatenated programs up to the end of the frame.
func decodeBatch(b []byte) ([]program, error) {
	var batch []program
	r := reader{b: b}
	for len(r.b) > 0 {
		p := program{source: r.string(), entry: r.string()}
		n := r.count()
		for i := 0; i < n && r.err == nil; i++ {
			args := make([]any, 0, 2)
			for k := r.count(); k > 0 && r.err == nil; k-- {
				args = append(args, r.value(0))
			}
			p.inputs = append(p.inputs, args)
		}
		batch = append(batch, p)
	}
	if r.err != nil {
		return nil, fmt.Errorf("judge: batch: %w", r.err)
	}
	return batch, nil
}

var wireKinds = [...]Kind{"", Error, Timeout, Memory, Refused, Crashed}

func kindCode(k Kind) byte {
	for i, w := range wireKinds {
		if w == k {
			return byte(i)
		}
	}
	return byte(len(wireKinds) - 1)
}

// appendFailure appends a result without a value; results with values are appended by
// the executor, which holds them in its own form.
func appendFailure(b []byte, kind Kind, reason string) []byte {
	return appendString(append(b, kindCode(kind)), reason)
}

// decodeReply decodes: retire flag, count, results. A worker that retires has
// grown and leaves after this reply.
func decodeReply(b []byte) (out outcome, retire bool, err error) {
	r := reader{b: b}
	retire = r.byte() != 0
	for n := r.count(); n > 0 && r.err == nil; n-- {
		code := r.byte()
		if int(code) >= len(wireKinds) {
			r.fail(fmt.Errorf("unknown result code %d", code))
			break
		}
		if code == 0 {
			out = append(out, result{value: r.value(0)})
		} else {
			out = append(out, result{kind: wireKinds[code], reason: clean(r.string(), maxReason)})
		}
	}
	if r.err == nil && len(r.b) != 0 {
		r.fail(fmt.Errorf("%d bytes too many", len(r.b)))
	}
	if r.err != nil {
		return nil, false, fmt.Errorf("judge: reply: %w", r.err)
	}
	return out, retire, nil
}
