package judge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Values on the wire: a tag byte, then a zigzag varint, 8 bytes of IEEE 754, or
// a uvarint count with bytes or elements.
const (
	tagNone byte = iota
	tagFalse
	tagTrue
	tagInt
	tagFloat
	tagString
	tagList
	tagOpaque // a result with no plain form, named by its type
)

const maxDepth = 64

// opaque is a result of another type than the plain ones; it equals nothing.
type opaque string

var (
	errDepth     = errors.New("value nested deeper than 64")
	errTruncated = errors.New("message ends early")
)

// appendValue appends the encoding of a plain value.
func appendValue(b []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	switch v := v.(type) {
	case nil:
		return append(b, tagNone), nil
	case bool:
		if v {
			return append(b, tagTrue), nil
		}
		return append(b, tagFalse), nil
	case int64:
		return binary.AppendVarint(append(b, tagInt), v), nil
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, tagFloat), math.Float64bits(v)), nil
	case string:
		return appendString(append(b, tagString), v), nil
	case opaque:
		return appendString(append(b, tagOpaque), string(v)), nil
	case []any:
		b = binary.AppendUvarint(append(b, tagList), uint64(len(v)))
		var err error
		for _, e := range v {
			if b, err = appendValue(b, e, depth+1); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return nil, fmt.Errorf("value of type %T; use int64, float64, bool, string, nil or []any", v)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader decodes a message; the first failure sticks in err.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail(errTruncated)
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(errTruncated)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a length of things that take at least one byte each, so that a
// short message cannot ask for a large allocation.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail(errTruncated)
		return 0
	}
	return int(n)
}

func (r *reader) string() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) value(depth int) any {
	if depth > maxDepth {
		r.fail(errDepth)
		return nil
	}
	switch tag := r.byte(); tag {
	case tagNone:
		return nil
	case tagFalse:
		return false
	case tagTrue:
		return true
	case tagInt:
		v, n := binary.Varint(r.b)
		if n <= 0 {
			r.fail(errTruncated)
			return nil
		}
		r.b = r.b[n:]
		return v
	case tagFloat:
		if len(r.b) < 8 {
			r.fail(errTruncated)
			return nil
		}
		v := math.Float64frombits(binary.LittleEndian.Uint64(r.b))
		r.b = r.b[8:]
		return v
	case tagString:
		return r.string()
	case tagOpaque:
		return opaque(r.string())
	case tagList:
		n := r.count()
		// Grown by what really follows: an element is 16 bytes here and one there.
		list := make([]any, 0, min(n, 64))
		for i := 0; i < n && r.err == nil; i++ {
			list = append(list, r.value(depth+1))
		}
		return list
	default:
		r.fail(fmt.Errorf("unknown value tag %d", tag))
		return nil
	}
}
