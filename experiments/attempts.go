package experiments

import (
	"context"
	"math/rand/v2"

	"ra3/core/judge"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/trace"
)

// attempts are sampled and judged bodies for problems.
type attempts struct {
	programs []*trace.Program
	texts    []string // by program, then sample
	verdicts []judge.Verdict
	n        int
	trials   []measure.Trials
	written  []trace.Written
	finished []bool // false where a body was cut at the token limit before it returned
}

func (a *attempts) unfinished() int {
	n := 0
	for _, f := range a.finished {
		if !f {
			n++
		}
	}
	return n
}

// failures counts the ways in which bodies failed.
func (a *attempts) failures(w *World) map[string]int {
	counts := map[string]int{}
	for i, v := range a.verdicts {
		if v.Kind != judge.Passed {
			counts[string(w.Domain.Classify(&a.programs[i/a.n].Problem, a.written[i], v.Parses(), a.finished[i]))]++
		}
	}
	return counts
}

func (a *attempts) rate() float64 { return meanPass(a.trials, 1) }

func (a *attempts) kinds() map[string]int {
	k := map[string]int{}
	for _, v := range a.verdicts {
		k[string(v.Kind)]++
	}
	return k
}

func meanPass(trials []measure.Trials, k int) float64 {
	var s float64
	ps := measure.MeanPassAtK(trials, k)
	for _, p := range ps {
		s += p / float64(len(ps))
	}
	return s
}

// attempt samples n bodies for every program's problem and judges them.
func (e *Engine) attempt(ctx context.Context, m *nn.Model, lane string, ps []*trace.Program, n int, t trace.Temperatures, topP float64, rng *rand.Rand) (*attempts, error) {
	g := e.World.Layout.Grammar(laneOf(lane).format, t)
	prompts := make([]nn.Prompt, len(ps))
	for i, p := range ps {
		prompts[i] = nn.Prompt{Tokens: p.Prompt, Start: g.Start()}
		for range n {
			prompts[i].Seeds = append(prompts[i].Seeds, rng.Uint64())
		}
	}
	samples, err := e.policy.Generate(ctx, m, prompts, g, nn.GenerateOptions{MaxNew: e.Config.Eval.MaxTokens, TopP: topP})
	if err != nil {
		return nil, err
	}
	a := &attempts{programs: ps, n: n}
	var cases []judge.Case
	for i, group := range samples {
		for _, s := range group {
			w := e.World.Layout.Parse(s.Tokens, s.Classes)
			a.texts = append(a.texts, e.World.Annotated(w))
			a.written, a.finished = append(a.written, w), append(a.finished, s.Finished)
			cases = append(cases, e.World.judgeCase(&ps[i].Problem, w.Code))
		}
	}
	if a.verdicts, err = e.pool.Judge(ctx, cases); err != nil {
		return nil, err
	}
	a.tally()
	return a, nil
}

// tally counts the bodies that passed, by problem.
func (a *attempts) tally() {
	a.trials = make([]measure.Trials, len(a.programs))
	for i := range a.trials {
		a.trials[i].N = a.n
		for _, v := range a.verdicts[i*a.n : (i+1)*a.n] {
			if v.Kind == judge.Passed {
				a.trials[i].Correct++
			}
		}
	}
}

// Annotated writes a generated body as Python, rationales as comments.
func (w *World) Annotated(x trace.Written) string {
	text := ""
	for i, line := range x.Lines {
		if len(x.Phrases[i]) > 0 {
			text += "    #" + w.Domain.Vocab.Decode(x.Phrases[i]) + "\n"
		}
		text += w.Domain.Vocab.Decode(line)
	}
	return text
}

// judgeCase is a body with the tests of its problem.
func (w *World) judgeCase(p *trace.Problem, code []int32) judge.Case {
	c := judge.Case{Source: w.Source(code), Entry: "f"}
	for _, t := range p.Tests {
		c.Inputs = append(c.Inputs, []any{values(t.In)})
		c.Want = append(c.Want, values(t.Want))
	}
	return c
}

func values(xs []int64) []any {
	vs := make([]any, len(xs))
	for i, x := range xs {
		vs[i] = x
	}
	return vs
}
