//go:build linux

package python

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

func TestMain(m *testing.M) {
	judge.ServeIfChild()
	os.Exit(m.Run())
}

// TestValues sends values of every type through a program and back.
// The library's dicts are dicts of their items; a program's own class in their
// place tells no more than what it holds.
func TestKindsOfDict(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer})
	want := pyvalue.Dict{{Key: pyvalue.Str("a"), Value: pyvalue.MakeInt(2)}}
	for source, same := range map[string]bool{
		"from collections import Counter\ndef f():\n    return Counter('aa')\n":                                                                                                 true,
		"from collections import OrderedDict\ndef f():\n    return OrderedDict(a=2)\n":                                                                                          true,
		"from collections import defaultdict\ndef f():\n    d = defaultdict(int)\n    d['a'] += 2\n    return d\n":                                                              true,
		"import collections\nclass A(dict):\n    def __eq__(self, o): return True\n    def items(self): return [('a', 2)]\ncollections.Counter = A\ndef f():\n    return A()\n": false,
		"import collections\nclass A:\n    def items(self): return [('a', 2)]\ncollections.Counter = A\ndef f():\n    return A()\n":                                             false,
		"class A(dict): pass\ndef f():\n    return A(a=2)\n":                                                                                                                    false,
	} {
		out, err := p.Do(t.Context(), Job{Source: source, Form: Calls, Entry: "f", Args: [][]pyvalue.Value{{}}})
		if err != nil {
			t.Fatal(err)
		}
		if v := out.Results[0].Value; (v != nil && pyvalue.Same(v, want)) != same {
			t.Errorf("%s: %v %s", source, v, out.Results[0].Reason)
		}
	}
}

func TestValues(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer})
	big := pyvalue.MakeInt(1)
	big.V.Lsh(big.V, 5000)
	args := []pyvalue.Value{
		pyvalue.None{}, pyvalue.Bool(true), pyvalue.MakeInt(-129), big, pyvalue.Float(-0.5), pyvalue.Complex(complex(1, -2)), pyvalue.Str("é\x00😀\xed\xa0\x80"), pyvalue.Bytes("\x00\xff"),
		pyvalue.List{pyvalue.MakeInt(1), pyvalue.Tuple{}}, pyvalue.Set{pyvalue.MakeInt(1), pyvalue.Str("a")}, pyvalue.FrozenSet{pyvalue.Tuple{pyvalue.MakeInt(1)}},
		pyvalue.Dict{{Key: pyvalue.Str("k"), Value: pyvalue.List{}}, {Key: pyvalue.MakeInt(2), Value: pyvalue.None{}}},
	}
	out, err := p.Do(t.Context(), Job{Source: "def f(*xs):\n    return [list(xs), [type(x).__name__ for x in xs]]\n", Form: Calls, Entry: "f", Args: [][]pyvalue.Value{args}})
	if err != nil {
		t.Fatal(err)
	}
	var names pyvalue.List
	for _, a := range args {
		names = append(names, pyvalue.Str(pyvalue.TypeName(a)))
	}
	if want := (pyvalue.List{pyvalue.List(args), names}); out.Results[0].Value == nil || !pyvalue.Same(out.Results[0].Value, want) {
		t.Errorf("%s came back as %v (%s)", pyvalue.Repr(want, 500), out.Results[0].Value, out.Results[0].Reason)
	}
}

// TestForms: what each form returns where all goes well, and where it does not.
func TestForms(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer})
	do := func(j Job) Outcome {
		t.Helper()
		out, err := p.Do(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	n := func(i int64) []pyvalue.Value { return []pyvalue.Value{pyvalue.MakeInt(i)} }

	out := do(Job{ID: "a", Form: Calls, Entry: "Solution.go", Source: "class Solution:\n    n = 0\n    def go(self, x):\n        self.n += x\n        return 100 // self.n\n", Args: [][]pyvalue.Value{n(0), n(2), n(3)}})
	if r := out.Results; out.ID != "a" || !out.Parsed || out.Duration <= 0 || len(r) != 3 || r[0].Kind != judge.Error || !strings.HasPrefix(r[0].Reason, "ZeroDivisionError: ") || !strings.HasSuffix(r[0].Reason, "(line 5)") ||
		!pyvalue.Same(r[1].Value, pyvalue.MakeInt(50)) || !pyvalue.Same(r[2].Value, pyvalue.MakeInt(20)) {
		t.Errorf("calls: %+v", out)
	}
	for entry, want := range map[string]string{"g": "NameError: the program defines no g", "f.x": "takes 0 positional arguments", "f": "f() takes 0"} {
		if r := do(Job{Form: Calls, Entry: entry, Source: "def f(): pass\n", Args: [][]pyvalue.Value{n(1)}}).Results; r[0].Kind != judge.Error && entry != "f.x" || entry == "g" && r[0].Reason != want {
			t.Errorf("entry %s: %+v", entry, r)
		}
	}

	stdin := do(Job{Form: Stdio, Source: "import sys\nfor line in sys.stdin:\n    print(int(line) * 2)\nif __name__ == '__main__': print('end')\n", Stdin: []string{"1\n2\n", "", "x\n", strings.Repeat("7\n", 50000)}})
	if r := stdin.Results; len(r) != 4 || r[0] != (Result{Stdout: "2\n4\nend\n"}) || r[1].Stdout != "end\n" || r[2].Kind != judge.Error || !strings.Contains(r[2].Reason, "ValueError") || r[3].Stdout != strings.Repeat("14\n", 50000)+"end\n" {
		t.Errorf("stdio: %.300v", stdin)
	}
	ignored := do(Job{Form: Stdio, Source: "print('done')\n", Stdin: []string{strings.Repeat("x", 1<<20)}})
	if r := ignored.Results[0]; r.Kind != "" || r.Stdout != "done\n" {
		t.Errorf("input that is not read: %+v", r)
	}

	for tests, want := range map[string]judge.Kind{
		"assert f(1) == 2": judge.Passed, "assert f(1) == 3": judge.Wrong, "assert f(1) == 2\nassert 0 == 1": judge.Wrong, "f(": judge.Error, "nobody(1)": judge.Error, "assert f(x=1) == 2": judge.Passed,
		"xs = [3, 1]\nassert order(xs) is None and xs == [1, 3]": judge.Passed, "try:\n    f('a')\n    assert False\nexcept TypeError:\n    pass": judge.Passed, "assert N == 7 and math.pi > 3": judge.Passed,
		"while True: pass": judge.Timeout, "import sys\nsys.exit(0)": judge.Error, "def check(c):\n    for i in range(100):\n        assert c(i) == i + 1\ncheck(f)": judge.Passed, "assert f({1: [2, {3}]}.__len__()) == 2": judge.Passed,
		"assert f(object()) == 1": judge.Error,
	} {
		for _, same := range []bool{false, true} {
			out := do(Job{Form: Asserts, SameProcess: same, Source: "import math\nN = 7\ndef f(x): return x + 1\ndef order(xs): xs.sort()\n", Tests: tests, Limits: Limits{PerTest: time.Second}})
			if len(out.Results) != 1 || out.Results[0].Kind != want {
				t.Errorf("%q, same process %t: %+v, want %s", tests, same, out.Results, want)
			}
		}
	}
}

func TestContinue(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer})
	for _, form := range []Form{Calls, Stdio} {
		var seen []int
		j := Job{Form: form, Entry: "f", Source: "def f(x): return x\n", Args: [][]pyvalue.Value{argument[0], argument[0], argument[0]}, Stdin: []string{"", "", ""},
			Continue: func(i int, r Result) bool { seen = append(seen, i); return i < 1 }}
		out, err := p.Do(t.Context(), j)
		if err != nil || len(out.Results) != 2 || !slices.Equal(seen, []int{0, 1}) {
			t.Errorf("%s: %+v, %v, saw %v", form, out, err, seen)
		}
	}
}

// TestTotal bounds all tests together.
func TestTotal(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer})
	j := Job{Form: Calls, Entry: "f", Source: "import time\ndef f(x): time.sleep(0.2)\n", Args: make([][]pyvalue.Value, 100), Limits: Limits{PerTest: 5 * time.Second, Total: time.Second}}
	for i := range j.Args {
		j.Args[i] = argument[0]
	}
	out, err := p.Do(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	n := len(out.Results)
	if n > 5 || out.Results[n-1].Kind != judge.Timeout {
		t.Errorf("%d results, the last %+v", n, out.Results[n-1])
	}
}

func TestMistakes(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer})
	good := Job{Form: Calls, Entry: "f", Source: innocent, Args: argument}
	for name, change := range map[string]func(*Job){
		"form": func(j *Job) { j.Form = "x" }, "no entry": func(j *Job) { j.Entry = "" }, "no tests": func(j *Job) { j.Args = nil }, "no asserts": func(j *Job) { j.Form = Asserts }, "no input": func(j *Job) { j.Form = Stdio },
		"arguments": func(j *Job) { j.Args = [][]pyvalue.Value{{nil}} }, "time": func(j *Job) { j.Limits.PerTest = -1 }, "total": func(j *Job) { j.Limits.Total = 1000 * time.Hour }, "memory": func(j *Job) { j.Limits.MemoryMB = 1 }, "output": func(j *Job) { j.Limits.MaxOutput = 1 << 40 },
	} {
		j := good
		change(&j)
		if _, err := p.Run(t.Context(), []Job{good, j}); err == nil || !strings.Contains(err.Error(), "job 1: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, o := range []Options{{Workers: -1}, {Mode: "x"}} {
		if _, err := NewPool(t.Context(), o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	if outs, err := p.Run(t.Context(), nil); err != nil || len(outs) != 0 {
		t.Error(outs, err)
	}
}

func TestCancelAndClose(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer, Workers: 2})
	hang := Job{Form: Calls, Entry: "f", Source: "def f(x):\n    while True: pass\n", Args: argument, Limits: Limits{PerTest: time.Hour, Total: time.Hour}}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	if _, err := p.Run(ctx, []Job{hang, hang, hang}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// The pool goes on working.
	out, err := p.Do(t.Context(), Job{Form: Calls, Entry: "f", Source: innocent, Args: argument})
	if err != nil || len(out.Results) != 1 || out.Results[0].Kind != "" {
		t.Errorf("after a cancelled run: %+v %v", out, err)
	}
	time.AfterFunc(300*time.Millisecond, func() { _ = p.Close() })
	if _, err := p.Run(t.Context(), []Job{hang, hang, hang}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := p.Do(t.Context(), hang); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// TestFates: many programs at once, a third of which kill, hang or flood their
// process, and sandboxes that are killed from outside. Every right program is
// right, and every wrong one wrong for its own reason.
func TestFates(t *testing.T) {
	p := newPool(t, Options{Mode: ForkServer, Workers: 4})
	var jobs []Job
	for i := range 60 {
		source := fmt.Sprintf("import time\ntime.sleep(0.02)\ndef f(x): return %d + x\n", i)
		lim := attackTime
		switch i % 6 {
		case 1:
			source = "import os\ndef f(x): os.kill(os.getpid(), 9)\n"
		case 3:
			source, lim = "def f(x):\n    while True: pass\n", hangTime
		case 5:
			source = "def f(x):\n    while True: print('x' * 1000)\n"
		}
		jobs = append(jobs, Job{ID: fmt.Sprint(i), Form: Calls, Entry: "f", Source: source, Args: argument, Limits: lim})
	}
	stop := make(chan struct{})
	go func() { // another's hand
		for range 3 {
			select {
			case <-stop:
				return
			case <-time.After(700 * time.Millisecond):
			}
			for _, pid := range children(t, os.Getpid()) {
				if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && strings.Contains(string(text), "__builtins__") {
					_ = unix.Kill(pid, unix.SIGKILL)
					break
				}
			}
		}
	}()
	outs, err := p.Run(t.Context(), jobs)
	close(stop)
	if err != nil {
		t.Fatal(err)
	}
	for i, out := range outs {
		r := out.Results[0]
		want, ok := map[int]judge.Kind{1: judge.Crashed, 3: judge.Timeout, 5: judge.Error}[i%6], true
		if want == "" {
			ok = r.Value != nil && pyvalue.Same(r.Value, pyvalue.MakeInt(int64(i)+3))
		}
		if out.ID != fmt.Sprint(i) || r.Kind != want || !ok {
			t.Errorf("program %d: %+v, want %s", i, r, want)
		}
	}
}

// FuzzFrames: a program can write what it likes into the judge's channel.
func FuzzFrames(f *testing.F) {
	f.Add(appendFrame(nil, replyDone))
	f.Add(appendFrame(nil, replyRaised, []byte("e"), []byte("ValueError"), []byte("\x1b[2J\n")))
	f.Add(appendFrame(nil, replyValue, []byte("N")))
	f.Add([]byte{255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := readFrame(strings.NewReader(string(b)), 1<<16)
		if err != nil {
			return
		}
		if again := appendFrame(nil, fr.op, fr.fields...); !strings.HasPrefix(string(b), string(again)) {
			t.Errorf("%q reads as %q", b, again)
		}
		for _, r := range []Result{failed(fr), asserted(fr)} {
			if r.Kind == "" || r.Kind == judge.Passed || strings.ContainsAny(r.Reason, "\n\x1b") {
				t.Errorf("%q: %+v", b, r)
			}
		}
		if r, _ := value(fr); r.Kind == judge.Passed || (r.Value == nil) == (r.Kind == "") {
			t.Errorf("%q: %+v", b, r)
		}
	})
}
