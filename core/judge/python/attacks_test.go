//go:build linux

package python

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

// An attack is a program that is to be answered f(3) == 42 and tries something
// else. Whatever it does: it has not passed, the verdict is of one of the kinds
// given, nothing of it is left, its limits held, and the next program is judged
// as if it had never been.
type attack struct {
	name   string
	source string
	kinds  []judge.Kind
	// value, if not nil, is what f must return: how the attack fared, by its own
	// account.
	value pyvalue.Value
	// forms are the forms it is tried in; nil: Calls.
	forms []Form
	// tests is the text for Asserts; "" is "assert f(3) == 42".
	tests string
	lim   Limits
}

// one is the list of a single kind, to keep tables narrow.
func one(k judge.Kind) []judge.Kind { return []judge.Kind{k} }

var (
	isWrong    = one(judge.Wrong)
	isError    = one(judge.Error)
	isTimeout  = one(judge.Timeout)
	isMemory   = one(judge.Memory)
	isCrashed  = one(judge.Crashed)
	everyForm  = []Form{Calls, Asserts, Stdio}
	bothForms  = []Form{Calls, Asserts}
	answer     = pyvalue.MakeInt(42)
	argument   = [][]pyvalue.Value{{pyvalue.MakeInt(3)}}
	nothing    = pyvalue.List{}
	attackTime = Limits{PerTest: 10 * time.Second, Total: 15 * time.Second, MemoryMB: 256, MaxOutput: 1 << 20}
	// hangTime is for those that are to run into it; the others need only a
	// bound that a busy machine does not reach.
	hangTime = Limits{PerTest: 300 * time.Millisecond, Total: time.Second, MemoryMB: 256, MaxOutput: 1 << 20}
)

// job is the attack as a job of a form.
func (a *attack) job(form Form) Job {
	lim := a.lim
	if lim == (Limits{}) {
		lim = attackTime
		if slices.Contains(a.kinds, judge.Timeout) {
			lim = hangTime
		}
	}
	j := Job{ID: a.name, Source: a.source, Form: form, Limits: lim}
	switch form {
	case Calls:
		j.Entry, j.Args = "f", argument
	case Asserts:
		j.Tests = a.tests
		if j.Tests == "" {
			j.Tests = "assert f(3) == 42"
		}
	case Stdio:
		j.Source += "\nprint(f(int(input())))\n"
		j.Stdin = []string{"3\n"}
	}
	return j
}

// verdict judges the only test of an outcome.
func verdict(form Form, out Outcome) (judge.Kind, string) {
	if len(out.Results) != 1 {
		return "", fmt.Sprintf("%d results", len(out.Results))
	}
	r := out.Results[0]
	pass := false
	switch form {
	case Calls:
		pass = r.Value != nil && pyvalue.Equal(r.Value, answer)
	case Stdio:
		pass = r.Stdout == "42\n"
	}
	switch {
	case r.Kind != "":
		return r.Kind, r.Reason
	case pass:
		return judge.Passed, ""
	case r.Value != nil:
		return judge.Wrong, pyvalue.Repr(r.Value, 200)
	}
	return judge.Wrong, strconv.Quote(r.Stdout)
}

// attackPool is a pool of one worker, so that the next program runs where the
// attack did.
func attackPool(t *testing.T, mode Mode) *Pool {
	t.Helper()
	return newPool(t, Options{Mode: mode, Workers: 1})
}

// here is what this machine offers, found once: it is the same for all tests.
var here = sync.OnceValues(func() (discovery, error) { return discover(context.Background(), Options{}) })

// newPool skips where this machine cannot run programs at all.
func newPool(t testing.TB, opt Options) *Pool {
	t.Helper()
	found, err := here()
	if err != nil {
		t.Skipf("programs cannot be run here: %v", err)
	}
	opt, err = opt.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	p := assemble(context.Background(), opt, found)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// current is the pool's only sandbox, which must be idle; nil if none runs.
func (p *Pool) current() *server {
	s := <-p.slots
	p.slots <- s
	return s
}

// children are the processes whose parent is pid.
func children(t testing.TB, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// The name in parentheses may hold anything.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if parent, err := strconv.Atoi(fields[1]); err == nil && parent == pid {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}

// openFiles counts this process's descriptors.
func openFiles(t testing.TB) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// written lists what lies where attacks try to write.
func written(t testing.TB) []string {
	t.Helper()
	home, _ := os.UserHomeDir()
	cwd, _ := os.Getwd()
	var all []string
	for _, dir := range []string{"/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", home, cwd} {
		names, err := filepath.Glob(filepath.Join(dir, "pwned*"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names...)
	}
	return all
}

const innocent = "def f(x):\n    return 14 * x\n"

// run tries the attacks one after the other.
func run(t *testing.T, attacks []attack) {
	t.Helper()
	p := attackPool(t, ForkServer)
	good := attack{source: innocent}
	if out, err := p.Do(t.Context(), good.job(Calls)); err != nil {
		t.Fatal(err)
	} else if kind, why := verdict(Calls, out); kind != judge.Passed {
		t.Fatalf("a right program: %s %s", kind, why)
	}
	files := openFiles(t)
	for _, a := range attacks {
		forms := a.forms
		if forms == nil {
			forms = []Form{Calls}
		}
		for _, form := range forms {
			t.Run(a.name+"/"+string(form), func(t *testing.T) {
				j := a.job(form)
				out, err := p.Do(t.Context(), j)
				if err != nil {
					t.Fatal(err)
				}
				kind, why := verdict(form, out)
				t.Log(kind, why, out.Duration.Round(time.Millisecond))
				if kind == judge.Passed {
					t.Error("it passed")
				}
				if !slices.Contains(a.kinds, kind) {
					t.Errorf("judged %s (%s), want one of %v", kind, why, a.kinds)
				}
				if form == Calls && a.value != nil && (out.Results[0].Value == nil || !pyvalue.Same(out.Results[0].Value, a.value)) {
					t.Errorf("it reached %s", why)
				}
				if most := j.Limits.Total + killGrace; out.Duration > most {
					t.Errorf("it lasted %v, beyond %v", out.Duration, most)
				}
				if s := p.current(); s != nil {
					if left := children(t, s.proc.Pid()); len(left) > 0 {
						t.Errorf("processes %v are left", left)
					}
				}
				if n := openFiles(t); n > files {
					t.Errorf("%d descriptors where there were %d", n, files)
				}
				if w := written(t); len(w) > 0 {
					t.Errorf("it wrote %v", w)
				}
				if out, err := p.Do(t.Context(), good.job(form)); err != nil {
					t.Error(err)
				} else if kind, why := verdict(form, out); kind != judge.Passed {
					t.Errorf("the next program: %s %s", kind, why)
				}
			})
		}
	}
	ours := p.current()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if ours != nil && slices.Contains(children(t, os.Getpid()), ours.proc.Pid()) {
		t.Error("the sandbox outlives its pool")
	}
}
