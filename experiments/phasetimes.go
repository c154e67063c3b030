package experiments

import (
	"slices"

	"ra3/experiments/store"
)

// PhaseTime is how long updates of a phase took.
type PhaseTime struct {
	Phase   string
	Updates int
	Seconds float64
}

// PhaseTimes measures a run's phases by the time of computing that its kept states
// tell: between two of them, where all updates are of one phase.
func PhaseTimes(run *store.Run) ([]PhaseTime, error) {
	c, err := ConfigOf(run)
	if err != nil {
		return nil, err
	}
	plan, err := planned(c)
	if err != nil {
		return nil, err
	}
	kept, err := run.Checkpoints()
	if err != nil {
		return nil, err
	}
	seconds := map[int]float64{0: 0} // by updates made
	var at []int
	for _, k := range kept {
		if k.Branch != store.Main || k.Update < 1 {
			continue
		}
		raw, err := run.CheckpointMeta(k.Branch, k.Update)
		if err != nil {
			return nil, err
		}
		meta, err := decodeMeta(raw)
		if err != nil {
			return nil, err
		}
		seconds[k.Update], at = meta.Seconds, append(at, k.Update)
	}
	slices.Sort(at)
	var phases []string // by update, from 0
	for _, s := range plan {
		for range s.Updates {
			phases = append(phases, s.Phase)
		}
	}
	var out []PhaseTime
	from := 0
	for _, to := range at {
		took, begun := seconds[to]-seconds[from], from
		from = to
		if to > len(phases) || took <= 0 || slices.ContainsFunc(phases[begun:to], func(p string) bool { return p != phases[begun] }) {
			continue
		}
		out = append(out, PhaseTime{phases[begun], to - begun, took})
	}
	return out, nil
}
