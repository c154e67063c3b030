package rlvr

import (
	"math/rand/v2"
	"testing"

	"ra3/core/trace"
)

func TestAdaptiveMix(t *testing.T) {
	lengths := []int{2, 3, 3, 4}
	var m Mix
	for _, w := range m.Weights(lengths) {
		near(t, "weight at first", w, 0.25, 1e-12)
	}
	problem := func(n int) *trace.Problem { return &trace.Problem{Steps: make([]int, n)} }
	before := m.After([]Group{{problem(2), false}, {problem(2), false}, {problem(3), true}})
	after := before.After([]Group{{problem(2), true}})
	// Two groups of length 2 without variance, discounted, and one with.
	near(t, "groups", after[0].Groups, 2*0.8+1, 1e-12)
	near(t, "varied", after[0].Varied, 1, 1e-12)
	near(t, "groups of 3", after[1].Groups, 0.8, 1e-12)
	if len(after) != 2 || before[0].Groups != 2 {
		t.Errorf("%v, before %v", after, before)
	}
	two, three, four := 0.1+2/4.6, 0.1+1.8/2.8, 0.6
	sum := two + 2*three + four
	want := []float64{two / sum, three / sum, three / sum, four / sum}
	w := after.Weights(lengths)
	for i := range want {
		near(t, "weight", w[i], want[i], 1e-12)
	}
	counts := map[int]float64{}
	rng := rand.New(rand.NewPCG(1, 1))
	const n = 40000
	for range n {
		counts[after.Draw(rng, lengths)]++
	}
	near(t, "drawn 2", counts[2]/n, want[0], 0.01)
	near(t, "drawn 3", counts[3]/n, 2*want[1], 0.01)
	near(t, "drawn 4", counts[4]/n, want[3], 0.01)

	// A length that never taught anything is still tried.
	for range 50 {
		m = m.After([]Group{{problem(2), false}, {problem(3), true}, {problem(4), true}})
	}
	if w := m.Weights(lengths); w[0] < 0.04 || w[0] > w[1]/2 {
		t.Errorf("weights %v", w)
	}
}
