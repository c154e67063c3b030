package measure

import (
	"math"
	"testing"
)

func close12(a, b float64) bool { return math.Abs(a-b) <= 1e-12 || math.IsNaN(a) && math.IsNaN(b) }

func TestNMIKnownValues(t *testing.T) {
	for _, c := range []struct {
		a, b []int
		want float64
	}{
		{[]int{0, 0, 1, 1}, []int{5, 5, -2, -2}, 1},
		{[]int{0, 0, 1, 1}, []int{0, 1, 0, 1}, 0},
		{[]int{0, 0, 1, 1}, []int{0, 0, 1, 2}, 0.8},
		{[]int{0, 0, 1, 1}, []int{0, 1, 2, 3}, 2. / 3},
		{[]int{0, 0, 0, 0}, []int{0, 1, 2, 3}, 0},
		{[]int{3, 3}, []int{9, 9}, 1},
		{nil, nil, math.NaN()},
	} {
		if got := NMI(c.a, c.b); !close12(got, c.want) {
			t.Errorf("NMI(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestNMIProperties(t *testing.T) {
	rng := seeded(21)
	for range 300 {
		n, ka, kb := 2+rng.IntN(80), 1+rng.IntN(9), 1+rng.IntN(9)
		a, b := make([]int, n), make([]int, n)
		for i := range a {
			a[i], b[i] = rng.IntN(ka), rng.IntN(kb)
		}
		v := NMI(a, b)
		if !(v >= 0 && v <= 1) || !close12(NMI(b, a), v) || !close12(NMI(a, a), 1) {
			t.Fatalf("NMI %v, reversed %v, with itself %v", v, NMI(b, a), NMI(a, a))
		}
		rename := rng.Perm(ka)
		renamed := make([]int, n)
		for i := range a {
			renamed[i] = 100 - rename[a[i]]
		}
		if got := NMI(renamed, b); got != v {
			t.Fatalf("renaming clusters moved NMI from %v to %v", v, got)
		}
		if got, want := Purity(renamed, b), Purity(a, b); got != want {
			t.Fatalf("renaming clusters moved purity from %v to %v", want, got)
		}
		order := rng.Perm(n)
		shuffledA, shuffledB := make([]int, n), make([]int, n)
		for i, from := range order {
			shuffledA[i], shuffledB[i] = a[from], b[from]
		}
		if got := NMI(shuffledA, shuffledB); !close12(got, v) {
			t.Fatalf("reordering items moved NMI from %v to %v", v, got)
		}
	}
}

func TestPurity(t *testing.T) {
	// The example of Manning et al., figure 16.4: (5 + 4 + 3) / 17.
	pred := []int{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3}
	truth := []int{1, 1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 3, 1, 1, 3, 3, 3}
	if got := Purity(pred, truth); !close12(got, 12./17) {
		t.Errorf("purity %v, want %v", got, 12./17)
	}
	if got := NMI(pred, truth); math.Abs(got-0.36) > 0.005 {
		t.Errorf("NMI %v, want 0.36", got)
	}
	if got := Purity([]int{1, 2, 3}, []int{1, 1, 2}); got != 1 {
		t.Errorf("singletons have purity %v", got)
	}
	if got := Purity(nil, nil); !math.IsNaN(got) {
		t.Errorf("purity of nothing %v", got)
	}
}

func TestBoundaryScores(t *testing.T) {
	pred := []bool{true, true, false, false, true}
	truth := []bool{true, false, true, false, true}
	precision, recall := BoundaryScores(pred, truth)
	if !close12(precision, 2./3) || !close12(recall, 2./3) {
		t.Errorf("precision %v, recall %v, want 2/3 each", precision, recall)
	}
	precision, recall = BoundaryScores([]bool{false, false}, []bool{true, false})
	if !math.IsNaN(precision) || recall != 0 {
		t.Errorf("no predictions: precision %v, recall %v", precision, recall)
	}
	if precision, recall = BoundaryScores(nil, nil); !math.IsNaN(precision) || !math.IsNaN(recall) {
		t.Errorf("nothing: precision %v, recall %v", precision, recall)
	}
}

func TestEntropy(t *testing.T) {
	for _, c := range []struct {
		counts []float64
		want   float64
	}{
		{[]float64{1, 1, 1, 1}, math.Log(4)},
		{[]float64{7, 0, 0}, 0},
		{[]float64{3, 1}, -.75*math.Log(.75) - .25*math.Log(.25)},
		{nil, math.NaN()},
		{[]float64{0, 0}, math.NaN()},
		{[]float64{1, -1}, math.NaN()},
		{[]float64{1, math.NaN()}, math.NaN()},
		{[]float64{1, math.Inf(1)}, math.NaN()},
	} {
		if got := Entropy(c.counts); !close12(got, c.want) {
			t.Errorf("Entropy(%v) = %v, want %v", c.counts, got, c.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		starts []bool
		want   float64
	}{
		{[]bool{true, false, false, true}, 2},
		{[]bool{false, false, true}, 1.5},
		{[]bool{true, true}, 1},
		{nil, math.NaN()},
	} {
		if got := Durations(c.starts); !close12(got, c.want) {
			t.Errorf("Durations(%v) = %v, want %v", c.starts, got, c.want)
		}
	}
}
