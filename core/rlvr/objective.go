package rlvr

import "math"

// weights are the factors [rollout][token] of grad log pi in the objective's
// gradient at the policy that sampled; nil for rollouts that have no part in it.
func (t *Trainer) weights(all []rollout) [][]float64 {
	s := t.Settings
	out := make([][]float64, len(all))
	// Rewards: groups without variance have no advantage and no part in the means.
	divisors := t.divisors(all, func(r rollout) bool { return r.varies }, s.Problems*s.Group)
	for i, r := range all {
		if r.varies {
			out[i] = make([]float64, len(r.sample.Tokens))
			for j, class := range r.sample.Classes {
				if t.credited(class) {
					out[i][j] = r.advantage / divisors[i]
				}
			}
		}
	}
	if s.KL == 0 {
		return out
	}
	divisors = t.divisors(all, func(rollout) bool { return true }, len(all))
	for g := 0; g < len(all); g += s.Group {
		for n, costs := range t.costs(all[g : g+s.Group]) {
			i := g + n
			if out[i] == nil {
				out[i] = make([]float64, len(costs))
			}
			for j, class := range all[i].sample.Classes {
				if t.credited(class) {
					out[i][j] -= s.KL * costs[j] / divisors[i]
				}
			}
		}
	}
	return out
}

// divisors are what the token sums of the rollouts that take part are divided
// by; samples is their number where that is a constant.
func (t *Trainer) divisors(all []rollout, takesPart func(rollout) bool, samples int) []float64 {
	credited := make([]int, len(all)) // tokens
	tokens, parts := 0, 0
	for i, r := range all {
		if !takesPart(r) {
			continue
		}
		for _, class := range r.sample.Classes {
			if t.credited(class) {
				credited[i]++
			}
		}
		tokens += credited[i]
		parts++
	}
	out := make([]float64, len(all))
	for i := range out {
		switch t.Settings.Aggregation {
		case PerToken:
			out[i] = float64(tokens)
		case PerSequence:
			out[i] = float64(parts * credited[i])
		default:
			out[i] = float64(samples * t.Settings.MaxTokens)
		}
	}
	return out
}

// surrogate is the factor of grad log pi at a token whose probability is ratio
// times what it was when sampled: the gradient of the clipped surrogate
// min(ratio*w, clip(ratio)*w), and whether the clip took it away.
func (s Settings) surrogate(w, ratio float64) (factor float64, clipped bool) {
	if s.Clip > 0 {
		high := s.ClipHigh
		if high == 0 {
			high = s.Clip
		}
		if w > 0 && ratio > 1+high || w < 0 && ratio < 1-s.Clip {
			return 0, true
		}
	}
	return w * ratio, false
}

// ratioOf is the change of a probability, from its logarithms.
func ratioOf(now, then float32) float64 { return math.Exp(float64(now) - float64(then)) }
