package judge

import (
	"context"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	ServeIfChild()
	os.Exit(m.Run())
}

func newPool(t testing.TB, workers int, lim Limits) *Pool {
	t.Helper()
	p, err := NewPool(context.Background(), workers, lim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func ints(xs ...int64) []any {
	list := make([]any, len(xs))
	for i, x := range xs {
		list[i] = x
	}
	return list
}

// one is a case with a single test on the list [3, 1, 2].
func one(source string, want any) Case {
	return Case{Source: source, Entry: "f", Inputs: [][]any{{ints(3, 1, 2)}}, Want: []any{want}}
}

var good = one("def f(xs):\n    return [x * 2 for x in xs if x > 1]\n", ints(6, 4))

func judgeAll(t testing.TB, p *Pool, cases []Case) []Verdict {
	t.Helper()
	v, err := p.Judge(context.Background(), cases)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerdicts(t *testing.T) {
	p := newPool(t, 1, Limits{})
	for _, c := range []struct {
		name, source string
		want         any
		kind         Kind
		reason       string
	}{
		{"right", "def f(xs):\n    return sorted(xs, reverse=True)", ints(3, 2, 1), Passed, ""},
		{"wrong", "def f(xs):\n    return xs", ints(1, 2, 3), Wrong, "want [1, 2, 3], got [3, 1, 2]"},
		{"bool is no int", "def f(xs):\n    return True", int64(1), Wrong, "want 1, got True"},
		{"int is no bool", "def f(xs):\n    return 1", true, Wrong, "want True, got 1"},
		{"int is no float", "def f(xs):\n    return 2", 2.0, Wrong, "want 2.0, got 2"},
		{"float is no int", "def f(xs):\n    return 4 / 2", int64(2), Wrong, "want 2, got 2.0"},
		{"tuple is no list", "def f(xs):\n    return tuple(xs)", ints(3, 1, 2), Wrong, "want [3, 1, 2], got <tuple>"},
		{"range is no list", "def f(xs):\n    return range(2)", ints(0, 1), Wrong, "want [0, 1], got <range>"},
		{"iterator is no list", "def f(xs):\n    return reversed(xs)", ints(2, 1, 3), Wrong, "want [2, 1, 3], got <reversed>"},
		{"no return", "def f(xs):\n    xs", ints(), Wrong, "want [], got None"},
		{"none", "def f(xs):\n    xs.sort()", nil, Passed, ""},
		{"big int", "def f(xs):\n    return 1 << 70", int64(0), Wrong, "want 0, got <int beyond 64 bits>"},
		{"index", "def f(xs):\n    y = 1\n    return xs[7]", nil, Error, "line 3: list index 7 out of range [-3:2]"},
		{"parse", "def f(xs):\n    return (", nil, Error, "does not parse: line 2: got newline, want primary expression"},
		{"name", "def f(xs):\n    return ys", nil, Error, "line 2: undefined: ys"},
		{"missing", "def g(xs):\n    return xs", nil, Error, "no function named f"},
		{"not a function", "f = 3", nil, Error, "no function named f"},
		{"arity", "def f(xs, ys):\n    return xs", nil, Error, "line 2: function f missing 1 argument (ys)"},
		{"steps", "def f(xs):\n    while True:\n        pass", nil, Timeout, "step limit"},
		{"steps of a built-in", "def f(xs):\n    return sum(range(1 << 40))", nil, Timeout, "step limit"},
		{"memory", "def f(xs):\n    return len([0] * (1 << 29))", nil, Memory, "memory limit"},
		{"large", "def f(xs):\n    return 'a' * 100000", nil, Error, "result too large"},
		{"load", "load('x', 'y')\ndef f(xs):\n    return xs", nil, Refused, "load is not allowed"},
		{"NUL", "def f(xs):\n    return '\x00'", nil, Refused, "source contains a NUL byte"},
		{"long", "def f(xs):\n    return xs\n" + strings.Repeat("#", 1<<20), nil, Refused, "source of 1048601 bytes exceeds 32768"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := judgeAll(t, p, []Case{one(c.source, c.want)})[0]
			if v.Kind != c.kind || v.Reason != c.reason || v.Total != 1 || (v.Passed == 1) != (c.kind == Passed) {
				t.Errorf("got %+v, want %s %q", v, c.kind, c.reason)
			}
		})
	}
}

func TestPartialCredit(t *testing.T) {
	p := newPool(t, 1, Limits{})
	c := Case{
		Source: "def f(n):\n    return 10 // n",
		Entry:  "f",
		Inputs: [][]any{{int64(5)}, {int64(0)}, {int64(3)}, {int64(1)}},
		Want:   []any{int64(2), int64(0), int64(4), int64(10)},
	}
	for _, v := range []Verdict{{Error, "line 2: undefined: ys", 0, 1}, {Error, "test 2: line 2: no", 1, 2}, {Passed, "", 1, 1}, {Wrong, "want 1, got 2", 0, 1}} {
		if !v.Parses() {
			t.Errorf("%+v is said not to parse", v)
		}
	}
	if (Verdict{Kind: Error, Reason: "does not parse: line 2: got newline"}).Parses() {
		t.Error("a program that does not parse is said to")
	}
	want := Verdict{Error, "test 2: line 2: floored division by zero", 2, 4}
	if v := judgeAll(t, p, []Case{c})[0]; v != want {
		t.Errorf("got %+v, want %+v", v, want)
	}
}

// attacks try to take the worker or its parent down, or to spoil what follows.
var attacks = []struct {
	name, source string
	kinds        []Kind
}{
	{"infinite loop", "def f(xs):\n    while True:\n        xs = xs[::-1]", []Kind{Timeout}},
	{"endless module", "while True:\n    pass\ndef f(xs):\n    return xs", []Kind{Timeout}},
	{"growing loop", "def f(xs):\n    for x in range(1 << 40):\n        xs = xs + xs[:1]", []Kind{Timeout, Memory}},
	{"nested growth", "def f(xs):\n    while True:\n        xs = [xs + xs, xs]", []Kind{Timeout, Memory, Error}},
	{"recursion", "def f(xs):\n    return f(xs)", []Kind{Error}},
	{"recursion through a built-in", "def f(xs):\n    return sorted(xs, key=f)", []Kind{Error}},
	{"recursion through lambda", "g = lambda h: h(h)\ndef f(xs):\n    return g(g)", []Kind{Error}},
	{"huge list", "def f(xs):\n    return [0] * (1 << 30)", []Kind{Memory}},
	{"16M list", "def f(xs):\n    ys = [0] * (1 << 24)\n    return 1", []Kind{Memory}},
	{"huge string", "def f(xs):\n    return len('abcdefgh' * (1 << 27))", []Kind{Memory}},
	{"beyond any memory", "def f(xs):\n    return [0] * (1 << 62)", []Kind{Memory, Error}},
	{"doubling list", "def f(xs):\n    while True:\n        xs = xs + xs", []Kind{Memory}},
	{"doubling string", "def f(xs):\n    s = 'abc'\n    while True:\n        s += s", []Kind{Memory}},
	{"format width", "def f(xs):\n    return '%s' % ('x' * (1 << 29))", []Kind{Memory}},
	{"growth by replace", "def f(xs):\n    s = 'a' * 30000\n    while True:\n        s = s.replace('a', 'aaaa')", []Kind{Memory, Timeout}},
	// In one call of a built-in that nothing prices: the bound on the process.
	{"one vast replace", "def f(xs):\n    s = 'a' * 30000\n    return len(s.replace('a', s))", []Kind{Memory}},
	{"large slices", "def f(xs):\n    ys = [0] * 500000\n    while True:\n        zs = ys[1:]", []Kind{Memory}},
	{"bigint squaring", "def f(xs):\n    a = 7\n    while True:\n        a = a * a", []Kind{Memory, Timeout}},
	{"bigint shift", "def f(xs):\n    return (1 << 511) << (1 << 40)", []Kind{Error}},
	{"pow", "def f(xs):\n    return pow(10, 10 ** 9)", []Kind{Error}},
	{"pow of big", "def f(xs):\n    return pow(10, 1000000000)", []Kind{Error}},
	{"huge range", "def f(xs):\n    return list(range(1 << 40))", []Kind{Timeout}},
	{"max of huge range", "def f(xs):\n    return max(range(1 << 40))", []Kind{Timeout}},
	{"join of huge range", "def f(xs):\n    xs.extend(range(1 << 40))", []Kind{Timeout, Memory}},
	{"giant output", "def f(xs):\n    return [1] * 100000", []Kind{Error}},
	{"shared output", "def f(xs):\n    a = []\n    for i in range(50):\n        a = [a, a]\n    return a", []Kind{Error}},
	{"shared text", "def f(xs):\n    a = []\n    for i in range(50):\n        a = [a, a]\n    return repr(a)", []Kind{Timeout}},
	{"shared format", "def f(xs):\n    a = []\n    for i in range(50):\n        a = [a, a]\n    return '%s' % a", []Kind{Timeout, Memory}},
	{"mutation while iterating", "def f(xs):\n    for x in xs:\n        xs.append(x)", []Kind{Error}},
	{"deep result", "def f(xs):\n    a = []\n    for i in range(10000):\n        a = [a]\n    return a", []Kind{Error}},
	{"deep text", "def f(xs):\n    a = []\n    for i in range(10000):\n        a = [a]\n    return '%r' % [a]", []Kind{Wrong, Error, Timeout}},
	{"deep comparison", "def f(xs):\n    a, b = [], []\n    for i in range(10000):\n        a, b = [a], [b]\n    return a == b", []Kind{Error}},
	{"cyclic list", "def f(xs):\n    a = []\n    a.append(a)\n    return a", []Kind{Error}},
	{"cyclic hash", "def f(xs):\n    a = {}\n    a[(1, a)] = a\n    return a", []Kind{Error}},
	{"exception", "def f(xs):\n    fail('no\\nway')", []Kind{Error}},
	{"invalid UTF-8", "def f(xs):\n    return '\xff\xfe'", []Kind{Refused}},
	{"invalid UTF-8 at run time", "def f(xs):\n    return '\\xff'", []Kind{Wrong, Error}},
	{"brackets", "def f(xs):\n    return " + strings.Repeat("(", 30000), []Kind{Error}},
	{"matched brackets", "def f(xs):\n    return " + strings.Repeat("[", 16000) + strings.Repeat("]", 16000), []Kind{Error}},
	{"minus signs", "def f(xs):\n    return " + strings.Repeat("-", 30000) + "1", []Kind{Wrong, Error}},
	{"lambdas", "def f(xs):\n    return " + strings.Repeat("lambda:", 4000) + "1", []Kind{Wrong, Error}},
	{"prints 10 MB", "def f(xs):\n    for i in range(1000):\n        print('x' * 10000)\n    return 0", []Kind{Wrong}},
	{"deletes built-ins", "def f(xs):\n    return xs\nsum = None\nlen = None\nsorted = None", []Kind{Wrong}},
	{"empty source", "", []Kind{Error}},
	{"only a comment", "# f", []Kind{Error}},
	{"tabs and carriage returns", "def f(xs):\r\n\treturn\t0\r\n    ", []Kind{Wrong, Error}},
	{"rewritten names", "def f(xs):\n    return @iter(xs)", []Kind{Error}},
	{"method of nothing", "def f(xs):\n    return None.sort()", []Kind{Error}},
	{"sort with argument", "def f(xs):\n    return [].sort(1)", []Kind{Error}},
	{"splat into sort", "def f(xs):\n    return xs.sort(*xs, **{'a': 1})", []Kind{Error}},
}

// TestAttacks holds every attack to its verdict and the program after it, in
// the same batch, to the right one.
func TestAttacks(t *testing.T) {
	p := newPool(t, 2, Limits{Timeout: time.Second})
	var cases []Case
	for i, a := range attacks {
		next := good
		next.Source += strings.Repeat("#", i+1) // so that none is answered from the cache
		cases = append(cases, one(a.source, "no attack returns this"), next)
	}
	verdicts := judgeAll(t, p, cases)
	for i, a := range attacks {
		v, after := verdicts[2*i], verdicts[2*i+1]
		ok := false
		for _, k := range a.kinds {
			ok = ok || v.Kind == k
		}
		if !ok {
			t.Errorf("%s: got %+v, want one of %v", a.name, v, a.kinds)
		}
		if v.Passed != 0 || v.Reason == "" || strings.Contains(v.Reason, "0x") || strings.ContainsAny(v.Reason, "\n\r") {
			t.Errorf("%s: unfit verdict %+v", a.name, v)
		}
		if after.Kind != Passed {
			t.Errorf("after %s: %+v", a.name, after)
		}
	}
}

func TestWorkersAgree(t *testing.T) {
	var cases []Case
	for _, s := range sampleSources {
		cases = append(cases, one(s, ints(1, 2, 3)))
	}
	for _, a := range attacks {
		if len(a.kinds) == 1 { // others may meet the wall first
			cases = append(cases, one(a.source, nil))
		}
	}
	a := judgeAll(t, newPool(t, 1, Limits{}), cases)
	b := judgeAll(t, newPool(t, 3, Limits{}), cases)
	if !reflect.DeepEqual(a, b) {
		for i := range a {
			if a[i] != b[i] {
				t.Errorf("%q: %+v with 1 worker, %+v with 3", clean(cases[i].Source, 80), a[i], b[i])
			}
		}
	}
}

func TestGlobalsPersist(t *testing.T) {
	p := newPool(t, 1, Limits{})
	c := Case{
		Source: "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)",
		Entry:  "f",
		Inputs: [][]any{{int64(5)}, {int64(5)}},
		Want:   []any{int64(1), int64(2)},
	}
	if v := judgeAll(t, p, []Case{c, c}); v[0].Kind != Passed || v[1].Kind != Passed {
		t.Errorf("state is not per program: %+v", v)
	}
}

func TestWallLimit(t *testing.T) {
	p := newPool(t, 1, Limits{Steps: 1 << 60, Timeout: 150 * time.Millisecond})
	loop := one("def f(xs):\n    while True:\n        pass", nil)
	v := judgeAll(t, p, []Case{good, loop, good})
	if v[0].Kind != Passed || v[2].Kind != Passed {
		t.Errorf("neighbours of an overrun suffered: %+v", v)
	}
	if want := (Verdict{Timeout, "wall limit", 0, 1}); v[1] != want {
		t.Errorf("got %+v, want %+v", v[1], want)
	}
}

func TestMisuse(t *testing.T) {
	p := newPool(t, 1, Limits{})
	ctx := context.Background()
	for name, c := range map[string]Case{
		"unequal lengths": {Source: "x", Entry: "f", Inputs: [][]any{{}}, Want: nil},
		"no tests":        {Source: "x", Entry: "f"},
		"unknown input":   {Source: "x", Entry: "f", Inputs: [][]any{{3}}, Want: []any{nil}},
		"unknown want":    {Source: "x", Entry: "f", Inputs: [][]any{{}}, Want: []any{[]int{1}}},
	} {
		if _, err := p.Judge(ctx, []Case{c}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, lim := range []Limits{{MemoryMB: 1}, {Timeout: -1}, {MaxOutput: 1 << 40}} {
		if _, err := NewPool(ctx, 1, lim); err == nil {
			t.Errorf("limits %+v accepted", lim)
		}
	}
	if _, err := NewPool(ctx, 0, Limits{}); err == nil {
		t.Error("a pool without workers accepted")
	}
	if v := judgeAll(t, p, nil); len(v) != 0 {
		t.Errorf("no cases gave %v", v)
	}
}
