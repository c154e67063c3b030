package experiments

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ra3/experiments/store"
)

func TestLossFigure(t *testing.T) {
	at := func(seed int, lane string, tokens, loss float64) store.Event {
		return store.Event{Seed: seed, Lane: lane, Phase: PhaseM, Measures: store.Measures{"loss_code": loss, "tokens": 10, "tokens_trained": tokens}}
	}
	pre := func(loss float64) store.Event {
		return store.Event{Seed: 1, Lane: "base", Phase: PhasePretrain, Measures: store.Measures{"loss_code": loss, "tokens": 7}}
	}
	f := LossFigure([]store.Event{pre(5), at(1, "ntp", 10, 1), at(1, "ntp", 20, math.NaN()), at(1, "ra3", 10, 2), at(2, "ntp", 12, 3), {Phase: PhaseE, Seed: 3}})
	if len(f.Series) != 4 || !f.Series[0].Thin || !f.Series[1].Thin || f.Series[2].Thin || f.Series[3].Thin {
		t.Fatalf("%+v", f.Series)
	}
	if m := f.Series[2]; m.X[0] != 11 || m.Y[0] != 2 || m.N[0] != 2 || !(m.Lo[0] < 1 && m.Hi[0] > 3) || f.Series[0].X[1] != 20 || f.Series[3].Name != "RA3" {
		t.Errorf("%+v", f.Series)
	}
	if !strings.Contains(f.Caption, "n = 2 seeds") || !strings.Contains(f.Caption, "n = 10 tokens") || f.XLabel != "mid-training tokens" {
		t.Errorf("%q, %q", f.Caption, f.XLabel)
	}
	if f := LossFigure([]store.Event{pre(5), pre(4)}); len(f.Series) != 1 || !slices.Equal(f.Series[0].X, []float64{7, 14}) || f.XLabel != "pre-training tokens" {
		t.Errorf("%+v", f)
	}
	if LossFigure(nil).Series != nil {
		t.Error("series from no events")
	}
}
