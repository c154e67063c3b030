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
		"paired": {seeded(3), .1, .90, .98, func(rng *rand.Rand) Estimate {
			a, b := make([]float64, 60), make([]float64, 60)
			for i := range a {
				shared := 5 * rng.NormFloat64()
				a[i], b[i] = shared+.1+.2*rng.NormFloat64(), shared+.2*rng.NormFloat64()
			}
			return PairedDifference(a, b, 300, .95, rng)
		}},
		"seeds and problems": {seeded(4), 1, .90, .99, func(rng *rand.Rand) Estimate {
			bySeed := make([][]float64, 12)
			for s := range bySeed {
				level := 1 + .3*rng.NormFloat64()
				bySeed[s] = make([]float64, 20)
				for i := range bySeed[s] {
					bySeed[s][i] = level + rng.NormFloat64()
				}
			}
			return HierarchicalBootstrap(bySeed, 200, .95, rng)
		}},
	} {
		got := coverage(trials, c.truth, func() Estimate { return c.interval(c.rng) })
		t.Logf("%s: coverage %.3f", name, got)
		if got < c.lo || got > c.hi {
			t.Errorf("%s: 95%% intervals held the truth in %.3f of trials, want %v to %v", name, got, c.lo, c.hi)
		}
	}
}

func TestPairingHelps(t *testing.T) {
	rng := seeded(5)
	a, b := make([]float64, 200), make([]float64, 200)
	for i := range a {
		difficulty := rng.Float64()
		a[i], b[i] = difficulty+.02, difficulty
	}
	e := PairedDifference(a, b, 400, .95, rng)
	if !Distinguishable(e) || math.Abs(e.Mean-.02) > 1e-12 || e.Interval != "95% paired bootstrap" {
		t.Errorf("a constant gain of .02 gave %+v", e)
	}
	back := PairedDifference(b, a, 400, .95, seeded(5))
	if math.Abs(back.Mean+e.Mean) > 1e-12 || !Distinguishable(back) {
		t.Errorf("swapped lanes gave %+v", back)
	}
	b[0] = math.NaN()
	if e := PairedDifference(a, b, 100, .95, rng); e.N != 199 {
		t.Errorf("a gap in one lane leaves %d pairs, want 199", e.N)
	}
}

func TestHierarchicalWeighsSeedsAlike(t *testing.T) {
	e := HierarchicalBootstrap([][]float64{{0, 0, 0, 0, 0, 0}, {1, 1}, nil}, 400, .95, seeded(6))
	if e.Mean != .5 || e.N != 8 || e.Lo != 0 || e.Hi != 1 || e.Interval != "95% bootstrap over 2 seeds and their problems" {
		t.Errorf("unexpected estimate %+v", e)
	}
}

func TestSpreadBetweenSeedsWidens(t *testing.T) {
	rng := seeded(8)
	bySeed := make([][]float64, 6)
	var pooled []float64
	for s := range bySeed {
		for range 50 {
			bySeed[s] = append(bySeed[s], float64(s)+rng.NormFloat64())
		}
		pooled = append(pooled, bySeed[s]...)
	}
	nested, flat := HierarchicalBootstrap(bySeed, 400, .95, rng), Bootstrap(pooled, 400, .95, rng)
	if nested.Hi-nested.Lo < 2*(flat.Hi-flat.Lo) {
		t.Errorf("seeds that differ gave %+v, pooled problems %+v", nested, flat)
	}
}

func TestLengthsMustMatch(t *testing.T) {
	for name, f := range map[string]func(){
		"paired":     func() { PairedDifference([]float64{1}, nil, 10, .95, seeded(1)) },
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
