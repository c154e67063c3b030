package python

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A frame is a little-endian uint32 length, an operation of one byte and fields,
// each with its own length before it. driver.py has the other end.

// The judge's requests.
const (
	opLoad        = 'L' // source, entry
	opCall        = 'C' // arguments, output limit
	opExports     = 'X'
	opCallNamed   = 'F' // name, arguments, keywords, output limit
	opScript      = 'M' // source
	opSameProcess = 'A' // source, tests
	opNonce       = 'N' // nonce
	opTester      = 'T' // exports, tests, output limit
	opAnswerError = 'E' // type, text: to a tester
	opAnswer      = 'v' // value, arguments afterwards: to a tester
)

// The program's replies.
const (
	replyReady    = 'r' // confined
	replyBroken   = '!' // could not be
	replyParsed   = 'p'
	replyUnparsed = 'P' // kind, type, text
	replyRaised   = 'E' // kind, type, text
	replyDone     = 'o'
	replyValue    = 'v' // value
	replyNoValue  = 'V' // kind, type, text: it returned nothing plain
	replyCall     = 'c' // name, arguments, keywords: a tester's call
	replyNonce    = 'n' // nonce
)

type frame struct {
	op     byte
	fields [][]byte
}

func appendFrame(b []byte, op byte, fields ...[]byte) []byte {
	size := 1
	for _, f := range fields {
		size += 4 + len(f)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = append(b, op)
	for _, f := range fields {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return b
}

var errFrame = errors.New("python: broken frame")

// readFrame reads one frame of at most limit bytes. Whoever wrote it is not
// trusted: a length is believed only as its bytes arrive.
func readFrame(r io.Reader, limit int) (frame, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	n := int64(binary.LittleEndian.Uint32(head[:]))
	if n < 1 || n > int64(limit) {
		return frame{}, fmt.Errorf("%w: of %d bytes, where at most %d were expected", errFrame, n, limit)
	}
	const step = 64 << 10
	b := make([]byte, 0, min(n, step))
	for int64(len(b)) < n {
		k := int(min(n-int64(len(b)), step))
		b = append(b, make([]byte, k)...)
		if _, err := io.ReadFull(r, b[len(b)-k:]); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return frame{}, err
		}
	}
	return parseFrame(b)
}

func parseFrame(b []byte) (frame, error) {
	f := frame{op: b[0]}
	for b = b[1:]; len(b) > 0; {
		if len(b) < 4 {
			return frame{}, fmt.Errorf("%w: cut short", errFrame)
		}
		n := uint64(binary.LittleEndian.Uint32(b))
		if b = b[4:]; n > uint64(len(b)) {
			return frame{}, fmt.Errorf("%w: a field of %d bytes where %d are left", errFrame, n, len(b))
		}
		f.fields = append(f.fields, b[:n])
		b = b[n:]
	}
	return f, nil
}

func u64(n int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }
