package experiments

import (
	"strings"
	"testing"
)

func TestMixedNamesWhatHoldsForSomeLanesOnly(t *testing.T) {
	c := resolved(t, "quick", oneSeed("lanes=[\"base\",\"ntp\",\"ra3\"]")...)
	plan := Plan(c)
	afterNTP, e1 := updatesIn(plan[:3]), startOf(plan, PhaseE, 1)
	for _, x := range []struct {
		made      int
		set, want string
	}{
		{afterNTP, "mid.learning_rate=0.01", "mid.learning_rate: NTP made with " + tomlValue(c.Mid.LearningRate) + ", RA3 with 0.01"},
		{2, "mid.learning_rate=0.01", ""}, {afterNTP, "ra3.temperature=0.5", ""}, {e1, "ra3.group=3", ""}, {e1, "rlvr.updates=3", ""},
	} {
		n, err := c.with([]string{x.set})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Mixed(c, n, x.made)
		if err != nil || strings.Join(got, "; ") != x.want {
			t.Errorf("%s after %d: %q, %v; want %q", x.set, x.made, got, err, x.want)
		}
	}
	c.Seeds = 2
	n := c
	n.Mid.LearningRate = 0.01
	second := 0
	for i, s := range Plan(c) {
		if s.Seed != c.Seed {
			second = updatesIn(Plan(c)[:i])
			break
		}
	}
	got, err := Mixed(c, n, second)
	if err != nil || len(got) != 1 || !strings.Contains(got[0], "seeds before") {
		t.Errorf("between two seeds: %q, %v", got, err)
	}
}
