package grid

import (
	"maps"
	"time"

	"ra3/experiments"
)

// Pace is how long updates took here, by phase: those of a phase resemble each
// other, those of two do not.
type Pace struct {
	seconds map[string]float64
	updates map[string]int
}

// Add notes updates of a phase.
func (p *Pace) Add(phase string, updates int, took time.Duration) {
	if p.seconds == nil {
		p.seconds, p.updates = map[string]float64{}, map[string]int{}
	}
	p.seconds[phase] += took.Seconds()
	p.updates[phase] += updates
}

// AddRun notes what a run's kept states tell of its phases.
func (p *Pace) AddRun(times []experiments.PhaseTime) {
	for _, t := range times {
		p.Add(t.Phase, t.Updates, time.Duration(t.Seconds*float64(time.Second)))
	}
}

// Or takes the phases that were not measured from elsewhere.
func (p Pace) Or(other Pace) Pace {
	out := p.Clone()
	for _, phase := range sortedKeys(other.updates) {
		if phase != "" && out.updates[phase] == 0 || len(p.updates) == 0 {
			out.Add(phase, other.updates[phase], time.Duration(other.seconds[phase]*float64(time.Second)))
		}
	}
	return out
}

// Phases is how many phases were measured, all together counting as one.
func (p Pace) Phases() int { return len(p.updates) }

// Covers says whether every one of these phases was measured.
func (p Pace) Covers(byPhase map[string]int) bool {
	for phase, n := range byPhase {
		if n > 0 && p.updates[phase] == 0 {
			return false
		}
	}
	return true
}

// Clone is a copy that later updates do not change.
func (p Pace) Clone() Pace { return Pace{maps.Clone(p.seconds), maps.Clone(p.updates)} }

// Estimate is how many seconds updates by phase take, and of how many of them
// the phase was measured; the others count with the mean of all. Without any
// measurement it is 0.
func (p Pace) Estimate(byPhase map[string]int) (seconds float64, measured int) {
	all, n := 0.0, 0
	for _, phase := range sortedKeys(p.updates) {
		all, n = all+p.seconds[phase], n+p.updates[phase]
	}
	if n == 0 {
		return 0, 0
	}
	for _, phase := range sortedKeys(byPhase) {
		if k := p.updates[phase]; k > 0 {
			seconds += float64(byPhase[phase]) * p.seconds[phase] / float64(k)
			measured += byPhase[phase]
			continue
		}
		seconds += float64(byPhase[phase]) * all / float64(n)
	}
	return seconds, measured
}

// Left counts by phase the updates that the tasks have before them.
func (a *Ablation) Left(tasks []Progress) map[string]int {
	left := map[string]int{}
	for i, t := range a.Tasks() {
		if i >= len(tasks) || tasks[i].State == Finished || tasks[i].State == Skipped {
			continue
		}
		made := tasks[i].Made
		for _, s := range experiments.Plan(t.Config) {
			done := min(made, s.Updates)
			made -= done
			left[s.Phase] += s.Updates - done
		}
	}
	return left
}
