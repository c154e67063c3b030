//go:build linux

package python

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ra3/core/judge"
)

// reference is a small function with its asserts.
type reference struct{ name, source, tests string }

var references = []reference{
	{"gcd", "def gcd(a, b):\n    while b != 0:\n        a, b = b, a % b\n    return abs(a)\n",
		"assert gcd(12, 18) == 6\nassert gcd(7, 13) == 1\nassert gcd(0, 5) == 5\nassert gcd(-4, 6) == 2\n"},
	{"primes", "def primes(n):\n    found = []\n    for i in range(2, n + 1):\n        if all(i % p != 0 for p in found if p * p <= i):\n            found.append(i)\n    return found\n",
		"assert primes(10) == [2, 3, 5, 7]\nassert primes(1) == []\nassert primes(30)[-1] == 29 and len(primes(30)) == 10\n"},
	{"brackets", "def brackets(s):\n    depth = 0\n    for c in s:\n        if c == '(':\n            depth += 1\n        elif c == ')':\n            depth -= 1\n        if depth < 0:\n            return False\n    return depth == 0\n",
		"assert brackets('(())') is True\nassert brackets(')(') is False\nassert brackets('(') == False\nassert brackets('') and not brackets('())')\n"},
	{"search", "def search(xs, x):\n    lo, hi = 0, len(xs) - 1\n    while lo <= hi:\n        mid = (lo + hi) // 2\n        if xs[mid] == x:\n            return mid\n        if xs[mid] < x:\n            lo = mid + 1\n        else:\n            hi = mid - 1\n    return -1\n",
		"for i in range(9):\n    assert search([1, 3, 5, 7, 9, 11, 13, 15, 17], 2 * i + 1) == i\nassert search([1, 3, 5], 4) == -1\nassert search([], 1) == -1\n"},
	{"change", "def change(coins, total):\n    ways = [1] + [0] * total\n    for c in coins:\n        for t in range(c, total + 1):\n            ways[t] += ways[t - c]\n    return ways[total]\n",
		"assert change([1, 2, 5], 5) == 4\nassert change([2], 3) == 0\nassert change([10], 10) == 1\nassert change([1, 2], 4) == 3\n"},
	{"roman", "def roman(n):\n    out = ''\n    for value, text in ((1000, 'm'), (900, 'cm'), (500, 'd'), (400, 'cd'), (100, 'c'), (90, 'xc'), (50, 'l'), (40, 'xl'), (10, 'x'), (9, 'ix'), (5, 'v'), (4, 'iv'), (1, 'i')):\n        while n >= value:\n            out += text\n            n -= value\n    return out\n",
		"assert roman(1994) == 'mcmxciv'\nassert roman(3) == 'iii'\nassert roman(448) == 'cdxlviii'\nassert roman(0) == ''\n"},
	{"mean", "def mean(xs):\n    if not xs:\n        return None\n    m = sum(xs) / len(xs)\n    return {'mean': m, 'spread': max(abs(x - m) for x in xs)}\n",
		"import math\nassert mean([]) is None\nr = mean([1, 2, 3, 6])\nassert math.isclose(r['mean'], 3) and r['spread'] == 3.0\nassert mean([5]) == {'mean': 5.0, 'spread': 0.0}\n"},
	{"words", "def words(text):\n    counts = {}\n    for w in text.lower().split():\n        w = w.strip('.,!')\n        if w and w not in ('the', 'a'):\n            counts[w] = counts.get(w, 0) + 1\n    return sorted(counts.items(), key=lambda it: (-it[1], it[0]))[:3]\n",
		"assert words('The cat, a dog. Cat!') == [('cat', 2), ('dog', 1)]\nassert words('') == []\nassert words('b a c d b e c b') == [('b', 3), ('c', 2), ('d', 1)]\n"},
	{"spiral", "def spiral(m):\n    out = []\n    while m:\n        out += m[0]\n        m = [list(r) for r in zip(*m[1:])][::-1]\n    return out\n",
		"assert spiral([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) == [1, 2, 3, 6, 9, 8, 7, 4, 5]\nassert spiral([]) == []\nassert spiral([[1], [2]]) == [1, 2]\n"},
	{"collatz", "def collatz(n):\n    if n < 1:\n        raise ValueError('positive numbers only')\n    steps = 0\n    while n != 1:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n        steps += 1\n    return steps\n",
		"assert collatz(1) == 0\nassert collatz(6) == 8\nassert collatz(27) == 111\ntry:\n    collatz(0)\n    assert False, 'no error'\nexcept ValueError:\n    pass\n"},
	{"rotate", "def rotate(xs, k):\n    if len(xs) == 0:\n        return xs\n    k = k % len(xs)\n    head = xs[len(xs) - k:]\n    for x in xs[:len(xs) - k]:\n        head.append(x)\n    return head\n",
		"assert rotate([1, 2, 3, 4], 1) == [4, 1, 2, 3]\nassert rotate([1, 2, 3], 5) == [2, 3, 1]\nassert rotate([], 2) == []\nassert rotate([1, 2], 0) == [1, 2]\n"},
}

// mutations are replacements of one place in a program.
var mutations = []struct{ from, to string }{
	{`\+ `, "- "}, {`- `, "+ "}, {`\+=`, "-="}, {`-=`, "+="}, {`\*`, "+"}, {` // `, " / "}, {` % `, " // "}, {` / `, " // "},
	{`<=`, "<"}, {` < `, " <= "}, {`>=`, ">"}, {`==`, "!="}, {`!=`, "=="}, {` and `, " or "}, {`not `, ""}, {`\bin\b`, "not in"},
	{`\b0\b`, "1"}, {`\b1\b`, "2"}, {`\b2\b`, "3"}, {`\b10\b`, "11"}, {`\bTrue\b`, "False"}, {`\bFalse\b`, "True"}, {`\bNone\b`, "0"},
	{`\bmax\b`, "min"}, {`\babs\b`, "int"}, {`\bsum\b`, "len"}, {`\ball\b`, "any"}, {`\breturn\b`, "yield"}, {`\breturn .*`, "pass"}, {`\bsorted\b`, "list"},
	{`append`, "extend"}, {`\bif\b`, "if not"}, {`\bwhile\b`, "if"}, {`\[0\]`, "[-1]"}, {`\[1:\]`, "[2:]"}, {`:\n`, "\n"}, {`\(`, "(("}, {`'`, ""}, {`\bfor\b`, "fro"},
	{`\bn\b`, "m"}, {`\bi\b`, "j"}, {`\bc\b`, "cc"}, {`\bx\b`, "xs"}, {`get`, "pop"}, {`lower`, "upper"}, {`(?m)^    [a-z].*\n`, ""},
}

// mutants are the references with one place changed, all different.
func mutants() []reference {
	var out []reference
	seen := map[string]bool{}
	for _, r := range references {
		body := strings.Index(r.source, "\n")
		seen[r.source] = true
		for _, m := range mutations {
			for _, at := range regexp.MustCompile(m.from).FindAllStringIndex(r.source, -1) {
				if at[0] < body {
					continue // the signature
				}
				s := r.source[:at[0]] + m.to + r.source[at[1]:]
				if !seen[s] {
					seen[s] = true
					out = append(out, reference{fmt.Sprintf("%s: %q to %q at %d", r.name, m.from, m.to, at[0]), s, r.tests})
				}
			}
		}
	}
	return out
}

// oracle runs programs in plain CPython, each in a process of its own that has
// no protection but a limit on processor time, and prints how each ended.
const oracle = `
import json, os, resource, signal, sys, time
programs = json.load(sys.stdin)
for p in programs:
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(1, 2)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, 0.2)
        signal.signal(signal.SIGPROF, lambda *a: os._exit(3))
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
        try:
            exec(compile(p, "program", "exec"), {"__name__": "tests"})
            os._exit(0)
        except AssertionError: os._exit(1)
        except MemoryError: os._exit(4)
        except BaseException: os._exit(2)
    status = os.waitpid(pid, 0)[1]
    print(["passed", "wrong", "error", "timeout", "memory"][os.WEXITSTATUS(status)] if os.WIFEXITED(status) else "crashed")
`

func byHand(t *testing.T, py string, programs []reference) []judge.Kind {
	t.Helper()
	texts := make([]string, len(programs))
	for i, p := range programs {
		texts[i] = p.source + "\n" + p.tests
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(py, "-I", "-S", "-c", oracle)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var kinds []judge.Kind
	for line := range strings.Lines(string(out)) {
		kinds = append(kinds, judge.Kind(strings.TrimSpace(line)))
	}
	if len(kinds) != len(programs) {
		t.Fatalf("%d verdicts by hand on %d programs", len(kinds), len(programs))
	}
	return kinds
}

// assertJobs are the programs with their asserts.
func assertJobs(programs []reference, same bool) []Job {
	jobs := make([]Job, len(programs))
	for i, p := range programs {
		jobs[i] = Job{ID: p.name, Source: p.source, Form: Asserts, Tests: p.tests, SameProcess: same,
			Limits: Limits{PerTest: time.Second, MemoryMB: 512}}
	}
	return jobs
}

// TestMutants judges more than 300 wrong programs, and those that a mutation
// happens to leave right, as plain CPython does by hand.
func TestMutants(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer, Workers: runtime.GOMAXPROCS(0)})
	programs := append(slices.Clone(references), mutants()...)
	want := byHand(t, p.Interpreter().Path, programs)
	for i := range references {
		if want[i] != judge.Passed {
			t.Fatalf("%s fails by hand: %s", references[i].name, want[i])
		}
	}
	if !*long { // of those that hang a few will do
		hanging := 0
		keep := programs[:0]
		var kinds []judge.Kind
		for i, k := range want {
			if k == judge.Timeout {
				hanging++
			}
			if k != judge.Timeout || hanging <= 2 {
				keep, kinds = append(keep, programs[i]), append(kinds, k)
			}
		}
		programs, want = keep, kinds
	}
	for _, same := range []bool{false, true} {
		if same && !*long { // the weaker way has the same verdicts; a part will do
			programs, want = programs[:len(programs)/5], want[:len(programs)/5]
		}
		outs, err := p.Run(t.Context(), assertJobs(programs, same))
		if err != nil {
			t.Fatal(err)
		}
		count := map[judge.Kind]int{}
		for i, out := range outs {
			r := out.Results[0]
			count[r.Kind]++
			// A result that is no plain value is an error here, whatever the assert
			// makes of it by hand.
			if strange := strings.HasPrefix(r.Reason, "returned no plain value"); strange && !same && want[i] == judge.Wrong {
				continue
			}
			if r.Kind != want[i] {
				t.Errorf("%s, same process %t: %s (%s), by hand %s\n%s", programs[i].name, same, r.Kind, r.Reason, want[i], programs[i].source)
			}
		}
		t.Logf("same process %t: %d programs: %v", same, len(programs), count)
		if wrong := len(programs) - count[judge.Passed]; wrong < 300 && !same {
			t.Errorf("only %d wrong programs", wrong)
		}
	}
}

// TestModesAgree judges programs in fresh processes and in the fork server's,
// and expects the same verdicts and reasons.
func TestModesAgree(t *testing.T) {
	programs := append(slices.Clone(references), mutants()...)
	if !*long { // a fresh interpreter takes its time
		var few []reference
		for i := 0; i < len(programs); i += len(programs) / 24 {
			few = append(few, programs[i])
		}
		programs = few
	}
	var first []Outcome
	for _, mode := range []Mode{ForkServer, Fresh} {
		p := newPool(t, Options{Mode: mode, Workers: runtime.GOMAXPROCS(0)})
		outs, err := p.Run(t.Context(), assertJobs(programs, false))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = outs
			continue
		}
		for i := range outs {
			a, b := first[i].Results[0], outs[i].Results[0]
			if a.Kind != b.Kind || a.Reason != b.Reason || first[i].Parsed != outs[i].Parsed {
				t.Errorf("%s: %s (%s) in the fork server, %s (%s) fresh", programs[i].name, a.Kind, a.Reason, b.Kind, b.Reason)
			}
		}
	}
}
