package experiments

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestSpeedUp(t *testing.T) {
	r := &Results{}
	curve := func(seed int, lane string, tokens, y []float64) {
		for i := range y {
			r.RLVR = append(r.RLVR, RLPoint{Seed: seed, Lane: lane, Update: i, Tokens: Number(tokens[i]), HeldOut: ptr(y[i])})
			r.RLVR = append(r.RLVR, RLPoint{Seed: seed, Lane: lane, Update: i, Tokens: Number(tokens[i]) + 1, Reward: 1}) // no look
		}
	}
	ntp, ra3 := []float64{0, 100, 200, 400}, []float64{0, 50, 100, 500}
	curve(1, "ntp", ntp, []float64{0.1, 0.2, 0.3, 0.4})
	curve(1, "ra3", ra3, []float64{0.1, 0.3, 0.4, 0.6}) // there after 100 tokens, not 400
	curve(2, "ntp", ntp, []float64{0.1, 0.4, 0.3, 0.4}) // there after 100 already
	curve(2, "ra3", ra3, []float64{0.5, 0.5, 0.5, 0.5}) // from the start: counted as 50
	curve(3, "ntp", ntp, []float64{0.1, 0.2, 0.3, 0.4})
	curve(3, "ra3", ra3, []float64{0.1, 0.1, 0.1, 0.1}) // never
	curve(4, "ntp", ntp, []float64{0.4, 0.3, 0.3, 0.4}) // gains nothing
	curve(4, "ra3", ra3, []float64{0.1, 0.3, 0.4, 0.5})
	curve(5, "ntp", ntp, []float64{0.4, 0.3, 0.3, 0.4}) // gains nothing over a start that both have
	curve(5, "ra3", ra3, []float64{0.4, 0.3, 0.4, 0.5})
	s, ok := speedUp(Config{Seed: 1, Seeds: 6}, r, "ra3", "ntp")
	if !ok {
		t.Fatal("nothing compared")
	}
	nan := math.NaN()
	for _, c := range []struct {
		what string
		got  []Number
		want [5]float64
	}{
		{"level", s.Level, [5]float64{0.4, 0.4, 0.4, 0.4, 0.4}}, {"reference", s.ReferenceTokens, [5]float64{400, 100, 400, 0, 0}},
		{"tokens", s.Tokens, [5]float64{100, 0, nan, 100, 0}}, {"ratio", s.Ratio, [5]float64{4, 2, 0.8, nan, nan}}, {"log2", s.Log2.BySeed, [5]float64{2, 1, math.Log2(0.8), nan, nan}},
		// After 400 tokens, three quarters between RA3's last two looks.
		{"final", s.Final.BySeed, [5]float64{0.15, 0.1, -0.3, 0.075, 0.075}},
	} {
		if len(c.got) != 5 {
			t.Fatalf("%s: %v", c.what, c.got)
		}
		for i, want := range c.want {
			near(t, c.what, c.got[i], want)
		}
	}
	if s.Complete() || !s.AtMost() || s.Log2.N != 3 || !slices.Equal(s.Censored, []bool{false, false, true, false, false}) {
		t.Errorf("three of five seeds, one of them an upper bound: %+v", s)
	}
	near(t, "mean log2", s.Log2.Mean, (3+math.Log2(0.8))/3)
	// Over 400 tokens, seed 2: 0.5 minus (25 + 35 + 70)/400.
	near(t, "area", s.AUC.BySeed[1], 0.5-130.0/400)
	raw, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(raw), `"ratio":[4,2,0.8,null,null]`) {
		t.Errorf("%v %s", err, raw)
	}
	if _, ok := speedUp(Config{Seed: 6, Seeds: 1}, r, "ra3", "ntp"); ok {
		t.Error("compared a seed without curves")
	}
}
