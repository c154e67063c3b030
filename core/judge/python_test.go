package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"testing"
)

// sampleSources are programs as the pocket domain writes them, and what was
// added to Starlark for them. Each must do in the executor what it does in
// CPython, on every input of sampleInputs.
var sampleSources = []string{
	"def f(xs):\n    return [x for x in xs if x % 2 == 0]",
	"def f(xs):\n    out = []\n    for x in xs:\n        if x > 0:\n            out.append(x * x)\n    return out",
	"def f(xs):\n    out = []\n    for i in range(len(xs)):\n        out.append(xs[i] + i)\n    return out",
	"def f(xs):\n    out = []\n    total = 0\n    for x in xs:\n        total += x\n        out.append(total)\n    return out",
	"def f(xs):\n    return xs[::-1]",
	"def f(xs):\n    return xs[:3] + xs[-2:]",
	"def f(xs):\n    return xs[1::2]",
	"def f(xs):\n    return sorted(xs, reverse=True)",
	"def f(xs):\n    return sorted(xs, key=lambda x: (x % 3, -x))",
	"def f(xs):\n    ys = []\n    for x in xs:\n        if x not in ys:\n            ys.append(x)\n    return ys",
	"def f(xs):\n    return max(xs) - min(xs)",
	"def f(xs):\n    return max([abs(x) for x in xs], default=0) if xs else 0",
	"def f(xs):\n    return sum(xs) / len(xs)",
	"def f(xs):\n    return sum([x > 0 for x in xs])",
	"def f(xs):\n    return sum(xs, 10)",
	"def f(xs):\n    return sum([[x] for x in xs], [])",
	"def f(xs):\n    return sum([x / 10 for x in xs])",
	"def f(xs):\n    return [a * b for a, b in zip(xs, xs[1:])]",
	"def f(xs):\n    return [i for i, x in enumerate(xs) if x < 0]",
	"def f(xs):\n    return [i * x for i, x in enumerate(xs, 1)]",
	"def f(xs):\n    i = 0\n    while i < len(xs) and xs[i] > 0:\n        i += 1\n    return xs[i:]",
	"def f(xs):\n    xs.sort()\n    return xs",
	"def f(xs):\n    xs.sort(reverse=True)\n    return xs",
	"def f(xs):\n    xs.sort(key=lambda x: -x)\n    return xs",
	"def f(xs):\n    xs.reverse()\n    return xs",
	"def f(xs):\n    ys = xs.copy()\n    ys.append(xs.count(2))\n    return ys",
	"def f(xs):\n    return 'banana'.count('an') + len(xs)",
	"def f(xs):\n    return reversed(xs)",
	"def f(xs):\n    return list(reversed(xs))",
	"def f(xs):\n    return list(map(lambda x: x + 1, xs))",
	"def f(xs):\n    return list(map(lambda a, b: a - b, xs, xs[1:]))",
	"def f(xs):\n    return list(filter(lambda x: x > 1, xs))",
	"def f(xs):\n    return list(filter(None, xs))",
	"def f(xs):\n    return map(abs, xs)",
	"def f(xs):\n    z = zip(xs, xs)\n    a = list(z)\n    return len(a) * 10 + len(list(z))",
	"def f(xs):\n    return len(zip(xs, xs))",
	"def f(xs):\n    return zip(xs, xs)[0]",
	"def f(xs):\n    return 2 in map(abs, xs)",
	"def f(xs):\n    return [divmod(x, 3)[0] for x in xs] + [divmod(x, -4)[1] for x in xs]",
	"def f(xs):\n    return divmod(7.5, 2)[0]",
	"def f(xs):\n    return [x // 3 for x in xs] + [x % -3 for x in xs]",
	"def f(xs):\n    return [pow(x, 3) for x in xs]",
	"def f(xs):\n    return [pow(x, -1) for x in xs]",
	"def f(xs):\n    return [pow(x, 5, 7) for x in xs]",
	"def f(xs):\n    return [pow(x, 5, -7) for x in xs]",
	"def f(xs):\n    return pow(3, -1, 7)",
	"def f(xs):\n    return pow(2, -1, 4)",
	"def f(xs):\n    return pow(2.5, 2)",
	"def f(xs):\n    return [pow(True, 2), pow(0, 0), pow(2, 0.5)]",
	"def f(xs):\n    return [round(x / 2) for x in xs]",
	"def f(xs):\n    return [round(x / 8, 2) for x in xs]",
	"def f(xs):\n    return [round(x, -1) for x in xs] + [round(15, -1), round(25, -1), round(-25, -1), round(149, -2)]",
	"def f(xs):\n    return [round(2.675, 2), round(0.5), round(1.5), round(-2.5), round(15.5, -1), round(-0.4, 0), round(True)]",
	"def f(xs):\n    return round(float('inf'))",
	"def f(xs):\n    return round(1e300)",
	"def f(xs):\n    return [isinstance(x, int) for x in xs] + [isinstance(True, int), isinstance(1, bool), isinstance('a', (int, str)), isinstance(xs, list), isinstance(1.0, float)]",
	"def f(xs):\n    return [type(x) == int for x in xs] + [type(xs) == list, type('') == str, type('') == 'string', type(1) == bool]",
	"def f(xs):\n    return isinstance(xs, 'list')",
	"def f(xs):\n    return [c for c in 'h\u00e9llo']",
	"def f(xs):\n    out = ''\n    for c in 'hello':\n        out = c + out\n    return out",
	"def f(xs):\n    return [list('abc'), sorted('bca'), max('abc'), min('b', 'a'), len(set('aab'))]",
	"def f(xs):\n    return [i for i, c in enumerate('a-b-c') if c == '-']",
	"def f(xs):\n    return ''.join(list(reversed('abc')))",
	"def f(xs):\n    return str(xs)",
	"def f(xs):\n    return str([1.0, 'a', \"it's\", None, True, (1,), (1, 2), {'k': [1]}, 1e16, 1e-5, 0.1, -0.0])",
	"def f(xs):\n    return repr('tab\\t nl\\n \\\\ \\'\"')",
	"def f(xs):\n    return [str(3), str('x'), str(2.50), str(None), str()]",
	"def f(xs):\n    print('noise', xs, end='')\n    return any([x > 2 for x in xs]) and all(xs)",
	"def f(xs):\n    d = {}\n    for x in xs:\n        d[x] = d.get(x, 0) + 1\n    return [d[k] for k in d]",
	"def f(xs):\n    a, b = 0, 1\n    for _ in xs:\n        a, b = b, a + b\n    return a",
	"def f(xs):\n    for x in 5:\n        pass",
	"def f(xs):\n    return xs[0] + 'a'",
	"def f(xs):\n    return xs.push(1)",
	"def f(xs):\n    return [y for x in xs for y in [x, x] if y]",
	"def f(xs):\n    def g(x):\n        return x + 1\n    return [g(x) for x in xs]",
	"def f(xs):\n    return None if not xs else xs[-1]",
	"def f(xs):\n    return [[x] * 2 for x in xs]",
	"def f(xs):\n    while xs:\n        x = xs.pop()\n        if x < 0:\n            continue\n        if x == 2:\n            break\n    return xs",
	"def f(xs):\n    xs.insert(0, 9)\n    xs.extend([1, 2])\n    xs.remove(9)\n    return xs.index(1)",
	"def f(xs):\n    return xs == sorted(xs)",
	"def f(xs):\n    return 1 if xs else 1.0",
	"def f(xs):\n    return sum('ab')",
	"def f(xs):\n    return max(xs, default=-1)",
	"def f(xs):\n    n = 0\n    for x in xs:\n        n += x > 1\n    return n * True - False + True",
	"def f(xs):\n    ys = xs\n    ys += [1]\n    ys += 'ab'\n    return xs",
	"def f(xs):\n    ys = xs\n    ys *= 2\n    return len(xs) + len(ys)",
	"def f(xs):\n    xs.extend(map(abs, xs[:2]))\n    xs[0] += 5\n    return xs",
	"def f(xs, k=1 + 1):\n    g = lambda a, b=2 * 3: a + b - k\n    return [g(x) for x in xs] + [g(1, b=0)]",
	"def f(xs):\n    d = {i + 1: x * 2 for i, x in enumerate(xs)}\n    return [d[k] - k for k in d]",
	"def f(xs):\n    return xs[len(xs) - 2:][:1 + 0]",
	"def f(xs):\n    return -xs[0] + (1 if xs[0] > 1 + 1 else 2 - 1)",
	"def f(xs):\n    return xs + (1,)",
	"def f(xs):\n    return 2 * xs + [0] * -1 + [0] * True",
	"def f(xs):\n    return 'ab' * 2 + 'c'",
	"def f(xs):\n    return 'ab' - 'c'",
	"def f(xs):\n    return sum(['a'], '')",
}

var sampleInputs = [][]any{
	{ints()},
	{ints(2)},
	{ints(3, 1, 2)},
	{ints(-5, 0, 4, 4, -7, 2, 10, 25, -125)},
	{ints(1, 2, 3, 4, 5, 6)},
}

// pythonHarness prints, for each program and input, {"v": value} or {"e": 1};
// tuples and other unplain results become {"o": 1}.
const pythonHarness = `
import sys, json, copy, io
sources, inputs = json.load(sys.stdin)
def plain(v):
    if v is None or type(v) in (bool, str): return v
    if type(v) is int: return {"i": str(v)} if -2**63 <= v < 2**63 else {"o": 1}
    if type(v) is float: return {"f": v.hex()}
    if type(v) is list: return [plain(e) for e in v]
    return {"o": 1}
out = []
for s in sources:
    g = {}
    row = []
    sys.stdout = io.StringIO()
    try: exec(s, g)
    except Exception: pass
    for args in inputs:
        try: row.append({"v": plain(g["f"](*copy.deepcopy(args)))})
        except Exception: row.append({"e": 1})
    sys.stdout = sys.__stdout__
    out.append(row)
print(json.dumps(out))
`

func TestLikeCPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	in, err := json.Marshal([]any{sampleSources, sampleInputs})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-I", "-S", "-c", pythonHarness)
	cmd.Stdin = bytes.NewReader(in)
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	var want [][]map[string]any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}

	p := newPool(t, 1, Limits{})
	cases := make([]Case, len(sampleSources))
	for i, s := range sampleSources {
		cases[i] = Case{Source: s, Entry: "f", Inputs: sampleInputs, Want: make([]any, len(sampleInputs))}
	}
	got, err := p.execute(context.Background(), cases)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sampleSources {
		for k := range sampleInputs {
			var g map[string]any
			switch {
			case len(got[i]) != len(sampleInputs):
				t.Errorf("%s\nstopped: %+v", s, got[i])
				continue
			case got[i][k].kind != "":
				g = map[string]any{"e": 1}
			default:
				g = map[string]any{"v": pythonPlain(got[i][k].value)}
			}
			a, _ := json.Marshal(g)
			b, _ := json.Marshal(want[i][k])
			if !bytes.Equal(a, b) {
				t.Errorf("%s\non %v: executor %s (%s), CPython %s", s, sampleInputs[k], a, got[i][k].reason, b)
			}
		}
	}
}
