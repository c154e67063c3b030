package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Limits bound what Read accepts, in bytes. Zero fields mean the format's
// header limit of 100 MB, and data without a bound: memory is then taken only
// as the data arrives.
type Limits struct {
	Header int64
	Data   int64
}

// Read reads one safetensors file of F32 and BF16 tensors up to the end of r.
// The header must describe the data exactly: no overlaps, no holes, no bytes
// left over. NaN and infinities are allowed.
func Read(r io.Reader, limits Limits) (File, error) { return read(r, limits, -1) }

// read is Read with the total size in bytes, or -1 if unknown.
func read(r io.Reader, limits Limits, size int64) (File, error) {
	raw, err := readHeader(r, limits, size)
	if err != nil {
		return File{}, err
	}
	entries, meta, err := parseHeader(raw)
	if err != nil {
		return File{}, fmt.Errorf("safetensors header: %w", err)
	}
	total, err := checkLayout(entries)
	if err != nil {
		return File{}, fmt.Errorf("safetensors header: %w", err)
	}
	if limits.Data > 0 && total > limits.Data {
		return File{}, fmt.Errorf("safetensors: %d bytes of data are over the limit of %d", total, limits.Data)
	}
	if size >= 0 {
		if have := size - 8 - int64(len(raw)); have != total {
			return File{}, fmt.Errorf("safetensors: the header describes %d bytes of data, the file has %d; it is damaged or cut short, copy it again",
				total, have)
		}
	}
	f := File{Tensors: make([]Tensor, 0, len(entries)), Meta: meta}
	buf := make([]byte, chunkElements*F32.Size())
	for _, e := range entries {
		data, err := readData(r, e, buf, size >= 0)
		if err != nil {
			return File{}, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		f.Tensors = append(f.Tensors, Tensor{Name: e.name, Shape: e.shape, Data: data})
	}
	if _, err := io.ReadFull(r, buf[:1]); err == nil {
		return File{}, errors.New("safetensors: bytes are left over after the last tensor; the file is damaged or not safetensors")
	} else if err != io.EOF {
		return File{}, fmt.Errorf("read safetensors: %w", err)
	}
	slices.SortFunc(f.Tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	return f, nil
}

func readHeader(r io.Reader, limits Limits, size int64) ([]byte, error) {
	var prefix [8]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, fmt.Errorf("safetensors: no header length in the first 8 bytes: %w", truncated(err))
	}
	bound := limits.Header
	if bound <= 0 || bound > maxHeaderBytes {
		bound = maxHeaderBytes
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > uint64(bound) {
		return nil, fmt.Errorf("safetensors: a header of %d bytes is over the limit of %d; the file is damaged or not safetensors", n, bound)
	}
	if size >= 0 && int64(n) > size-8 {
		return nil, fmt.Errorf("safetensors: a header of %d bytes in a file of %d; the file is damaged or not safetensors", n, size)
	}
	// Grown as bytes arrive: the length alone must not make us allocate.
	var raw bytes.Buffer
	if _, err := io.CopyN(&raw, r, int64(n)); err != nil {
		return nil, fmt.Errorf("safetensors: header: %w", truncated(err))
	}
	return raw.Bytes(), nil
}

// readData reads one tensor's elements. Its storage is sized at once only when
// the file is known to hold that much.
func readData(r io.Reader, e entry, buf []byte, trusted bool) ([]float32, error) {
	n := e.elements
	var data []float32
	if trusted {
		data = make([]float32, 0, n)
	} else {
		data = make([]float32, 0, min(n, chunkElements))
	}
	for left := n; left > 0; {
		step := min(left, chunkElements)
		raw := buf[:int(step)*e.dtype.Size()]
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, truncated(err)
		}
		data = decode(data, raw, e.dtype)
		left -= step
	}
	return data, nil
}

func decode(dst []float32, raw []byte, dtype DType) []float32 {
	n := len(raw) / dtype.Size()
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	out := dst[at:]
	if dtype == BF16 {
		for i := range out {
			out[i] = fromBFloat16(binary.LittleEndian.Uint16(raw[2*i:]))
		}
		return dst
	}
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return dst
}

// truncated words the end of input where more was due.
func truncated(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("the file is cut short, copy it again: %w", io.ErrUnexpectedEOF)
	}
	return err
}
