package experiments

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/judge"
	"ra3/core/nn"
	"ra3/core/rlvr"
	"ra3/core/trace"
)

// rlvrUpdate is one update of post-training, with a held-out look before the
// first, every eval_every and after the last. The initial policy is the lane's
// after mid-training; the KL to it, where no coefficient asks for it, is measured
// on the samples of updates that end in a look.
func (e *Engine) rlvrUpdate(ctx context.Context, s Stage, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.RLVR
	name := rlvrOf(s.Lane)
	m := e.st.models[name]
	r := &e.st.results
	if update == 0 {
		ho, err := e.heldOutSuccess(ctx, s, m)
		if err != nil {
			return nil, err
		}
		r.RLVR = append(r.RLVR, RLPoint{Seed: s.Seed, Lane: s.Lane, HeldOut: ptr(ho.rate()), PassK: ptr(meanPass(ho.trials, c.EvalSamples))})
	}
	look := (update+1)%c.EvalEvery == 0 || update+1 == c.Updates
	trainer := &rlvr.Trainer{Settings: c.Settings, Policy: m, Initial: e.st.models[policyOf(s.Lane)], MeasureKL: look,
		Layout: e.World.Layout, Format: laneOf(s.Lane).format, Optimiser: e.st.optimiser(name, len(m.Params.Flat)),
		Computer: e.policy, Grad: e.gradP, Threads: e.threads, Judge: e.reward}
	before := r.RLVR[len(r.RLVR)-1]
	corpus := corpus{e.World, e.Config, s.Seed}
	outcome, err := trainer.Update(ctx, func(rng *rand.Rand) (*trace.Problem, error) { return corpus.problem(rng, before.Mix) }, rng)
	if err != nil {
		return nil, err
	}
	out := outcome.Measures
	if update == 0 {
		out["heldout_start"] = float64(*before.HeldOut)
	}
	p := RLPoint{Seed: s.Seed, Lane: s.Lane, Update: update + 1, Tokens: before.Tokens + Number(out["tokens"]), Reward: Number(out["reward"])}
	if c.Mix == rlvr.MixAdaptive {
		p.Mix = before.Mix.After(outcome.Groups)
		for i, w := range p.Mix.Weights(c.Steps) {
			out[fmt.Sprintf("mix_%d", c.Steps[i])] += w
		}
	}
	if look {
		ho, err := e.heldOutSuccess(ctx, s, m)
		if err != nil {
			return nil, err
		}
		p.HeldOut, p.PassK = ptr(ho.rate()), ptr(meanPass(ho.trials, c.EvalSamples))
		out["heldout_problems"] = float64(len(ho.trials))
		out["heldout_pass@1"] = float64(*p.HeldOut)
		out[fmt.Sprintf("heldout_pass@%d", c.EvalSamples)] = float64(*p.PassK)
	}
	out["tokens_sampled"] = float64(p.Tokens)
	r.RLVR = append(r.RLVR, p)
	return out, nil
}

func ptr(x float64) *Number {
	n := Number(x)
	return &n
}

// heldOutSuccess samples a few bodies for the first held-out problems of each
// family at the temperatures of post-training; the same problems and seeds at
// every look and in every lane, so that differences are paired.
func (e *Engine) heldOutSuccess(ctx context.Context, s Stage, m *nn.Model) (*attempts, error) {
	c := e.Config.RLVR
	var ps []*trace.Program
	for _, f := range Families {
		h, err := e.heldOut(ctx, f, false, max(c.EvalProblems, e.Config.Eval.Problems, e.Config.Eval.Traces))
		if err != nil {
			return nil, err
		}
		ps = append(ps, h[:c.EvalProblems]...)
	}
	return e.attempt(ctx, m, s.Lane, ps, c.EvalSamples, c.Temperatures, 1, stream(s.Seed, "rlvr/heldout", 0))
}

// reward judges attempts for post-training: 1 if all tests pass.
func (e *Engine) reward(ctx context.Context, as []rlvr.Attempt) ([]float64, error) {
	cases := make([]judge.Case, len(as))
	for i, a := range as {
		cases[i] = e.World.judgeCase(a.Problem, a.Code)
	}
	vs, err := e.rewards.Judge(ctx, cases)
	if err != nil {
		return nil, err
	}
	rewards := make([]float64, len(vs))
	for i, v := range vs {
		if v.Kind == judge.Passed {
			rewards[i] = 1
		}
	}
	return rewards, nil
}
