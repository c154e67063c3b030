package score

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"ra3/core/judge/pyvalue"
	"ra3/core/tasks"
)

func ints(ns ...int64) []pyvalue.Value {
	vs := make([]pyvalue.Value, len(ns))
	for i, n := range ns {
		vs[i] = pyvalue.MakeInt(n)
	}
	return vs
}

func TestAccepts(t *testing.T) {
	f := func(x float64) pyvalue.Value { return pyvalue.Float(x) }
	n := pyvalue.MakeInt
	s := func(x string) pyvalue.Value { return pyvalue.Str(x) }
	list := func(vs ...pyvalue.Value) pyvalue.Value { return pyvalue.List(vs) }
	tuple := func(vs ...pyvalue.Value) pyvalue.Value { return pyvalue.Tuple(vs) }
	tenth := 0.1
	huge := pyvalue.Int{V: new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil)}
	for i, x := range []struct {
		o         tasks.Oracle
		atol      float64
		args      []pyvalue.Value
		got, want pyvalue.Value
		ok        bool
	}{
		{tasks.Exact, 0, nil, n(1), n(1), true},
		{tasks.Exact, 0, nil, pyvalue.Bool(true), n(1), true},
		{tasks.Exact, 0, nil, f(1), n(1), true},
		{tasks.Exact, 0, nil, list(n(1)), tuple(n(1)), false},
		{tasks.Exact, 0, nil, s("1"), n(1), false},
		{tasks.Exact, 0, nil, f(1 + 5e-7), f(1), true},
		{tasks.Exact, 0, nil, f(1 + 5e-6), f(1), false},
		{tasks.Exact, 0, nil, f(1e12 + 1), f(1e12), true}, // relative 1e-7
		{tasks.Exact, 0, nil, f(1e12 + 1e6), f(1e12), false},
		{tasks.Exact, 0, nil, n(2), f(2 + 1e-9), false}, // types differ
		{tasks.Exact, 0, nil, f(2 + 1e-9), n(2), false}, // no float is expected
		{tasks.Exact, 1e-4, nil, n(3), n(4), false},
		{tasks.Exact, 0, nil, f(math.NaN()), f(math.NaN()), false},
		{tasks.Exact, 0, nil, f(math.Inf(1)), f(math.Inf(1)), true},
		{tasks.Exact, 0, nil, f(1), f(math.Inf(1)), false},
		{tasks.Exact, 0, nil, list(f(1+1e-9), f(2)), list(f(1), f(2)), true},
		{tasks.Exact, 0, nil, tuple(f(1+1e-9), f(2)), list(f(1), f(2)), false},
		{tasks.Exact, 0, nil, list(f(1 + 1e-9)), list(f(1), f(2)), false},
		{tasks.Exact, 0, nil, list(f(1+1e-9), n(2)), list(f(1), n(2)), false}, // not all floats: exact
		{tasks.Exact, 1e-6, nil, list(f(1+1e-9), n(2)), list(f(1), n(2)), true},
		{tasks.Exact, 1e-6, nil, list(list(f(1 + 1e-9))), list(tuple(f(1))), true}, // only outermost types count
		{tasks.Exact, 1e-6, nil, s("a"), s("b"), false},
		{tasks.Exact, 1e-6, nil, huge, n(1), false},
		{tasks.Exact, 1e-6, nil, pyvalue.None{}, pyvalue.None{}, true},
		{tasks.Exact, 1e-6, nil, pyvalue.Complex(complex(1, 1e-9)), pyvalue.Complex(1), true},
		{tasks.StrictType, 0, nil, f(1), n(1), false},
		{tasks.StrictType, 0, nil, n(1), n(1), true},
		{tasks.Listed, 0, nil, tuple(n(1), n(2)), list(n(1), n(2)), true},
		{tasks.Listed, 0, nil, list(tuple(n(1))), list(list(n(1))), false},
		{tasks.Listed, 0, nil, f(tenth + 0.2), f(0.3), false},
		{tasks.SetEqual, 0, nil, list(n(2), n(1), n(1)), tuple(n(1), n(2)), true},
		{tasks.SetEqual, 0, nil, list(f(1), n(2)), tuple(n(1), n(2)), true},
		{tasks.SetEqual, 0, nil, list(n(1)), tuple(n(1), n(2)), false},
		{tasks.SetEqual, 0, nil, list(list(n(1))), list(list(n(1))), false}, // unhashable
		{tasks.SetEqual, 0, nil, s("ba"), list(s("a"), s("b")), true},
		{tasks.SetEqual, 0, nil, n(1), list(n(1)), false},
		{tasks.NotNone, 0, nil, s("x"), s("y"), true},
		{tasks.NotNone, 0, nil, pyvalue.None{}, s("y"), false},
		{tasks.NotNone, 0, nil, pyvalue.None{}, pyvalue.None{}, true},
		{tasks.NotNone, 0, nil, pyvalue.Bool(false), pyvalue.None{}, true},
		{tasks.NotNone, 0, nil, pyvalue.Bool(false), s("y"), false},
		{tasks.Anything, 0, nil, pyvalue.None{}, n(1), true},
		{tasks.OrZero, 0, nil, n(0), n(5), true},
		{tasks.OrZero, 0, nil, n(5), n(5), true},
		{tasks.OrZero, 0, nil, n(1), n(5), false},
		{tasks.Root, 1e-4, []pyvalue.Value{list(n(-2), n(1))}, n(2), n(7), true},
		{tasks.Root, 1e-4, []pyvalue.Value{list(n(-2), n(1))}, f(2.00005), n(7), true},
		{tasks.Root, 1e-4, []pyvalue.Value{list(n(-2), n(1))}, f(2.1), n(2), false},
		{tasks.Root, 1e-4, []pyvalue.Value{list(n(-2), n(1))}, s("2"), n(2), false},
		{tasks.Root, 1e-4, []pyvalue.Value{list(n(-2), n(1))}, f(math.NaN()), n(2), false},
		{tasks.OrDigits, 0, ints(9, 123), n(9), n(4), true}, // 009 and 123: 1+2+6
		{tasks.OrDigits, 0, ints(9, 123), n(8), n(4), false},
		{tasks.OrDigits, 0, ints(-9, 123), n(9), n(4), false},
		{tasks.OrSurface, 1e-4, ints(3, 4), n(35), n(33), true},
		{tasks.OrSurface, 1e-4, ints(3, 4), n(34), n(33), false},
	} {
		c := &tasks.Calls{Oracle: x.o, Atol: x.atol}
		if got := accepts(c, x.args, x.got, x.want); got != x.ok {
			t.Errorf("%d: %s %g: %s for %s is %v", i, x.o, x.atol, pyvalue.Repr(x.got, 40), pyvalue.Repr(x.want, 40), got)
		}
	}
}

func TestSameText(t *testing.T) {
	for _, x := range []struct {
		how       tasks.Compare
		got, want string
		ok        bool
	}{
		{tasks.Lines, "3\n", "3", true},
		{tasks.Lines, " 3 \n 4\t\n\n", "3\n4\n", true},
		{tasks.Lines, "3 4", "3\n4", false},
		{tasks.Lines, "3\n\n4", "3\n4", false},
		{tasks.Lines, "1.0 2", "1 2.00", true},
		{tasks.Lines, "1e2", "100", true},
		{tasks.Lines, "0.1", "0.10000000000000001", false}, // decimals, not floats
		{tasks.Lines, "-0", "0", true},
		{tasks.Lines, "a  b", "a b", false},
		{tasks.Lines, "nan", "NaN", false},
		{tasks.Lines, "inf", "Infinity", true},
		{tasks.Lines, "1e999999999999", "1", false},
		{tasks.Lines, "1e2000000000", "10e1999999999", true},
		{tasks.Lines, "1_000", "1000", true},
		{tasks.Lines, "", "", true},
		{tasks.Tokens, "1  2\n3", "1 2 3", true},
		{tasks.Tokens, "0.3333334", "0.3333333", true},
		{tasks.Tokens, "0.33334", "0.33333", false},
		{tasks.Tokens, "1000000.5", "1000000.0", true},
		{tasks.Tokens, "1000001", "1000000", false},
		{tasks.Tokens, "4.0", "4", false},
		{tasks.Tokens, "4", "4.0", true},
		{tasks.Tokens, "nan", "4.0", false},
		{tasks.Tokens, "0x4p0", "4.0", false},
		{tasks.Tokens, "YES", "yes", false},
		{tasks.Tokens, "1", "1 2", false},
	} {
		if got := sameText(x.how, x.got, x.want); got != x.ok {
			t.Errorf("%s: %q for %q is %v", x.how, x.got, x.want, got)
		}
	}
}

func FuzzSameText(f *testing.F) {
	f.Add("1.50 2\n", "1.5 2e0")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, how := range []tasks.Compare{tasks.Lines, tasks.Tokens} {
			if !sameText(how, a, a) {
				t.Errorf("%s: %q differs from itself", how, a)
			}
			// Blanks at the ends never matter.
			if sameText(how, a, b) != sameText(how, "\n "+a+" \n", b) {
				t.Errorf("%s: blanks around %q matter to %q", how, a, b)
			}
		}
		if sameText(tasks.Lines, a, b) != sameText(tasks.Lines, b, a) {
			t.Errorf("%q and %q are equal one way", a, b)
		}
		if d, ok := parseDecimal(strings.TrimSpace(a)); ok && len(d.digits) > len(a) {
			t.Errorf("%q grows to %q", a, d.digits)
		}
	})
}
