package judge

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// maxPowBits bounds the result of pow, which nothing can interrupt.
const maxPowBits = 1 << 20

// number turns a bool into the int it is in Python.
func number(v starlark.Value) starlark.Value {
	if b, ok := v.(starlark.Bool); ok {
		if b {
			return starlark.MakeInt(1)
		}
		return starlark.MakeInt(0)
	}
	return v
}

func sum(t *starlark.Thread, b *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	var xs starlark.Value
	var acc starlark.Value = starlark.MakeInt(0)
	if len(a) == 0 {
		return nil, errors.New("sum() takes at least 1 positional argument")
	}
	if err := starlark.UnpackArgs("sum", a, kw, "iterable", &xs, "start?", &acc); err != nil {
		return nil, err
	}
	if _, bad := acc.(starlark.String); bad {
		return nil, errors.New("sum() can't sum strings [use ''.join(seq) instead]")
	}
	xs, err := characters(t, xs)
	if err != nil {
		return nil, err
	}
	it := starlark.Iterate(xs)
	if it == nil {
		return nil, notIterable(xs)
	}
	defer it.Done()
	var e starlark.Value
	for it.Next(&e) {
		if l, ok := acc.(*starlark.List); ok { // each + copies the list so far
			if err := charge(t, l.Len()); err != nil {
				return nil, err
			}
		}
		if acc, err = add(t, acc, e); err != nil {
			return nil, err
		}
	}
	return acc, nil
}

func divmod(_ *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	if len(kw) > 0 || len(a) != 2 {
		return nil, fmt.Errorf("divmod expected 2 arguments, got %d", len(a)+len(kw))
	}
	q, err := starlark.Binary(syntax.SLASHSLASH, number(a[0]), number(a[1]))
	if err != nil {
		return nil, err
	}
	if _, text := a[0].(starlark.String); text {
		return nil, errors.New("unsupported operand type(s) for divmod()")
	}
	r, err := starlark.Binary(syntax.PERCENT, number(a[0]), number(a[1]))
	if err != nil {
		return nil, err
	}
	return starlark.Tuple{q, r}, nil
}

func pow(_ *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	var base, exp starlark.Value
	var mod starlark.Value = starlark.None
	if err := starlark.UnpackArgs("pow", a, kw, "base", &base, "exp", &exp, "mod?", &mod); err != nil {
		return nil, err
	}
	base, exp, mod = number(base), number(exp), number(mod)
	x, xInt := base.(starlark.Int)
	y, yInt := exp.(starlark.Int)
	if mod != starlark.None {
		m, mInt := mod.(starlark.Int)
		if !xInt || !yInt || !mInt {
			return nil, errors.New("pow() 3rd argument not allowed unless all arguments are integers")
		}
		return powMod(x.BigInt(), y.BigInt(), m.BigInt())
	}
	if xInt && yInt && y.Sign() >= 0 {
		n, ok := y.Int64()
		bits := int64(x.BigInt().BitLen())
		if bits > 1 && (!ok || n > maxPowBits/bits) {
			return nil, fmt.Errorf("pow() result exceeds %d bits", maxPowBits)
		}
		return starlark.MakeBigInt(new(big.Int).Exp(x.BigInt(), y.BigInt(), nil)), nil
	}
	fx, okX := starlark.AsFloat(base)
	fy, okY := starlark.AsFloat(exp)
	switch {
	case !okX || !okY:
		return nil, fmt.Errorf("unsupported operand type(s) for pow(): '%s' and '%s'", pythonType(base), pythonType(exp))
	case fx == 0 && fy < 0:
		return nil, errors.New("0.0 cannot be raised to a negative power")
	case fx < 0 && !math.IsInf(fx, 0) && !math.IsInf(fy, 0) && fy != math.Trunc(fy):
		return nil, errors.New("pow() result is complex, which is not supported")
	}
	z := math.Pow(fx, fy)
	if math.IsInf(z, 0) && !math.IsInf(fx, 0) && !math.IsInf(fy, 0) {
		return nil, errors.New("numerical result out of range")
	}
	return starlark.Float(z), nil
}

// powMod is x**y mod m with the sign of m, and the modular inverse for y < 0.
func powMod(x, y, m *big.Int) (starlark.Value, error) {
	if m.Sign() == 0 {
		return nil, errors.New("pow() 3rd argument cannot be 0")
	}
	if y.BitLen() > 4096 || m.BitLen() > 4096 {
		return nil, errors.New("pow() with a modulus takes at most 4096 bits")
	}
	abs := new(big.Int).Abs(m)
	z := new(big.Int).Mod(x, abs)
	if y.Sign() < 0 {
		if z = new(big.Int).ModInverse(z, abs); z == nil {
			return nil, errors.New("base is not invertible for the given modulus")
		}
		y = new(big.Int).Neg(y)
	}
	z = new(big.Int).Exp(z, y, abs)
	if m.Sign() < 0 && z.Sign() > 0 {
		z.Add(z, m)
	}
	return starlark.MakeBigInt(z), nil
}

func round(_ *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	var x starlark.Value
	var nd starlark.Value = starlark.None
	if err := starlark.UnpackArgs("round", a, kw, "number", &x, "ndigits?", &nd); err != nil {
		return nil, err
	}
	digits := 0
	if nd != starlark.None {
		i, ok := number(nd).(starlark.Int)
		if !ok {
			return nil, fmt.Errorf("'%s' object cannot be interpreted as an integer", pythonType(nd))
		}
		n, ok := i.Int64()
		if !ok {
			return nil, errors.New("round() ndigits too large")
		}
		digits = int(min(max(n, -5000), 5000))
	}
	switch v := number(x).(type) {
	case starlark.Int:
		if digits >= 0 {
			return v, nil
		}
		return starlark.MakeBigInt(roundTo(new(big.Rat).SetInt(v.BigInt()), -digits)), nil
	case starlark.Float:
		return roundFloat(float64(v), digits, nd == starlark.None)
	}
	return nil, fmt.Errorf("type %s doesn't define __round__ method", pythonType(x))
}

func roundFloat(f float64, digits int, toInt bool) (starlark.Value, error) {
	special := math.IsNaN(f) || math.IsInf(f, 0)
	switch {
	case toInt && math.IsNaN(f):
		return nil, errors.New("cannot convert float NaN to integer")
	case toInt && special:
		return nil, errors.New("cannot convert float infinity to integer")
	case toInt:
		z, _ := new(big.Float).SetFloat64(math.RoundToEven(f)).Int(nil)
		return starlark.MakeBigInt(z), nil
	case special || digits > 323:
		return starlark.Float(f), nil
	case digits >= 0:
		// Correctly rounded from the exact binary value, as CPython does it.
		z, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', digits, 64), 64)
		if err != nil {
			return nil, errors.New("rounded value too large to represent")
		}
		return starlark.Float(z), nil
	case digits < -308:
		return starlark.Float(math.Copysign(0, f)), nil
	}
	z, _ := new(big.Float).SetInt(roundTo(new(big.Rat).SetFloat64(f), -digits)).Float64()
	if math.IsInf(z, 0) {
		return nil, errors.New("rounded value too large to represent")
	}
	return starlark.Float(math.Copysign(z, f)), nil
}

// roundTo rounds x to a multiple of 10**zeros, ties to the even multiple.
func roundTo(x *big.Rat, zeros int) *big.Int {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(zeros)), nil)
	// x/unit = num/den, and the floor of it by Euclidean division.
	num, den := x.Num(), new(big.Int).Mul(x.Denom(), unit)
	q, r := new(big.Int).DivMod(num, den, new(big.Int))
	switch r.Lsh(r, 1).Cmp(den) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		q.Add(q, big.NewInt(int64(q.Bit(0))))
	}
	return q.Mul(q, unit)
}
