package pocket_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/pocket"
	"ra3/core/trace"
)

func TestPlusTestsHoldTheEdgeCases(t *testing.T) {
	d := domain(t)
	p := draw(t, d, 1, settings, pocket.Request{Split: pocket.HeldOut, Steps: 3, Family: "doc"})
	tests := d.PlusTests(rand.New(rand.NewPCG(1, 1)), p.Steps, 64)
	if len(tests) != 64 {
		t.Fatalf("%d tests", len(tests))
	}
	count := func(what string, least int, ok func(in []int64) bool) {
		n := 0
		for _, c := range tests {
			if ok(c.In) {
				n++
			}
		}
		if n < least {
			t.Errorf("%d inputs of 64 are %s, want %d", n, what, least)
		}
	}
	count("empty", 1, func(in []int64) bool { return len(in) == 0 })
	count("of one element", 6, func(in []int64) bool { return len(in) == 1 })
	count("long", 6, func(in []int64) bool { return len(in) >= 20 })
	count("all negative", 6, func(in []int64) bool { return len(in) > 1 && slices.Max(in) < 0 })
	count("of duplicates", 12, func(in []int64) bool {
		return len(in) > 1 && 2*len(slices.Compact(slices.Sorted(slices.Values(in)))) <= len(in)
	})
	for _, c := range tests {
		if !slices.Equal(d.Apply(p.Steps, c.In), c.Want) {
			t.Fatalf("%v", c)
		}
	}
	again := d.PlusTests(rand.New(rand.NewPCG(1, 1)), p.Steps, 64)
	if !slices.EqualFunc(tests, again, func(a, b trace.Test) bool { return slices.Equal(a.In, b.In) }) {
		t.Error("the same generator gives other tests")
	}
}

// Wrong plans that pass a problem's own few tests are what plus tests are for.
func TestPlusTestsTellMorePlansApart(t *testing.T) {
	d := domain(t)
	rng := rand.New(rand.NewPCG(2, 2))
	s := settings
	s.Tests = 2
	passed, both := 0, 0
	for range 400 {
		p, err := d.Draw(rng, s, pocket.Request{Split: pocket.Mid, Steps: 2, Family: "doc"})
		if err != nil {
			t.Fatal(err)
		}
		plus := d.PlusTests(rng, p.Steps, 64)
		right := func(steps []int, tests []trace.Test) bool {
			return !slices.ContainsFunc(tests, func(c trace.Test) bool { return !slices.Equal(d.Apply(steps, c.In), c.Want) })
		}
		for i := range len(d.Intents) * len(d.Intents) {
			steps := []int{i % len(d.Intents), i / len(d.Intents)}
			if !slices.Equal(steps, p.Steps) && right(steps, p.Tests) {
				passed++
				if right(steps, plus) {
					both++
				}
			}
		}
	}
	// Most of those that pass both are the same function: steps that commute.
	if passed-both < 20 {
		t.Errorf("of %d wrong plans that pass, %d pass plus tests as well", passed, both)
	}
}
