package experiments

import "testing"

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		n     int
		thing string
		want  string
	}{{0, "cell", "0 cells"}, {1, "cell", "1 cell"}, {2, "seed", "2 seeds"}, {1, "match", "1 match"}, {3, "match", "3 matches"}, {2, "query", "2 queries"}, {2, "day", "2 days"}} {
		if got := Plural(c.n, c.thing); got != c.want {
			t.Errorf("%d of %q: %q, want %q", c.n, c.thing, got, c.want)
		}
	}
}
