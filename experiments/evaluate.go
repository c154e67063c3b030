package experiments

import (
	"context"
	"math/rand/v2"

	"ra3/core/judge"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// SampleRecord is a line of samples.jsonl.
type SampleRecord struct {
	Seed       int    `json:"seed"`
	Lane       string `json:"lane"`
	Phase      string `json:"phase"`
	Problem    string `json:"problem"`
	Sample     int    `json:"sample"`
	Many       bool   `json:"many,omitempty"` // at the temperatures for pass@k with k above 1
	Completion string `json:"completion"`     // body, rationales as comments
}

// VerdictRecord is a line of verdicts.jsonl, in the order of samples.jsonl.
type VerdictRecord struct {
	Seed    int    `json:"seed"`
	Lane    string `json:"lane"`
	Phase   string `json:"phase"`
	Problem string `json:"problem"`
	Sample  int    `json:"sample"`
	Many    bool   `json:"many,omitempty"`
	judge.Verdict
}

// evaluate does one unit of a lane's held-out evaluation on a named model.
func (e *Engine) evaluate(ctx context.Context, s Stage, update int, model string, after bool) (map[string]float64, error) {
	u := evalUnits(e.Config, after)[update]
	m := e.st.models[model]
	label := u.family
	if u.long {
		label += "-long"
	}
	ps, err := e.heldOut(ctx, u.family, u.long, max(u.to, e.Config.Eval.Problems, e.Config.Eval.Traces))
	if err != nil {
		return nil, err
	}
	key := s.Key() + "/" + u.kind + "/" + label
	switch u.kind {
	case "traces":
		t, err := e.traceMeasures(ctx, m, ps[:u.to], laneOf(s.Lane), stream(s.Seed, key, 0))
		if err != nil {
			return nil, err
		}
		e.st.results.Traces = append(e.st.results.Traces, TraceResult{s.Seed, s.Lane, after, label, t})
		return t.measures(), nil
	case "prune":
		n := e.Config.Eval.PruneSamples
		full, err := e.attempt(ctx, m, s.Lane, ps[u.from:u.to], n, trace.Unit(), 1, stream(s.Seed, key, u.from))
		if err != nil {
			return nil, err
		}
		cut, err := e.attempt(ctx, m, s.Lane, ps[u.from:u.to], n, trace.Unit(), measure.EffectiveMass, stream(s.Seed, key, u.from))
		if err != nil {
			return nil, err
		}
		r := e.st.results.prune(s.Seed, s.Lane, after, label)
		r.Full, r.Cut = append(r.Full, full.trials...), append(r.Cut, cut.trials...)
		return map[string]float64{"pass@1_full": full.rate(), "pass@1_cut": cut.rate()}, nil
	}
	results, many := &e.st.results, u.kind == "many"
	t := results.temperatures(e.Config, s.Seed, s.Lane, many)
	if many && t == results.temperatures(e.Config, s.Seed, s.Lane, false) {
		// One setting is best for both: the samples are already there.
		labels := []string{label}
		if e.Config.Eval.PlusTests > 0 && !u.long {
			labels = append(labels, plusOf(label))
		}
		for _, label := range labels {
			done := results.pass(s.Seed, s.Lane, after, false, label).Trials[u.from:u.to]
			r := results.pass(s.Seed, s.Lane, after, true, label)
			r.Trials = append(r.Trials, done...)
		}
		return map[string]float64{"problems": float64(u.to)}, nil
	}
	a, err := e.attempt(ctx, m, s.Lane, ps[u.from:u.to], e.Config.Eval.Samples, t, 1, stream(s.Seed, key, u.from))
	if err != nil {
		return nil, err
	}
	if err := e.record(s, many, a); err != nil {
		return nil, err
	}
	var plus *attempts
	if e.Config.Eval.PlusTests > 0 && !u.long {
		if plus, err = e.plus(ctx, a); err != nil {
			return nil, err
		}
	}
	if !after && !many {
		if err := e.readPrompts(ctx, s.Seed, label, ps[u.from:u.to], u.from); err != nil {
			return nil, err
		}
	}
	r := results.pass(s.Seed, s.Lane, after, many, label)
	r.add(e.World, a)
	out := map[string]float64{"unfinished": float64(a.unfinished()) / float64(len(a.texts)), "problems": float64(len(r.Trials)), "pass@1": meanPass(r.Trials, 1)}
	if plus != nil {
		r := results.pass(s.Seed, s.Lane, after, many, plusOf(label))
		r.add(e.World, plus)
		out["pass@1_plus"] = meanPass(r.Trials, 1)
	}
	return out, nil
}

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

// record appends samples and verdicts to the run's files.
func (e *Engine) record(s Stage, many bool, a *attempts) error {
	if e.run == nil {
		return nil
	}
	if err := e.trim(); err != nil {
		return err
	}
	samples := make([]SampleRecord, len(a.texts))
	verdicts := make([]VerdictRecord, len(a.texts))
	for i := range a.texts {
		p := a.programs[i/a.n]
		samples[i] = SampleRecord{s.Seed, s.Lane, s.Phase, p.ID, i % a.n, many, a.texts[i]}
		verdicts[i] = VerdictRecord{s.Seed, s.Lane, s.Phase, p.ID, i % a.n, many, a.verdicts[i]}
	}
	if err := store.AppendJSONL(e.run, store.SamplesFile, samples...); err != nil {
		return err
	}
	e.records.samples += len(samples)
	if err := store.AppendJSONL(e.run, store.VerdictsFile, verdicts...); err != nil {
		return err
	}
	e.records.verdicts += len(verdicts)
	return nil
}
