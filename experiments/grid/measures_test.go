package grid

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ra3/core/measure"
	"ra3/experiments"
)

// What an interval says depends on which direction is better, and on whether
// zero means anything.
func TestReadings(t *testing.T) {
	over := func(lo, hi float64) *experiments.Measured {
		return &experiments.Measured{Lo: experiments.Number(lo), Hi: experiments.Number(hi), Mean: experiments.Number((lo + hi) / 2), N: 3}
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name          string
		x             *experiments.Measured
		value, change Reading
	}{
		{"ra3-ntp", over(0.1, 0.2), Better, Better}, {"ra3-ntp", over(-0.2, -0.1), Worse, Worse}, {"ra3-ntp", over(-0.1, 0.1), Indistinct, Indistinct},
		{"horizon", over(0.1, 0.2), Worse, Worse}, {"horizon", over(-0.2, -0.1), Better, Better}, {"log-effective", over(1, 2), Worse, Worse},
		{"exact-gap", over(0.1, 0.2), NoReading, Worse}, {"exact-gap", over(-0.2, -0.1), NoReading, Better}, {"ra3", over(0.1, 0.2), NoReading, Better},
		{"ra3-ntp", over(0, 0), Identical, Identical}, {"ra3", over(0, 0), NoReading, Identical}, {"ra3-ntp", over(0, 0.1), Indistinct, Indistinct},
		{"ra3-ntp", over(nan, nan), NoReading, NoReading}, {"gate", over(0.1, inf), NoReading, NoReading}, {"gate", nil, NoReading, NoReading},
	} {
		m, ok := MeasureNamed(c.name)
		if !ok {
			t.Fatalf("no measure %s", c.name)
		}
		if m.Read(c.x) != c.value || m.ReadChange(c.x) != c.change {
			t.Errorf("%s %+v: %q and %q, want %q and %q", c.name, c.x, m.Read(c.x), m.ReadChange(c.x), c.value, c.change)
		}
	}
	if _, ok := MeasureNamed("nope"); ok || Value("nope", &CellResult{}) != nil {
		t.Error("a measure that is none")
	}
	said := Directions()
	for _, m := range Measures() {
		if m.Title == "" || m.Short == "" || m.Map == "" || m.Unit == "" || m.Brief == "" || m.Note == "" || m.Better == 0 || m.Of(&CellResult{}) != nil || !strings.Contains(said, m.Short) {
			t.Errorf("%+v", m)
		}
	}
}

// Every measure has its map and its effects, under the names that are offered.
func TestEveryFigure(t *testing.T) {
	_, r := mapOf(t)
	var names []string
	for _, f := range r.Every() {
		names = append(names, f.Name)
		if !slices.Contains(FigureNames(), f.Name) {
			t.Errorf("%s is not offered", f.Name)
		}
		if f.Kind == measure.Bars && (len(f.Series[0].X) != len(f.Categories) || len(f.Series[0].Lo) != len(f.Categories)) {
			t.Errorf("%+v", f)
		}
	}
	for _, want := range []string{"ra3-ntp", "horizon", "exact-gap", "gate", "effects-gate"} {
		if !slices.Contains(names, want) {
			t.Errorf("%v lacks %s", names, want)
		}
	}
	gate, _ := MeasureNamed("gate")
	f, ok := r.EffectFigure(gate)
	if !ok || strings.Join(f.Categories, " ") != "traces=20 traces=40 nuisance=0 nuisance=2" || f.Series[0].Y[3] != -1.5 || !strings.Contains(f.Caption, "Higher is better") {
		t.Errorf("%v %+v", ok, f)
	}
}
