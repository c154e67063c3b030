package experiments

import (
	"math"
	"testing"
)

func TestVerdictRule(t *testing.T) {
	aim := func(x float64) *float64 { return &x }
	m := func(lo, hi float64) Measured {
		return Measured{Mean: Number((lo + hi) / 2), Lo: Number(lo), Hi: Number(hi), N: 3}
	}
	nan := math.NaN()
	for i, c := range []struct {
		e    Evidence
		want string
	}{
		{Evidence{Measured: m(0.01, 0.2)}, Supported},
		{Evidence{Measured: m(-0.01, 0.2)}, Undecided},
		{Evidence{Measured: m(-0.2, -0.01)}, NotSupported},
		{Evidence{Measured: m(nan, nan)}, Undecided},
		{Evidence{Measured: m(0.01, 0.2), Below: true}, NotSupported},
		{Evidence{Measured: m(-0.2, -0.1), Below: true}, Supported},
		{Evidence{Measured: m(0.01, 0.03), Aim: aim(0.04)}, NotSupported},
		{Evidence{Measured: m(0.01, 0.05), Aim: aim(0.04)}, Supported},
		{Evidence{Measured: m(-0.01, 0.05), Aim: aim(0.04)}, Undecided},
		{Evidence{Measured: m(-3, -1), Below: true, Aim: aim(-4)}, NotSupported},
		{Evidence{Measured: m(-5, -1), Below: true, Aim: aim(-4)}, Supported},
		{Evidence{Measured: m(0.82, 0.9), Bound: 0.8}, Supported},
		{Evidence{Measured: m(0.7, 0.79), Bound: 0.8}, NotSupported},
		{Evidence{Measured: m(0.7, 0.9), Bound: 0.8}, Undecided},
		{Evidence{Measured: m(0.01, 0.04), Bound: 0.05, Below: true}, Supported},
		{Evidence{Measured: m(0.06, 0.07), Bound: 0.05, Below: true}, NotSupported},
		{Evidence{Measured: m(1, 2), Partial: true}, Undecided},
		{Evidence{Measured: m(1, 2), AtMost: true}, Undecided},
		{Evidence{Measured: m(-2, -1), AtMost: true}, NotSupported},
		{Evidence{Measured: m(0.1, 0.5), AtMost: true, Aim: aim(1)}, NotSupported},
		{Evidence{Measured: m(1, 2), Unclaimed: true}, ""},
		{Evidence{}, NotMeasured},
	} {
		if c.e.judge(); c.e.Verdict != c.want {
			t.Errorf("%d: %s, want %s", i, c.e.Verdict, c.want)
		}
		// Means of 0.03 for an aim of 0.04, and of -3 for -4.
		if short := i == 7 || i == 10; c.e.short() != short {
			t.Errorf("%d: short of the aim: %v", i, !short)
		}
	}
}

func TestClaimsFromSummary(t *testing.T) {
	over := func(values ...float64) Measured { return OverSeeds(values) }
	passes := func(values ...float64) map[string]map[string]Comparison {
		return map[string]map[string]Comparison{Average: {Average: compared(over(values...))}}
	}
	s := &Summary{
		Differences: map[string]map[string]map[string]Comparison{"ra3-ntp": passes(0.05, 0.06, 0.055), "ra3-base": passes(0.3, -0.3, 0.1)},
		Pruning: map[string]PruningSummary{
			"ntp": {LogEffective: over(9, 9.5), Recall: over(0.9, 0.9), Horizon: over(6, 6)}, "ra3": {LogEffective: over(8, 8.5), Recall: over(0.895, 0.8951), Horizon: over(7, 7.05)}},
		SpeedUps: map[string]SpeedUp{"ra3-ntp": {Ratio: []Number{4, Number(math.NaN())}, Log2: over(2, math.NaN()), AUC: compared(over(0.1, 0.11)), Final: compared(over(0.1, 0.1))}},
		Latents: LatentSummary{Iterations: []map[string]Measured{
			{"nmi": over(0.5, 0.5), "exact_bound": over(-30, -20), "exact_gap": over(3, 2)},
			{"nmi": over(0.9, 0.91), "exact_bound": over(-20, -10), "exact_certified": over(-20.25, -10.75), "exact_gap": over(0.2, 0.1)}}},
	}
	want := []string{Supported, Undecided, NotMeasured, Supported, NotSupported, Undecided, Supported, Supported, Supported}
	for i, c := range Claims(s) {
		if c.Number != i+1 || c.Verdict != want[i] {
			t.Errorf("claim %d %s: %s, want %s\n%+v", c.Number, c.Text, c.Verdict, want[i], c.Evidence)
		}
	}
	near(t, "relative gap", s.ExactGap().Mean, 0.01)
	near(t, "NMI", s.NMI().Mean, 0.905)
	near(t, "relative gap of the initial sampler", s.initialGap().Mean, 0.1)
	near(t, "slack of the exact bound", s.exactSlack().Mean, 0.5)
	// Small sets that miss the expert's action are no pruning.
	lost := s.Pruning["ra3"]
	lost.Recall = over(0.85, 0.8501)
	s.Pruning["ra3"] = lost
	if c := Claims(s)[3]; c.Verdict != NotSupported {
		t.Errorf("recall lost: %s", c.Verdict)
	}
	lost.Recall = Measured{}
	s.Pruning["ra3"] = lost
	if c := Claims(s)[3]; c.Verdict != Undecided || len(c.Evidence) != 2 || c.Evidence[1].Verdict != NotMeasured || c.Evidence[1].Text("%.1f") != "-" {
		t.Errorf("recall not measured: %+v", c)
	}
	// Every seed has a ratio, one an upper bound: refuted where even those are slow.
	speed := SpeedUp{Ratio: []Number{0.5, 0.5}, Censored: []bool{false, true}, Log2: over(-1, -1), AUC: compared(over(0.1, 0.11))}
	s.SpeedUps["ra3-ntp"] = speed
	if c := Claims(s)[5]; c.Verdict != NotSupported {
		t.Errorf("slow at most: %s", c.Verdict)
	}
	speed.Log2 = over(2, 2)
	s.SpeedUps["ra3-ntp"] = speed
	if c := Claims(s)[5]; c.Verdict != Undecided {
		t.Errorf("fast at most: %s", c.Verdict)
	}
	for _, c := range Claims(&Summary{}) {
		if c.Verdict != NotMeasured || len(c.Evidence) > 0 {
			t.Errorf("claim %d of nothing: %+v", c.Number, c)
		}
	}
}
