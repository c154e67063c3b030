package theory

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"ra3/core/theory/family"
	"ra3/core/theory/mdp"
)

// little is a world that is done at once.
func little(kind string) Settings {
	s := Default()
	s.Family, s.Options, s.Duration, s.Tasks, s.Repeats, s.Demos, s.Episodes = kind, 4, 3, 8, 4, 3, 8
	return s
}

func world(t *testing.T, s Settings) *World {
	t.Helper()
	w, err := New(t.Context(), s, 2)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestFieldsAndSettings(t *testing.T) {
	s := Default()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, f := range Fields() {
		v := f.Get(&s)
		if err := f.Put(&s, v); err != nil || f.Get(&s) != v {
			t.Errorf("%s: %v", f.Name, err)
		}
		for i := 1; i < len(f.Steps); i++ {
			if f.Steps[i] <= f.Steps[i-1] || f.Step(f.Steps[i-1], 1) != f.Steps[i] || f.Step(f.Steps[i], -1) != f.Steps[i-1] {
				t.Errorf("%s: the slider does not go from %g to %g", f.Name, f.Steps[i-1], f.Steps[i])
			}
		}
		if last := f.Steps[len(f.Steps)-1]; f.check(last) != nil || f.check(f.Steps[0]) != nil || f.Step(last, 1) != last {
			t.Errorf("%s: the slider leaves %g to %g", f.Name, f.Lo, f.Hi)
		}
	}
	for _, c := range []struct{ set, want string }{
		{"discount=1", "below 1"}, {"discount=0", "out of range"}, {"discount=x", "no number"}, {"discount", "field=value"},
		{"gamma=1", "unknown field"}, {"actions=2.5", "whole number"}, {"family=maze", "choose one of"}, {"epsilon=NaN", "out of range"}, {"seed=-1", "out of range"},
		{"duration=7", ""}, {"family = phrases", ""}, {"off=1", ""},
	} {
		got, err := s.With(c.set)
		if c.want == "" {
			if err != nil || got == s {
				t.Errorf("%s: %v", c.set, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || got != s {
			t.Errorf("%s: %v, want one line with %q", c.set, err, c.want)
		}
	}
}

// The union bound by hand, and turned round.
func TestBoundByHand(t *testing.T) {
	if got, want := Enough(2, 8, 0.1, 0.05), (2*math.Log(8)+math.Log(20))/0.1; math.Abs(got-want) > 1e-12 {
		t.Errorf("%g, want %g", got, want)
	}
	if got := Share(2, 8, 1, 0.05); got != 1 {
		t.Errorf("a share of %g", got)
	}
	n := int(math.Ceil(Enough(3, 9, 0.2, 0.1)))
	if got := Share(3, 9, n, 0.1); got > 0.2 || got < 0.19 {
		t.Errorf("at the bound's n the share is %g, want at most 0.2", got)
	}
}

// The two terms add up to the regret measured apart from them, task by task.
func TestDecompositionIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for i := range 36 {
		s := little(string(family.Kinds()[i%3]))
		s.Seed, s.Iterations = i, rng.IntN(8)
		s.Slip = []float64{0, 0, 0.2}[rng.IntN(3)]
		s.Discount = []float64{0.6, 0.95, 0.99}[rng.IntN(3)]
		w := world(t, s)
		kept, err := w.KeptSets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range kept {
			d, err := w.Decompose(t.Context(), k, s.Iterations)
			if err != nil {
				t.Fatal(err)
			}
			if !(d.Residual <= 1e-9) {
				t.Errorf("%+v, %s: the terms miss the regret by %g", s, k.Name, d.Residual)
			}
			for _, x := range d.Tasks {
				if x.Pruning < -1e-9 || x.Planning < -1e-9 {
					t.Errorf("%+v, %s: negative terms %+v", s, k.Name, x)
				}
			}
			if math.Abs(float64(d.Pruning.Mean+d.Planning.Mean-d.Regret.Mean)) > 1e-9 {
				t.Errorf("%s: in expectation %g + %g is not %g", k.Name, d.Pruning.Mean, d.Planning.Mean, d.Regret.Mean)
			}
		}
		if empty, err := w.Decompose(t.Context(), Kept{"", make(Set, w.Model.Decisions())}, 1); err == nil || !strings.Contains(err.Error(), "keep at least one") {
			t.Errorf("an empty kept set: %+v, %v", empty, err)
		}
	}
}

// Shortcuts of the pruning error change nothing; more demonstrations keep more
// and lose less; a minimal set is consistent and no larger.
func TestPruning(t *testing.T) {
	for _, k := range family.Kinds() {
		w := world(t, little(string(k)))
		curves, err := w.Pruning(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range curves {
			last := c.Points[len(c.Points)-1]
			if c.Rule == KeepUsed && (last.Error.Mean > c.Points[0].Error.Mean+1e-12 || last.Size.Mean < c.Points[0].Size.Mean) {
				t.Errorf("%s %s: from %+v to %+v", k, c.Lane, c.Points[0], last)
			}
			for _, p := range c.Points {
				if p.Quantile > p.Guarantee {
					t.Errorf("%s %s, %d demonstrations: %g of the tasks lose more, promised %g", k, c.Lane, p.Demos, p.Quantile, p.Guarantee)
				}
			}
		}
		demos, err := w.demos(t.Context(), 0, 5)
		if err != nil {
			t.Fatal(err)
		}
		for l, ds := range demos {
			used := union(ds)
			small, err := w.minimal(t.Context(), ds, w.Settings.Epsilon)
			if err != nil {
				t.Fatal(err)
			}
			if !used.holds(small) {
				t.Errorf("%s lane %d: minimal %v is not within used %v", k, l, small, used)
			}
			for i, set := range []Set{used, small} {
				mask, err := w.Model.Mask(set)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range ds {
					v, err := d.Problem.Solve(t.Context(), mask)
					if lost := d.Best - v[d.Problem.Task.Start]; err != nil || lost > float64(i)*w.Settings.Epsilon+1e-9 {
						t.Errorf("%s lane %d: loses %g on a demonstrated task (%v)", k, l, lost, err)
					}
				}
				quick, err := w.PruningError(t.Context(), set)
				if err != nil {
					t.Fatal(err)
				}
				for j, p := range w.Fresh {
					v, err := p.Solve(t.Context(), mask)
					if slow := w.Best[j] - v[p.Task.Start]; err != nil || math.Abs(slow-quick[j]) > 1e-10 {
						t.Errorf("%s: pruning error %g, by solving %g (%v)", k, quick[j], slow, err)
					}
				}
			}
		}
	}
}

// Over 1,000 random families: with the bound's number of demonstrations the
// smallest consistent set loses more than epsilon on a share sigma of all tasks
// or more in at most a share delta of the draws.
func TestBoundHoldsOverRandomFamilies(t *testing.T) {
	const families, tasks, delta, sigma, epsilon = 1000, 12, 0.1, 0.25, 0.02
	violated := 0
	for seed := range families {
		rng := rand.New(rand.NewPCG(uint64(seed), 99))
		w, all := tiny(t, rng, tasks)
		// k is fixed by the family: the smallest set that serves all its tasks.
		k, err := w.smallest(t.Context(), all, w.Model.Decisions(), epsilon)
		if err != nil {
			t.Fatal(err)
		}
		n := int(math.Ceil(Enough(k.Size(), w.Model.Decisions(), sigma, delta)))
		seen := map[int]bool{}
		var ds []Demonstration
		for range n {
			if i := rng.IntN(tasks); !seen[i] {
				seen[i] = true
				ds = append(ds, all[i])
			}
		}
		kept, err := w.smallest(t.Context(), ds, w.Model.Decisions(), epsilon)
		if err != nil {
			t.Fatal(err)
		}
		if kept.Size() > k.Size() {
			t.Fatalf("kept %d of %d", kept.Size(), k.Size())
		}
		mask, err := w.Model.Mask(kept)
		if err != nil {
			t.Fatal(err)
		}
		bad := 0
		for _, d := range all {
			v, err := d.Problem.Solve(t.Context(), mask)
			if err != nil {
				t.Fatal(err)
			}
			if d.Best-v[d.Problem.Task.Start] > epsilon {
				bad++
			}
		}
		if float64(bad) >= sigma*tasks {
			violated++
		}
	}
	t.Logf("violated in %d of %d families, delta %g", violated, families, delta)
	if float64(violated) > delta*families {
		t.Errorf("violated in %d of %d families, delta %g", violated, families, delta)
	}
}

// tiny is a random family of a few states, two or three actions and two options,
// with its whole, finite set of tasks demonstrated.
func tiny(t *testing.T, rng *rand.Rand, tasks int) (*World, []Demonstration) {
	t.Helper()
	states := 4 + rng.IntN(4)
	names := []string{"a", "b", "c"}[:2+rng.IntN(2)]
	m, err := mdp.New(states, names, 0.8, func(int, int) []mdp.Outcome {
		if rng.IntN(3) > 0 {
			return []mdp.Outcome{{To: rng.IntN(states), P: 1}}
		}
		return []mdp.Outcome{{To: rng.IntN(states), P: 0.5}, {To: rng.IntN(states), P: 0.5}}
	})
	if err != nil {
		t.Fatal(err)
	}
	var options []mdp.Option
	for range 2 {
		o := mdp.Option{Name: "o", Starts: make([]bool, states), Policy: make([][]float64, states), Ends: make([]float64, states)}
		for s := range states {
			o.Starts[s], o.Policy[s], o.Ends[s] = true, make([]float64, len(names)), float64(rng.IntN(2))
			o.Policy[s][rng.IntN(len(names))] = 1
		}
		options = append(options, o)
	}
	model, err := mdp.NewModel(t.Context(), m, options)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Model: model, threads: 1, Settings: Default()}
	if w.actionRows, err = model.Mask(w.Actions()); err != nil {
		t.Fatal(err)
	}
	var all []Demonstration
	for len(all) < tasks {
		p, err := model.Problem(mdp.Task{Start: rng.IntN(states), Pays: []mdp.Reward{{State: rng.IntN(states), Value: 0.2}}})
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.Solve(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, w.shown(p, nil, v)) // an expert with nothing to reach shows that
	}
	return w, all
}

// Every part of every family computes, encodes and draws; the same seed gives the
// same report whatever the number of threads.
func TestReports(t *testing.T) {
	for _, k := range family.Kinds() {
		var first []byte
		for threads := 1; threads <= 3; threads += 2 {
			w, err := New(t.Context(), little(string(k)), threads)
			if err != nil {
				t.Fatal(err)
			}
			r := w.Report()
			for _, p := range Parts() {
				if err := p.Do(t.Context(), w, &r, nil); err != nil {
					t.Fatal(err)
				}
			}
			r.Run = []Marker{{Name: "RA3", Lane: "ra3", Actions: 3, Duration: 2}}
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = text
			} else if string(first) != string(text) {
				t.Errorf("%s: another report from %d threads", k, threads)
			}
			var names []string
			for _, f := range r.Figures() {
				names = append(names, f.Name)
			}
			if !reflect.DeepEqual(names, FigureNames) {
				t.Errorf("%s: figures %v", k, names)
			}
			l := r.Learned
			if math.Abs(l.Bound-l.LogP[len(l.LogP)-1]) > 1e-9 {
				t.Errorf("%s: bound %g, log p %g", k, l.Bound, l.LogP[len(l.LogP)-1])
			}
		}
	}
}

// Latents learned from spelled phrases are the words; in rooms they say which
// way the expert goes wherever that is open.
func TestDiscoverFindsPlantedOptions(t *testing.T) {
	s := Default()
	s.Family = string(family.Phrases)
	l, err := world(t, s).Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if l.End.NMI < 0.85 || l.End.Recall < 0.7 || l.End.NMI < l.Begin.NMI+0.2 {
		t.Errorf("phrases: %+v after %+v", l.End, l.Begin)
	}
	s.Family = string(family.Rooms)
	if l, err = world(t, s).Discover(t.Context()); err != nil || l.End.Given < 0.9 {
		t.Errorf("rooms: %+v (%v)", l.End, err)
	}
}

func TestUnreachableAndCancelled(t *testing.T) {
	s := Default()
	s.Doors = 1
	if _, err := New(t.Context(), s, 1); err == nil || !strings.Contains(err.Error(), "open doors") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line about doors", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(ctx, Default(), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// Any settings give a world or one line of error, soon.
func FuzzSettings(f *testing.F) {
	f.Add("rooms", 6, 8, 5, 3, 4, 0.95, 0.0, 0.25)
	f.Add("phrases", 3, 20, 3, 2, 4, 0.5, 0.3, 1.0)
	f.Add("random", 2, 1, 1, 1, 0, 0.999, 0.9, 0.5)
	f.Fuzz(func(t *testing.T, kind string, actions, options, duration, words, doors int, discount, slip, off float64) {
		s := Default()
		s.Family, s.Actions, s.Options, s.Duration, s.Words, s.Doors, s.Discount, s.Slip, s.Off = kind, actions, options, duration, words, doors, discount, slip, off
		s.Tasks, s.Repeats = 2, 2
		if options*duration > 60 || actions > 12 || duration > 8 || words > 4 { // as large as seconds allow
			return
		}
		w, err := New(t.Context(), s, 1)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v: not one line", err)
			}
			return
		}
		d, err := w.Decompose(t.Context(), Kept{"all", w.Everything()}, 3)
		if err != nil {
			t.Fatal(err)
		}
		if !(d.Residual <= 1e-9) {
			t.Fatalf("the terms miss the regret by %g", d.Residual)
		}
	})
}
