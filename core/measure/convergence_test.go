package measure

import (
	"math"
	"testing"
)

func TestAUC(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		x, y []float64
		want float64
	}{
		{"constant", []float64{0, 1, 10}, []float64{3, 3, 3}, 3},
		{"ramp", []float64{2, 4}, []float64{0, 1}, .5},
		{"uneven steps", []float64{0, 1, 3}, []float64{0, 1, 1}, 2.5 / 3},
		{"bridged gap", []float64{0, 1, 2}, []float64{0, nan, 1}, .5},
		{"leading gap", []float64{0, 1, 2}, []float64{nan, 1, 3}, 2},
		{"one point", []float64{1}, []float64{1}, nan},
		{"empty", nil, nil, nan},
		{"no range", []float64{1, 1}, []float64{0, 1}, nan},
		{"falling", []float64{0, 2, 1}, []float64{0, 1, 1}, nan},
		{"all gaps", []float64{0, 1}, []float64{nan, nan}, nan},
	} {
		if got := AUC(c.x, c.y); !close12(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAUCScales(t *testing.T) {
	rng := seeded(41)
	x, y := make([]float64, 50), make([]float64, 50)
	tokens, scaled := make([]float64, 50), make([]float64, 50)
	at := 0.0
	for i := range x {
		at += rng.Float64()
		x[i], y[i] = at, rng.Float64()
		tokens[i], scaled[i] = 1e6+2400*at, 2*y[i]+1
	}
	if got, want := AUC(tokens, scaled), 2*AUC(x, y)+1; math.Abs(got-want) > 1e-9 {
		t.Errorf("rescaled axes give %v, want %v", got, want)
	}
}

func TestFirstReach(t *testing.T) {
	nan := math.NaN()
	x := []float64{0, 10, 20, 30, 40, 50}
	tenth := []float64{.1, .1, .1, .1, .1, .1}
	for _, c := range []struct {
		name  string
		y     []float64
		level float64
		w     int
		want  float64
		ok    bool
	}{
		{"plain crossing", []float64{0, .6, 0, .6, .6, .6}, .5, 1, 10, true},
		{"a lucky point does not count", []float64{0, .6, 0, .6, .6, .6}, .5, 3, 30, true},
		{"noise afterwards does not undo", []float64{0, .6, .45, .6, .2, .6}, .5, 3, 10, true},
		{"must itself reach", []float64{.4, .9, .9, .9, .9, .9}, .5, 3, 10, true},
		{"not confirmed before the end", []float64{0, 0, 0, 0, 0, .9}, .5, 2, nan, false},
		{"never", []float64{0, .1, .2, .3, .4, .45}, .5, 1, nan, false},
		{"exactly at the level", tenth, .1, 6, 0, true},
		{"window below one", []float64{0, .6, 0, 0, 0, 0}, .5, -2, 10, true},
		{"gaps", []float64{nan, .6, nan, .6, nan, nan}, .5, 2, 10, true},
		{"window beyond the series", []float64{1, 1, 1, 1, 1, 1}, .5, 7, nan, false},
		{"level is no number", []float64{1, 1, 1, 1, 1, 1}, nan, 1, nan, false},
	} {
		got, ok := FirstReach(x, c.y, c.level, c.w)
		if !same(got, c.want) || ok != c.ok {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
	if _, ok := FirstReach(nil, nil, 0, 1); ok {
		t.Error("an empty series reached a level")
	}
}

func TestLogMeanExp(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		xs   []float64
		want float64
	}{
		{[]float64{2}, 2},
		{[]float64{math.Log(1), math.Log(3)}, math.Ln2},
		{[]float64{-1e5, -1e5}, -1e5},
		{[]float64{1e5, -inf}, 1e5 - math.Ln2},
		{[]float64{-inf, -inf}, -inf},
		{[]float64{inf, 0}, inf},
		{[]float64{0, math.NaN()}, math.NaN()},
		{[]float64{inf, math.NaN()}, math.NaN()},
		{nil, math.NaN()},
	} {
		if got := LogMeanExp(c.xs); !(got == c.want || close12(got, c.want)) {
			t.Errorf("LogMeanExp(%v) = %v, want %v", c.xs, got, c.want)
		}
	}
	rng := seeded(42)
	for range 200 {
		xs := make([]float64, 1+rng.IntN(30))
		mean, largest := 0.0, -inf
		for i := range xs {
			xs[i] = 20 * rng.NormFloat64()
			mean += xs[i] / float64(len(xs))
			largest = max(largest, xs[i])
		}
		if got := LogMeanExp(xs); got < mean-1e-9 || got > largest+1e-9 {
			t.Fatalf("LogMeanExp %v outside mean %v and largest %v", got, mean, largest)
		}
	}
}
