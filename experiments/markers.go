package experiments

import (
	"maps"
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
		for _, prefix := range probes {
			if m, ok := marker(e.Lane, func(name string) (float64, bool) {
				v, ok := e.Measures[prefix+name]
				return v, ok
			}); ok {
				latest[e.Lane] = m
			}
		}
	}
	return inLanes(latest)
}

// Markers are those of the moment's newest measures.
func (m Moment) Markers() []theory.Marker {
	latest, seq := map[string]theory.Marker{}, map[string]int64{}
	for k, p := range m.Values {
		for _, prefix := range probes {
			if k.Measure != prefix+"log_effective" || p.Seq < seq[k.Lane] {
				continue
			}
			if x, ok := marker(k.Lane, func(name string) (float64, bool) {
				v, ok := m.Value(k.Lane, k.Phase, prefix+name)
				return v.Value, ok
			}); ok {
				latest[k.Lane], seq[k.Lane] = x, p.Seq
			}
		}
	}
	return inLanes(latest)
}

// probes are the prefixes of the measures: on held-out and on validation traces.
var probes = []string{"", "probe_"}

// marker places a lane by its measures.
func marker(lane string, get func(name string) (float64, bool)) (theory.Marker, bool) {
	logs, ok := get("log_effective")
	horizon, also := get("horizon")
	if !ok || !also || !(horizon > 0) {
		return theory.Marker{}, false
	}
	tau, _ := get("tau")
	return theory.Marker{Name: LaneTitle(lane), Lane: lane, Actions: theory.Number(math.Exp(logs / horizon)), Duration: theory.Number(max(1, tau))}, true
}

// inLanes lists markers in the order of the lanes.
func inLanes(of map[string]theory.Marker) []theory.Marker {
	names := LaneNames()
	for _, lane := range slices.Sorted(maps.Keys(of)) {
		if !slices.Contains(names, lane) {
			names = append(names, lane)
		}
	}
	var out []theory.Marker
	for _, lane := range names {
		if m, ok := of[lane]; ok {
			out = append(out, m)
		}
	}
	return out
}
