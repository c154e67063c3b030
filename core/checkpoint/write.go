package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	metadataKey = "__metadata__"
	// maxHeaderBytes is the limit of the reference implementation.
	maxHeaderBytes = 100_000_000
	chunkElements  = 1 << 14
)

// Write writes f in safetensors format, tensors in the order of their names and
// the header padded to a multiple of 8 bytes, so that the data is aligned. Equal
// content gives equal bytes. It does not buffer across tensors: w should.
func Write(w io.Writer, f File, dtype DType) error {
	if dtype.Size() == 0 {
		return fmt.Errorf("write safetensors: unknown dtype %v", dtype)
	}
	tensors := slices.Clone(f.Tensors)
	slices.SortFunc(tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	header, err := encodeHeader(tensors, f.Meta, dtype)
	if err != nil {
		return fmt.Errorf("write safetensors: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("write safetensors header: %w", err)
	}
	buf := make([]byte, 0, chunkElements*dtype.Size())
	for _, t := range tensors {
		for chunk := range slices.Chunk(t.Data, chunkElements) {
			if _, err := w.Write(encode(buf, chunk, dtype)); err != nil {
				return fmt.Errorf("write tensor %q: %w", t.Name, err)
			}
		}
	}
	return nil
}

func encode(buf []byte, data []float32, dtype DType) []byte {
	buf = buf[:len(data)*dtype.Size()]
	if dtype == BF16 {
		for i, x := range data {
			binary.LittleEndian.PutUint16(buf[2*i:], bfloat16(x))
		}
		return buf
	}
	for i, x := range data {
		binary.LittleEndian.PutUint32(buf[4*i:], math.Float32bits(x))
	}
	return buf
}

// encodeHeader returns the length prefix and the header for tensors in the order given.
func encodeHeader(tensors []Tensor, meta map[string]string, dtype DType) ([]byte, error) {
	b := make([]byte, 8, 256)
	b = append(b, '{')
	if len(meta) > 0 {
		b = append(b, `"`+metadataKey+`":{`...)
		for i, k := range slices.Sorted(maps.Keys(meta)) {
			if !utf8.ValidString(k) || !utf8.ValidString(meta[k]) {
				return nil, fmt.Errorf("metadata %q: not UTF-8", k)
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, k), ':')
			b = appendString(b, meta[k])
		}
		b = append(b, '}')
	}
	var offset int64
	for i, t := range tensors {
		if err := checkTensor(t); err != nil {
			return nil, err
		}
		if i > 0 && t.Name == tensors[i-1].Name {
			return nil, fmt.Errorf("two tensors are named %q", t.Name)
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		end := offset + int64(len(t.Data))*int64(dtype.Size())
		b = appendString(b, t.Name)
		b = append(b, `:{"dtype":"`+dtype.String()+`","shape":[`...)
		for j, n := range t.Shape {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(n), 10)
		}
		b = append(b, `],"data_offsets":[`...)
		b = strconv.AppendInt(b, offset, 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, end, 10)
		b = append(b, `]}`...)
		offset = end
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	if len(b)-8 > maxHeaderBytes {
		return nil, fmt.Errorf("a header of %d bytes is over the format's limit of %d", len(b)-8, maxHeaderBytes)
	}
	binary.LittleEndian.PutUint64(b, uint64(len(b)-8))
	return b, nil
}

func checkTensor(t Tensor) error {
	if t.Name == "" || t.Name == metadataKey || !utf8.ValidString(t.Name) {
		return fmt.Errorf("tensor %q: a name must be UTF-8, not empty and not %s", t.Name, metadataKey)
	}
	n := int64(1)
	for _, d := range t.Shape {
		if d < 0 {
			return fmt.Errorf("tensor %q: negative size in shape %v", t.Name, t.Shape)
		}
		var ok bool
		if n, ok = mulBounded(n, int64(d)); !ok {
			return fmt.Errorf("tensor %q: shape %v is too large", t.Name, t.Shape)
		}
	}
	if n != int64(len(t.Data)) {
		return fmt.Errorf("tensor %q: shape %v needs %d elements, has %d", t.Name, t.Shape, n, len(t.Data))
	}
	return nil
}

// mulBounded multiplies sizes; it fails above 2^60, where byte counts would overflow.
func mulBounded(a, b int64) (int64, bool) {
	if b != 0 && a > (1<<60)/b {
		return 0, false
	}
	return a * b, true
}

// appendString appends s, which is UTF-8, as a JSON string.
func appendString(b []byte, s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string and a memory buffer cannot fail
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}
