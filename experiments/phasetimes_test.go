package experiments

import (
	"testing"

	"ra3/experiments/store"
)

// A finished run's kept states tell the times of its phases, none more than all.
func TestPhaseTimes(t *testing.T) {
	dir := uninterrupted(t, resolved(t, "quick", smallest...), 1)
	run, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	times, err := PhaseTimes(run)
	if err != nil {
		t.Fatal(err)
	}
	s, err := SummaryOf(run)
	if err != nil {
		t.Fatal(err)
	}
	planned := map[string]int{}
	for _, stage := range Plan(resolved(t, "quick", smallest...)) {
		planned[stage.Phase] += stage.Updates
	}
	total, by := 0.0, map[string]int{}
	for _, x := range times {
		total += x.Seconds
		by[x.Phase] += x.Updates
	}
	if total <= 0 || total > s.WallSeconds {
		t.Errorf("%g s of %g", total, s.WallSeconds)
	}
	for _, phase := range []string{PhaseM, PhaseE, PhaseEval, PhaseRLVR} {
		if by[phase] == 0 || by[phase] > planned[phase] {
			t.Errorf("%s: %d updates of %d", phase, by[phase], planned[phase])
		}
	}
}
