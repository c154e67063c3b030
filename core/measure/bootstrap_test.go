package measure

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestQuantile(t *testing.T) {
	sorted := []float64{1, 2, 4, 8}
	for p, want := range map[float64]float64{0: 1, 1: 8, 0.5: 3, 1. / 3: 2, 0.25: 1.75} {
		if got := quantile(sorted, p); math.Abs(got-want) > 1e-12 {
			t.Errorf("quantile %v = %v, want %v", p, got, want)
		}
	}
	if got := quantile([]float64{5}, 0.975); got != 5 {
		t.Errorf("quantile of one value = %v", got)
	}
}

func TestBootstrapIsSeeded(t *testing.T) {
	values := []float64{0, 1, 1, 0, 1, .5}
	a, b := Bootstrap(values, 500, .95, seeded(3)), Bootstrap(values, 500, .95, seeded(3))
	if !equalEstimates(a, b) {
		t.Errorf("one seed gave %+v and %+v", a, b)
	}
	if !(a.Lo < a.Mean && a.Mean < a.Hi && a.Lo >= 0 && a.Hi <= 1) || a.N != 6 || a.Interval != "95% bootstrap over problems" {
		t.Errorf("unexpected estimate %+v", a)
	}
	if wide := Bootstrap(values, 500, .99, seeded(3)); wide.Hi-wide.Lo <= a.Hi-a.Lo {
		t.Errorf("99%% interval %+v is no wider than %+v", wide, a)
	}
}

// coverage is the share of trials whose interval holds truth.
func coverage(trials int, truth float64, interval func() Estimate) float64 {
	inside := 0
	for range trials {
		if e := interval(); e.Lo <= truth && truth <= e.Hi {
			inside++
		}
	}
	return float64(inside) / float64(trials)
}

// The ranges below are wide: with 400 trials the standard error of a coverage
// near .95 is .011, and percentile intervals are known to cover a little less
// than they say.
func TestCoverage(t *testing.T) {
	const trials = 400
	for name, c := range map[string]struct {
		rng      *rand.Rand
		truth    float64
		lo, hi   float64
		interval func(*rand.Rand) Estimate
	}{
		"bootstrap over problems": {seeded(1), .3, .90, .98, func(rng *rand.Rand) Estimate {
			values := make([]float64, 80)
			for i := range values {
				if rng.Float64() < .3 {
					values[i] = 1
				}
			}
			return Bootstrap(values, 300, .95, rng)
		}},
		"t over 5 seeds": {seeded(2), 2, .92, .98, func(rng *rand.Rand) Estimate {
			values := make([]float64, 5)
			for i := range values {
				values[i] = 2 + rng.NormFloat64()
			}
			return TInterval(values, .95)
		}},
	} {
		got := coverage(trials, c.truth, func() Estimate { return c.interval(c.rng) })
		t.Logf("%s: coverage %.3f", name, got)
		if got < c.lo || got > c.hi {
			t.Errorf("%s: 95%% intervals held the truth in %.3f of trials, want %v to %v", name, got, c.lo, c.hi)
		}
	}
}

func TestLengthsMustMatch(t *testing.T) {
	for name, f := range map[string]func(){
		"NMI":        func() { NMI([]int{1}, nil) },
		"purity":     func() { Purity([]int{1}, nil) },
		"boundaries": func() { BoundaryScores([]bool{true}, nil) },
		"AUC":        func() { AUC([]float64{1}, nil) },
		"reach":      func() { FirstReach([]float64{1}, nil, 0, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: slices of different lengths were accepted", name)
				}
			}()
			f()
		}()
	}
}
