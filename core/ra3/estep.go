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

// EStep discovers latents: it trains the sampler q by RL on the bound while the
// policy stands still. One update, for each trace of a batch:
//
//  1. draw G annotations u^1..u^G from q;
//  2. r_t = log pi(a_t|s_t,z_<=t) + log p(u_t|z_(t-1),s_t) - log q(u_t), per line;
//  3. R_t = sum of r from line t on (a decision changes nothing before it);
//  4. A_t^g = R_t^g - mean of the other samples' R_t at the same line
//     (leave-one-out baseline: unbiased, as it does not depend on u^g);
//  5. ascend mean over samples of sum_t A_t log q(u_t).
//
// The -log q within r makes step 5 the gradient of the whole bound: the term
// E_q[grad log q] that differentiating it would add is zero in expectation.
type EStep struct {
	Scorer    Scorer
	Sampler   *latent.Sampler
	Optimiser *optim.AdamW
	Computer  *nn.Computer // for the sampler's shape
	Grad      *nn.Params
	Threads   int
	Group     int // G, at least 2
}

// Update makes one E-step update on a batch of traces at learning rate lr and
// returns its diagnostics. When ctx ends first nothing has changed.
func (e *EStep) Update(ctx context.Context, ps []*trace.Program, lr float64, rng *rand.Rand) (map[string]float64, error) {
	if e.Group < 2 {
		return nil, fmt.Errorf("E-step: group of %d samples, the leave-one-out baseline needs at least 2", e.Group)
	}
	q, err := e.Sampler.Posteriors(ctx, e.Computer, ps)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	annotations := make([][]trace.Annotation, len(ps))
	for i := range ps {
		for range e.Group {
			annotations[i] = append(annotations[i], q[i].Sample(rng))
		}
	}
	terms, err := e.Scorer.Terms(ctx, ps, annotations, q)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}

	var seq trace.Sequences
	seq.Reset(trace.HindsightClasses(e.Sampler.K, 1))
	var squares float64
	rows := 0
	for i, p := range ps {
		a := advantages(terms[i])
		first := len(seq.Batch.Rows)
		e.Sampler.Layout.Hindsight(&seq, p, nil, 0)
		seq.Batch.Rows = spread(seq.Batch.Rows, first, e.Group, func(row *nn.Row, at, g int) {
			t := seq.Info[at].Line
			row.Target = int32(1 + annotations[i][g][t])
			row.Weight = float32(a[g][t]) / float32(e.Group*len(ps))
			squares += a[g][t] * a[g][t]
			rows++
		})
		// Keep the meaning of rows aligned with the rows that now exist.
		seq.Info = spread(seq.Info, first, e.Group, func(*trace.RowInfo, int, int) {})
	}
	if _, err := e.Computer.Gradient(ctx, e.Sampler.Model, &seq.Batch, e.Grad); err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	norm, err := e.Optimiser.Update(e.Sampler.Model.Params.Flat, e.Grad.Flat, lr, e.Threads)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	e.Sampler.Model.RefreshOn(e.Threads)

	m := Summarise(terms).Measures()
	m["grad_norm"] = norm
	m["advantage_var"] = squares / float64(max(1, rows))
	var entropy float64
	for _, post := range q {
		entropy += post.Entropy() / float64(len(q))
	}
	m["q_entropy"] = entropy
	usage(m, annotations, e.Sampler.K)
	return m, nil
}

// advantages are the rewards to go [G, T] minus their leave-one-out means.
func advantages(terms [][]LineTerms) [][]float64 {
	groups := len(terms)
	togo := make([][]float64, groups)
	for g, lines := range terms {
		togo[g] = make([]float64, len(lines))
		var sum float64
		for t := len(lines) - 1; t >= 0; t-- {
			sum += lines[t].Reward()
			togo[g][t] = sum
		}
	}
	for t := range terms[0] {
		var sum float64
		for g := range togo {
			sum += togo[g][t]
		}
		for g := range togo {
			own := togo[g][t]
			togo[g][t] = own - (sum-own)/float64(groups-1)
		}
	}
	return togo
}

// spread repeats each element from first on n times in place, so that one row
// of the sampler carries the n samples drawn there; set adjusts copy g of the
// element that was at index at.
func spread[E any](xs []E, first, n int, set func(x *E, at, g int)) []E {
	old := append([]E(nil), xs[first:]...)
	xs = xs[:first]
	for i, x := range old {
		for g := range n {
			c := x
			set(&c, first+i, g)
			xs = append(xs, c)
		}
	}
	return xs
}
