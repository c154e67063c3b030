package grid

import (
	"math"
	"testing"

	"ra3/experiments"
)

// Two factors of two values; the cell at the second value of the first factor
// and the third of the second was not computed, so that its row is left out.
func TestEffects(t *testing.T) {
	factors := []Factor{{"a", []string{"1", "2"}}, {"b", []string{"x", "y", "z"}}}
	cell := func(a, b string, seeds ...float64) CellResult {
		c := CellResult{values: []string{a, b}}
		if len(seeds) > 0 {
			m := experiments.OverSeeds(seeds)
			c.Horizon = &m
		}
		return c
	}
	cells := []CellResult{cell("1", "x", 1, 3), cell("1", "y", 3, 5), cell("1", "z", 100, 100), cell("2", "x", 2, 4), cell("2", "y", 6, 6), cell("2", "z")}
	es := effects(factors, cells)
	if len(es) != 2 {
		t.Fatalf("%+v", es)
	}
	a := es[0]
	if a.Field != "a" || a.Measure != "horizon" || len(a.Levels) != 2 || a.Levels[0].Cells != 2 || a.Levels[0].Change != nil {
		t.Fatalf("%+v", a)
	}
	// Level 1: seeds (1+3)/2 and (3+5)/2; level 2: (2+6)/2 and (4+6)/2.
	if m := a.Levels[0].Mean; m.BySeed[0] != 2 || m.BySeed[1] != 4 || m.Mean != 3 {
		t.Errorf("%+v", m)
	}
	c := a.Levels[1].Change
	if c.BySeed[0] != 2 || c.BySeed[1] != 1 || c.Mean != 1.5 || math.Abs(float64(c.Hi)-(1.5+12.706204736432095*0.5)) > 1e-9 {
		t.Errorf("%+v", c)
	}
	// Of the second factor only the first row has all three values.
	b := es[1]
	if b.Field != "b" || len(b.Levels) != 3 || b.Levels[2].Cells != 1 || b.Levels[2].Mean.Mean != 100 || b.Levels[1].Change.Mean != 2 {
		t.Errorf("%+v", b)
	}
	r := Result{Factors: factors, Cells: cells}
	if cs := r.Averaged(b, 2); len(cs) != 1 || cs[0].values[1] != "z" || r.Averaged(b, 3) != nil || r.Averaged(Effect{Field: "c", Measure: "horizon"}, 0) != nil {
		t.Errorf("%+v", cs)
	}
}

// One factor alone has changes from its first value. One seed, whose interval
// over problems has their number as n, has a mean and no interval.
func TestEffectsOfOneFactor(t *testing.T) {
	one := experiments.Measured{Mean: 0.1, Lo: 0, Hi: 0.2, N: 60, BySeed: []experiments.Number{0.1}}
	two := experiments.Measured{Mean: 0.4, Lo: 0.3, Hi: 0.5, N: 60, BySeed: []experiments.Number{0.4}}
	es := effects([]Factor{{"a", []string{"1", "2"}}}, []CellResult{{values: []string{"1"}, Horizon: &one}, {values: []string{"2"}, Horizon: &two}})
	if len(es) != 1 || es[0].Levels[0].Mean.Mean != 0.1 || math.Abs(float64(es[0].Levels[1].Change.Mean)-0.3) > 1e-12 || !math.IsNaN(float64(es[0].Levels[1].Change.Lo)) {
		t.Errorf("%+v", es)
	}
	lost := experiments.Measured{Mean: 0.4, N: 1, BySeed: []experiments.Number{0.4, experiments.Number(math.NaN())}}
	if es := effects([]Factor{{"a", []string{"1"}}}, []CellResult{{values: []string{"1"}, Horizon: &lost}}); es != nil {
		t.Errorf("a seed without a value was averaged: %+v", es)
	}
}
