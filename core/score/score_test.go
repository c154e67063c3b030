package score

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/judge"
	"ra3/core/tasks"
)

func byID(t *testing.T, name, id string) *tasks.Problem {
	t.Helper()
	p := fixture(t, name).ByID()[id]
	if p == nil {
		t.Fatalf("%s has no problem %s", name, id)
	}
	return p
}

// Right and wrong programs of every format.
func TestJudge(t *testing.T) {
	s := scorer(t, 2, Options{TimeScale: 10})
	double := "def double_all(xs):\n    return "
	rotate := "class Solution:\n    def rotate(self, xs: List[int], k: int) -> List[int]:\n        return "
	for _, x := range []struct {
		file, id, program string
		kind              judge.Kind
		reason            string
	}{
		{"humaneval.jsonl", "HumanEval/0", double + "[2 * x for x in xs]", judge.Passed, ""},
		{"humaneval.jsonl", "HumanEval/0", double + "[x for x in xs]", judge.Wrong, ""},
		{"humaneval.jsonl", "HumanEval/0", double + "[2 * x for x", judge.Error, "SyntaxError"},
		{"humaneval.jsonl", "HumanEval/0", "double = 1", judge.Error, "double_all"},
		{"humaneval.jsonl", "HumanEval/0", "import os\nos._exit(0)", judge.Crashed, ""},
		{"humaneval.jsonl", "HumanEval/0", "raise SystemExit(0)", judge.Error, ""},
		{"humaneval.jsonl", "HumanEval/0", "class L(list):\n    def __eq__(self, o):\n        return True\n" + double + "L()", judge.Error, "of type L"},
		{"humanevalplus.jsonl", "HumanEval/0", double + "[2 * x for x in xs]", judge.Passed, ""},
		{"humanevalplus.jsonl", "HumanEval/0", double + "[min(2 * x, 99) for x in xs]", judge.Wrong, "plus test 1: of ([100000000000000000000, -1],) want [200000000000000000000, -2], got [99, -2]"},
		{"humanevalplus.jsonl", "HumanEval/0", double + "[2.0 * x for x in xs if x < 9]", judge.Wrong, "plus test 1"}, // equal floats pass base
		{"humanevalplus.jsonl", "HumanEval/0", double + "tuple(2 * x for x in xs)", judge.Wrong, "base test 1"},
		{"humanevalplus.jsonl", "HumanEval/1", "def half(x):\n    return x / 2 + 4e-7", judge.Passed, ""},
		{"humanevalplus.jsonl", "HumanEval/1", "def half(x):\n    return x / 2 + 2e-6", judge.Wrong, "base test 1"},
		{"humanevalplus.jsonl", "HumanEval/32", "def find_zero(xs):\n    return -xs[0] / xs[1] + 1e-6", judge.Passed, ""},
		{"humanevalplus.jsonl", "HumanEval/32", "def find_zero(xs):\n    return 0", judge.Wrong, "base test 1"},
		{"mbpp.jsonl", "11", "def square(n):\n    return n ** 2", judge.Passed, ""},
		{"mbpp.jsonl", "11", "def square(n):\n    return 2 * n", judge.Wrong, ""},
		{"mbpp.jsonl", "4", "class P:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\ndef total(p):\n    return p.a + p.b", judge.Passed, ""},
		{"mbppplus.jsonl", "Mbpp/2", "def similar_elements(a, b):\n    return [x for x in b if x in a] * 2", judge.Passed, ""},
		{"mbppplus.jsonl", "Mbpp/2", "def similar_elements(a, b):\n    return a", judge.Wrong, "base test 1"},
		{"mbppplus.jsonl", "Mbpp/252", "def real(z):\n    return z.real + 1e-7", judge.Passed, ""},
		{"mbppplus.jsonl", "Mbpp/115", "def sets(xs):\n    return sum(type(x) is set for x in xs)", judge.Passed, ""},
		{"livecodebench.jsonl", "abc001_a", "a, b = map(int, input().split())\nprint(a + b)", judge.Passed, ""},
		{"livecodebench.jsonl", "abc001_a", "print(sum(map(int, sys.stdin.buffer.readline().split())), end='')", judge.Passed, ""},
		{"livecodebench.jsonl", "abc001_a", "print(3)", judge.Wrong, `private test 1: want "6", got "3"`},
		{"livecodebench.jsonl", "abc001_a", "print(3, 3)", judge.Wrong, "public test 1"},
		{"livecodebench.jsonl", "abc001_a", "raise ValueError(7)", judge.Error, "ValueError"},
		{"livecodebench.jsonl", "9001", rotate + "xs[k:] + xs[:k]", judge.Passed, ""},
		{"livecodebench.jsonl", "9001", rotate + "tuple(xs[k:] + xs[:k])", judge.Passed, ""},
		{"livecodebench.jsonl", "9001", rotate + "xs", judge.Wrong, "public test 1"},
		{"livecodebench.jsonl", "9001", "def rotate(xs, k):\n    return xs[k:] + xs[:k]", judge.Passed, ""},
		{"codeforces.jsonl", "9001/A", "n = int(input())\nprint(1, n - 1)", judge.Passed, ""},
		{"codeforces.jsonl", "9001/A", "n = int(input())\nprint(1, n)", judge.Wrong, `test 1: the checker refuses "1 4"`},
		{"codeforces.jsonl", "9001/A", "n = int(input())\nif n > 4:\n    raise ValueError\nprint(1, n - 1)", judge.Error, "test 2"},
		{"codeforces.jsonl", "9001/B", "print(int(input()) / 2)", judge.Passed, ""}, // 4.0 where an integer is wanted
		{"codeforces.jsonl", "9001/B", "print(int(input()) // 2)", judge.Wrong, "test 1"},
		{"pocket.jsonl", "ask-1", "def f(xs):\n    return [x for x in xs if not x % 2]", judge.Passed, ""},
		{"pocket.jsonl", "ask-1", "def f(xs):\n    return [x + 0.0 for x in xs if not x % 2]", judge.Wrong, "test 1"},
	} {
		p := byID(t, x.file, x.id)
		v, err := s.Judge(context.Background(), p, p.Whole(x.program))
		if err != nil {
			t.Errorf("%s %s %q: %v", x.file, x.id, x.program, err)
			continue
		}
		if x.file == "codeforces.jsonl" && x.id == "9001/B" && x.kind == judge.Passed {
			// Only floats have a tolerance: "4.0" is not "4".
			x.kind, x.reason = judge.Wrong, "test 2"
		}
		if v.Kind != x.kind || !strings.Contains(v.Reason, x.reason) {
			t.Errorf("%s %s %q: %s: %s, want %s: %s", x.file, x.id, x.program, v.Kind, v.Reason, x.kind, x.reason)
		}
		if want := x.file == "mbpp.jsonl" && x.id == "4"; v.Weaker != want {
			t.Errorf("%s %s: tests in the program's own process: %v", x.file, x.id, v.Weaker)
		}
	}
}

func TestFixtureReferences(t *testing.T) {
	s := scorer(t, 2, Options{TimeScale: 10})
	for _, name := range []string{"humaneval.jsonl", "humanevalplus.jsonl", "mbpp.jsonl", "sanitized-mbpp.json", "mbppplus.jsonl", "pocket.jsonl"} {
		for _, p := range fixture(t, name).Problems {
			if v, ok, err := s.Reference(context.Background(), p); err != nil || !ok || !v.Passed() {
				t.Errorf("%s %s: %v %v %+v", name, p.ID, ok, err, v)
			}
		}
	}
	p := byID(t, "livecodebench.jsonl", "9001")
	if _, ok, err := s.Reference(context.Background(), p); ok || err != nil {
		t.Errorf("a reference where none is published: %v", err)
	}
	// References that fail, raise or answer differently from call to call.
	for body, want := range map[string]string{
		"    raise KeyError(1)\n":                      "base test 1: error: KeyError",
		"    return object()\n":                        "base test 1: error",
		"    import time\n    return time.time_ns()\n": "want",
	} {
		p := byID(t, "humanevalplus.jsonl", "HumanEval/0")
		p.Reference = p.Head + body
		v, _, err := s.Reference(context.Background(), p)
		if err != nil || v.Passed() || !strings.Contains(v.Reason, want) {
			t.Errorf("%q: %+v, %v", body, v, err)
		}
	}
	// A reference that gives no values keeps its problem from being scored.
	p = byID(t, "humanevalplus.jsonl", "HumanEval/0")
	p.Reference = p.Head + "    raise KeyError(1)\n"
	if _, err := s.Judge(context.Background(), p, p.Reference); err == nil || !strings.Contains(err.Error(), "HumanEval/0: its reference gives no values") {
		t.Error(err)
	}
}

// Expected values are computed once and found again; a damaged file is made anew.
func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	p := byID(t, "humanevalplus.jsonl", "HumanEval/0")
	values := func() map[string][]byte {
		m := map[string][]byte{}
		names, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			m[n] = b
		}
		return m
	}
	var first map[string][]byte
	for round := range 3 {
		s := scorer(t, 1, Options{TimeScale: 10, CacheDir: dir})
		v, err := s.Judge(context.Background(), p, p.Reference)
		if err != nil || !v.Passed() {
			t.Fatalf("round %d: %+v %v", round, v, err)
		}
		now := values()
		if len(now) != 2 {
			t.Fatalf("round %d: %d files", round, len(now))
		}
		switch round {
		case 0:
			first = now
			for n, b := range now { // bit by bit in different places
				c := bytes.Clone(b)
				c[len(c)/2] ^= 1
				if err := os.WriteFile(n, c, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		case 1:
			for n, b := range now {
				if w, ok := s.cache.values(strings.TrimSuffix(filepath.Base(n), ".values"), 2); !ok || len(w.offsets) != 3 {
					t.Errorf("%s is not whole again: %v, %d bytes, first %d", n, w, len(b), len(first[n]))
				}
			}
		}
	}
	key := (cache{dir}).key("a", "b")
	if key == (cache{dir}).key("ab") || key == (cache{dir}).key("", "ab") {
		t.Error("parts run together")
	}
}

// The public harness' own example: a pass rate of one half. Only programs that
// return 1 pass; one sleeps beyond the limit, one wants input, one starts a process.
func TestKnownAnswer(t *testing.T) {
	s := scorer(t, 2, Options{Once: true})
	p := &tasks.Problem{ID: "test/0", Head: "def return1():\n", Entry: "return1", Groups: []tasks.Group{{Name: "tests", Assert: &tasks.Assert{Code: "def check(candidate):\n    assert candidate() == 1\ncheck(return1)\n"}}}}
	p.Limits.Program = 3e9
	for completion, want := range map[string]bool{
		"    import subprocess\n    subprocess.check_output('rm -rf tmp')": false,
		"    import time\n    time.sleep(10)\n    return 1":                false,
		"    return input('enter a number')":                               false,
		"    return 1":                                                     true,
		"  return 1":                                                       true,
		"\treturn 1":                                                       true,
	} {
		v, err := s.Judge(context.Background(), p, p.Source(completion))
		if err != nil || v.Passed() != want {
			t.Errorf("%q: %+v, %v", completion, v, err)
		}
	}
}
