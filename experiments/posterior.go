package experiments

import (
	"context"
	"math/rand/v2"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/ra3"
	"ra3/core/trace"
)

// posterior annotates programs: by draws of known probability, or greedily.
type posterior interface {
	Draw(ctx context.Context, ps []*trace.Program, n int, rng *rand.Rand) ([][]latent.Draw, error)
	Greedy(ctx context.Context, ps []*trace.Program) ([]trace.Annotation, error)
}

// posterior is what annotates for a lane: the sampler that its labels come from,
// or the given policy by itself.
func (e *Engine) posterior(policy *nn.Model, l lane) posterior {
	if e.Config.RA3.foresight() {
		return e.foresight(policy)
	}
	q := e.st.samplerOf(e.World, l)
	q.Temperature = e.Config.RA3.Temperature
	return latent.Hindsight{Sampler: q, Computer: e.hind}
}

func (e *Engine) foresight(policy *nn.Model) latent.Foresight {
	return latent.Foresight{Policy: policy, Layout: e.World.Layout, Computer: e.policy, Temperature: e.Config.RA3.Temperature}
}

// emPolicy is the policy that E-steps and annotations stand on: the RA3 lane's
// once it exists, else the base's.
func (e *Engine) emPolicy() *nn.Model {
	if m := e.st.models["ra3"]; m != nil {
		return m
	}
	return e.st.models["base"]
}

// What the exact reference spends on a program, and q's share beside it: on 16
// programs at the standard size about 2.5 s on two cores in fp32, 1.4 s in bf16.
const (
	exactBeam    = 8
	exactThinks  = 4
	exactSamples = 32
	qSamples     = 16
)

// exact holds the bound under q's own sampling distribution against the exact
// reference, on the first validation traces under the policy as it stands.
//
// The first measures are part of the results, the second, of how sure they are,
// stand in the log alone.
func (e *Engine) exact(ctx context.Context, s Stage) (found, sure map[string]float64, err error) {
	ps := e.seed.validation[:e.Config.RA3.Exact]
	policy := e.emPolicy()
	draws, err := e.posterior(policy, laneOf("ra3")).Draw(ctx, ps, qSamples, stream(s.Seed, s.Key()+"/q-bound", 0))
	if err != nil {
		return nil, nil, err
	}
	scorer := e.scorer(policy)
	terms, err := scorer.Terms(ctx, ps, draws)
	if err != nil {
		return nil, nil, err
	}
	reference := ra3.Reference{Scorer: scorer, Beam: exactBeam, Thinks: exactThinks, Samples: exactSamples}
	solved, err := reference.Solve(ctx, ps, ra3.Annotations(draws), stream(s.Seed, s.Key()+"/exact", 0))
	if err != nil {
		return nil, nil, err
	}
	q := ra3.Summarise(terms)
	sure = map[string]float64{}
	ra3.GapError(sure, solved, q, terms)
	return ra3.Gap(solved, q), sure, nil
}
