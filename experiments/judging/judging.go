// Package judging scores a file of samples against a file of problems: every
// verdict goes to disk as it falls, so that scoring goes on where it was left.
package judging

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"ra3/core/judge"
	"ra3/core/score"
	"ra3/core/tasks"
)

// Judge decides over programs: a score.Scorer.
type Judge interface {
	Judge(ctx context.Context, p *tasks.Problem, source string) (score.Verdict, error)
	Reference(ctx context.Context, p *tasks.Problem) (v score.Verdict, ok bool, err error)
}

// Request says what to score.
type Request struct {
	Set     *tasks.Set
	Samples []tasks.Sample
	// Stops cut completions; nil judges them as they are.
	Stops []string
	Jobs  int // programs at once
	// Progress, if not nil, is told how many are judged; one call at a time.
	Progress func(done, total int)
}

// Record is a line of a results file.
type Record struct {
	Task   string `json:"task_id"`
	Sample int    `json:"sample"` // among those of its task, from 0
	Line   int    `json:"line"`   // in the samples file
	// Result and Passed are as the HumanEval harness writes them.
	Result string        `json:"result"`
	Passed bool          `json:"passed"`
	Kind   judge.Kind    `json:"kind"`
	Reason string        `json:"reason,omitempty"`
	Groups []score.Group `json:"groups"`
	// Weaker: the tests ran in the program's own process.
	Weaker  bool    `json:"same_process,omitempty"`
	Stop    string  `json:"stop,omitempty"` // what the completion was cut at
	Seconds float64 `json:"seconds"`
	Program string  `json:"program_sha256"` // of the program as it was judged
}

func record(s *tasks.Sample, v score.Verdict, stop, sum string) Record {
	r := Record{Task: s.Task, Sample: s.Index, Line: s.Line, Passed: v.Passed(), Kind: v.Kind, Reason: v.Reason, Groups: v.Groups, Weaker: v.Weaker, Stop: stop, Seconds: v.Seconds, Program: sum}
	switch v.Kind {
	case judge.Passed:
		r.Result = "passed"
	case judge.Timeout:
		r.Result = "timed out"
	default:
		r.Result = "failed: " + strings.TrimSuffix(string(v.Kind)+": "+v.Reason, ": ")
	}
	return r
}

// work is a program to judge, with the samples that are it.
type work struct {
	problem *tasks.Problem
	source  string
	sum     string
	samples []int
	stops   []string // by sample
}

// plan groups samples by program, in the order of problems, leaving out those
// that are done. A program written several times is judged once.
func (q *Request) plan(done map[int]bool) []*work {
	problems := q.Set.ByID()
	byTask := map[string][]int{}
	for i := range q.Samples {
		if !done[i] {
			byTask[q.Samples[i].Task] = append(byTask[q.Samples[i].Task], i)
		}
	}
	var all []*work
	for _, p := range q.Set.Problems {
		same := map[string]*work{}
		for _, i := range byTask[p.ID] {
			source, stop := q.Samples[i].Source(q.Set, problems[p.ID], q.Stops)
			sum := Sum(source)
			w := same[sum]
			if w == nil {
				w = &work{problem: p, source: source, sum: sum}
				same[sum] = w
				all = append(all, w)
			}
			w.samples, w.stops = append(w.samples, i), append(w.stops, stop)
		}
	}
	return all
}

// Sum is the SHA-256 of a program's text, in hex.
func Sum(source string) string {
	h := sha256.Sum256([]byte(source))
	return hex.EncodeToString(h[:])
}

// Run judges the samples that results do not have yet, and adds them. When ctx
// ends, what was judged is in the file.
func Run(ctx context.Context, j Judge, q Request, results *Results) error {
	done, err := results.match(&q)
	if err != nil {
		return err
	}
	made, total := len(done), len(q.Samples)
	tell := func() {
		if q.Progress != nil {
			q.Progress(made, total)
		}
	}
	tell()
	all := q.plan(done)
	var mu sync.Mutex // guards made and the file
	return each(ctx, len(all), q.Jobs, func(ctx context.Context, i int) error {
		w := all[i]
		v, err := j.Judge(ctx, w.problem, w.source)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for k, at := range w.samples {
			if err := results.add(record(&q.Samples[at], v, w.stops[k], w.sum)); err != nil {
				return err
			}
			made++
		}
		tell()
		return nil
	})
}

// Failure is a reference that fails its own tests.
type Failure struct {
	Task   string     `json:"task_id"`
	Kind   judge.Kind `json:"kind"`
	Reason string     `json:"reason"`
}

// References is what running references gave.
type References struct {
	Passed      int       `json:"passed"`
	Failed      []Failure `json:"failed"`
	Unpublished int       `json:"unpublished"`
	// SameProcess are those that passed only in the program's own process.
	SameProcess int `json:"same_process"`
}

// Check runs the references of the set's problems, or of those with samples if
// there are any.
func Check(ctx context.Context, j Judge, q Request) (References, error) {
	with := map[string]bool{}
	for i := range q.Samples {
		with[q.Samples[i].Task] = true
	}
	var ps []*tasks.Problem
	for _, p := range q.Set.Problems {
		if len(with) == 0 || with[p.ID] {
			ps = append(ps, p)
		}
	}
	failures := make([]*Failure, len(ps))
	var mu sync.Mutex
	var r References
	done := 0
	err := each(ctx, len(ps), q.Jobs, func(ctx context.Context, i int) error {
		v, ok, err := j.Reference(ctx, ps[i])
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case !ok:
			r.Unpublished++
		case v.Passed():
			r.Passed++
			if v.Weaker {
				r.SameProcess++
			}
		default:
			failures[i] = &Failure{ps[i].ID, v.Kind, v.Reason}
		}
		if done++; q.Progress != nil {
			q.Progress(done, len(ps))
		}
		return nil
	})
	r.Failed = []Failure{}
	for _, f := range failures {
		if f != nil {
			r.Failed = append(r.Failed, *f)
		}
	}
	return r, err
}

// Err is the refusal to score where references fail, or nil.
func (r References) Err(set *tasks.Set) error {
	if len(r.Failed) > 0 {
		f := r.Failed[0]
		return fmt.Errorf("%d of %d references of %s fail their own tests, the first %s (%s: %s): nothing is scored; allow more time with --time-scale, use the Python they were written for, or leave these problems out",
			len(r.Failed), len(r.Failed)+r.Passed, set.File, f.Task, f.Kind, f.Reason)
	}
	if r.Passed == 0 && r.Unpublished > 0 {
		return fmt.Errorf("%s publishes no reference solutions: leave --check-references away", set.Format)
	}
	return nil
}

// each calls f for 0 to n-1, jobs at a time, until one fails.
func each(ctx context.Context, n, jobs int, f func(ctx context.Context, i int) error) error {
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(1, min(jobs, n)) {
		wg.Go(func() {
			for i := range next {
				if err := f(run, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && run.Err() == nil; i++ {
		select {
		case next <- i:
		case <-run.Done():
		}
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.Cause(run)
}
