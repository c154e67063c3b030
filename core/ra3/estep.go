package ra3

import (
	"context"
	"fmt"
	"math"
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
// E_q[grad log q] that differentiating it would add is zero in expectation. q is
// the sampler's distribution at its temperature, in all steps alike.
//
// Reweighting replaces 3 to 5: q ascends sum_g w_g log q(u^g) with w the softmax
// over the group of log p(a,u^g|x) - log q(u^g), self-normalised importance
// weights. That fits q to the posterior under the policy from the other side
// (KL(p || q), the wake-phase update of Bornschein and Bengio, 2015).
type EStep struct {
	Scorer    Scorer
	Sampler   *latent.Sampler
	Optimiser *optim.AdamW
	Computer  *nn.Computer // for the sampler's shape
	Grad      *nn.Params
	Threads   int
	Group     int // G, at least 2
	Refit     Refit
	Entropy   float64         // coefficient of an entropy bonus on top of the bound's own entropy
	Anchor    float64         // coefficient of -KL(q || Initial)
	Initial   *latent.Sampler // needed for an anchor
}

// Refit says how q is moved towards what explains the traces.
type Refit string

// Ways to refit q.
const (
	RL       Refit = "rl" // policy gradient on the bound
	Reweight Refit = "reweight"
)

// Update makes one E-step update on a batch of traces at learning rate lr and
// returns its diagnostics; a learned rho in the scorer's prior then follows q.
// When ctx ends first nothing has changed.
func (e *EStep) Update(ctx context.Context, ps []*trace.Program, lr float64, rng *rand.Rand) (map[string]float64, error) {
	if e.Group < 2 {
		return nil, fmt.Errorf("E-step: group of %d samples, the leave-one-out baseline needs at least 2", e.Group)
	}
	q, err := e.Sampler.Posteriors(ctx, e.Computer, ps)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	draws := make([][]latent.Draw, len(ps))
	for i := range ps {
		draws[i] = q[i].Draw(e.Group, rng)
	}
	terms, err := e.Scorer.Terms(ctx, ps, draws)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	slopes, kl, err := e.regularise(ctx, ps, q)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}

	m := Summarise(terms).Measures()
	var seq trace.Sequences
	seq.Reset(e.Sampler.Classes())
	var squares, effective float64
	rows := 0
	for i, p := range ps {
		weights := e.Refit.weights(terms[i])
		copies := e.Group
		if slopes != nil {
			copies += 1 + e.Sampler.K
		}
		first := len(seq.Batch.Rows)
		e.Sampler.Layout.Hindsight(&seq, p, nil, 0)
		seq.Batch.Rows = spread(seq.Batch.Rows, first, copies, func(row *nn.Row, at, g int) {
			t := seq.Info[at].Line
			row.Target = 1 // allowed on every line
			if g >= e.Group {
				if w := slopes[i][t][g-e.Group]; w != 0 {
					row.Target, row.Weight = int32(g-e.Group), float32(w/float64(len(ps)))
				}
				return
			}
			row.Target = int32(1 + draws[i][g].Annotation[t])
			row.Weight = float32(weights[g][t]) / float32(e.Group*len(ps))
			squares += weights[g][t] * weights[g][t]
			rows++
		})
		// Keep the meaning of rows aligned with the rows that now exist.
		seq.Info = spread(seq.Info, first, copies, func(*trace.RowInfo, int, int) {})
		effective += effectiveSamples(terms[i]) / float64(len(ps))
	}
	if _, err := e.Computer.Gradient(ctx, e.Sampler.Model, &seq.Batch, e.Grad); err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	norm, err := e.Optimiser.Update(e.Sampler.Model.Params.Flat, e.Grad.Flat, lr, e.Threads)
	if err != nil {
		return nil, fmt.Errorf("E-step: %w", err)
	}
	e.Sampler.Model.RefreshOn(e.Threads)

	m["grad_norm"] = norm
	if e.Refit != Reweight {
		m["advantage_var"] = squares / float64(max(1, rows))
	}
	m["effective_samples"] = effective
	if e.Anchor > 0 {
		m["anchor_kl"] = kl
	}
	e.Scorer.cost(m)
	e.Scorer.Prior = e.Scorer.Prior.Fit(latent.Thinks(q))
	var entropy float64
	for _, post := range q {
		entropy += post.Entropy() / float64(len(q))
	}
	m["q_entropy"] = entropy
	usage(m, Annotations(draws), e.Sampler.K)
	return m, nil
}

// weights [G, T] are what the gradients of the samples' log q(u_t) count for, of
// which the mean over the group is taken.
func (r Refit) weights(terms [][]LineTerms) [][]float64 {
	if r != Reweight {
		return advantages(terms)
	}
	out := make([][]float64, len(terms))
	for g, w := range importance(terms) {
		out[g] = make([]float64, len(terms[g]))
		for t := range out[g] {
			out[g][t] = w * float64(len(terms))
		}
	}
	return out
}

// importance is the softmax over the group of the samples' summed rewards.
func importance(terms [][]LineTerms) []float64 {
	sums := make([]float64, len(terms))
	for g, lines := range terms {
		for _, l := range lines {
			sums[g] += l.Reward()
		}
	}
	total := logSum(sums)
	for g := range sums {
		sums[g] = math.Exp(sums[g] - total)
	}
	return sums
}

// effectiveSamples is 1 / sum of squared importance weights: G where q is the
// posterior, 1 where one sample carries everything.
func effectiveSamples(terms [][]LineTerms) float64 {
	var squares float64
	for _, w := range importance(terms) {
		squares += w * w
	}
	return 1 / squares
}

// regularise gives the slopes of entropy bonus and anchor and the mean KL to the
// initial sampler; nil without either.
func (e *EStep) regularise(ctx context.Context, ps []*trace.Program, q []latent.Posterior) (slopes [][][]float64, kl float64, err error) {
	if e.Entropy == 0 && e.Anchor == 0 {
		return nil, 0, nil
	}
	initial := make([]latent.Posterior, len(ps))
	if e.Anchor > 0 {
		if initial, err = e.Initial.Posteriors(ctx, e.Computer, ps); err != nil {
			return nil, 0, err
		}
	}
	for i := range q {
		slopes = append(slopes, q[i].Slope(e.Entropy, e.Anchor, initial[i]))
		if e.Anchor > 0 {
			kl += q[i].KL(initial[i]) / float64(len(q))
		}
	}
	return slopes, kl, nil
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
