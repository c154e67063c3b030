package measure

import (
	"math"
	"math/bits"
	"testing"
)

// enumeratedPassAtK counts, over all k-subsets of n samples of which the first c
// are correct, those that hold a correct one.
func enumeratedPassAtK(n, c, k int) float64 {
	subsets, hits := 0, 0
	for set := uint(0); set < 1<<n; set++ {
		if bits.OnesCount(set) != k {
			continue
		}
		subsets++
		if set&(1<<c-1) != 0 {
			hits++
		}
	}
	return float64(hits) / float64(subsets)
}

func TestPassAtKMatchesEnumeration(t *testing.T) {
	for n := 1; n <= 10; n++ {
		for c := 0; c <= n; c++ {
			for k := 1; k <= n; k++ {
				got, want := PassAtK(n, c, k), enumeratedPassAtK(n, c, k)
				if math.Abs(got-want) > 1e-14 {
					t.Errorf("PassAtK(%d, %d, %d) = %v, enumeration gives %v", n, c, k, got, want)
				}
			}
		}
	}
}

func TestPassAtKLargeArguments(t *testing.T) {
	if got, want := PassAtK(10000, 37, 1), 0.0037; math.Abs(got-want) > 1e-14 {
		t.Errorf("pass@1 = %v, want the share that passed, %v", got, want)
	}
	last := 0.0
	for k := 1; k <= 200; k++ {
		got := PassAtK(200, 3, k)
		if got < last || got > 1 {
			t.Fatalf("PassAtK(200, 3, %d) = %v after %v: must rise within [0, 1]", k, got, last)
		}
		last = got
	}
}

func TestPassAtKImpossible(t *testing.T) {
	for _, a := range [][3]int{{4, 1, 5}, {0, 0, 1}, {4, -1, 1}, {4, 5, 1}, {4, 1, 0}, {4, 1, -1}, {-1, 0, 1}} {
		if got := PassAtK(a[0], a[1], a[2]); !math.IsNaN(got) {
			t.Errorf("PassAtK%v = %v, want NaN", a, got)
		}
	}
}

func TestMeanPassAtK(t *testing.T) {
	got := MeanPassAtK([]Trials{{N: 4, Correct: 1}, {N: 1, Correct: 1}, {N: 4, Correct: 0}}, 2)
	if len(got) != 3 || math.Abs(got[0]-0.5) > 1e-15 || !math.IsNaN(got[1]) || got[2] != 0 {
		t.Errorf("got %v, want [0.5 NaN 0]", got)
	}
	if got := MeanPassAtK(nil, 1); len(got) != 0 {
		t.Errorf("no problems give %v", got)
	}
}
