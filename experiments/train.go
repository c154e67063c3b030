package experiments

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/ra3"
	"ra3/core/trace"
)

// warmup updates of every schedule, and the share of the peak it ends at.
const (
	warmup = 30
	floor  = 0.1
)

// maxGap bounds the random distance between prompt and body in training, so
// that programs longer than trained are not lost to positions alone.
const maxGap = 64

// advance makes one update of a stage. It must change nothing when it fails.
func (e *Engine) advance(ctx context.Context, s Stage, update int) (map[string]float64, error) {
	rng := stream(s.Seed, e.salt+s.Key(), update)
	switch s.Phase {
	case PhasePretrain:
		return e.pretrain(ctx, update, rng)
	case PhaseSampler:
		return e.startSampler(ctx, s, update, rng)
	case PhaseM:
		return e.mUpdate(ctx, s, update, rng)
	case PhaseE:
		return e.eUpdate(ctx, s, update, rng)
	case PhaseAnnotate:
		return e.annotate(ctx, s, update)
	case PhaseTune:
		return e.tune(ctx, s, update)
	case PhaseEval:
		return e.evaluate(ctx, s, update, policyOf(s.Lane), false)
	case PhaseEvalRL:
		return e.evaluate(ctx, s, update, rlvrOf(s.Lane), true)
	case PhaseRLVR:
		return e.rlvrUpdate(ctx, s, update, rng)
	}
	return nil, fmt.Errorf("engine: phase %q is unknown", s.Phase)
}

// mstep is next-token prediction on a policy with a named optimiser.
func (e *Engine) mstep(policy *nn.Model, optimiser string, tokens int) *ra3.MStep {
	return &ra3.MStep{Policy: policy, Layout: e.World.Layout, Optimiser: e.st.optimiser(optimiser, len(policy.Params.Flat)),
		Computer: e.policy, Grad: e.gradP, Threads: e.threads, Tokens: tokens, MaxGap: maxGap}
}

func (e *Engine) pretrain(ctx context.Context, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.Base
	m := e.mstep(e.st.models["base"], "base", c.Tokens)
	m.Layout = e.World.Commented
	draw := func(rng *rand.Rand) ra3.Example {
		i := rng.IntN(len(e.seed.base))
		p := e.seed.base[i]
		if e.seed.commented[i] {
			return ra3.Example{Program: p, Annotation: p.Comments()}
		}
		return ra3.Example{Program: p}
	}
	return m.Update(ctx, draw, optim.Cosine(c.LearningRate, update, warmup, c.Updates, floor), rng)
}

// startSampler trains q by next-decision prediction: on commented base programs
// or, for codes, on clusters of mid-training lines.
func (e *Engine) startSampler(ctx context.Context, s Stage, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.Sampler
	q := e.st.sampler(e.World)
	draw, err := e.samplerExamples(ctx, s)
	if err != nil {
		return nil, err
	}
	var seq trace.Sequences
	seq.Reset(trace.HindsightClasses(q.K, 1))
	for {
		x, err := draw(rng)
		if err != nil {
			return nil, err
		}
		if n := len(seq.Batch.Tokens); n > 0 && n+1+len(x.Program.Prompt)+len(x.Program.Code()) > c.Tokens {
			break
		}
		e.World.Layout.Hindsight(&seq, x.Program, x.Annotation, 1)
	}
	rows := seq.Batch.Rows
	for i := range rows {
		rows[i].Weight = 1 / float32(len(rows))
	}
	preds, err := e.hind.Gradient(ctx, q.Model, &seq.Batch, e.gradS)
	if err != nil {
		return nil, fmt.Errorf("sampler: %w", err)
	}
	o := e.st.optimiser(samplerName, len(q.Model.Params.Flat))
	norm, err := o.Update(q.Model.Params.Flat, e.gradS.Flat, optim.Cosine(c.LearningRate, update, warmup, c.Updates, floor), e.threads)
	if err != nil {
		return nil, fmt.Errorf("sampler: %w", err)
	}
	q.Model.RefreshOn(e.threads)
	var loss float64
	for _, p := range preds {
		loss -= float64(p.LogP) / float64(len(preds))
	}
	return map[string]float64{"loss_decision": loss, "grad_norm": norm, "tokens": float64(len(seq.Batch.Tokens))}, nil
}

// samplerExamples is what the sampler starts on.
func (e *Engine) samplerExamples(ctx context.Context, s Stage) (func(*rand.Rand) (ra3.Example, error), error) {
	if !e.World.Worded() {
		labels, err := e.clustersOf(ctx)
		return func(rng *rand.Rand) (ra3.Example, error) {
			i := rng.IntN(len(labels))
			return ra3.Example{Program: e.seed.mid[i], Annotation: labels[i]}, nil
		}, err
	}
	corpus := corpus{e.World, e.Config, s.Seed}
	var commented []*trace.Program
	for i, p := range e.seed.base {
		if e.seed.commented[i] {
			commented = append(commented, p)
		}
	}
	return func(rng *rand.Rand) (ra3.Example, error) {
		p, err := corpus.concatenation(ctx, rng, commented)
		if err != nil {
			return ra3.Example{}, err
		}
		return ra3.Example{Program: p, Annotation: p.Comments()}, nil
	}, nil
}

// mUpdate is mid-training: plain traces for NTP, annotated ones for RA3 and the
// controls, at the same token budget an update.
func (e *Engine) mUpdate(ctx context.Context, s Stage, update int, rng *rand.Rand) (map[string]float64, error) {
	c, lane := e.Config.Mid, laneOf(s.Lane)
	updates := e.Config.midUpdates(s.Lane)
	m := e.mstep(e.st.models[s.Lane], s.Lane, c.Tokens)
	draw := func(rng *rand.Rand) ra3.Example {
		i := rng.IntN(len(e.seed.mid))
		return ra3.Example{Program: e.seed.mid[i], Annotation: e.labelsOf(lane, i)}
	}
	done := m.Optimiser.Step
	out, err := m.Update(ctx, draw, optim.Cosine(c.LearningRate, done, warmup, updates, floor), rng)
	if err != nil {
		return nil, err
	}
	tokens := e.st.results.train(s.Seed, s.Lane, PhaseM, out["tokens"])
	out["tokens_trained"] = tokens
	if (done+1)%c.ProbeEvery == 0 || done+1 == updates {
		t, err := e.traceMeasures(ctx, e.st.models[s.Lane], e.seed.validation, lane, stream(s.Seed, s.Key()+"/probe", update))
		if err != nil {
			return nil, err
		}
		for k, v := range t.measures() {
			out["probe_"+k] = v
		}
	}
	if every := c.StopEvery; every > 0 && ((done+1)%every == 0 || done+1 == updates) {
		pass, err := e.look(ctx, s, done+1)
		if err != nil {
			return nil, err
		}
		out["stop_pass@1"] = pass
	}
	return out, nil
}
