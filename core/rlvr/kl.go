package rlvr

import (
	"context"
	"math"

	"ra3/core/nn"
	"ra3/core/trace"
)

// The KL to the initial policy is part of the reward: every token with credit
// costs KL * (log pi - log pi_0) of itself. Its gradient is that of
// E[sum over these tokens of log pi - log pi_0], estimated without bias by each
// token's costs to go, the own one included. Samples of groups without variance
// take part: to leave them out would select samples by their rewards. Later steps
// on a batch keep these costs, as they keep the rewards.

// drift measures log pi - log pi_0 at every token of the rollouts.
func (t *Trainer) drift(ctx context.Context, all []rollout) error {
	var seq trace.Sequences
	seq.Reset(t.Layout.Classes(t.Settings.Temperatures))
	for _, r := range all {
		t.Layout.Tokens(&seq, r.problem.Prompt, r.sample.Tokens, r.sample.Classes, 0)
	}
	initial, err := t.Computer.Score(ctx, t.Initial, &seq.Batch, nn.ScoreOptions{})
	if err != nil {
		return err
	}
	row := 0
	for i := range all {
		r := &all[i]
		r.drift = make([]float64, len(r.sample.Tokens))
		for j, p := range r.sample.LogP {
			r.drift[j] = float64(p) - float64(initial[row].LogP)
			row++
		}
	}
	return nil
}

// divergence estimates KL(policy || initial policy) in nats per sample, over all
// its tokens. The estimator exp(-d) - 1 + d of a token's KL, d its drift, is
// unbiased, never negative, and less noisy than d itself while the two are close
// (Schulman, Approximating KL divergence, 2020).
func divergence(all []rollout) float64 {
	var sum float64
	for _, r := range all {
		for _, d := range r.drift {
			sum += math.Expm1(-d) + d
		}
	}
	return sum / float64(len(all))
}

// costs are the drifts to go of a group's samples [sample][token], over tokens
// with credit, minus the mean of the other samples' at the same index (0 where
// they have ended): a baseline that does not depend on the sample itself.
func (t *Trainer) costs(group []rollout) [][]float64 {
	togo := make([][]float64, len(group))
	longest := 0
	for g, r := range group {
		togo[g] = make([]float64, len(r.drift))
		longest = max(longest, len(r.drift))
		var sum float64
		for j := len(r.drift) - 1; j >= 0; j-- {
			if t.credited(r.sample.Classes[j]) {
				sum += r.drift[j]
			}
			togo[g][j] = sum
		}
	}
	for j := range longest {
		var sum float64
		for _, c := range togo {
			if j < len(c) {
				sum += c[j]
			}
		}
		for _, c := range togo {
			if j < len(c) {
				c[j] -= (sum - c[j]) / float64(len(group)-1)
			}
		}
	}
	return togo
}
