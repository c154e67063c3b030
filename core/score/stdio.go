package score

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ra3/core/judge"
	"ra3/core/judge/python"
	"ra3/core/tasks"
)

// stdio judges a whole program by what it prints.
func (s *Scorer) stdio(ctx context.Context, p *tasks.Problem, t *tasks.Stdio, source string, g *Group) (float64, error) {
	if len(t.Cases) == 0 {
		g.Kind = judge.Passed
		return 0, nil
	}
	job := python.Job{ID: p.ID, Source: source, Form: python.Stdio, Limits: s.limits(p, 0)}
	for _, c := range t.Cases {
		job.Stdin = append(job.Stdin, c.In)
	}
	var printed []string
	job.Continue = func(test int, r python.Result) bool {
		if test == 0 {
			*g = Group{Name: g.Name, Total: g.Total, Kind: judge.Passed}
			printed = printed[:0]
		}
		switch {
		case r.Kind != "":
			g.fail(r.Kind, "test %d: %s", test+1, r.Reason)
			return false
		case t.Checker != "":
			printed = append(printed, r.Stdout)
			return true
		case !sameText(t.Compare, r.Stdout, t.Cases[test].Out):
			g.fail(judge.Wrong, "test %d: want %s, got %s", test+1, quote(t.Cases[test].Out), quote(r.Stdout))
			return false
		}
		g.Passed++
		return true
	}
	out, err := s.run.Do(ctx, job)
	if err != nil {
		return 0, err
	}
	if t.Checker != "" {
		if err := s.check(ctx, p, t, printed, g); err != nil {
			return 0, err
		}
	}
	g.close(out)
	return out.Duration.Seconds(), nil
}

// quote shows text in a reason.
func quote(s string) string {
	const limit = shown
	s = strings.TrimSpace(s)
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "..."
	}
	return strconv.Quote(s)
}

//go:embed checker.py
var checkerHead string

// checkerLimits are for one decision of a checker.
var checkerLimits = python.Limits{PerTest: 10 * time.Second, Total: time.Hour, MemoryMB: 1024, MaxOutput: 1 << 20}

// checkerInput is what a checker is given, as the three files it opens.
type checkerInput struct {
	Input    string `json:"input"`
	Expected string `json:"expected"`
	Output   string `json:"output"`
}

// check lets the problem's checker decide over what a program printed. It runs
// in a sandbox of its own: the program's output is all that it sees of it.
func (s *Scorer) check(ctx context.Context, p *tasks.Problem, t *tasks.Stdio, printed []string, g *Group) error {
	if len(printed) == 0 {
		return nil
	}
	source, err := json.Marshal(t.Checker)
	if err != nil {
		return err
	}
	job := python.Job{ID: p.ID, Source: checkerHead + "\nrun(" + string(source) + ")\n", Form: python.Stdio, Limits: checkerLimits}
	for i, out := range printed {
		b, err := json.Marshal(checkerInput{t.Cases[i].In, t.Cases[i].Out, out})
		if err != nil {
			return err
		}
		job.Stdin = append(job.Stdin, string(b))
	}
	// A program that failed a later test first failed those before, if it did.
	before := *g
	decided := Group{Name: g.Name, Total: g.Total, Kind: judge.Passed}
	job.Continue = func(test int, r python.Result) bool {
		if test == 0 {
			decided = Group{Name: g.Name, Total: g.Total, Kind: judge.Passed}
		}
		switch {
		case r.Kind != "":
			decided.fail(judge.Error, "test %d: the checker fails (%s: %s)", test+1, r.Kind, r.Reason)
			return false
		case strings.TrimSpace(r.Stdout) != "1":
			decided.fail(judge.Wrong, "test %d: the checker refuses %s", test+1, quote(printed[test]))
			return false
		}
		decided.Passed++
		return true
	}
	if _, err := s.run.Do(ctx, job); err != nil {
		return fmt.Errorf("checker: %w", err)
	}
	*g = decided
	if decided.Kind == judge.Passed && before.Kind != judge.Passed {
		g.Kind, g.Reason = before.Kind, before.Reason
	}
	return nil
}
