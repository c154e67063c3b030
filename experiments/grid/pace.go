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
