package measure

import (
	"math"
	"testing"
)

func TestPruningAccumulates(t *testing.T) {
	var s Pruning
	decisions := []struct {
		p      []float32
		expert int
	}{
		{[]float32{.99, .01, 0, 0}, 0},    // settled, entropy .056
		{[]float32{.5, .3, .19, .01}, 2},  // keeps 3 of 4
		{[]float32{.5, .48, .01, .01}, 3}, // keeps 2 of 4, expert pruned
		{[]float32{.96, .04}, 1},          // keeps 1 of 2, expert pruned, entropy .168
	}
	for _, d := range decisions {
		if err := s.AddDecision(d.p, len(d.p), d.expert); err != nil {
			t.Fatal(err)
		}
	}
	if s.Decisions != 4 || s.Recalled != 2 || s.NonTrivial != 3 {
		t.Errorf("counts %+v", s)
	}
	if !close12(s.LogEffective, math.Log(6)) || !close12(s.LogAll, math.Log(128)) {
		t.Errorf("log sizes %v of %v, want %v of %v", s.LogEffective, s.LogAll, math.Log(6), math.Log(128))
	}
	if !close12(s.KeptShare(), math.Log(6)/math.Log(128)) || s.Recall() != .5 {
		t.Errorf("kept %v, recall %v", s.KeptShare(), s.Recall())
	}

	var merged Pruning
	merged.Merge(s)
	merged.Merge(s)
	if merged.Decisions != 8 || merged.NonTrivial != 6 || !close12(merged.KeptShare(), s.KeptShare()) || merged.Recall() != s.Recall() {
		t.Errorf("merged twice: %+v", merged)
	}
}

func TestPruningMaskedActions(t *testing.T) {
	var s Pruning
	if err := s.AddDecision([]float32{0, .5, .5, 0, 0}, 2, 1); err != nil {
		t.Fatal(err)
	}
	if s.KeptShare() != 1 {
		t.Errorf("both allowed actions are kept, yet the share is %v", s.KeptShare())
	}
}

func TestPruningRefuses(t *testing.T) {
	nan := float32(math.NaN())
	for name, f := range map[string]func(*Pruning) error{
		"NaN":      func(s *Pruning) error { return s.AddDecision([]float32{nan, 1}, 2, 0) },
		"empty":    func(s *Pruning) error { return s.AddDecision(nil, 0, 0) },
		"expert":   func(s *Pruning) error { return s.AddDecision([]float32{1}, 1, 1) },
		"too few":  func(s *Pruning) error { return s.AddDecision([]float32{.5, .5}, 1, 0) },
		"too many": func(s *Pruning) error { return s.AddDecision([]float32{.5, .5}, 3, 0) },
	} {
		var s Pruning
		if err := f(&s); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if s.Decisions != 0 || s.LogAll != 0 {
			t.Errorf("%s: counted all the same: %+v", name, s)
		}
		for _, v := range []float64{s.KeptShare(), s.Recall()} {
			if !math.IsNaN(v) {
				t.Errorf("%s: an empty accumulator reports %v", name, v)
			}
		}
	}
}

func TestPruningSteadyStateAllocatesNothing(t *testing.T) {
	rng := seeded(32)
	p := policy(rng, 400, 1, 0)
	var s Pruning
	add := func() {
		if err := s.AddDecision(p, len(p), 5); err != nil {
			t.Fatal(err)
		}
	}
	add()
	if got := testing.AllocsPerRun(100, add); got != 0 {
		t.Errorf("%v allocations per decision", got)
	}
}

func TestPolicyEntropy(t *testing.T) {
	if got := PolicyEntropy([]float32{2, 2, 0}); !close12(got, math.Ln2) {
		t.Errorf("entropy %v, want log 2", got)
	}
	if got := PolicyEntropy([]float32{0}); !math.IsNaN(got) {
		t.Errorf("entropy of no distribution %v", got)
	}
	rng := seeded(33)
	for range 500 {
		p := policy(rng, 2+rng.IntN(60), 8*rng.Float64(), 0)
		if got, want := nonTrivial(p), PolicyEntropy(p) > TrivialEntropy; got != want {
			t.Fatalf("shortcut says %v for entropy %v", got, PolicyEntropy(p))
		}
	}
}

func BenchmarkAddDecision(b *testing.B) {
	p := policy(seeded(35), 400, 3, 0)
	var s Pruning
	for b.Loop() {
		if err := s.AddDecision(p, len(p), 7); err != nil {
			b.Fatal(err)
		}
	}
}
