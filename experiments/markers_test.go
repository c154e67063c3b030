package experiments

import (
	"math"
	"testing"

	"ra3/experiments/store"
)

func TestMarkers(t *testing.T) {
	at := func(lane string, m store.Measures) store.Event { return store.Event{Lane: lane, Measures: m} }
	got := Markers([]store.Event{
		at("ra3", store.Measures{"probe_log_effective": 9, "probe_horizon": 3, "probe_tau": 2}),
		at("ntp", store.Measures{"probe_log_effective": 4, "probe_horizon": 2, "probe_tau": 0}),
		at("ra3", store.Measures{"log_effective": 2, "horizon": 4, "tau": 1.5}),
		at("ra3", store.Measures{"bound": 1}),
		at("base", store.Measures{"log_effective": 2, "horizon": 0}),
	})
	if len(got) != 2 || got[0].Name != LaneTitle("ntp") || got[1].Lane != "ra3" {
		t.Fatalf("%+v", got)
	}
	if math.Abs(float64(got[0].Actions)-math.Exp(2)) > 1e-12 || got[0].Duration != 1 || math.Abs(float64(got[1].Actions)-math.Exp(0.5)) > 1e-12 || got[1].Duration != 1.5 {
		t.Errorf("%+v", got)
	}
}
