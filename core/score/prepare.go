package score

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"ra3/core/judge"
	"ra3/core/judge/python"
	"ra3/core/judge/pyvalue"
	"ra3/core/tasks"
)

// prepared is what judging a problem takes beside the problem.
type prepared struct {
	once sync.Mutex
	done bool
	// sameProcess: its tests need more of a program than functions on plain
	// values, as its reference shows, so they run in the program's process.
	sameProcess bool
	// fault is why the reference fails its own tests; "" if it does not, or there
	// is none.
	fault     string
	faultKind judge.Kind
	values    map[int]*wanted // by group, of those without published values
}

func (p *prepared) wanted(group int) *wanted { return p.values[group] }

// wanted is what a reference returned for a group's tests.
type wanted struct {
	path    string
	offsets []int64 // of the values in the file, and its end
	slowest time.Duration
	fault   string // why there are no values
}

// prepare finds out once what judging p takes.
func (s *Scorer) prepare(ctx context.Context, p *tasks.Problem) (*prepared, error) {
	s.mu.Lock()
	pre := s.problems[p]
	if pre == nil {
		pre = &prepared{values: map[int]*wanted{}}
		s.problems[p] = pre
	}
	s.mu.Unlock()
	pre.once.Lock()
	defer pre.once.Unlock()
	if pre.done || p.Reference == "" {
		return pre, nil
	}
	for i := range p.Groups {
		var err error
		switch g := &p.Groups[i]; {
		case g.Calls != nil && g.Calls.Want == nil:
			pre.values[i], err = s.reference(ctx, p, i)
		case g.Assert != nil && !pre.sameProcess && pre.fault == "":
			pre.sameProcess, pre.faultKind, pre.fault, err = s.where(ctx, p, g.Assert)
		}
		if err != nil {
			return nil, fmt.Errorf("score: reference of %s: %w", p.ID, err)
		}
	}
	pre.done = true
	return pre, nil
}

// where finds out in which process a problem's assertions can run: beside the
// program, where the program cannot reach them, if its reference passes there.
func (s *Scorer) where(ctx context.Context, p *tasks.Problem, a *tasks.Assert) (same bool, kind judge.Kind, fault string, err error) {
	key := s.cache.key("where", s.run.Interpreter().Version, p.Reference, a.Setup, a.Code)
	if answer, ok := s.cache.note(key); ok {
		return answer == "same", "", "", nil
	}
	for _, same := range []bool{false, true} {
		var g Group
		for range 2 {
			g = Group{Total: 1}
			if _, err := s.assert(ctx, p, a, same, p.Reference, &g); err != nil {
				return false, "", "", err
			}
			if g.Kind != judge.Timeout {
				break
			}
		}
		if g.Kind == judge.Passed {
			answer := "beside"
			if same {
				answer = "same"
			}
			return same, "", "", s.cache.setNote(key, answer)
		}
		kind, fault = g.Kind, cmp.Or(g.Reason, "no reason given")
	}
	return false, kind, fault, nil // not kept: a busy machine may have done it
}

// referenceTime is what a reference may take for a test: it is known to end.
const referenceTime = 60 * time.Second

// reference runs a problem's reference on a group's tests and keeps what it
// returns.
func (s *Scorer) reference(ctx context.Context, p *tasks.Problem, group int) (*wanted, error) {
	c := p.Groups[group].Calls
	parts := []string{"values", s.run.Interpreter().Version, p.Reference, p.Entry}
	for _, args := range c.Args {
		b, err := pyvalue.Append(nil, pyvalue.List(args))
		if err != nil {
			return nil, fmt.Errorf("its %s inputs: %w", p.Groups[group].Name, err)
		}
		parts = append(parts, string(b))
	}
	key := s.cache.key(parts...)
	if w, ok := s.cache.values(key, len(c.Args)); ok {
		return w, nil
	}
	if len(c.Args) == 0 {
		return &wanted{}, nil
	}
	job := python.Job{ID: p.ID, Source: p.Reference, Form: python.Calls, Entry: entry(p, p.Reference), Args: c.Args, Forget: true,
		Limits: python.Limits{PerTest: referenceTime, Total: time.Hour, MemoryMB: p.Limits.MemoryMB, MaxOutput: maxOutput}}
	w := &wanted{}
	out, err := s.cache.write(key, w, func(add func([]byte) error) (python.Outcome, error) {
		var broken error
		var before time.Time
		if s.opt.Now != nil {
			before = s.opt.Now()
		}
		first := true
		job.Continue = func(test int, r python.Result) bool {
			switch {
			case test == 0 && !first:
				broken = fmt.Errorf("it was lost half way: try again")
				return false
			case r.Kind != "":
				w.fault = fmt.Sprintf("%s test %d: %s: %s", p.Groups[group].Name, test+1, r.Kind, r.Reason)
				return false
			}
			first = false
			if s.opt.Now != nil {
				now := s.opt.Now()
				if test > 0 { // the first has the interpreter's start in it
					w.slowest = max(w.slowest, now.Sub(before))
				}
				before = now
			}
			b, err := pyvalue.Append(nil, r.Value)
			if err == nil {
				err = add(b)
			}
			broken = err
			return err == nil
		}
		out, err := s.run.Do(ctx, job)
		if err == nil {
			err = broken
		}
		return out, err
	})
	if err != nil {
		return nil, err
	}
	if w.fault == "" && len(w.offsets) != len(c.Args)+1 {
		w.fault = fmt.Sprintf("%s: only %d of %d tests were run", p.Groups[group].Name, len(out.Results), len(c.Args))
	}
	return w, nil
}

// entry names what is called: a method where the program has LeetCode's class.
func entry(p *tasks.Problem, source string) string {
	if p.InClass && strings.Contains(source, "class Solution") {
		return "Solution." + p.Entry
	}
	return p.Entry
}

// Reference judges a problem's own reference, twice over where its values are
// the expected ones: what differs from run to run cannot be scored. ok is false
// where none is published.
func (s *Scorer) Reference(ctx context.Context, p *tasks.Problem) (v Verdict, ok bool, err error) {
	if p.Reference == "" {
		return Verdict{}, false, nil
	}
	pre, err := s.prepare(ctx, p)
	if err != nil {
		return Verdict{}, true, err
	}
	for i := range p.Groups {
		if w := pre.wanted(i); w != nil && w.fault != "" {
			return Verdict{Kind: judge.Error, Reason: w.fault}, true, nil
		}
	}
	if pre.fault != "" {
		return Verdict{Kind: pre.faultKind, Reason: pre.fault}, true, nil
	}
	v, err = s.Judge(ctx, p, p.Reference)
	return v, true, err
}

var order = binary.LittleEndian
