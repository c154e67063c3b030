package experiments

import "testing"

// Lanes come to a seed one after the other; the rows' n is said as it is.
func TestClimbSeeds(t *testing.T) {
	over := func(n ...int) (all []Climb) {
		for _, k := range n {
			all = append(all, Climb{Start: make([]float64, k)})
		}
		return all
	}
	for _, c := range []struct {
		all     []Climb
		planned int
		want    string
	}{{over(1, 1), 1, "1 seed"}, {over(3, 3, 3), 3, "3 seeds"}, {over(2, 2, 1), 3, "1 to 2 of 3 seeds"}, {over(1), 3, "1 of 3 seeds"}, {over(1, 0), 1, "0 to 1 of 1 seed"}, {over(2), 0, "2 seeds"}} {
		if got := ClimbSeeds(c.all, c.planned); got != c.want {
			t.Errorf("%d lanes of %d seeds: %q, want %q", len(c.all), c.planned, got, c.want)
		}
	}
}
