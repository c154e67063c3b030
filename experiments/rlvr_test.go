package experiments

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"ra3/core/rlvr"
	"ra3/experiments/store"
)

// postTraining are the measures that every update of post-training logs.
var postTraining = []string{"reward", "solved_any", "zero_variance", "groups", "tokens", "tokens_sampled", "unfinished", "grad_norm", "clip_fraction", "ratio_max", "entropy_code"}

// postTrained steps a run up to its end and returns its updates of post-training.
func postTrained(t testing.TB, e *Engine) []store.Event {
	t.Helper()
	var out []store.Event
	for !e.Done() {
		ev, err := e.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ev.Phase == PhaseRLVR {
			out = append(out, ev)
		}
	}
	return out
}

func TestMeasuresOfPostTraining(t *testing.T) {
	for name, settings := range map[string][]string{
		"default": nil,
		"off":     {"rlvr={epochs=2,clip=0.2,kl=0.01,mix=\"adaptive\",std=true,aggregation=\"token\",rounds=2,learning_rate=1e-3}"},
	} {
		c := resolved(t, "quick", append(append([]string{}, able...), append(settings, `lanes=["ra3"]`)...)...)
		es := postTrained(t, create(t, t.TempDir()+"/run", c, 2))
		if len(es) != c.RLVR.Updates {
			t.Fatalf("%s: %d updates of post-training", name, len(es))
		}
		learned := false
		for i, ev := range es {
			m := ev.Measures
			for _, want := range append(postTraining, "entropy_decision", "entropy_rationale") {
				if v, ok := m[want]; !ok || math.IsNaN(v) {
					t.Errorf("%s: update %d has no %s", name, ev.Update, want)
				}
			}
			gap, stepped := m["logp_gap"]
			// Sampler and trainer agree in bfloat16 too.
			if stepped != (m["grad_norm"] > 0) || gap > 1e-3 {
				t.Errorf("%s: update %d: gap %g, gradient %g", name, ev.Update, gap, m["grad_norm"])
			}
			learned = learned || stepped
			look := ev.Update%c.RLVR.EvalEvery == 0 || ev.Update == c.RLVR.Updates
			kl, measured := m["kl"]
			if measured != (look || c.RLVR.KL > 0) {
				t.Errorf("%s: update %d: KL measured: %v", name, ev.Update, measured)
			}
			if i == 0 && kl > 0.05 {
				t.Errorf("%s: KL %g of the initial policy to itself", name, kl)
			}
			if i > 0 && c.RLVR.KL > 0 && kl <= 0 {
				t.Errorf("%s: KL %g after an update", name, kl)
			}
			mix, ok := m["mix_2"]
			if ok != (c.RLVR.Mix == rlvr.MixAdaptive) || ok && math.Abs(mix-1) > 1e-12 {
				t.Errorf("%s: share of length 2 is %g (%v)", name, mix, ok)
			}
		}
		if !learned {
			t.Errorf("%s: nothing was learned: nothing is tested", name)
		}
	}
}

// The adaptive mix, the KL and later steps go on after a stop as if there had
// been none.
func TestResumeWithinPostTraining(t *testing.T) {
	c := resolved(t, "quick", append(append([]string{}, able...), `lanes=["ntp"]`,
		"rlvr={updates=4,steps=[2,3],epochs=2,clip=0.2,kl=0.01,mix=\"adaptive\",rounds=2}")...)
	want := content(t, uninterrupted(t, c, 2))
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	for {
		s, _, update, ok := e.Position()
		if !ok {
			t.Fatal("no post-training")
		}
		if s.Phase == PhaseRLVR && update == 2 {
			break
		}
		steps(t, e, 1)
	}
	if mix := e.Results().RLVR[2].Mix; len(mix) == 0 {
		t.Fatal("the mix has seen nothing")
	}
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	steps(t, e, 1)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	finished(t, reopen(t, dir, 1))
	same(t, "resumed", content(t, dir), want)
}

// A length that is listed twice is drawn twice as often; an adaptive mix draws
// by what it has seen.
func TestLengthsOfProblems(t *testing.T) {
	w, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	seen := rlvr.Mix{{Steps: 2, Groups: 98, Varied: 0}, {Steps: 3, Groups: 98, Varied: 98}}
	for kind, want := range map[rlvr.MixKind][2]float64{rlvr.MixFixed: {1.0 / 3, 2.0 / 3}, "": {1.0 / 3, 2.0 / 3}, rlvr.MixAdaptive: {0.11 / 2.29, 2.18 / 2.29}} {
		c := resolved(t, "quick", "rlvr.steps=[2,3,3]")
		c.RLVR.Mix = kind
		counts := map[int]float64{}
		rng := stream(1, fmt.Sprintf("mix/%s", kind), 0)
		const n = 1500
		for range n {
			p, err := (corpus{w, c, 1}).problem(rng, seen)
			if err != nil {
				t.Fatal(err)
			}
			counts[len(p.Steps)]++
		}
		for i, share := range want {
			if got := counts[2+i] / n; math.Abs(got-share) > 0.04 {
				t.Errorf("mix %q: %.3f of the problems have %d steps, want %.3f", kind, got, 2+i, share)
			}
		}
	}
}
