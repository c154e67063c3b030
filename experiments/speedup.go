package experiments

import (
	"math"

	"ra3/core/measure"
)

// SpeedUp compares how fast two lanes' post-training converges: a lane against
// a reference, by default NTP.
type SpeedUp struct {
	// By seed: the reference's own final held-out level, the sampled tokens after
	// which it and the lane first stood there (null: the lane never did), and the
	// ratio of the two. A lane that starts there is counted with the tokens of its
	// first look after the start, so that the ratio is a lower bound. There is no
	// ratio where the reference gained nothing or the lane never reached its level.
	Level           []Number `json:"level"`
	ReferenceTokens []Number `json:"reference_tokens"`
	Tokens          []Number `json:"tokens"`
	Ratio           []Number `json:"ratio"`
	// Log2 of the ratio: +1 is half the tokens. Over the seeds that have one.
	Log2 Measured `json:"log2"`
	// Paired differences of the area under the curve and of the final level.
	AUC   Comparison `json:"auc"`
	Final Comparison `json:"final"`
}

// Complete reports whether every seed has a ratio; else the mean is one of the
// seeds that did well, and no interval speaks for all.
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
		if !reached {
			at = math.NaN()
		} else if taken > 0 {
			ratio = taken / max(at, x[1])
		}
		s.Level, s.ReferenceTokens = append(s.Level, Number(level)), append(s.ReferenceTokens, Number(taken))
		s.Tokens, s.Ratio = append(s.Tokens, Number(at)), append(s.Ratio, Number(ratio))
		common := commonTokens(r, seed)
		logs = append(logs, math.Log2(ratio))
		areas = append(areas, measure.AUC(upTo(x, y, common))-measure.AUC(upTo(xr, yr, common)))
		finals = append(finals, y[len(y)-1]-level)
	}
	if len(logs) == 0 {
		return s, false
	}
	s.Log2, s.AUC, s.Final = estimate(logs, nil, ""), compared(estimate(areas, nil, "")), compared(estimate(finals, nil, ""))
	return s, true
}
