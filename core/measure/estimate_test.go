package measure

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func equalEstimates(a, b Estimate) bool {
	return same(a.Mean, b.Mean) && same(a.Lo, b.Lo) && same(a.Hi, b.Hi) && a.N == b.N && a.Interval == b.Interval
}

func TestTIntervalKnownQuantiles(t *testing.T) {
	// Two-sided quantiles from the usual table; values 0..n-1 have mean (n-1)/2
	// and variance n(n+1)/12.
	for _, c := range []struct {
		n     int
		level float64
		t     float64
	}{{2, .95, 12.70620}, {3, .95, 4.302653}, {5, .95, 2.776445}, {10, .95, 2.262157}, {5, .90, 2.131847}, {31, .99, 2.749996}} {
		values := make([]float64, c.n)
		for i := range values {
			values[i] = float64(i)
		}
		n := float64(c.n)
		e := TInterval(values, c.level)
		half := c.t * math.Sqrt(n*(n+1)/12/n)
		if e.Mean != (n-1)/2 || math.Abs(e.Hi-e.Mean-half) > 1e-5 || math.Abs(e.Mean-e.Lo-half) > 1e-5 {
			t.Errorf("n=%d level=%v: %+v, want half width %v", c.n, c.level, e, half)
		}
	}
	if e := TInterval([]float64{1, 2}, .95); e.Interval != "95% t over seeds" {
		t.Errorf("interval is called %q", e.Interval)
	}
}

func TestUnboundedCases(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	rng := seeded(1)
	for name, c := range map[string]struct {
		e    Estimate
		mean float64
		n    int
	}{
		"t, none":             {TInterval(nil, .95), nan, 0},
		"t, one":              {TInterval([]float64{3}, .95), 3, 1},
		"t, one beside a gap": {TInterval([]float64{nan, 3}, .95), 3, 1},
		"t, level":            {TInterval([]float64{1, 3}, 1), 2, 2},
		"t, infinite":         {TInterval([]float64{1, inf}, .95), inf, 2},
		"bootstrap, none":     {Bootstrap(nil, 100, .95, rng), nan, 0},
		"bootstrap, one":      {Bootstrap([]float64{3}, 100, .95, rng), 3, 1},
		"bootstrap, no draws": {Bootstrap([]float64{1, 3}, 0, .95, rng), 2, 2},
		"bootstrap, level":    {Bootstrap([]float64{1, 3}, 100, nan, rng), 2, 2},
		"bootstrap, infinite": {Bootstrap([]float64{1, inf}, 100, .95, rng), inf, 2},
	} {
		if !same(c.e.Mean, c.mean) || c.e.N != c.n || !math.IsNaN(c.e.Lo) || !math.IsNaN(c.e.Hi) {
			t.Errorf("%s: %+v, want mean %v of %d without bounds", name, c.e, c.mean, c.n)
		}
	}
}

func TestGapsDoNotTouchTheInput(t *testing.T) {
	values := []float64{1, math.NaN(), 3, math.NaN(), 5}
	kept := observed(values)
	if len(kept) != 3 || kept[0] != 1 || kept[1] != 3 || kept[2] != 5 {
		t.Errorf("kept %v", kept)
	}
	if values[2] != 3 || !math.IsNaN(values[1]) {
		t.Errorf("input became %v", values)
	}
}

func TestErrorIntervalIsTIntervals(t *testing.T) {
	values := []float64{1, 2, 4, 8, 9}
	want := TInterval(values, 0.95)
	got := ErrorInterval(want.Mean, stat.StdDev(values, nil)/math.Sqrt(5), 5, 0.95)
	if math.Abs(got.Lo-want.Lo) > 1e-12 || math.Abs(got.Hi-want.Hi) > 1e-12 || got.N != 5 {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, e := range []Estimate{ErrorInterval(1, 1, 1, 0.95), ErrorInterval(1, 0, 9, 0.95), ErrorInterval(1, math.Inf(1), 9, 0.95), ErrorInterval(math.NaN(), 1, 9, 0.95)} {
		if !math.IsNaN(e.Lo) || !math.IsNaN(e.Hi) {
			t.Errorf("%+v has bounds", e)
		}
	}
}
