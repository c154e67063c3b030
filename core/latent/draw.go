package latent

import (
	"context"
	"math/rand/v2"

	"ra3/core/nn"
	"ra3/core/trace"
)

// Draw is an annotation drawn from a posterior, with log q of each line's
// decision.
type Draw struct {
	Annotation trace.Annotation
	LogQ       []float64
}

// Hindsight is the sampler as a posterior that can be drawn from.
type Hindsight struct {
	Sampler  *Sampler
	Computer *nn.Computer // for the sampler's shape
}

// Draw draws n annotations of every program.
func (h Hindsight) Draw(ctx context.Context, ps []*trace.Program, n int, rng *rand.Rand) ([][]Draw, error) {
	qs, err := h.Sampler.Posteriors(ctx, h.Computer, ps)
	if err != nil {
		return nil, err
	}
	out := make([][]Draw, len(ps))
	for i, q := range qs {
		out[i] = q.Draw(n, rng)
	}
	return out, nil
}

// Greedy annotates every program by the most probable decision at each line.
func (h Hindsight) Greedy(ctx context.Context, ps []*trace.Program) ([]trace.Annotation, error) {
	qs, err := h.Sampler.Posteriors(ctx, h.Computer, ps)
	if err != nil {
		return nil, err
	}
	out := make([]trace.Annotation, len(ps))
	for i, q := range qs {
		out[i] = q.Greedy()
	}
	return out, nil
}

// Draw draws n annotations.
func (q Posterior) Draw(n int, rng *rand.Rand) []Draw {
	out := make([]Draw, n)
	for g := range out {
		a := q.Sample(rng)
		out[g] = Draw{a, q.LogQ(a)}
	}
	return out
}
