package experiments

import (
	"slices"
	"testing"

	"ra3/core/trace"
)

// A shuffle keeps what is thought where, and how often each latent is chosen.
func TestShuffleKeepsBoundariesAndFrequencies(t *testing.T) {
	as := []trace.Annotation{{3, trace.Act, 1}, {2}, {5, 5, trace.Act, 4, trace.Act}, {1, 2, 3, 4, 5}}
	got := shuffle(as, stream(1, "test", 0))
	var before, after []int
	for i := range as {
		for line, u := range as[i] {
			if (u == trace.Act) != (got[i][line] == trace.Act) {
				t.Errorf("trace %d line %d: %d became %d", i, line, u, got[i][line])
			}
			if u != trace.Act {
				before, after = append(before, u), append(after, got[i][line])
			}
		}
	}
	if slices.Equal(before, after) {
		t.Error("nothing was permuted")
	}
	slices.Sort(before)
	slices.Sort(after)
	if !slices.Equal(before, after) {
		t.Errorf("latents %v became %v", before, after)
	}
}

// everyLane is a short run with all controls.
var everyLane = append([]string{"seeds=1", `lanes=["base","ntp","ra3","base-think","ntp-compute","initial","act","shuffled","oracle"]`}, smallest...)

// Every lane is trained on its own labels for its own budget, tuned and
// evaluated; only those that the claims compare are post-trained.
func TestEveryLaneRuns(t *testing.T) {
	c := resolved(t, "quick", append(slices.Clone(everyLane), "seeds=1")...)
	e, err := NewEngine(t.Context(), c, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if n := e.Config.Mid.ComputeUpdates; n <= c.Mid.Updates {
		t.Errorf("equal compute comes to %d updates, mid-training makes %d", n, c.Mid.Updates)
	}
	trained := map[string]int{}
	looks := map[string]int{}
	for !e.Done() {
		ev, err := e.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ev.Phase == PhaseM {
			trained[ev.Lane]++
			if _, ok := ev.Measures["stop_pass@1"]; ok {
				looks[ev.Lane]++
			}
			_, decision := ev.Measures["loss_decision"]
			_, rationale := ev.Measures["loss_rationale"]
			l := laneOf(ev.Lane)
			if decision != (l.format != trace.Plain) || rationale != (l.format == trace.Slotted) {
				t.Fatalf("lane %s learned %v", ev.Lane, ev.Measures)
			}
			if l.format == trace.ActOnly && ev.Measures["loss_decision"] != 0 {
				t.Fatalf("forced slots cost %g nats", ev.Measures["loss_decision"])
			}
		}
	}
	for _, l := range lanes {
		want := 0
		if l.trains {
			want = e.Config.midUpdates(l.name)
		}
		if trained[l.name] != want {
			t.Errorf("lane %s made %d updates, want %d", l.name, trained[l.name], want)
		}
		if want := (want + 1) / 2; looks[l.name] != want {
			t.Errorf("lane %s was looked at %d times, want %d", l.name, looks[l.name], want)
		}
		if e.st.models[bestOf(l.name)] != nil {
			t.Errorf("lane %s keeps two policies", l.name)
		}
	}
	s := e.Summary()
	if len(s.Lanes) != len(lanes) || len(s.RLVR) != 3 {
		t.Errorf("%d lanes evaluated, %d post-trained", len(s.Lanes), len(s.RLVR))
	}
	for _, p := range Pairs(LaneNames()) {
		if _, ok := s.Differences[p.Key][Average][Average]; !ok && c.Eval.Samples >= 10 {
			t.Errorf("no difference %s", p.Key)
		}
	}
	for _, l := range lanes {
		var best *TuneResult
		n := 0
		for i, r := range e.Results().Tuned {
			if r.Lane == l.name {
				if n++; best == nil || r.Pass1 > best.Pass1 {
					best = &e.Results().Tuned[i]
				}
			}
		}
		if want := len(tuneUnits(c, l.name)); n != want {
			t.Errorf("lane %s tried %d settings, want %d", l.name, n, want)
		}
		if got := e.Results().temperatures(c, c.Seed, l.name, false); best != nil && got != best.Temperatures {
			t.Errorf("lane %s is evaluated at %v, its best was %v", l.name, got, best.Temperatures)
		}
	}
}

// A lane's policy is the one of its best look, not the last.
func TestTheBestStopIsTaken(t *testing.T) {
	e, err := NewEngine(t.Context(), resolved(t, "quick", append(slices.Clone(smallest), "seeds=1", `lanes=["ntp"]`, "mid.updates=6")...), nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var second []float32
	for !e.Done() {
		ev, err := e.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ev.Phase == PhaseM && ev.Update == 2 {
			second = slices.Clone(e.st.models["ntp"].Params.Flat)
			// Nothing this small solves a problem, so the first look is the best.
			if got := e.st.results.stop(1, "ntp"); got == nil || got.Update != 2 {
				t.Fatalf("best stop %+v", got)
			}
		}
	}
	if !slices.Equal(second, e.st.models["ntp"].Params.Flat) {
		t.Error("the lane's policy is not that of its best look")
	}
}

// Rationales of four words are a phrase and another wording of the same intent.
func TestRationaleLength(t *testing.T) {
	for words, want := range map[int]string{0: "keep even", 2: "keep even", 4: "keep even, drop odd"} {
		w, err := newWorld(RA3Config{Words: words})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Inventory.Texts[0]; got != want || w.Inventory.K() != len(w.Domain.Phrases) {
			t.Errorf("%d words: %q of %d", words, got, w.Inventory.K())
		}
		for z, ids := range w.Inventory.Tokens {
			if want := map[int]int{0: 2, 2: 2, 4: 4}[words]; len(ids) != want {
				t.Errorf("%d words: rationale %d is %v", words, z, ids)
			}
		}
	}
	_, err := Resolve("quick", nil, []string{"ra3.words=4"})
	refusal(t, "words of the embedded base", err, "ra3.words", "base.source=train")
}
