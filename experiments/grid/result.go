package grid

import (
	"slices"

	"ra3/experiments"
)

// States of a cell.
const (
	Finished = "finished"
	Skipped  = "skipped" // its gate failed
	Waiting  = "waiting" // not begun, or not at its end
)

// Result is ablation.json: the cells side by side.
type Result struct {
	Spec     string `json:"grid"` // grid.toml without the directory
	Command  string `json:"command"`
	Made     Made   `json:"made"`
	Interval string `json:"interval"` // of all figures
	Split    string `json:"split"`    // of the problems
	Seeds    []int  `json:"seeds"`
	// SharedBase: in some cells all seeds start from the embedded base.
	SharedBase bool         `json:"shared_base"`
	Factors    []Factor     `json:"factors"`
	Design     Design       `json:"design,omitempty"`
	Cells      []CellResult `json:"cells"`
	Effects    []Effect     `json:"effects,omitempty"`
}

// CellResult is what one cell found; parts that were not measured are absent.
type CellResult struct {
	Name   string            `json:"name"`
	Values map[string]string `json:"values"` // by field
	State  string            `json:"state"`
	// Differences["ra3-ntp"][family or "average"][pass@k or "average"], paired by seed and
	// problem, after mid-training.
	Differences map[string]map[string]map[string]experiments.Comparison `json:"differences,omitempty"`
	// Level is RA3's own: pass@1, 5 and 10 averaged over both families, whatever
	// NTP does; AfterRLVR its held-out pass@1 at the end of post-training.
	Level     *experiments.Measured `json:"ra3,omitempty"`
	AfterRLVR *experiments.Measured `json:"ra3_rlvr,omitempty"`
	// SpeedUp of post-training from RA3 against NTP.
	SpeedUp *experiments.SpeedUp `json:"speed_up,omitempty"`
	// RA3 minus NTP, per held-out expert program.
	LogEffective *experiments.Measured `json:"log_effective,omitempty"`
	Horizon      *experiments.Measured `json:"horizon,omitempty"`
	// ExactGap is what the E-step's bound lacks of the exact one, as a share.
	ExactGap *experiments.Measured `json:"exact_gap,omitempty"`
	NMI      *experiments.Measured `json:"nmi,omitempty"`
	Gate     *GateResult           `json:"gate,omitempty"`
	// Verdicts by the number of the claim.
	Verdicts map[int]string `json:"verdicts,omitempty"`

	values []string // by factor
}

// mean is a difference averaged over k and families; nil where not measured.
func (c *CellResult) mean(pair string) *experiments.Measured {
	d, ok := c.Differences[pair][experiments.Average][experiments.Average]
	if !ok {
		return nil
	}
	return &d.Measured
}

// Result reads the finished runs and puts them side by side.
func (a *Ablation) Result() (*Result, error) {
	doc, err := a.Spec.encode()
	if err != nil {
		return nil, err
	}
	r := &Result{Spec: string(doc), Command: a.Command(), Made: a.Made, Factors: a.Factors, Design: a.Spec.Design, Split: a.Cells[0].Config.Eval.Split}
	for i := range a.Cells[0].Config.Seeds {
		r.Seeds = append(r.Seeds, a.Cells[0].Config.Seed+i)
	}
	r.SharedBase = slices.ContainsFunc(a.Cells, func(c Cell) bool { return c.Config.Base.Source == "embedded" })
	r.Interval = "95% t-interval over seeds"
	if len(r.Seeds) == 1 {
		r.Interval = "95% bootstrap over problems; none where the measure is one number a seed"
	}
	for _, t := range a.Tasks() {
		if t.Gate {
			continue
		}
		c := CellResult{Name: t.Cell.Name, Values: map[string]string{}, State: Waiting, values: t.Cell.Values}
		for i, f := range a.Factors {
			c.Values[f.Field] = t.Cell.Values[i]
		}
		if c.Gate, err = a.gate(t.Cell); err != nil {
			return nil, err
		}
		s, err := t.Summary()
		if err != nil {
			return nil, err
		}
		skipped, err := a.Skipped(t)
		switch {
		case err != nil:
			return nil, err
		case s != nil:
			c.read(s)
		case skipped:
			c.State = Skipped
		}
		r.Cells = append(r.Cells, c)
	}
	r.Effects = effects(a.Factors, r.Cells)
	return r, nil
}

// read takes a finished run's summary over.
func (c *CellResult) read(s *experiments.Summary) {
	c.State = Finished
	c.Differences = map[string]map[string]map[string]experiments.Comparison{}
	for _, pair := range []string{"ra3-ntp", "ra3-base"} {
		if d, ok := s.Differences[pair]; ok {
			c.Differences[pair] = d
		}
	}
	if x, ok := s.SpeedUps["ra3-ntp"]; ok {
		c.SpeedUp = &x
	}
	c.Level = level(s.Lanes["ra3"])
	if r, ok := s.RLVR["ra3"]; ok {
		c.AfterRLVR = measured(r.Final)
	}
	ra3, ntp := s.Pruning["ra3"], s.Pruning["ntp"]
	c.LogEffective, c.Horizon = measured(ra3.LogEffective.Minus(ntp.LogEffective)), measured(ra3.Horizon.Minus(ntp.Horizon))
	c.ExactGap, c.NMI = measured(s.ExactGap()), measured(s.NMI())
	c.Verdicts = map[int]string{}
	for _, x := range experiments.Claims(s) {
		c.Verdicts[x.Number] = x.Verdict
	}
}

// level averages a lane's pass@k over k and the families that every lane is
// evaluated on, seed by seed; nil where one was not measured.
func level(lane experiments.LaneSummary) *experiments.Measured {
	var sums []float64
	parts := 0
	for _, family := range experiments.Families {
		f, ok := lane[family]
		if !ok {
			return nil
		}
		for _, m := range []experiments.Measured{f.Pass1, f.Pass5, f.Pass10} {
			if m.N == 0 || sums != nil && len(sums) != len(m.BySeed) {
				return nil
			}
			if sums == nil {
				sums = make([]float64, len(m.BySeed))
			}
			for i, x := range m.BySeed {
				sums[i] += float64(x)
			}
			parts++
		}
	}
	for i := range sums {
		sums[i] /= float64(parts)
	}
	return measured(experiments.OverSeeds(sums))
}

// measured is nil for what has no value of any seed.
func measured(m experiments.Measured) *experiments.Measured {
	if m.N == 0 {
		return nil
	}
	return &m
}
