package experiments

import (
	"math"
	"slices"

	"ra3/core/measure"
)

// SpeedUp compares how fast two lanes' post-training converges: a lane against
// a reference, by default NTP.
type SpeedUp struct {
	// By seed: the reference's own final held-out level, the sampled tokens after
	// which it and the lane first stood there (null: the lane never did), and the
	// ratio of the two. A lane that starts there is counted with the tokens of its
	// first look after the start, so that the ratio is a lower bound; one that never
	// gets there with all the tokens it sampled, so that the ratio is an upper bound
	// (Censored). Where the reference gained nothing there is no ratio.
	Level           []Number `json:"level"`
	ReferenceTokens []Number `json:"reference_tokens"`
	Tokens          []Number `json:"tokens"`
	Ratio           []Number `json:"ratio"`
	Censored        []bool   `json:"censored,omitempty"`
	// Log2 of the ratio: +1 is half the tokens. Over the seeds that have one.
	Log2 Measured `json:"log2"`
	// Paired differences of the area under the curve and of the level at its end,
	// both over the tokens that every lane of the seed sampled.
	AUC   Comparison `json:"auc"`
	Final Comparison `json:"final"`
}

// AtMost reports whether some seeds' ratios are upper bounds: their mean can
// refute that the lane is faster and cannot show it.
func (s SpeedUp) AtMost() bool { return slices.Contains(s.Censored, true) }

// Complete reports whether every seed has a ratio; else the mean is of the seeds
// in which the reference gained, and no interval speaks for all.
func (s SpeedUp) Complete() bool { return s.Log2.N > 0 && s.Log2.N == len(s.Ratio) }

// heldOutCurve is a seed's held-out success over sampled tokens.
func heldOutCurve(r *Results, seed int, lane string) (tokens, success []float64) {
	for _, p := range r.RLVR {
		if p.Seed == seed && p.Lane == lane && p.HeldOut != nil {
			tokens, success = append(tokens, float64(p.Tokens)), append(success, float64(*p.HeldOut))
		}
	}
	return tokens, success
}

// speedUp compares a lane's post-training with a reference's over the seeds that
// have both; false if there are none.
func speedUp(c Config, r *Results, lane, reference string) (SpeedUp, bool) {
	var s SpeedUp
	var logs, areas, finals []float64
	for i := range c.Seeds {
		seed := c.Seed + i
		xr, yr := heldOutCurve(r, seed, reference)
		x, y := heldOutCurve(r, seed, lane)
		if len(yr) < 2 || len(y) < 2 {
			continue
		}
		level := yr[len(yr)-1]
		taken, _ := measure.FirstReach(xr, yr, level, 1)
		at, reached := measure.FirstReach(x, y, level, 1)
		ratio := math.NaN()
		switch {
		case taken > 0 && reached:
			ratio = taken / max(at, x[1])
		case taken > 0:
			ratio = taken / x[len(x)-1]
		}
		s.Level, s.ReferenceTokens = append(s.Level, Number(level)), append(s.ReferenceTokens, Number(taken))
		s.Tokens, s.Ratio = append(s.Tokens, Number(at)), append(s.Ratio, Number(ratio))
		s.Censored = append(s.Censored, taken > 0 && !reached)
		logs = append(logs, math.Log2(ratio))
		common := commonTokens(r, seed)
		x, y = upTo(x, y, common)
		xr, yr = upTo(xr, yr, common)
		areas = append(areas, measure.AUC(x, y)-measure.AUC(xr, yr))
		finals = append(finals, y[len(y)-1]-yr[len(yr)-1])
	}
	if len(logs) == 0 {
		return s, false
	}
	s.Log2, s.AUC, s.Final = estimate(logs, nil, ""), compared(estimate(areas, nil, "")), compared(estimate(finals, nil, ""))
	return s, true
}
