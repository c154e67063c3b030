package judge

import (
	"errors"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Names of the built-ins that stand for operators.
const (
	addName   = "@add"
	inAddName = "@iadd"
	subName   = "@sub"
	mulName   = "@mul"
	inMulName = "@imul"
)

// elementBytes is what an element of a list takes.
const elementBytes = 16

var operators = map[string]function{
	addName:   operator(add),
	inAddName: operator(inAdd),
	subName: operator(func(_ *starlark.Thread, x, y starlark.Value) (starlark.Value, error) {
		return starlark.Binary(syntax.MINUS, number(x), number(y))
	}),
	mulName:   operator(mul),
	inMulName: operator(inMul),
}

func operator(f func(t *starlark.Thread, x, y starlark.Value) (starlark.Value, error)) function {
	return func(t *starlark.Thread, _ *starlark.Builtin, a args, _ kwargs) (starlark.Value, error) {
		return f(t, a[0], a[1])
	}
}

// add is Python's +, for which a bool is an int.
func add(t *starlark.Thread, x, y starlark.Value) (starlark.Value, error) {
	if err := reserve(t, sizeOf(x)+sizeOf(y)); err != nil {
		return nil, err
	}
	return starlark.Binary(syntax.PLUS, number(x), number(y))
}

// inAdd is Python's +=, which extends a list in place.
func inAdd(t *starlark.Thread, x, y starlark.Value) (starlark.Value, error) {
	if l, ok := x.(*starlark.List); ok {
		return l, extend(t, l, y)
	}
	return add(t, x, y)
}

// mul is Python's *. Both its repetitions and its long products are priced
// beforehand.
func mul(t *starlark.Thread, x, y starlark.Value) (starlark.Value, error) {
	x, y = number(x), number(y)
	i, xInt := x.(starlark.Int)
	k, yInt := y.(starlark.Int)
	var err error
	switch {
	case xInt && yInt:
		err = chargeProduct(t, i, k)
	case xInt:
		err = reserveRepeat(t, y, i)
	case yInt:
		err = reserveRepeat(t, x, k)
	}
	if err != nil {
		return nil, err
	}
	return starlark.Binary(syntax.STAR, x, y)
}

// inMul is Python's *=, which repeats a list in place.
func inMul(t *starlark.Thread, x, y starlark.Value) (starlark.Value, error) {
	v, err := mul(t, x, y)
	l, isList := x.(*starlark.List)
	if err != nil || !isList {
		return v, err
	}
	long := v.(*starlark.List)
	if long.Len() == 0 {
		return l, l.Clear()
	}
	for i := l.Len(); i < long.Len(); i++ {
		if err := l.Append(long.Index(i)); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// sizeOf is the bytes of a string's or sequence's own storage.
func sizeOf(v starlark.Value) int {
	switch v := v.(type) {
	case starlark.String:
		return len(v)
	case *starlark.List:
		return elementBytes * v.Len()
	case starlark.Tuple:
		return elementBytes * v.Len()
	}
	return 0
}

func reserveRepeat(t *starlark.Thread, v starlark.Value, times starlark.Int) error {
	size := sizeOf(v)
	if size == 0 || times.Sign() <= 0 {
		return nil
	}
	const most = 1 << 50
	n, ok := times.Int64()
	if !ok || n > most/int64(size) {
		return reserve(t, most)
	}
	return reserve(t, size*int(n))
}

// chargeProduct prices a long multiplication by the schoolbook rule, an upper
// bound for what big.Int takes: a step for 16 word products.
func chargeProduct(t *starlark.Thread, x, y starlark.Int) error {
	if _, small := x.Int64(); small {
		if _, small := y.Int64(); small {
			return nil
		}
	}
	a, b := x.BigInt().BitLen()/64+1, y.BigInt().BitLen()/64+1
	if a > 1<<24 || b > 1<<24 {
		return errors.New("integer too large to multiply")
	}
	return charge(t, a*b/16)
}
