package pyvalue

import (
	"bytes"
	"math"
	"math/big"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

func integer(s string) Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic(s)
	}
	return Int{n}
}

// samples are values with what Python's repr prints for them.
var samples = []struct {
	v    Value
	repr string
}{
	{None{}, "None"}, {Bool(true), "True"}, {Bool(false), "False"},
	{MakeInt(0), "0"}, {MakeInt(1), "1"}, {MakeInt(-1), "-1"}, {MakeInt(127), "127"}, {MakeInt(128), "128"}, {MakeInt(-128), "-128"}, {MakeInt(-129), "-129"}, {MakeInt(255), "255"}, {MakeInt(256), "256"}, {MakeInt(-256), "-256"},
	{integer("123456789012345678901234567890"), "123456789012345678901234567890"}, {integer("-9223372036854775809"), "-9223372036854775809"},
	{Float(0), "0.0"}, {Float(math.Copysign(0, -1)), "-0.0"}, {Float(1), "1.0"}, {Float(0.1), "0.1"}, {Float(1e16), "1e+16"}, {Float(1e15), "1000000000000000.0"}, {Float(1e-5), "1e-05"}, {Float(0.0001), "0.0001"}, {Float(1.5e300), "1.5e+300"}, {Float(5e-324), "5e-324"},
	{Float(math.Inf(1)), "inf"}, {Float(math.Inf(-1)), "-inf"}, {Float(math.NaN()), "nan"},
	{Complex(complex(0, 1)), "1j"}, {Complex(complex(1, -2.5)), "(1-2.5j)"}, {Complex(complex(math.NaN(), math.Inf(1))), "(nan+infj)"},
	{Str(""), "''"}, {Str("a'b"), `"a'b"`}, {Str(`a'"b`), `'a\'"b'`}, {Str("\n\t\\\x00\x7f"), `'\n\t\\\x00\x7f'`}, {Str("é漢😀"), "'é漢😀'"}, {Str("\u00a0\u2028"), `'\xa0\u2028'`}, {Str("\xed\xa0\x80"), `'\ud800'`},
	{Bytes("a\xff'"), `b"a\xff'"`},
	{List{}, "[]"}, {List{MakeInt(1), Str("a")}, "[1, 'a']"}, {Tuple{}, "()"}, {Tuple{MakeInt(1)}, "(1,)"}, {Tuple{MakeInt(1), Tuple{}}, "(1, ())"},
	{Set{}, "set()"}, {Set{MakeInt(1)}, "{1}"}, {FrozenSet{}, "frozenset()"}, {FrozenSet{Str("a")}, "frozenset({'a'})"},
	{Dict{}, "{}"}, {Dict{{Str("a"), List{None{}}}, {Tuple{MakeInt(1), Float(2)}, Set{Bool(true)}}}, "{'a': [None], (1, 2.0): {True}}"},
}

func TestRoundTripAndRepr(t *testing.T) {
	for _, s := range samples {
		b, err := Append(nil, s.v)
		if err != nil {
			t.Fatalf("%s: %v", s.repr, err)
		}
		back, err := Decode(b)
		if err != nil || !Same(back, s.v) {
			t.Errorf("%s became %v (%v)", s.repr, back, err)
		}
		if got := Repr(s.v, 1000); got != s.repr {
			t.Errorf("repr %s, want %s", got, s.repr)
		}
	}
	if got := Repr(List{Str(strings.Repeat("é", 100))}, 10); got != "['éééé..." {
		t.Errorf("cut to %q", got)
	}
	if got := Repr(Int{new(big.Int).Lsh(big.NewInt(1), 1e6)}, 40); got != "<int of 1000001 bits>" {
		t.Errorf("cut to %q", got)
	}
}

// TestReprAgainstPython holds Repr beside the original.
func TestReprAgainstPython(t *testing.T) {
	py, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is needed to compare with")
	}
	var literals []string
	for _, s := range samples {
		if !strings.Contains(s.repr, "nan") && !strings.Contains(s.repr, "inf") { // those are no literals
			literals = append(literals, s.repr)
		}
	}
	text := strings.Join(literals, "\n")
	cmd := exec.Command(py, "-I", "-S", "-c", "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(repr(eval(line.decode())).encode() + b'\\n')")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := strings.Split(string(out), "\n")
	for i, l := range literals {
		if printed[i] != l {
			t.Errorf("Python prints %s as %s", l, printed[i])
		}
	}
}

func TestEqual(t *testing.T) {
	one, oneF, yes := MakeInt(1), Float(1), Bool(true)
	nan := Float(math.NaN())
	for _, c := range []struct {
		a, b        Value
		equal, same bool
	}{
		{one, oneF, true, false}, {one, yes, true, false}, {oneF, Complex(1), true, false}, {one, MakeInt(2), false, false}, {MakeInt(0), None{}, false, false}, {MakeInt(0), Str(""), false, false},
		{Float(0), Float(math.Copysign(0, -1)), true, false}, {nan, nan, false, true}, {integer("9007199254740993"), Float(9007199254740992), false, false}, {integer("9007199254740992"), Float(9007199254740992), true, false},
		{Complex(complex(1, 2)), Complex(complex(1, 2)), true, true}, {Float(math.Inf(1)), Float(math.Inf(1)), true, true}, {Float(math.Inf(1)), Float(math.Inf(-1)), false, false},
		{Str("a"), Bytes("a"), false, false}, {Str("a"), Str("a"), true, true},
		{List{one}, List{oneF}, true, false}, {List{one}, Tuple{one}, false, false}, {List{one}, List{one, one}, false, false}, {List{nan}, List{nan}, false, true},
		{Set{one, Str("a")}, Set{Str("a"), oneF}, true, false}, {Set{one}, FrozenSet{yes}, true, false}, {Set{one}, Set{MakeInt(2)}, false, false}, {Set{one, Str("a")}, Set{Str("a"), one}, true, true}, {Set{Tuple{one, one}}, Set{Tuple{yes, oneF}}, true, false},
		{Set{FrozenSet{one, Str("a")}}, Set{FrozenSet{Str("a"), one}}, true, true},
		{Dict{{one, Str("a")}, {Str("b"), None{}}}, Dict{{Str("b"), None{}}, {oneF, Str("a")}}, true, false}, {Dict{{one, Str("a")}}, Dict{{one, Str("b")}}, false, false}, {Dict{{one, one}}, Dict{{MakeInt(2), one}}, false, false},
	} {
		if Equal(c.a, c.b) != c.equal || Equal(c.b, c.a) != c.equal {
			t.Errorf("%s == %s is not %t", Repr(c.a, 100), Repr(c.b, 100), c.equal)
		}
		if Same(c.a, c.b) != c.same || Same(c.b, c.a) != c.same {
			t.Errorf("%s and %s: same is not %t", Repr(c.a, 100), Repr(c.b, 100), c.same)
		}
	}
}

func TestRefused(t *testing.T) {
	deep := Value(List{})
	for range MaxDepth {
		deep = List{deep}
	}
	if _, err := Append(nil, deep); err != nil {
		t.Errorf("at the deepest: %v", err)
	}
	for name, v := range map[string]Value{
		"too deep": List{deep}, "nil": nil, "nil inside": List{nil}, "no number": Int{}, "list in a set": Set{List{}}, "twice": Set{MakeInt(1), Bool(true)}, "key twice": Dict{{Str("a"), None{}}, {Str("a"), None{}}}, "dict as a key": Dict{{Dict{}, None{}}}, "list in a tuple in a set": Set{Tuple{List{}}},
	} {
		if _, err := Append(nil, v); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	nans := Set{Float(math.NaN()), Float(math.NaN()), Tuple{Float(math.NaN())}}
	if b, err := Append(nil, nans); err != nil {
		t.Errorf("several nans in a set: %v", err)
	} else if back, err := Decode(b); err != nil || !Same(back, nans) {
		t.Errorf("%v, %v", back, err)
	}
	for _, text := range []string{"", "x", "i", "i\x05ab", "s\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a", "l\xff\xff\xff\xff\x0f", "m\x01N", "e\x02NN", "e\x01l\x00", "NN", "d1234567", "l\x80", strings.Repeat("l\x01", MaxDepth+2) + "N"} {
		if v, err := Decode([]byte(text)); err == nil {
			t.Errorf("%q decodes to %v", text, v)
		}
	}
}

// random makes a value; those for keys are hashable.
func random(rng *rand.Rand, depth int, hashable bool) Value {
	kinds := 12
	if depth == 0 {
		kinds = 7
	}
	some := func(hashable bool) []Value {
		vs := make([]Value, rng.IntN(4))
		for i := range vs {
			vs[i] = random(rng, depth-1, hashable)
		}
		return vs
	}
	unique := func() []Value {
		var vs []Value
		for _, v := range some(true) {
			if distinct(append(vs[:len(vs):len(vs)], v)) == nil {
				vs = append(vs, v)
			}
		}
		return vs
	}
	for {
		switch k := rng.IntN(kinds); k {
		case 0:
			return None{}
		case 1:
			return Bool(rng.IntN(2) == 0)
		case 2:
			n := new(big.Int).Lsh(big.NewInt(rng.Int64()), uint(rng.IntN(200)))
			if rng.IntN(2) == 0 {
				n.Neg(n)
			}
			return Int{n}
		case 3:
			return Float(math.Float64frombits(rng.Uint64()))
		case 4:
			return Complex(complex(rng.NormFloat64(), float64(rng.IntN(3))))
		case 5:
			return Str(strings.Repeat("ü", rng.IntN(5)))
		case 6:
			return Bytes([]byte{byte(rng.Uint32())})
		case 7:
			return Tuple(some(hashable))
		case 8:
			return FrozenSet(unique())
		default:
			if hashable {
				continue
			}
			switch k {
			case 9:
				return List(some(false))
			case 10:
				return Set(unique())
			}
			var d Dict
			for _, key := range unique() {
				d = append(d, Item{key, random(rng, depth-1, false)})
			}
			return d
		}
	}
}

func TestRandomValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		v := random(rng, 4, false)
		b, err := Append(nil, v)
		if err != nil {
			t.Fatalf("%s: %v", Repr(v, 200), err)
		}
		back, err := Decode(b)
		if err != nil || !Same(v, back) || !Same(back, v) {
			t.Fatalf("%s became %s (%v)", Repr(v, 200), Repr(back, 200), err)
		}
		if w := random(rng, 4, false); Equal(v, w) != Equal(w, v) || Same(v, w) && !Same(w, v) {
			t.Errorf("%s and %s: not symmetric", Repr(v, 200), Repr(w, 200))
		}
	}
}

// FuzzDecode: whatever bytes come, decoding ends, what it accepts is a value that
// Python could have sent, and encodes to something that means the same.
func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		b, err := Append(nil, s.v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Append(nil, v)
		if err != nil {
			t.Fatalf("%q decodes to what does not encode: %v", b, err)
		}
		back, err := Decode(again)
		if err != nil || !Same(v, back) {
			t.Fatalf("%q: %s, then %v (%v)", b, Repr(v, 200), back, err)
		}
		if len(again) > len(b) {
			t.Errorf("%q grows to %q", b, again)
		}
		_, _ = Repr(v, 50), Equal(v, back)
		if n, ok := v.(Int); ok && !bytes.Equal(twosComplement(n.V), twosComplement(fromTwosComplement(twosComplement(n.V)))) {
			t.Errorf("%v", n)
		}
	})
}
