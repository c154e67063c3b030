package pocket_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/pocket"
	"ra3/core/trace"
	"ra3/fixtures"
)

func domain(t testing.TB) *pocket.Domain {
	d, err := pocket.Parse(fixtures.Pocket)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var settings = pocket.Settings{Nuisance: 1, Invert: 0.3, Tests: 8}

func TestProgramsAreReversibleText(t *testing.T) {
	d := domain(t)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := 0; i < 300; i++ {
		s := settings
		s.Nuisance = i % 3
		p, err := d.Draw(rng, s, pocket.Request{Split: pocket.Mid, Steps: 2 + i%3, Family: []string{"doc", "ask"}[i%2]})
		if err != nil {
			t.Fatal(err)
		}
		ids := slices.Concat(p.Prompt, p.Code())
		back, err := d.Vocab.Encode(d.Vocab.Decode(ids))
		if err != nil || !slices.Equal(ids, back) {
			t.Fatalf("%v: %q", err, d.Vocab.Decode(ids))
		}
		if len(p.Lines) != len(p.Key) || p.Key[0].Step != 0 || p.Key[len(p.Key)-1].Step != len(p.Steps)-1 {
			t.Fatalf("key %v for %d lines", p.Key, len(p.Lines))
		}
		if i < 2 {
			t.Log("\n" + d.Vocab.Decode(ids))
		}
	}
}

// The splits are disjoint by composition: a composition drawn for one split
// never comes out of another, whatever the phrasing, family or seed.
func TestSplitsCannotOverlap(t *testing.T) {
	d := domain(t)
	rng := rand.New(rand.NewPCG(2, 2))
	seen := map[string]pocket.Split{}
	counts := map[pocket.Split]int{}
	for i := 0; i < 4000; i++ {
		want := pocket.Split(i % 5)
		p, err := d.Draw(rng, settings, pocket.Request{Split: want, Steps: 2 + i%3, Family: "doc"})
		if err != nil {
			t.Fatal(err)
		}
		key := ""
		for _, s := range p.Steps {
			key += d.Intents[s].Name + "/"
		}
		if got, ok := seen[key]; ok && got != want {
			t.Fatalf("%s is in %s and in %s", key, got, want)
		}
		seen[key] = want
	}
	// Exhaustively for two steps: the shares are as stated, to a few percent.
	for a := range d.Intents {
		for b := range d.Intents {
			if a != b {
				counts[d.SplitOf([]int{a, b})]++
			}
		}
	}
	for s, lo := range map[pocket.Split]int{pocket.Base: 80, pocket.Mid: 80, pocket.RL: 50, pocket.Validate: 8, pocket.HeldOut: 35} {
		if counts[s] < lo {
			t.Errorf("%s has %d of 380 pairs", s, counts[s])
		}
	}
}

func TestEveryStepMatters(t *testing.T) {
	d := domain(t)
	rng := rand.New(rand.NewPCG(3, 3))
	for i := 0; i < 200; i++ {
		p, err := d.Draw(rng, settings, pocket.Request{Split: pocket.HeldOut, Steps: 3, Family: "doc"})
		if err != nil {
			t.Fatal(err)
		}
		for drop := range p.Steps {
			rest := slices.Delete(slices.Clone(p.Steps), drop, drop+1)
			if !slices.ContainsFunc(p.Tests, func(c trace.Test) bool { return !slices.Equal(d.Apply(rest, c.In), c.Want) }) {
				t.Fatalf("step %d of %v does not matter", drop, p.Steps)
			}
		}
	}
}

func TestRequestsThatCannotBeMetEnd(t *testing.T) {
	d := domain(t)
	if _, err := d.Draw(rand.New(rand.NewPCG(4, 4)), settings, pocket.Request{Split: pocket.HeldOut, Steps: 1}); err == nil {
		t.Error("a held-out single intent was found")
	}
}

func TestBrokenSpecificationsAreRefused(t *testing.T) {
	for _, raw := range []string{"", "{", `{"surprise":1}`, `{"specials":["a","a"]}`, `{"specials":["<rev>","<act>","<think>"],"code":["\n","return "]}`} {
		if _, err := pocket.Parse([]byte(raw)); err == nil {
			t.Errorf("%q was taken", raw)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(fixtures.Pocket))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := pocket.Parse(raw)
		if err == nil && d.Vocab == nil {
			t.Error("no vocabulary and no error")
		}
	})
}
