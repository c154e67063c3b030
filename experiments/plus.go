package experiments

import (
	"context"
	"slices"
	"strings"

	"ra3/core/judge"
)

// plusSuffix marks a family judged on plus tests as well.
const plusSuffix = "-plus"

func plusOf(family string) string { return family + plusSuffix }

// IsPlus reports whether a family has the samples of another, judged harder.
func IsPlus(family string) bool { return strings.HasSuffix(family, plusSuffix) }

// plus judges the same bodies on many more tests: one that passed its problem's
// own must pass those too. The tests belong to the problem, whatever wrote the
// body.
func (e *Engine) plus(ctx context.Context, a *attempts) (*attempts, error) {
	b := *a
	b.verdicts = slices.Clone(a.verdicts)
	var cases []judge.Case
	var of []int
	for i, p := range a.programs {
		harder := p.Problem
		harder.Tests = e.World.Domain.PlusTests(stream(0, "plus/"+p.ID, 0), p.Steps, e.Config.Eval.PlusTests)
		for j := i * a.n; j < (i+1)*a.n; j++ {
			if a.verdicts[j].Kind == judge.Passed {
				cases, of = append(cases, e.World.judgeCase(&harder, a.written[j].Code)), append(of, j)
			}
		}
	}
	verdicts, err := e.pool.Judge(ctx, cases)
	if err != nil {
		return nil, err
	}
	for i, j := range of {
		b.verdicts[j] = verdicts[i]
	}
	b.tally()
	return &b, nil
}
