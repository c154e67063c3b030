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
	if effects(factors[:1], cells) != nil {
		t.Error("one factor has effects beside its cells")
	}
}
