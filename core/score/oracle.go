package score

import (
	"maps"
	"math"
	"math/big"
	"strings"

	"ra3/core/judge/pyvalue"
	"ra3/core/tasks"
)

// rtol is the relative tolerance beside the absolute one, EvalPlus' own.
const rtol = 1e-7

// floatAtol is the absolute tolerance where floats are expected and the problem
// names none.
const floatAtol = 1e-6

// accepts tells whether a test's value will do. want is what the reference
// returned, or the benchmark says.
func accepts(c *tasks.Calls, args []pyvalue.Value, got, want pyvalue.Value) bool {
	switch c.Oracle {
	case tasks.StrictType:
		return pyvalue.Same(got, want)
	case tasks.Listed:
		if t, ok := got.(pyvalue.Tuple); ok {
			got = pyvalue.List(t)
		}
		return pyvalue.Equal(got, want)
	case tasks.Root:
		return root(args, got, c.Atol)
	case tasks.Anything:
		return true
	case tasks.SetEqual:
		return sameElements(got, want) || near(got, want, c.Atol)
	case tasks.NotNone:
		return notNone(got, want)
	}
	return pyvalue.Equal(got, want) || special(c, args, got) || near(got, want, c.Atol)
}

// special accepts what a problem's ambiguous wording allows beside the
// reference's value.
func special(c *tasks.Calls, args []pyvalue.Value, got pyvalue.Value) bool {
	switch c.Oracle {
	case tasks.OrZero:
		return pyvalue.Equal(got, pyvalue.MakeInt(0))
	case tasks.OrSurface:
		return surface(args, got, c.Atol)
	case tasks.OrDigits:
		return digits(args, got)
	}
	return false
}

// near compares as EvalPlus does where values are not equal: of one type and
// length, and numbers within the tolerances throughout.
func near(got, want pyvalue.Value, atol float64) bool {
	if atol == 0 && floats(want) {
		atol = floatAtol
	}
	if atol == 0 || pyvalue.TypeName(got) != pyvalue.TypeName(want) {
		return false
	}
	return within(got, want, atol)
}

// floats tells whether a float, or a list or tuple of nothing else, is expected.
func floats(v pyvalue.Value) bool {
	items, ok := sequence(v)
	if !ok {
		_, ok = v.(pyvalue.Float)
		return ok
	}
	for _, e := range items {
		if _, ok := e.(pyvalue.Float); !ok {
			return false
		}
	}
	return len(items) > 0
}

func within(got, want pyvalue.Value, atol float64) bool {
	g, isList := sequence(got)
	w, wantsList := sequence(want)
	if isList != wantsList {
		return false
	}
	if isList {
		if len(g) != len(w) {
			return false
		}
		for i := range g {
			if !within(g[i], w[i], atol) {
				return false
			}
		}
		return true
	}
	x, ok := toComplex(got)
	y, wok := toComplex(want)
	if !ok || !wok {
		return false
	}
	if x == y {
		return true // infinities too
	}
	d, size := abs(x-y), abs(y)
	return !math.IsInf(size, 0) && d <= atol+rtol*size
}

func abs(c complex128) float64 { return math.Hypot(real(c), imag(c)) }

func sequence(v pyvalue.Value) ([]pyvalue.Value, bool) {
	switch v := v.(type) {
	case pyvalue.List:
		return v, true
	case pyvalue.Tuple:
		return v, true
	}
	return nil, false
}

func toComplex(v pyvalue.Value) (complex128, bool) {
	if c, ok := v.(pyvalue.Complex); ok {
		return complex128(c), true
	}
	f, ok := toFloat(v)
	return complex(f, 0), ok
}

// toFloat is a real number as a float; false for what Python would not convert.
func toFloat(v pyvalue.Value) (float64, bool) {
	switch v := v.(type) {
	case pyvalue.Bool:
		if v {
			return 1, true
		}
		return 0, true
	case pyvalue.Int:
		f, _ := new(big.Float).SetInt(v.V).Float64()
		return f, !math.IsInf(f, 0)
	case pyvalue.Float:
		return float64(v), true
	}
	return 0, false
}

// sameElements is set(got) == set(want) in Python.
func sameElements(got, want pyvalue.Value) bool {
	g, ok := keysOf(got)
	w, wok := keysOf(want)
	return ok && wok && maps.Equal(g, w)
}

// elements lists what set() would go through; false where that would raise.
func elements(v pyvalue.Value) ([]pyvalue.Value, bool) {
	items, ok := sequence(v)
	switch v := v.(type) {
	case pyvalue.Set:
		items, ok = v, true
	case pyvalue.FrozenSet:
		items, ok = v, true
	case pyvalue.Str:
		for _, r := range string(v) {
			items = append(items, pyvalue.Str(r))
		}
		return items, true
	case pyvalue.Dict:
		for _, it := range v {
			items = append(items, it.Key)
		}
		return items, true
	}
	return items, ok
}

// keysOf are the distinct elements; false if there is one that a set would not
// take, or a nan, which equals nothing.
func keysOf(v pyvalue.Value) (map[string]bool, bool) {
	items, ok := elements(v)
	if !ok {
		return nil, false
	}
	keys := make(map[string]bool, len(items))
	for _, e := range items {
		k, ok := pyvalue.Key(e)
		if !ok {
			return nil, false
		}
		keys[k] = true
	}
	return keys, true
}

// notNone compares whether values are None; a program may also return the
// answer to that itself.
func notNone(got, want pyvalue.Value) bool {
	_, none := want.(pyvalue.None)
	if b, ok := got.(pyvalue.Bool); ok {
		return bool(b) == !none
	}
	_, gotNone := got.(pyvalue.None)
	return gotNone == none
}

// root tells whether got is a zero of the polynomial whose coefficients are the
// first argument, lowest power first.
func root(args []pyvalue.Value, got pyvalue.Value, atol float64) bool {
	x, ok := toFloat(got)
	if !ok || len(args) != 1 {
		return false
	}
	coefficients, ok := sequence(args[0])
	if !ok {
		return false
	}
	sum := 0.0
	for i, c := range coefficients {
		f, ok := toFloat(c)
		p := math.Pow(x, float64(i))
		if !ok || math.IsInf(p, 0) && !math.IsInf(x, 0) {
			return false // Python's pow raises
		}
		sum += f * p
	}
	return math.Abs(sum) <= atol
}

// surface is Mbpp/581 with the height taken from the base to the apex.
func surface(args []pyvalue.Value, got pyvalue.Value, atol float64) bool {
	if len(args) != 2 {
		return false
	}
	base, ok1 := toFloat(args[0])
	height, ok2 := toFloat(args[1])
	x, ok3 := toFloat(got)
	if !ok1 || !ok2 || !ok3 {
		return false
	}
	slant := math.Sqrt(base/2*(base/2) + height*height)
	return math.Abs(x-math.RoundToEven(base*base+4*(base*slant)/2)) <= atol
}

// digits is Mbpp/558 with the shorter number padded with zeros.
func digits(args []pyvalue.Value, got pyvalue.Value) bool {
	if len(args) != 2 {
		return false
	}
	a, ok := args[0].(pyvalue.Int)
	b, bok := args[1].(pyvalue.Int)
	if !ok || !bok || a.V.Sign() < 0 || b.V.Sign() < 0 {
		return false
	}
	x, y := a.V.String(), b.V.String()
	n := max(len(x), len(y))
	x, y = strings.Repeat("0", n-len(x))+x, strings.Repeat("0", n-len(y))+y
	sum := 0
	for i := range n {
		d := int(x[i]) - int(y[i])
		sum += max(d, -d)
	}
	return pyvalue.Equal(got, pyvalue.MakeInt(int64(sum)))
}
