package pyvalue

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
)

// Equal is Python's a == b: numbers compare by value whatever their type
// (True == 1 == 1.0), lists never equal tuples, sets equal frozensets, dicts
// ignore order, and nan equals nothing.
func Equal(a, b Value) bool {
	switch x := a.(type) {
	case None:
		_, ok := b.(None)
		return ok
	case Bool, Int, Float, Complex:
		ka, na := numberKey(nil, a)
		kb, nb := numberKey(nil, b)
		return nb.number && !na.nan && !nb.nan && string(ka) == string(kb)
	case Str:
		y, ok := b.(Str)
		return ok && x == y
	case Bytes:
		y, ok := b.(Bytes)
		return ok && x == y
	case List:
		y, ok := b.(List)
		return ok && slices.EqualFunc(x, y, Equal)
	case Tuple:
		y, ok := b.(Tuple)
		return ok && slices.EqualFunc(x, y, Equal)
	case Set:
		return equalSets(x, b)
	case FrozenSet:
		return equalSets(x, b)
	case Dict:
		y, ok := b.(Dict)
		return ok && equalDicts(x, y)
	}
	return false
}

func equalSets(x []Value, b Value) bool {
	var y []Value
	switch s := b.(type) {
	case Set:
		y = s
	case FrozenSet:
		y = s
	default:
		return false
	}
	if len(x) != len(y) {
		return false
	}
	in := make(map[string]bool, len(y))
	for _, v := range y {
		k, ok := hashKey(v)
		if !ok {
			return false
		}
		in[k] = true
	}
	for _, v := range x {
		if k, ok := hashKey(v); !ok || !in[k] {
			return false
		}
	}
	return true
}

func equalDicts(x, y Dict) bool {
	if len(x) != len(y) {
		return false
	}
	at := make(map[string]Value, len(y))
	for _, it := range y {
		k, ok := hashKey(it.Key)
		if !ok {
			return false
		}
		at[k] = it.Value
	}
	for _, it := range x {
		k, ok := hashKey(it.Key)
		if !ok {
			return false
		}
		v, found := at[k]
		if !found || !Equal(it.Value, v) {
			return false
		}
	}
	return true
}

// Same reports whether a and b are of the same types throughout and hold the
// same: unlike Equal it tells 1 from 1.0 and True, 0.0 from -0.0, a set from a
// frozenset, and takes nan for nan. The order of a dict does not matter.
func Same(a, b Value) bool {
	switch x := a.(type) {
	case None, Bool, Str, Bytes:
		return a == b
	case Int:
		y, ok := b.(Int)
		return ok && x.V.Cmp(y.V) == 0
	case Float:
		y, ok := b.(Float)
		return ok && sameFloat(float64(x), float64(y))
	case Complex:
		y, ok := b.(Complex)
		return ok && sameFloat(real(complex128(x)), real(complex128(y))) && sameFloat(imag(complex128(x)), imag(complex128(y)))
	case List:
		y, ok := b.(List)
		return ok && slices.EqualFunc(x, y, Same)
	case Tuple:
		y, ok := b.(Tuple)
		return ok && slices.EqualFunc(x, y, Same)
	case Set:
		y, ok := b.(Set)
		return ok && slices.Equal(sortedForms(x), sortedForms(y))
	case FrozenSet:
		y, ok := b.(FrozenSet)
		return ok && slices.Equal(sortedForms(x), sortedForms(y))
	case Dict:
		y, ok := b.(Dict)
		return ok && slices.Equal(sortedItems(x), sortedItems(y))
	}
	return false
}

func sameFloat(a, b float64) bool {
	return a != a && b != b || math.Float64bits(a) == math.Float64bits(b)
}

// canonical is v's binary form with sets and dicts sorted and one nan.
func canonical(v Value) string {
	list := func(tag byte, forms []string) string {
		b := binary.AppendUvarint([]byte{tag}, uint64(len(forms)))
		for _, f := range forms {
			b = append(b, f...)
		}
		return string(b)
	}
	plain := func(tag byte, vs []Value) string {
		forms := make([]string, len(vs))
		for i, v := range vs {
			forms[i] = canonical(v)
		}
		return list(tag, forms)
	}
	one := func(f float64) float64 {
		if f != f {
			return math.NaN()
		}
		return f
	}
	switch x := v.(type) {
	case Float:
		v = Float(one(float64(x)))
	case Complex:
		v = Complex(complex(one(real(complex128(x))), one(imag(complex128(x)))))
	case List:
		return plain(tagList, x)
	case Tuple:
		return plain(tagTuple, x)
	case Set:
		return list(tagSet, sortedForms(x))
	case FrozenSet:
		return list(tagFrozenSet, sortedForms(x))
	case Dict:
		return list(tagDict, sortedItems(x))
	}
	b, _ := Append(nil, v) // only scalars are left, which cannot fail
	return string(b)
}

func sortedForms(vs []Value) []string {
	forms := make([]string, len(vs))
	for i, v := range vs {
		forms[i] = canonical(v)
	}
	slices.Sort(forms)
	return forms
}

func sortedItems(d Dict) []string {
	forms := make([]string, len(d))
	for i, it := range d {
		forms[i] = canonical(it.Key) + canonical(it.Value)
	}
	slices.Sort(forms)
	return forms
}

// distinct checks what Python demands of the elements of a set or the keys of
// a dict.
func distinct(vs []Value) error {
	seen := make(map[string]bool, len(vs))
	for _, v := range vs {
		k, ok := hashKey(v)
		if !ok {
			if containsNaN(v) {
				continue // unequal to all, itself included
			}
			return errUnhashable
		}
		if seen[k] {
			return errDuplicate
		}
		seen[k] = true
	}
	return nil
}

// hashKey maps hashable values to strings such that equal values, and no
// others, share one; ok is false for unhashable values and for those with a
// nan, which equal nothing.
func hashKey(v Value) (key string, ok bool) {
	b, ok := appendKey(nil, v)
	return string(b), ok
}

func appendKey(b []byte, v Value) ([]byte, bool) {
	switch x := v.(type) {
	case None:
		return append(b, tagNone), true
	case Bool, Int, Float, Complex:
		b, is := numberKey(b, v)
		return b, !is.nan
	case Str:
		return appendBytes(append(b, tagStr), x), true
	case Bytes:
		return appendBytes(append(b, tagBytes), x), true
	case Tuple:
		b = binary.AppendUvarint(append(b, tagTuple), uint64(len(x)))
		ok := true
		for _, e := range x {
			if b, ok = appendKey(b, e); !ok {
				return b, false
			}
		}
		return b, true
	case FrozenSet:
		keys := make([]string, len(x))
		for i, e := range x {
			k, ok := hashKey(e)
			if !ok {
				return b, false
			}
			keys[i] = k
		}
		slices.Sort(keys)
		b = binary.AppendUvarint(append(b, tagFrozenSet), uint64(len(x)))
		for _, k := range keys {
			b = append(b, k...)
		}
		return b, true
	}
	return b, false
}

// containsNaN reports whether a hashable value has a nan in it.
func containsNaN(v Value) bool {
	switch x := v.(type) {
	case Float, Complex:
		_, is := numberKey(nil, v)
		return is.nan
	case Tuple:
		return slices.ContainsFunc(x, containsNaN) && !slices.ContainsFunc(x, unhashable)
	case FrozenSet:
		return slices.ContainsFunc(x, containsNaN) && !slices.ContainsFunc(x, unhashable)
	}
	return false
}

func unhashable(v Value) bool {
	_, ok := hashKey(v)
	return !ok && !containsNaN(v)
}

type numeric struct{ number, nan bool }

// numberKey appends a key that numbers of equal value share, whatever their
// type.
func numberKey(b []byte, v Value) ([]byte, numeric) {
	is := numeric{number: true}
	switch x := v.(type) {
	case Bool:
		n := int64(0)
		if x {
			n = 1
		}
		return appendBytes(append(b, tagInt), twosComplement(big.NewInt(n))), is
	case Int:
		return appendBytes(append(b, tagInt), twosComplement(x.V)), is
	case Float:
		f := float64(x)
		is.nan = f != f
		if f == math.Trunc(f) && !math.IsInf(f, 0) {
			n, _ := big.NewFloat(f).Int(nil)
			return appendBytes(append(b, tagInt), twosComplement(n)), is
		}
		return appendFloat(append(b, tagFloat), f), is
	case Complex:
		re, im := real(complex128(x)), imag(complex128(x))
		if im == 0 {
			return numberKey(b, Float(re))
		}
		is.nan = re != re || im != im
		// Adding 0 makes one zero of both.
		return appendFloat(appendFloat(append(b, tagComplex), re+0), im), is
	}
	return b, numeric{}
}
