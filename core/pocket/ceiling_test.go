package pocket_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/pocket"
	"ra3/core/trace"
)

func draw(t *testing.T, d *pocket.Domain, seed uint64, s pocket.Settings, q pocket.Request) trace.Program {
	t.Helper()
	p, err := d.Draw(rand.New(rand.NewPCG(seed, 1)), s, q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNamedPromptsHaveNoCeiling(t *testing.T) {
	d := domain(t)
	for n := range uint64(40) {
		p := draw(t, d, n, settings, pocket.Request{Split: pocket.HeldOut, Steps: 2 + int(n%5), Family: []string{"doc", "ask"}[n%2]})
		r, err := d.Read(t.Context(), &p.Problem)
		if err != nil || r.Compositions != 1 || r.Ceiling(1) != 1 || r.Ceiling(10) != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
}

func outputs(d *pocket.Domain, steps []int, tests []trace.Test) string {
	text := ""
	for _, test := range tests {
		text += fmt.Sprintln(d.Apply(steps, test.In))
	}
	return text
}

// bruteGroups goes through all sequences of intents, whatever the prompt says,
// keeps those that the definition of Read allows, and gives the share of every
// behaviour on the tests.
func bruteGroups(d *pocket.Domain, p *trace.Problem) map[string]float64 {
	var all [][]int
	var grow func(c []int)
	grow = func(c []int) {
		if len(c) == len(p.Steps) {
			all = append(all, slices.Clone(c))
			return
		}
		for i := range d.Intents {
			grow(append(c, i))
		}
	}
	grow(nil)
	groups := map[string]float64{}
	n := 0.0
candidates:
	for _, c := range all {
		short := 0
		for i := range c {
			in, want := d.Intents[c[i]], d.Intents[p.Steps[i]]
			if p.Told[i] == trace.Named && in.Name != want.Name || p.Told[i] == trace.Vague && in.Family != want.Family ||
				slices.Contains(c[:i], c[i]) || i > 0 && d.Intents[c[i-1]].Family == in.Family {
				continue candidates
			}
			if outputs(d, slices.Concat(c[:i], c[i+1:]), p.Tests) == outputs(d, c, p.Tests) {
				continue candidates
			}
		}
		for _, e := range p.Shown {
			if !slices.Equal(d.Apply(c, e.In), e.Want) {
				continue candidates
			}
		}
		for _, test := range p.Tests {
			if len(d.Apply(c, test.In)) < 2 {
				short++
			}
		}
		if short*4 > len(p.Tests) {
			continue
		}
		groups[outputs(d, c, p.Tests)]++
		n++
	}
	for key := range groups {
		groups[key] /= n
	}
	return groups
}

func TestCeilingIsThatOfBruteForce(t *testing.T) {
	d := domain(t)
	below := 0
	for n := range uint64(60) {
		s := pocket.Settings{Tests: 3, Invert: 0.3, Vague: 0.4, Hidden: 0.5, Examples: int(n / 2 % 3)}
		p := draw(t, d, n, s, pocket.Request{Split: pocket.HeldOut, Steps: 2 + int(n%20/19), Family: []string{"doc", "ask"}[n%2]})
		r, err := d.Read(t.Context(), &p.Problem)
		if err != nil {
			t.Fatal(err)
		}
		masses := slices.Sorted(maps.Values(bruteGroups(d, &p.Problem)))
		slices.Reverse(masses)
		for _, k := range []int{1, 2, 5, 1000} {
			want := 0.0
			for _, m := range masses[:min(k, len(masses))] {
				want += m
			}
			if got := r.Ceiling(k); math.Abs(got-want) > 1e-12 {
				t.Errorf("told %v, %d examples: ceiling@%d %.6f, brute force %.6f", p.Told, len(p.Shown), k, got, want)
			}
		}
		if r.Ceiling(1) < 1 {
			below++
		}
	}
	if below < 15 {
		t.Errorf("only %d of 60 prompts leave anything open", below)
	}
}

// A reader who submits a composition of the likeliest group passes as often as
// the ceiling promises.
func TestCeilingIsReached(t *testing.T) {
	d := domain(t)
	s := pocket.Settings{Tests: 8, Vague: 0.6, Hidden: 0.2, Examples: 1}
	var promised, passed, n float64
	for seed := range uint64(200) {
		p := draw(t, d, seed, s, pocket.Request{Split: pocket.Split(1 + 3*(seed%2)), Steps: 2, Family: "doc"})
		r, err := d.Read(t.Context(), &p.Problem)
		if err != nil {
			t.Fatal(err)
		}
		groups := bruteGroups(d, &p.Problem)
		likeliest := 0.0
		for _, m := range groups {
			if m == r.Masses[0] {
				likeliest++
			}
		}
		if groups[outputs(d, p.Steps, p.Tests)] == r.Masses[0] {
			passed += 1 / likeliest
		}
		promised += r.Ceiling(1)
		n++
	}
	if promised, passed := promised/n, passed/n; math.Abs(promised-passed) > 0.07 || promised > 0.95 {
		t.Errorf("ceiling %.3f, but the reader passes %.3f", promised, passed)
	} else {
		t.Logf("ceiling %.3f, the reader passes %.3f", promised, passed)
	}
}

func TestMoreExamplesRaiseTheCeiling(t *testing.T) {
	d := domain(t)
	var means []float64
	for _, examples := range []int{0, 1, 3} {
		sum := 0.0
		for seed := range uint64(60) {
			p := draw(t, d, seed, pocket.Settings{Tests: 8, Vague: 0.5, Hidden: 0.5, Examples: examples}, pocket.Request{Split: pocket.HeldOut, Steps: 2, Family: "doc"})
			r, err := d.Read(t.Context(), &p.Problem)
			if err != nil {
				t.Fatal(err)
			}
			sum += r.Ceiling(1) / 60
		}
		means = append(means, sum)
	}
	if !(means[0] < means[1] && means[1] < means[2]) {
		t.Errorf("ceilings with 0, 1, 3 examples: %.3f", means)
	}
}

func TestReadingStopsWithItsContext(t *testing.T) {
	d := domain(t)
	p := draw(t, d, 1, pocket.Settings{Tests: 8, Hidden: 1}, pocket.Request{Split: pocket.HeldOut, Steps: 4, Family: "doc"})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := d.Read(ctx, &p.Problem); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPromptsThatSayTooLittleAreRefused(t *testing.T) {
	d := domain(t)
	s := pocket.Settings{Tests: 8, Hidden: 1, Examples: 1}
	p := draw(t, d, 1, s, pocket.Request{Split: pocket.HeldOut, Steps: 6, Family: "ask"})
	if _, err := d.Read(t.Context(), &p.Problem); !errors.Is(err, pocket.ErrTooMany) {
		t.Errorf("six hidden steps: %v", err)
	}
	p = draw(t, d, 1, settings, pocket.Request{Split: pocket.HeldOut, Steps: 2, Family: "ask"})
	p.Shown = []trace.Test{{In: []int64{1, 2, 3}, Want: []int64{77, 77, 77, 77, 77}}}
	if _, err := d.Read(t.Context(), &p.Problem); err == nil {
		t.Error("an example that nothing fits was taken")
	}
}

func BenchmarkReadFourHiddenSteps(b *testing.B) {
	d := domain(b)
	p, err := d.Draw(rand.New(rand.NewPCG(1, 1)), pocket.Settings{Tests: 8, Hidden: 1}, pocket.Request{Split: pocket.HeldOut, Steps: 4, Family: "doc"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.Read(b.Context(), &p.Problem); err != nil {
			b.Fatal(err)
		}
	}
}
