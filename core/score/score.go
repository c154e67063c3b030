// Package score judges programs as the public benchmarks mean it: what a
// program did comes from the Python executor, whether that will do is decided
// here, outside the program's process.
//
// Where a benchmark publishes no expected values (HumanEval+, MBPP+), they are
// what its reference returns in the same sandbox; they are kept on disk by the
// hash of everything they depend on.
package score

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"ra3/core/judge"
	"ra3/core/judge/python"
	"ra3/core/judge/pyvalue"
	"ra3/core/tasks"
)

// Runner runs programs: the Python executor's pool.
type Runner interface {
	Do(ctx context.Context, job python.Job) (python.Outcome, error)
	Interpreter() python.Interpreter
}

// Options of a Scorer.
type Options struct {
	// CacheDir is where expected values are kept; "" keeps them in a temporary
	// folder until Close.
	CacheDir string
	// TimeScale multiplies all limits of time, for machines slower than the
	// benchmarks' owners had in mind; 0 is 1.
	TimeScale float64
	// Once takes a timeout for final. By default a program that runs out of time
	// gets a second chance, since the machine may have been busy or asleep.
	Once bool
	// Now measures how long a reference takes; nil leaves that out of limits.
	Now func() time.Time
}

// Scorer judges programs. Its methods may be called concurrently.
type Scorer struct {
	run   Runner
	opt   Options
	cache cache
	temp  string

	mu       sync.Mutex
	problems map[*tasks.Problem]*prepared
}

// New makes a scorer that runs programs with run. Close it.
func New(run Runner, opt Options) (*Scorer, error) {
	if opt.TimeScale == 0 {
		opt.TimeScale = 1
	}
	if !(opt.TimeScale >= 0.1 && opt.TimeScale <= 1000) {
		return nil, fmt.Errorf("score: times of %g of the usual are outside 0.1 to 1000; choose one within", opt.TimeScale)
	}
	s := &Scorer{run: run, opt: opt, problems: map[*tasks.Problem]*prepared{}}
	dir := opt.CacheDir
	var err error
	if dir == "" {
		if s.temp, err = os.MkdirTemp("", "ra3-expected-"); err != nil {
			return nil, fmt.Errorf("score: %w", err)
		}
		dir = s.temp
	}
	s.cache, err = newCache(dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("score: %w", err), s.Close())
	}
	return s, nil
}

// Close removes what the scorer kept for itself.
func (s *Scorer) Close() error {
	if s.temp == "" {
		return nil
	}
	return os.RemoveAll(s.temp)
}

// Verdict is how a program fared on a problem.
type Verdict struct {
	Kind   judge.Kind // of the first group that was not passed
	Reason string
	Groups []Group // those judged, up to the first that was not passed
	// Weaker tells that the tests ran in the program's own process, which a
	// program written for it could deceive.
	Weaker  bool
	Seconds float64 // wall time of the program, without the interpreter's start
}

// Passed tells whether all groups were passed.
func (v *Verdict) Passed() bool { return v.Kind == judge.Passed }

// Group is how a program fared on a group of tests.
type Group struct {
	Name   string     `json:"name"`
	Kind   judge.Kind `json:"kind"`
	Reason string     `json:"reason,omitempty"`
	Passed int        `json:"passed"` // tests, in order up to the first that was not
	Total  int        `json:"total"`
}

// fail notes the first failure.
func (g *Group) fail(kind judge.Kind, format string, a ...any) {
	if g.Kind == judge.Passed || g.Kind == "" {
		g.Kind, g.Reason = kind, fmt.Sprintf(format, a...)
	}
}

// Judge runs a program on a problem's tests. Errors are for what keeps it from
// running (the sandbox, the disk, ctx, a reference without values); whatever the
// program does is a verdict.
func (s *Scorer) Judge(ctx context.Context, p *tasks.Problem, source string) (Verdict, error) {
	v := Verdict{Kind: judge.Passed}
	if len(p.Groups) == 0 {
		return v, fmt.Errorf("score: problem %s has no tests", p.ID)
	}
	pre, err := s.prepare(ctx, p)
	if err != nil {
		return v, err
	}
	v.Weaker = pre.sameProcess
	for i := range p.Groups {
		g, seconds, err := s.twice(ctx, p, pre, i, source)
		if err != nil {
			return v, fmt.Errorf("score: problem %s: %w", p.ID, err)
		}
		v.Groups = append(v.Groups, g)
		v.Seconds += seconds
		if g.Kind != judge.Passed {
			v.Kind, v.Reason = g.Kind, g.Reason
			if len(p.Groups) > 1 {
				v.Reason = g.Name + " " + g.Reason
			}
			break
		}
	}
	return v, nil
}

// twice judges a group, and again if it ran out of time.
func (s *Scorer) twice(ctx context.Context, p *tasks.Problem, pre *prepared, i int, source string) (Group, float64, error) {
	g, seconds, err := s.group(ctx, p, pre, i, source)
	if err == nil && g.Kind == judge.Timeout && !s.opt.Once {
		return s.group(ctx, p, pre, i, source)
	}
	return g, seconds, err
}

func (s *Scorer) group(ctx context.Context, p *tasks.Problem, pre *prepared, i int, source string) (Group, float64, error) {
	g := Group{Name: p.Groups[i].Name, Total: p.Groups[i].Tests()}
	var seconds float64
	var err error
	switch t := &p.Groups[i]; {
	case t.Calls != nil:
		seconds, err = s.calls(ctx, p, t.Calls, pre.wanted(i), source, &g)
	case t.Assert != nil:
		seconds, err = s.assert(ctx, p, t.Assert, pre.sameProcess, source, &g)
	case t.Stdio != nil:
		seconds, err = s.stdio(ctx, p, t.Stdio, source, &g)
	default:
		err = errors.New("a group without tests")
	}
	return g, seconds, err
}

// limits are a problem's, scaled.
func (s *Scorer) limits(p *tasks.Problem, slowest time.Duration) python.Limits {
	scale := func(d time.Duration) time.Duration { return time.Duration(float64(d) * s.opt.TimeScale) }
	l := python.Limits{PerTest: scale(max(p.Limits.Test, 4*slowest)), Total: scale(p.Limits.Program), MemoryMB: p.Limits.MemoryMB, MaxOutput: maxOutput}
	if l.Total == 0 && l.PerTest > 0 {
		// No limit for all tests together: what they may take one by one.
		tests := 1
		for i := range p.Groups {
			tests = max(tests, p.Groups[i].Tests())
		}
		l.Total = l.PerTest * time.Duration(tests+1)
	}
	if l.PerTest == 0 {
		l.PerTest = l.Total
	}
	if l.MemoryMB > 0 {
		// What a contest allows a program, the interpreter has beside it.
		l.MemoryMB = max(l.MemoryMB, minMemoryMB)
	}
	return l
}

const (
	// maxOutput bounds a value: the largest expected one is 9 MB.
	maxOutput = 48 << 20
	// minMemoryMB is address space, of which Python takes a part unused.
	minMemoryMB = 256
)

// shown is how much of a value a reason holds.
const shown = 60

// calls judges calls of the entry.
func (s *Scorer) calls(ctx context.Context, p *tasks.Problem, c *tasks.Calls, want *wanted, source string, g *Group) (float64, error) {
	if want != nil && want.fault != "" {
		return 0, fmt.Errorf("its reference gives no values to compare with (%s): leave its samples out", want.fault)
	}
	if len(c.Args) == 0 {
		g.Kind = judge.Passed
		return 0, nil
	}
	next, done, err := s.expected(c, want)
	if err != nil {
		return 0, err
	}
	defer done()
	var broken error
	job := python.Job{ID: p.ID, Source: source, Form: python.Calls, Entry: entry(p, source), Args: c.Args, Forget: true}
	if want != nil {
		job.Limits = s.limits(p, want.slowest)
	} else {
		job.Limits = s.limits(p, 0)
	}
	job.Continue = func(test int, r python.Result) bool {
		if test == 0 { // also when a lost program is begun anew
			*g = Group{Name: g.Name, Total: g.Total, Kind: judge.Passed}
		}
		if r.Kind != "" {
			g.fail(r.Kind, "test %d: %s", test+1, r.Reason)
			return false
		}
		w, err := next(test)
		if err != nil {
			broken = err
			return false
		}
		if !accepts(c, c.Args[test], r.Value, w) {
			args := pyvalue.Repr(pyvalue.Tuple(c.Args[test]), shown)
			g.fail(judge.Wrong, "test %d: of %s want %s, got %s", test+1, args, pyvalue.Repr(w, shown), pyvalue.Repr(r.Value, shown))
			return false
		}
		g.Passed++
		return true
	}
	out, err := s.run.Do(ctx, job)
	if err == nil {
		err = broken
	}
	if err != nil {
		return 0, err
	}
	g.close(out)
	return out.Duration.Seconds(), nil
}

// close makes a group whose tests did not all run a failure.
func (g *Group) close(out python.Outcome) {
	if g.Kind == "" {
		g.Kind = judge.Passed
	}
	if g.Passed == g.Total || g.Kind != judge.Passed {
		return
	}
	g.fail(judge.Crashed, "only %d of %d tests were run", len(out.Results), g.Total)
}

// assert judges statements that follow the program.
func (s *Scorer) assert(ctx context.Context, p *tasks.Problem, a *tasks.Assert, sameProcess bool, source string, g *Group) (float64, error) {
	job := python.Job{ID: p.ID, Source: source, Form: python.Asserts, Tests: a.Setup + "\n" + a.Code, SameProcess: sameProcess, Limits: s.limits(p, 0)}
	out, err := s.run.Do(ctx, job)
	if err != nil {
		return 0, err
	}
	g.Kind, g.Passed = judge.Passed, g.Total
	if len(out.Results) != 1 {
		g.Passed = 0
		g.fail(judge.Crashed, "the tests gave %d results", len(out.Results))
	} else if r := out.Results[0]; r.Kind != judge.Passed {
		g.Passed = 0
		g.fail(r.Kind, "%s", r.Reason)
		if r.Kind == "" {
			g.Kind, g.Reason = judge.Crashed, "the tests gave no verdict"
		}
	}
	return out.Duration.Seconds(), nil
}
