package experiments

import (
	"math"
	"slices"

	"ra3/core/theory"
	"ra3/experiments/store"
)

// Markers place a run's lanes beside the theory lab's finite families, from each
// lane's latest measure of its decisions on expert traces: effective actions are
// exp(sum of log n95 / decisions that are not trivial), the geometric mean over
// decisions that are; duration is the mean span in lines, 1 without latents. A
// lane that was not measured has no marker.
func Markers(events []store.Event) []theory.Marker {
	latest := map[string]theory.Marker{}
	for _, e := range events {
		for _, prefix := range []string{"", "probe_"} {
			logs, ok := e.Measures[prefix+"log_effective"]
			if horizon := e.Measures[prefix+"horizon"]; ok && horizon > 0 {
				latest[e.Lane] = theory.Marker{Name: LaneTitle(e.Lane), Lane: e.Lane, Actions: theory.Number(math.Exp(logs / horizon)),
					Duration: theory.Number(max(1, e.Measures[prefix+"tau"]))}
			}
		}
	}
	var out []theory.Marker
	names := LaneNames()
	for lane := range latest {
		if !slices.Contains(names, lane) {
			names = append(names, lane)
		}
	}
	slices.Sort(names[len(LaneNames()):])
	for _, lane := range names {
		if m, ok := latest[lane]; ok {
			out = append(out, m)
		}
	}
	return out
}
