package experiments

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"ra3/experiments/store"
)

// syntheticLog is a log of n records over the phases of a run, with a branch that
// leaves main in its middle and one that leaves that.
func syntheticLog(n int) ([]store.Branch, []store.Event) {
	branches := []store.Branch{{Name: "f1", Parent: store.Main, Update: n / 4, Random: store.Common},
		{Name: "f2", Parent: "f1", Update: n / 3, Random: store.Fresh}}
	rng := rand.New(rand.NewPCG(1, 2))
	var events []store.Event
	made := map[string]int{store.Main: 0, "f1": n / 4, "f2": n / 3}
	branch := store.Main
	for len(events) < n {
		switch len(events) {
		case n / 2:
			branch = "f1"
		case 3 * n / 4:
			branch = store.Main
		case 4 * n / 5:
			branch = "f2"
		}
		at := made[branch]
		made[branch]++
		block := at / 50
		phase := []string{PhaseM, PhaseE, PhaseAnnotate, PhaseM, PhaseRLVR}[block%5]
		lane := []string{"ntp", "ra3", "ra3", "ra3", "ra3"}[block%5]
		m := store.Measures{}
		for i := range 15 {
			m[fmt.Sprintf("m%d", i)] = rng.Float64()
		}
		if at%7 == 0 {
			m["rare"] = float64(at)
		}
		events = append(events, store.Event{Seq: int64(len(events) + 1), Branch: branch, Seed: 1, Lane: lane, Phase: phase, Iteration: block / 5, Update: at%50 + 1, Kind: updateKind, Measures: m})
	}
	return branches, events
}

// lineBySight goes through the log by itself.
func lineBySight(branches []store.Branch, events []store.Event, branch string) []store.Event {
	var own []store.Event
	for _, e := range events {
		if e.Branch == branch {
			own = append(own, e)
		}
	}
	for _, b := range branches {
		if b.Name == branch {
			return append(append([]store.Event{}, lineBySight(branches, events, b.Parent)[:b.Update]...), own...)
		}
	}
	return own
}

func TestHistoryAgreesWithTheLog(t *testing.T) {
	branches, events := syntheticLog(2000)
	h, err := HistoryOf(branches, events)
	if err != nil {
		t.Fatal(err)
	}
	for _, branch := range []string{store.Main, "f1", "f2"} {
		want := lineBySight(branches, events, branch)
		if h.Head(branch).Update != len(want) || !reflect.DeepEqual(h.Whole(branch), want) {
			t.Fatalf("the line of %s is not that of the log", branch)
		}
		for at := 0; at <= len(want); at += 37 {
			m := h.At(Position{branch, at})
			values := map[Key]Point{}
			for i, e := range want[:at] {
				for name, v := range e.Measures {
					values[Key{e.Lane, e.Phase, name}] = Point{v, e.Seed, e.Seq, e.Branch, i + 1}
				}
			}
			if !reflect.DeepEqual(m.Values, values) {
				t.Fatalf("%s: values at %d differ", branch, at)
			}
			e, ok := h.Event(Position{branch, at})
			if ok != (at > 0) || ok && (!reflect.DeepEqual(e, want[at-1]) || !reflect.DeepEqual(m.Event, e)) {
				t.Fatalf("%s: event at %d is %+v", branch, at, e)
			}
			if got := h.Line(branch, at/2, at); len(got) != at-at/2 || len(got) > 0 && !reflect.DeepEqual(got, want[at/2:at]) {
				t.Fatalf("%s: line from %d to %d has %d records", branch, at/2, at, len(got))
			}
			if at > 0 {
				p, ok := h.PositionOf(want[at-1].Seq)
				if !ok || p.Update != at {
					t.Fatalf("%s: record %d is at %v", branch, want[at-1].Seq, p)
				}
			}
		}
		// Spans tile the line, and seeking goes to their ends.
		for _, by := range []Granularity{ByPhase, ByIteration} {
			end := 0
			for _, s := range h.Spans(branch, by) {
				if s.From != end || s.To <= s.From {
					t.Fatalf("%s by %s: span from %d to %d after %d", branch, by, s.From, s.To, end)
				}
				if p := h.Seek(Position{branch, s.From}, by, 1); p.Update != s.To {
					t.Errorf("%s by %s: after %d comes %d, want %d", branch, by, s.From, p.Update, s.To)
				}
				if p := h.Seek(Position{branch, s.To}, by, -1); p.Update != s.From {
					t.Errorf("%s by %s: before %d comes %d, want %d", branch, by, s.To, p.Update, s.From)
				}
				end = s.To
			}
			if end != len(want) {
				t.Errorf("%s by %s: spans end at %d of %d", branch, by, end, len(want))
			}
		}
	}
	if p := h.Seek(Position{store.Main, 10}, ByUpdate, -20); p.Update != 0 {
		t.Errorf("before the beginning is %v", p)
	}
	if _, ok := h.PositionOf(1 << 40); ok {
		t.Error("a record that is not there has a position")
	}
	if m := h.At(Position{"nobody", 7}); m.Update != 0 || len(m.Values) != 0 {
		t.Errorf("an unknown branch knows %+v", m)
	}
	if h.AddBranch(store.Branch{Name: "f3", Parent: "nobody"}) == nil || h.AddBranch(branches[0]) == nil {
		t.Error("a branch without a parent, or one that is there, was taken")
	}
}

func BenchmarkHistoryAt(b *testing.B) {
	branches, events := syntheticLog(10_000)
	h, err := HistoryOf(branches, events)
	if err != nil {
		b.Fatal(err)
	}
	heads := []Position{h.Head(store.Main), h.Head("f1"), h.Head("f2")}
	i := 0
	for b.Loop() {
		p := heads[i%3]
		p.Update = i * 7919 % (p.Update + 1)
		if m := h.At(p); m.Update != p.Update {
			b.Fatal(m.Update)
		}
		i++
	}
}

func BenchmarkHistoryOf(b *testing.B) {
	branches, events := syntheticLog(10_000)
	for b.Loop() {
		if _, err := HistoryOf(branches, events); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFiguresAtAPosition(b *testing.B) {
	branches, events := syntheticLog(10_000)
	h, err := HistoryOf(branches, events)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Figures(h.Line("f2", 0, 4000), nil)
	}
}

func TestWhyARecordSaysWhatItSays(t *testing.T) {
	e := store.Event{Seq: 1, Branch: store.Main, Seed: 3, Lane: "ra3", Phase: PhaseE, Iteration: 1, Update: 1, Kind: updateKind,
		Measures: store.Measures{"bound": -3, "bound_code": -4, "bound_prior": -1, "bound_entropy": 2, "bound_se": 0.5, "bound_samples": 64, "mystery": 1}}
	h, err := HistoryOf(nil, []store.Event{e})
	if err != nil {
		t.Fatal(err)
	}
	w, ok := h.Why(Position{store.Main, 1}, Key{"ra3", PhaseE, "bound"})
	if !ok || w.Value != -3 || w.Err != 0.5 || w.Count != 64 || w.Seq != 1 || w.Stage.Seed != 3 || len(w.From) != 3 || w.Text == "" || w.Estimator == "" {
		t.Errorf("the bound is explained by %+v", w)
	}
	if w, ok := h.WhyRecord(1, "mystery"); !ok || w.Title != "mystery" || !math.IsNaN(w.Err) {
		t.Errorf("an unknown measure is explained by %+v", w)
	}
	if _, ok := h.WhyRecord(1, "reward"); ok {
		t.Error("a measure that the record lacks is explained")
	}
}
