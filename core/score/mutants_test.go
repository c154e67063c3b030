package score

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"ra3/core/judge/pyvalue"
	"ra3/core/tasks"
)

// mutations change a program in one place.
var mutations = []struct {
	at *regexp.Regexp
	to []string
}{
	{regexp.MustCompile(` \+ `), []string{" - ", " * "}},
	{regexp.MustCompile(` - `), []string{" + "}},
	{regexp.MustCompile(` \* `), []string{" + ", " // "}},
	{regexp.MustCompile(` // `), []string{" / ", " * "}},
	{regexp.MustCompile(` % `), []string{" // "}},
	{regexp.MustCompile(` == `), []string{" != ", " >= "}},
	{regexp.MustCompile(` != `), []string{" == "}},
	{regexp.MustCompile(` <= ?`), []string{" < ", " > "}},
	{regexp.MustCompile(` < `), []string{" <= ", " > "}},
	{regexp.MustCompile(` > `), []string{" >= ", " < "}},
	{regexp.MustCompile(` and `), []string{" or "}},
	{regexp.MustCompile(` or `), []string{" and "}},
	{regexp.MustCompile(`\b[0-9]+\b`), []string{"7", "(-1)", "0", "1.0"}},
	{regexp.MustCompile(`\bTrue\b`), []string{"False"}},
	{regexp.MustCompile(`\bFalse\b`), []string{"True"}},
	{regexp.MustCompile(`return `), []string{"return None and ", "return [", "return str", "yield "}},
	{regexp.MustCompile(`\.append\(`), []string{".remove("}},
	{regexp.MustCompile(`\n( +)[a-z]`), []string{"\n${1}pass\n${1}x"}},
	{regexp.MustCompile(`\bmax\b`), []string{"min"}},
	{regexp.MustCompile(`\bsorted\b`), []string{"list"}},
	{regexp.MustCompile(`\bnot `), []string{""}},
}

// mutate changes one place after the head; "" if nothing there can be changed.
func mutate(rng *rand.Rand, source, head string) string {
	type place struct {
		from, to int
		with     string
	}
	var all []place
	for _, m := range mutations {
		for _, at := range m.at.FindAllStringSubmatchIndex(source, -1) {
			if at[0] < len(head) {
				continue
			}
			for _, to := range m.to {
				all = append(all, place{at[0], at[1], string(m.at.ExpandString(nil, to, source, at))})
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	x := all[rng.IntN(len(all))]
	return source[:x.from] + x.with + source[x.to:]
}

// byHand runs each program in plain CPython, in a process of its own, and tells
// which ran to their end.
const byHand = `
import json, os, signal, sys, time
for line in sys.stdin:
    text = json.loads(line)
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        signal.setitimer(signal.ITIMER_PROF, 5)
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        try:
            exec(compile(text, "by hand", "exec", 0, True), {"__name__": "program"})
        except BaseException:
            os._exit(1)
        os._exit(42)
    end = time.monotonic() + 120
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
    print(int(os.WIFEXITED(status) and os.WEXITSTATUS(status) == 42), flush=True)
`

// runByHand gives each program's answer.
func runByHand(t *testing.T, python string, programs []string) []bool {
	t.Helper()
	var in bytes.Buffer
	for _, p := range programs {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(b, '\n'))
	}
	cmd := exec.Command(python, "-c", byHand)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Fields(string(out))
	if len(answers) != len(programs) {
		t.Fatalf("%d answers for %d programs", len(answers), len(programs))
	}
	passed := make([]bool, len(answers))
	for i, a := range answers {
		passed[i] = a == "1"
	}
	return passed
}

// whole is a program with its tests as one text for plain Python. Calls compare
// as EvalPlus does, written out in Python.
func whole(t *testing.T, p *tasks.Problem, source string) string {
	if a := p.Groups[0].Assert; a != nil {
		return source + "\n" + a.Setup + "\n" + a.Code
	}
	var args []string
	for _, g := range p.Groups {
		for _, a := range g.Calls.Args {
			args = append(args, pyvalue.Repr(pyvalue.List(a), 1<<20))
		}
	}
	c := p.Groups[0].Calls
	atol := pyvalue.Repr(pyvalue.Float(c.Atol), 40)
	return `
import copy
def load(text):
    space = {"__name__": "program"}
    exec(text, space)
    return space["` + p.Entry + `"]
right, mine = load(` + pyvalue.Repr(pyvalue.Str(p.Reference), 1<<20) + `), load(` + pyvalue.Repr(pyvalue.Str(source), 1<<20) + `)
def close(a, b, atol):
    if type(a) in (list, tuple) and type(b) in (list, tuple):
        return len(a) == len(b) and all(close(x, y, atol) for x, y in zip(a, b))
    return abs(a - b) <= atol + 1e-7 * abs(b)
for args in [` + strings.Join(args, ",\n") + `]:
    want = right(*copy.deepcopy(args))
    got = mine(*copy.deepcopy(args))
    if "` + string(c.Oracle) + `" == "root":
        assert abs(sum(c * got ** i for i, c in enumerate(args[0]))) <= ` + atol + `
        continue
    floats = type(want) is float or type(want) in (list, tuple) and want and all(type(x) is float for x in want)
    atol = ` + atol + ` or (1e-6 if floats else 0)
    assert got == want or atol and type(got) is type(want) and close(got, want, atol)
`
}

// Mutated references are judged as plain CPython judges them, run by hand.
func TestMutants(t *testing.T) {
	wrong := 0
	for _, x := range []struct {
		file string
		n    int
	}{{"HumanEval.jsonl", 200}, {"mbpp.jsonl", 200}, {"HumanEvalPlus-v0.1.10.jsonl.gz", 80}} {
		t.Run(x.file, func(t *testing.T) {
			set := published(t, x.file)
			s := scorer(t, 2, Options{TimeScale: 8, Once: true})
			rng := rand.New(rand.NewPCG(1, 2))
			var ps []*tasks.Problem
			var sources, programs []string
			for len(ps) < x.n {
				p := set.Problems[rng.IntN(len(set.Problems))]
				if heavy[p.ID] {
					continue
				}
				m := mutate(rng, p.Reference, p.Head)
				if m == "" {
					continue
				}
				ps, sources, programs = append(ps, p), append(sources, m), append(programs, whole(t, p, m))
			}
			right := runByHand(t, s.run.Interpreter().Path, programs)
			var differ atomic.Int64
			eachOf(len(ps), 2, func(i int) {
				v, err := s.Judge(context.Background(), ps[i], sources[i])
				if err != nil {
					t.Errorf("%s: %v", ps[i].ID, err)
					return
				}
				if v.Passed() != right[i] {
					differ.Add(1)
					t.Errorf("%s: %s (%s), by hand %v:\n%s", ps[i].ID, v.Kind, v.Reason, right[i], sources[i])
				}
			})
			fails := 0
			for _, r := range right {
				if !r {
					fails++
				}
			}
			wrong += fails
			t.Logf("%d mutants, %d of them wrong by hand; %d judged otherwise", len(ps), fails, differ.Load())
		})
	}
	t.Logf("%d wrong programs in all", wrong)
	if os.Getenv("RA3_DATA") != "" && wrong < 300 {
		t.Errorf("%d wrong programs, want 300 or more", wrong)
	}
}

// heavy are tasks whose references take seconds: whether they end in time is a
// matter of the machine.
var heavy = map[string]bool{"HumanEval/15": true, "HumanEval/36": true, "HumanEval/59": true, "HumanEval/83": true, "HumanEval/94": true, "HumanEval/130": true, "HumanEval/139": true, "123": true}
