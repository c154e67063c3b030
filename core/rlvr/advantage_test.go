package rlvr

import (
	"math"
	"testing"
)

func grouped(rewards ...float64) []rollout {
	g := make([]rollout, len(rewards))
	for i, r := range rewards {
		g[i].reward = r
	}
	return g
}

func TestAdvantages(t *testing.T) {
	// Mean 3/8, squared deviations 25/64 + 9/64 + 1/64 + 9/64 = 44/64.
	deviation := math.Sqrt(11.0 / 64)
	for _, c := range []struct {
		settings Settings
		want     []float64
	}{
		{Settings{}, []float64{1 - 0.5/3, -0.5, 0.5 - 1.0/3, -0.5}},
		{Settings{Advantage: LeaveOneOut}, []float64{1 - 0.5/3, -0.5, 0.5 - 1.0/3, -0.5}},
		{Settings{Advantage: GroupMean}, []float64{0.625, -0.375, 0.125, -0.375}},
		{Settings{Advantage: GroupMean, Std: true}, []float64{0.625 / deviation, -0.375 / deviation, 0.125 / deviation, -0.375 / deviation}},
		{Settings{Std: true}, []float64{(1 - 0.5/3) / deviation, -0.5 / deviation, (0.5 - 1.0/3) / deviation, -0.5 / deviation}},
	} {
		group := grouped(1, 0, 0.5, 0)
		c.settings.compare(group)
		var sum float64
		for i, want := range c.want {
			near(t, "advantage", group[i].advantage, want, 1e-12)
			sum += group[i].advantage
			if !group[i].varies {
				t.Error("unequal rewards do not vary")
			}
		}
		near(t, "sum", sum, 0, 1e-12)
		for _, r := range []float64{0, 1, 0.1} {
			group = grouped(r, r, r)
			c.settings.compare(group)
			for _, x := range group {
				if x.varies || x.advantage != 0 {
					t.Errorf("%+v: equal rewards %g vary (%v), or have advantage %g", c.settings, r, x.varies, x.advantage)
				}
			}
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	good := Settings{Credit: CreditAll}
	for _, change := range []func(*Settings){
		func(*Settings) {},
		func(s *Settings) { s.Advantage, s.Aggregation, s.Mix = GroupMean, PerSequence, MixAdaptive },
		func(s *Settings) { s.Clip, s.ClipHigh = 0.2, 0.28 },
	} {
		s := good
		change(&s)
		if err := s.Validate(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for _, change := range []func(*Settings){
		func(s *Settings) { s.Credit = "code" },
		func(s *Settings) { s.Advantage = "median" },
		func(s *Settings) { s.Aggregation = "mean" },
		func(s *Settings) { s.Mix = "random" },
		func(s *Settings) { s.ClipHigh = 0.2 },
	} {
		s := good
		change(&s)
		if s.Validate() == nil {
			t.Errorf("%+v was taken", s)
		}
	}
}
