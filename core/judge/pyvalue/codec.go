package pyvalue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// MaxDepth is how deep containers may be nested, both ways across the boundary.
const MaxDepth = 100

// The tags of the binary form. Lengths and counts are unsigned varints; an int
// is its length and that many bytes of little-endian two's complement; floats
// are eight little-endian bytes. driver.py writes the same.
const (
	tagNone      = 'N'
	tagFalse     = 'F'
	tagTrue      = 'T'
	tagInt       = 'i'
	tagFloat     = 'd'
	tagComplex   = 'c'
	tagStr       = 's'
	tagBytes     = 'b'
	tagList      = 'l'
	tagTuple     = 't'
	tagSet       = 'e'
	tagFrozenSet = 'z'
	tagDict      = 'm'
)

var (
	errDepth      = fmt.Errorf("pyvalue: nested deeper than %d", MaxDepth)
	errTruncated  = errors.New("pyvalue: cut short")
	errUnhashable = errors.New("pyvalue: an unhashable key or element")
	errDuplicate  = errors.New("pyvalue: a key or element twice")
)

// Append appends v's binary form to b. It fails on values nested deeper than
// MaxDepth, nil values, and keys or elements that Python would not take.
func Append(b []byte, v Value) ([]byte, error) { return appendValue(b, v, 0) }

func appendValue(b []byte, v Value, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return nil, errDepth
	}
	switch v := v.(type) {
	case None:
		return append(b, tagNone), nil
	case Bool:
		if v {
			return append(b, tagTrue), nil
		}
		return append(b, tagFalse), nil
	case Int:
		if v.V == nil {
			return nil, errors.New("pyvalue: an Int without its number")
		}
		return appendBytes(append(b, tagInt), twosComplement(v.V)), nil
	case Float:
		return appendFloat(append(b, tagFloat), float64(v)), nil
	case Complex:
		return appendFloat(appendFloat(append(b, tagComplex), real(complex128(v))), imag(complex128(v))), nil
	case Str:
		return appendBytes(append(b, tagStr), v), nil
	case Bytes:
		return appendBytes(append(b, tagBytes), v), nil
	case List:
		return appendItems(append(b, tagList), v, depth)
	case Tuple:
		return appendItems(append(b, tagTuple), v, depth)
	case Set:
		if err := distinct(v); err != nil {
			return nil, err
		}
		return appendItems(append(b, tagSet), v, depth)
	case FrozenSet:
		if err := distinct(v); err != nil {
			return nil, err
		}
		return appendItems(append(b, tagFrozenSet), v, depth)
	case Dict:
		if err := distinct(v.keys()); err != nil {
			return nil, err
		}
		b = binary.AppendUvarint(append(b, tagDict), uint64(len(v)))
		var err error
		for _, it := range v {
			if b, err = appendValue(b, it.Key, depth+1); err != nil {
				return nil, err
			}
			if b, err = appendValue(b, it.Value, depth+1); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return nil, fmt.Errorf("pyvalue: %T is no value", v)
}

func appendItems(b []byte, vs []Value, depth int) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(vs)))
	var err error
	for _, v := range vs {
		if b, err = appendValue(b, v, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendBytes[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

// twosComplement is n in as few little-endian bytes as hold it and its sign.
func twosComplement(n *big.Int) []byte {
	if n.Sign() >= 0 {
		b := n.Bytes()
		slices.Reverse(b)
		if len(b) > 0 && b[len(b)-1] >= 0x80 {
			b = append(b, 0)
		}
		return b
	}
	// -n-1 has the complemented bits.
	b := new(big.Int).Not(n).Bytes()
	slices.Reverse(b)
	if len(b) == 0 || b[len(b)-1] >= 0x80 {
		b = append(b, 0)
	}
	for i := range b {
		b[i] = ^b[i]
	}
	return b
}

func fromTwosComplement(b []byte) *big.Int {
	be := slices.Clone(b)
	slices.Reverse(be)
	if len(be) == 0 || be[0] < 0x80 {
		return new(big.Int).SetBytes(be)
	}
	for i := range be {
		be[i] = ^be[i]
	}
	n := new(big.Int).SetBytes(be)
	return n.Not(n)
}

func (d Dict) keys() []Value {
	keys := make([]Value, len(d))
	for i, it := range d {
		keys[i] = it.Key
	}
	return keys
}

// Decode reads one value that takes up all of b. Memory is bounded by a
// multiple of len(b): counts are believed only as far as bytes can back them.
func Decode(b []byte) (Value, error) {
	v, rest, err := DecodePrefix(b)
	if err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("pyvalue: %d bytes after the value", len(rest))
	}
	return v, err
}

// DecodePrefix reads one value from the beginning of b and returns what follows.
func DecodePrefix(b []byte) (Value, []byte, error) {
	d := decoder{b: b}
	v := d.value(0)
	if d.err != nil {
		return nil, nil, d.err
	}
	return v, d.b, nil
}

// decoder reads from the front of b; after the first error it reads nothing.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.b = nil
}

func (d *decoder) take(n uint64) []byte {
	if d.err != nil || n > uint64(len(d.b)) {
		d.fail(errTruncated)
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail(errTruncated)
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) float() float64 {
	b := d.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (d *decoder) items(depth int, perItem uint64) []Value {
	n := d.uvarint()
	if n > uint64(len(d.b))/perItem {
		d.fail(errTruncated)
		return nil
	}
	vs := make([]Value, 0, n*perItem)
	for range n * perItem {
		if d.err != nil {
			return nil
		}
		vs = append(vs, d.value(depth+1))
	}
	return vs
}

func (d *decoder) distinct(vs []Value) []Value {
	if d.err == nil {
		if err := distinct(vs); err != nil {
			d.fail(err)
		}
	}
	return vs
}

func (d *decoder) value(depth int) Value {
	if depth > MaxDepth {
		d.fail(errDepth)
	}
	tag := d.take(1)
	if tag == nil {
		return nil
	}
	switch tag[0] {
	case tagNone:
		return None{}
	case tagFalse:
		return Bool(false)
	case tagTrue:
		return Bool(true)
	case tagInt:
		return Int{fromTwosComplement(d.take(d.uvarint()))}
	case tagFloat:
		return Float(d.float())
	case tagComplex:
		re := d.float()
		return Complex(complex(re, d.float()))
	case tagStr:
		return Str(d.take(d.uvarint()))
	case tagBytes:
		return Bytes(d.take(d.uvarint()))
	case tagList:
		return List(d.items(depth, 1))
	case tagTuple:
		return Tuple(d.items(depth, 1))
	case tagSet:
		return Set(d.distinct(d.items(depth, 1)))
	case tagFrozenSet:
		return FrozenSet(d.distinct(d.items(depth, 1)))
	case tagDict:
		flat := d.items(depth, 2)
		if d.err != nil {
			return nil
		}
		dict := make(Dict, 0, len(flat)/2)
		for i := 0; i+1 < len(flat); i += 2 {
			dict = append(dict, Item{flat[i], flat[i+1]})
		}
		d.distinct(dict.keys())
		return dict
	}
	d.fail(fmt.Errorf("pyvalue: unknown tag %q", tag[0]))
	return nil
}
