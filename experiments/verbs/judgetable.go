package verbs

import (
	"fmt"
	"strings"
	"time"

	"ra3/core/judge"
	"ra3/experiments/judging"
)

// printScores prints what a scoring found, and says what limits it.
func (e *Env) printScores(o judgeFlags, s judging.Summary) error {
	if s.Problems < s.Of {
		e.note("note: samples for %d of %d problems; pass@k is over those %d, which is no score of the whole benchmark", s.Problems, s.Of, s.Problems)
	}
	for _, k := range s.Omitted {
		e.note("note: pass@%d is left out: some problem has only %d samples", k, s.Least)
	}
	if s.Weaker > 0 {
		e.note("note: the tests of %d samples ran in the program's own process, as their problems need; a program written against that could pass without being right", s.Weaker)
	}
	if o.json {
		return e.printJSON(s)
	}
	return e.print(scoreTable(s))
}

func scoreTable(s judging.Summary) string {
	ks := sortedKeys(s.Pass)
	t := &columns{layout: "l" + strings.Repeat("l", len(ks)) + "r"}
	head := []string{"tests"}
	for _, k := range ks {
		head = append(head, fmt.Sprintf("pass@%d", k))
	}
	t.row(append(head, "problems")...)
	line := func(name string, by map[int]judging.Estimate) {
		cells, n := []string{name}, 0
		for _, k := range ks {
			e := by[k]
			text := number("%.4f", e.Mean)
			if lo := number("%.4f", e.Lo); lo != "-" {
				text += " [" + lo + ", " + number("%.4f", e.Hi) + "]"
			}
			cells, n = append(cells, text), e.N
		}
		t.row(append(cells, fmt.Sprint(n))...)
	}
	for _, g := range sortedKeys(s.Groups) {
		line(g, s.Groups[g])
	}
	name := "all"
	if _, plus := s.Groups["base"]; plus {
		name = "plus"
	}
	if len(ks) > 0 {
		line(name, s.Pass)
	}
	var kinds []string
	for _, k := range []judge.Kind{judge.Passed, judge.Wrong, judge.Error, judge.Timeout, judge.Memory, judge.Refused, judge.Crashed} {
		if n := s.Verdicts[k]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", n, k))
		}
	}
	text := fmt.Sprintf("%s: %d samples: %s\n", s.Manifest.Tasks, s.Samples, strings.Join(kinds, ", "))
	if len(ks) > 0 {
		text += t.String() + "Intervals: 95% bootstrap over problems.\n"
	}
	return text + "Verdicts with reasons: " + s.Results + "\n"
}

// steps is progress of a count: a bar on a terminal, a line now and then
// elsewhere.
type steps struct {
	*progress
	what string
	said time.Time
}

// sayEvery is the least time between two lines of a count.
const sayEvery = 10 * time.Second

func (e *Env) newSteps(what string) *steps { return &steps{e.newProgress(), what, time.Now()} }

func (s *steps) step(done, total int) {
	text := fmt.Sprintf("%s %d/%d", s.what, done, total)
	s.bar(done, total, text)
	if !s.env.StderrTTY && time.Since(s.said) >= sayEvery {
		s.said = time.Now()
		s.line("%s", text)
	}
}
