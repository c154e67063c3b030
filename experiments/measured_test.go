package experiments

import (
	"math"
	"testing"
)

func TestMinus(t *testing.T) {
	a, b := OverSeeds([]float64{3, 5}), OverSeeds([]float64{1, 4})
	d := a.Minus(b)
	near(t, "mean", d.Mean, 1.5)
	near(t, "low", d.Lo, 1.5-12.706204736432095*0.5)
	if d := a.Minus(OverSeeds([]float64{1})); d.N != 0 {
		t.Errorf("seeds that do not pair: %+v", d)
	}
	if d := a.Minus(OverSeeds([]float64{1, math.NaN()})); d.N != 1 || len(d.BySeed) != 2 {
		t.Errorf("a gap: %+v", d)
	}
}

func TestMeasuredText(t *testing.T) {
	if got := OverSeeds([]float64{1, 1}).Text("%.2f"); got != "1.00 [1.00, 1.00]" {
		t.Error(got)
	}
	if got := OverSeeds([]float64{2, math.NaN()}); got.Text("%.1f") != "2.0" || got.BySeedText("%.1f") != "2.0, -" {
		t.Errorf("%s and %s", got.Text("%.1f"), got.BySeedText("%.1f"))
	}
	if got := OverSeeds(nil).Text("%g"); got != "-" {
		t.Error(got)
	}
}
