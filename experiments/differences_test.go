package experiments

import (
	"math"
	"testing"
)

// A verdict is of an interval: where there is none, that is what is said.
func TestComparisonSays(t *testing.T) {
	nan := Number(math.NaN())
	for _, c := range []struct {
		want string
		m    Measured
	}{
		{"higher", Measured{Mean: 0.2, Lo: 0.1, Hi: 0.3, N: 60}}, {"lower", Measured{Mean: -0.2, Lo: -0.3, Hi: -0.1, N: 3}},
		{"not distinguishable", Measured{Mean: 0.2, Lo: -0.1, Hi: 0.5, N: 3}},
		{"one seed: no interval", Measured{Mean: 0.2, Lo: nan, Hi: nan, N: 1}}, {"no interval", Measured{Mean: 0.2, Lo: nan, Hi: nan, N: 2}},
		{"no value", Measured{Mean: nan, Lo: nan, Hi: nan}},
	} {
		if got := compared(c.m).Says(); got != c.want {
			t.Errorf("%+v says %q, want %q", c.m, got, c.want)
		}
	}
	// Post-training of one seed has no interval over seeds.
	one := compared(estimate([]float64{-0.1}, nil, ""))
	s := &Summary{SpeedUps: map[string]SpeedUp{"ra3-ntp": {AUC: one, Final: one}}}
	for _, name := range []string{"verdict on the area", "verdict on the final level"} {
		if cell, ok := SpeedRows(s).Cell(0, name); !ok || cell.Text != "one seed: no interval" {
			t.Errorf("%s: %q", name, cell.Text)
		}
	}
}
