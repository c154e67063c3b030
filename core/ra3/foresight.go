package ra3

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/trace"
)

// ForesightStep is the E-step where the policy is its own posterior: it draws
// annotations from left to right with the expert's code in their place, and
// ascends the bound by the policy gradient on the slots' tokens. Code terms are
// reward only; the M-step trains on them.
type ForesightStep struct {
	Scorer    Scorer // of the policy that learns
	Posterior latent.Foresight
	Optimiser *optim.AdamW
	Grad      *nn.Params
	Threads   int
	Group     int // G, at least 2
	Refit     Refit
	Entropy   float64 // coefficient of an entropy bonus on top of the bound's own entropy
}

// Update makes one E-step update of the policy, with the measures of
// EStep.Update; q_entropy is estimated from the draws.
func (e *ForesightStep) Update(ctx context.Context, ps []*trace.Program, lr float64, rng *rand.Rand) (map[string]float64, error) {
	if e.Group < 2 {
		return nil, fmt.Errorf("E-step: group of %d samples, the leave-one-out baseline needs at least 2", e.Group)
	}
	if e.Refit == Reweight && e.Entropy != 0 {
		return nil, fmt.Errorf("E-step: an entropy bonus of %g with reweighted foresight, which has no rewards to add it to: choose refit rl", e.Entropy)
	}
	draws, err := e.Posterior.Draw(ctx, ps, e.Group, rng)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	terms, err := e.Scorer.Terms(ctx, ps, draws)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	m := Summarise(terms).Measures()
	grammar := e.Posterior.Grammar(ps)
	var seq trace.Sequences
	seq.Reset(grammar.Classes())
	var squares, effective, lines, decided, thinks float64
	for i, p := range ps {
		effective += effectiveSamples(terms[i]) / float64(len(ps))
		for g, w := range e.Refit.weights(e.rewarded(terms[i])) {
			weights := make([]float32, len(w))
			for t, v := range w {
				weights[t] = float32(v) / float32(e.Group*len(ps))
				squares += v * v
				lines++
				if t > 0 {
					decided++
					if draws[i][g].Annotation[t] != trace.Act {
						thinks++
					}
				}
			}
			grammar.Slots(&seq, p, draws[i][g].Annotation, weights)
		}
	}
	policy := e.Posterior.Policy
	if _, err := e.Posterior.Computer.Gradient(ctx, policy, &seq.Batch, e.Grad); err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	norm, err := e.Optimiser.Update(policy.Params.Flat, e.Grad.Flat, lr, e.Threads)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	policy.RefreshOn(e.Threads)

	m["grad_norm"] = norm
	m["tokens"] = float64(len(seq.Batch.Tokens))
	if e.Refit != Reweight {
		m["advantage_var"] = squares / max(1, lines)
	}
	m["effective_samples"] = effective
	m["q_entropy"] = m["bound_entropy"]
	e.Scorer.cost(m)
	e.Scorer.Prior = e.Scorer.Prior.Fit(thinks, decided)
	usage(m, Annotations(draws), len(e.Posterior.Layout.Rationales))
	return m, nil
}

// rewarded adds the entropy bonus to the terms: -log q(u_t) counts for more, as
// its expectation is the entropy of what follows.
func (e *ForesightStep) rewarded(terms [][]LineTerms) [][]LineTerms {
	if e.Entropy == 0 {
		return terms
	}
	out := make([][]LineTerms, len(terms))
	for g, lines := range terms {
		for _, l := range lines {
			l.LogQ *= 1 + e.Entropy
			out[g] = append(out[g], l)
		}
	}
	return out
}
