package grid

import (
	"maps"
	"slices"

	"ra3/experiments"
)

// gateConfig is the cheap test of a cell: NTP and the oracle, mid-trained as in
// the cell, and their nats on validation traces; pass@k is of one problem, the
// fewest that an evaluation has.
func gateConfig(c experiments.Config) experiments.Config {
	c.Lanes = []string{"ntp", "oracle"}
	c.RLVR.Updates = 0
	if len(c.RLVR.Lanes) > 0 {
		c.RLVR.Lanes = []string{"ntp"}
	}
	c.Eval.Split = "validate"
	c.Eval.Problems, c.Eval.PruneSamples = 1, 0
	c.Eval.LongSteps, c.Eval.Tune, c.Eval.After = []int{}, []float64{}, false
	if c.Base.Source == "train" {
		c.Sampler.Updates = 0 // neither lane asks it
	}
	return c
}

// GateResult is what the test of a cell found: NTP's nats a validation program
// minus the oracle's, rationale plus code. Above zero the true intents pay.
type GateResult struct {
	Gain     experiments.Measured            `json:"gain"` // mean over families
	Families map[string]experiments.Measured `json:"families"`
	Passed   bool                            `json:"passed"` // the mean gain is above zero
}

// gateOf reads the test's result off its run; nil where a lane was not measured.
func gateOf(s *experiments.Summary) *GateResult {
	g := &GateResult{Families: map[string]experiments.Measured{}}
	ntp, oracle := s.Lanes["ntp"], s.Lanes["oracle"]
	var mean []float64
	names := slices.Sorted(maps.Keys(ntp))
	for _, family := range names {
		a, b := ntp[family].Nats, oracle[family].Nats
		if a == nil || b == nil {
			continue
		}
		d := a.Minus(*b)
		if d.N == 0 {
			continue
		}
		g.Families[family] = d
		if mean == nil {
			mean = make([]float64, len(d.BySeed))
		}
		for i := range min(len(mean), len(d.BySeed)) {
			mean[i] += float64(d.BySeed[i])
		}
	}
	if len(g.Families) == 0 {
		return nil
	}
	for i := range mean {
		mean[i] /= float64(len(g.Families))
	}
	g.Gain = experiments.OverSeeds(mean)
	g.Passed = g.Gain.Mean > 0
	return g
}
