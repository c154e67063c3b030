package pocket_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ra3/core/pocket"
	"ra3/core/trace"
)

// Programs with every step named and no example are those of earlier versions,
// draw for draw: stored results rest on them.
func TestNamedPromptsAreAsBefore(t *testing.T) {
	d := domain(t)
	h := fnv.New64a()
	rng := rand.New(rand.NewPCG(9, 9))
	for i := range 600 {
		s := settings
		s.Nuisance = i % 3
		p, err := d.Draw(rng, s, pocket.Request{Split: pocket.Split(i % 5), Steps: 2 + i%4, Family: []string{"doc", "ask"}[i%2]})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Draw(rng, s, pocket.Request{Split: pocket.Base, Steps: 1, Family: "ask"}); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(h, p.Prompt, p.Lines, p.Key, p.Phrases, p.Steps, p.Tests, rng.Uint64())
	}
	if got := h.Sum64(); got != 0xbc3735e948e63e05 {
		t.Errorf("draws have changed: %#x", got)
	}
}

func TestStepsAreToldAsOftenAsAsked(t *testing.T) {
	d := domain(t)
	rng := rand.New(rand.NewPCG(7, 7))
	s := pocket.Settings{Nuisance: 1, Invert: 0.3, Tests: 4, Vague: 0.3, Hidden: 0.2}
	counts := map[trace.Telling]float64{}
	n := 0.0
	for range 1500 {
		p, err := d.Draw(rng, s, pocket.Request{Split: pocket.Mid, Steps: 3, Family: "doc"})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Told) != len(p.Steps) {
			t.Fatalf("%d tellings of %d steps", len(p.Told), len(p.Steps))
		}
		prompt := d.Vocab.Decode(p.Prompt)
		hidden := 0
		for i, how := range p.Told {
			counts[how]++
			n++
			phrase := d.Phrases[p.Phrases[i]]
			if phrase.Intent != p.Steps[i] {
				t.Fatalf("step %d is commented as %q", i, phrase.Text)
			}
			switch {
			case how == trace.Named && !strings.Contains(prompt, phrase.Text):
				t.Fatalf("%q does not name %q", prompt, phrase.Text)
			case how == trace.Hidden:
				hidden++
			}
		}
		if got := strings.Count(prompt, " one step"); got != hidden {
			t.Fatalf("%q hides %d steps, not %d", prompt, got, hidden)
		}
	}
	for how, want := range map[trace.Telling]float64{trace.Named: 0.5, trace.Vague: 0.3, trace.Hidden: 0.2} {
		if got := counts[how] / n; math.Abs(got-want) > 0.03 {
			t.Errorf("telling %d: share %.3f, want %.2f", how, got, want)
		}
	}
}

// A wording of a family must not be a phrase of an intent, nor of two families.
func TestWordingsAreUnambiguous(t *testing.T) {
	d := domain(t)
	seen := map[string]bool{}
	for _, p := range d.Phrases {
		if seen[p.Text] {
			t.Errorf("phrase %q stands twice", p.Text)
		}
		seen[p.Text] = true
	}
	vague := map[string]string{}
	rng := rand.New(rand.NewPCG(8, 8))
	for range 400 {
		p, err := d.Draw(rng, pocket.Settings{Tests: 2, Vague: 1}, pocket.Request{Split: pocket.Base, Steps: 1, Family: "doc"})
		if err != nil {
			t.Fatal(err)
		}
		family := d.Intents[p.Steps[0]].Family
		text := strings.TrimPrefix(d.Vocab.Decode(p.Prompt), `def f(xs):
    """`)
		text = strings.TrimSpace(strings.TrimSuffix(text, ".\"\"\"\n"))
		if was, ok := vague[family]; ok && was != text {
			t.Fatalf("family %s is %q and %q", family, was, text)
		}
		vague[family] = text
	}
	if len(vague) != 5 {
		t.Fatalf("families: %v", vague)
	}
	for family, text := range vague {
		if seen[text] || text == "one step" {
			t.Errorf("%q of family %s is another wording too", text, family)
		}
		seen[text] = true
	}
}

func TestExamplesAreShownInEachFamilysFrame(t *testing.T) {
	d := domain(t)
	for examples := range 4 {
		for _, family := range []string{"doc", "ask"} {
			s := pocket.Settings{Nuisance: 2, Tests: 4, Vague: 0.5, Hidden: 0.5, Examples: examples}
			p, err := d.Draw(rand.New(rand.NewPCG(1, uint64(examples))), s, pocket.Request{Split: pocket.RL, Steps: 3, Family: family})
			if err != nil {
				t.Fatal(err)
			}
			want := examples
			if family == "ask" {
				want = max(1, examples)
			}
			text := d.Vocab.Decode(p.Prompt)
			if len(p.Shown) != want || strings.Count(text, "f([") != want {
				t.Fatalf("%d examples of %d in %q", len(p.Shown), want, text)
			}
			for _, c := range p.Shown {
				if !slices.Equal(d.Apply(p.Steps, c.In), c.Want) {
					t.Fatalf("example %v", c)
				}
				in, out := spelled(c.In), spelled(c.Want)
				line := "\nassert f(" + in + ") == " + out + "\n"
				if family == "doc" {
					line = "\n    >>> f(" + in + ")\n    " + out + "\n"
				}
				if !strings.Contains(text, line) {
					t.Fatalf("%q is not in %q", line, text)
				}
			}
			ids := slices.Concat(p.Prompt, p.Code())
			if back, err := d.Vocab.Encode(d.Vocab.Decode(ids)); err != nil || !slices.Equal(ids, back) {
				t.Fatalf("%v: %q", err, d.Vocab.Decode(ids))
			}
			if examples == 2 {
				t.Log("\n" + d.Vocab.Decode(ids))
			}
		}
	}
}

func spelled(xs []int64) string {
	return strings.ReplaceAll(fmt.Sprint(xs), " ", ", ")
}
