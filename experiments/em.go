package experiments

import (
	"context"
	"maps"
	"math/rand/v2"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/ra3"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// eUpdate is one update of the posterior on the bound.
func (e *Engine) eUpdate(ctx context.Context, s Stage, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.RA3
	batch := make([]*trace.Program, c.EBatch)
	lines := 0
	for i := range batch {
		batch[i] = e.seed.mid[rng.IntN(len(e.seed.mid))]
		lines += len(batch[i].Lines)
	}
	var m map[string]float64
	var err error
	var prior latent.Prior
	policy := e.st.models["ra3"]
	if c.foresight() {
		step := ra3.ForesightStep{Scorer: e.scorer(policy), Posterior: e.foresight(policy), Optimiser: e.st.optimiser(eStepName, len(policy.Params.Flat)),
			Grad: e.gradP, Threads: e.threads, Group: c.Group, Refit: c.Refit, Entropy: c.Entropy}
		m, err = step.Update(ctx, batch, c.LearningRate, rng)
		prior = step.Scorer.Prior
		if err == nil { // the policy itself learned: part of its budget
			e.st.results.train(s.Seed, s.Lane, PhaseM, m["tokens"])
		}
	} else {
		q := e.st.sampler(e.World)
		q.Temperature = c.Temperature
		step := ra3.EStep{Scorer: e.scorer(policy), Sampler: q, Optimiser: e.st.optimiser(eStepName, len(q.Model.Params.Flat)),
			Computer: e.hind, Grad: e.gradS, Threads: e.threads, Group: c.Group, Refit: c.Refit, Entropy: c.Entropy, Anchor: c.Anchor}
		if c.Anchor > 0 {
			step.Initial = &latent.Sampler{Model: e.st.models[initialSampler], Layout: q.Layout, K: q.K, Temperature: c.Temperature}
		}
		m, err = step.Update(ctx, batch, c.LearningRate, rng)
		prior = step.Scorer.Prior
	}
	if err != nil {
		return nil, err
	}
	if prior.LearnedRho {
		e.st.rho = prior.Rho
	}
	e.note = ra3.Alarm(m, float64(lines)/float64(len(batch)))
	return m, nil
}

func (e *Engine) scorer(policy *nn.Model) ra3.Scorer {
	prior := e.Config.RA3.Prior
	prior.K = e.World.Inventory.K()
	if e.st.rho > 0 {
		prior.Rho = e.st.rho
	}
	return ra3.Scorer{Policy: policy, Layout: e.World.Layout, Prior: prior, Computer: e.policy}
}

// annotate writes the posterior's greedy decisions over a chunk of the corpus;
// with the last chunk the annotated traces go to disk and are held against the
// answer key.
func (e *Engine) annotate(ctx context.Context, s Stage, update int) (map[string]float64, error) {
	mid := e.seed.mid
	from, to := update*annotateChunk, min(len(mid), (update+1)*annotateChunk)
	annotations, err := e.label(ctx, s, from, to)
	if err != nil {
		return nil, err
	}
	if len(e.st.annotations) != len(mid) {
		e.st.annotations = make([]trace.Annotation, len(mid))
	}
	copy(e.st.annotations[from:], annotations)
	m := map[string]float64{"annotated": float64(to)}
	if to < len(mid) {
		return m, nil
	}
	if s.Iteration == 0 && e.Config.keepsInitial() {
		e.st.models[initialSampler] = e.st.models[samplerName].Clone()
	}
	for k, v := range e.latentQuality(mid, e.st.annotations) {
		m[k] = v
	}
	if prior := e.scorer(nil).Prior; prior.Kind != latent.Learned {
		m["rho"], m["thinking_cost"] = prior.Rho, prior.Cost()
	}
	var sure map[string]float64
	if e.Config.RA3.Exact > 0 {
		exact, errors, err := e.exact(ctx, s)
		if err != nil {
			return nil, err
		}
		maps.Copy(m, exact)
		sure = errors
	}
	e.st.results.Latents = append(e.st.results.Latents, LatentPoint{Seed: s.Seed, Iteration: s.Iteration, Measures: maps.Clone(m)})
	maps.Copy(m, sure)
	if e.run != nil {
		name := store.TracesFile(e.ofBranch(annotationName(s.Seed, s.Iteration)))
		if err := store.WriteJSONL(e.run, name, e.annotatedTraces()); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// label annotates a stretch of the corpus by the posterior's greedy decisions. A
// policy that has never seen its codes says nothing by them: foresight in codes
// starts from the clusters.
func (e *Engine) label(ctx context.Context, s Stage, from, to int) ([]trace.Annotation, error) {
	if s.Iteration == 0 && e.Config.RA3.foresight() && !e.World.Worded() {
		as, err := e.clustersOf(ctx)
		if err != nil {
			return nil, err
		}
		return as[from:to], nil
	}
	return e.posterior(e.emPolicy(), laneOf("ra3")).Greedy(ctx, e.seed.mid[from:to])
}

// keepsInitial reports whether the sampler before EM is needed later: as an
// anchor, or for a control that reads with it.
func (c Config) keepsInitial() bool {
	return !c.RA3.foresight() && (c.hasAny(initialLabels, shuffledLabels) || c.Has("base-think") || c.RA3.Anchor > 0)
}

// AnnotatedTrace is a line of traces/*.jsonl.
type AnnotatedTrace struct {
	ID     string   `json:"id"`
	Prompt string   `json:"prompt"`
	Lines  []string `json:"lines"`
	// Latents gives each line's rationale; "" keeps the one before.
	Latents []string `json:"latents"`
}

func (e *Engine) annotatedTraces() []AnnotatedTrace {
	v := e.World.Domain.Vocab
	out := make([]AnnotatedTrace, len(e.seed.mid))
	for i, p := range e.seed.mid {
		t := AnnotatedTrace{ID: p.ID, Prompt: v.Decode(p.Prompt)}
		for j, l := range p.Lines {
			t.Lines = append(t.Lines, v.Decode(l))
			text := ""
			if u := e.st.annotations[i][j]; u != trace.Act {
				text = e.World.Inventory.Texts[u]
			}
			t.Latents = append(t.Latents, text)
		}
		out[i] = t
	}
	return out
}
