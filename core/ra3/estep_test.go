package ra3

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/latent"
	"ra3/core/trace"
)

func TestAdvantagesByHand(t *testing.T) {
	// Rewards 1,2,4 and 0,1,2 and 5,0,0; to go 7,6,4 and 3,3,2 and 5,0,0.
	line := func(r float64) LineTerms { return LineTerms{Code: r + 1, Prior: -2, LogQ: -1} }
	got := advantages([][]LineTerms{{line(1), line(2), line(4)}, {line(0), line(1), line(2)}, {line(5), line(0), line(0)}})
	want := [][]float64{{7 - 4, 6 - 1.5, 4 - 1}, {3 - 6, 3 - 3, 2 - 2}, {5 - 5, 0 - 4.5, 0 - 3}}
	for l := range 3 {
		var sum float64
		for g := range want {
			near(t, "advantage", got[g][l], want[g][l], 1e-12)
			sum += got[g][l]
		}
		near(t, "sum over the group", sum, 0, 1e-12)
	}
}

// The baseline of a sample does not see that sample: raising one sample's
// reward raises its own advantage by as much, and lowers the others'.
func TestAdvantagesLeaveOneOut(t *testing.T) {
	draw := func(raise float64) [][]float64 {
		r := rand.New(rand.NewPCG(1, 9))
		terms := make([][]LineTerms, 5)
		for g := range terms {
			for range 3 {
				terms[g] = append(terms[g], LineTerms{Code: r.NormFloat64(), Prior: r.NormFloat64(), LogQ: r.NormFloat64()})
			}
		}
		terms[2][1].Code += raise
		return advantages(terms)
	}
	before, after := draw(0), draw(8)
	for g := range before {
		for l := range before[g] {
			change := 0.0
			switch {
			case l == 2: // later than the change
			case g == 2:
				change = 8
			default:
				change = -8.0 / 4
			}
			near(t, "change", after[g][l]-before[g][l], change, 1e-12)
		}
	}
}

// explained is a toy whose policy has learnt that p stands for lines of a, q of
// b and r of c, and programs to find that out from. A latent is sometimes chosen
// again where it could be kept: q does not see earlier lines, so it cannot tell
// these cases apart and must lose nothing by thinking in both.
func explained(t *testing.T) (*toy, []*trace.Program, []trace.Annotation) {
	w := newToy(t, 6)
	m := w.mStep(t, 256)
	letters := []string{"a", "b", "c"}
	draw := func(rng *rand.Rand) Example {
		var lines []string
		var a trace.Annotation
		z := -1
		for len(lines) < 2+rng.IntN(2) {
			u := rng.IntN(latents)
			if u == z && rng.IntN(2) == 0 {
				a = append(a, trace.Act)
			} else {
				a = append(a, u)
			}
			z = u
			lines = append(lines, letters[u]+letters[u])
		}
		return Example{program(lines...), a}
	}
	for range 150 {
		if _, err := m.Update(context.Background(), draw, 1e-2, w.rng); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if w.sampler, err = latent.NewSampler(w.policy, w.layout, latents, w.rng); err != nil {
		t.Fatal(err)
	}
	var ps []*trace.Program
	var truth []trace.Annotation
	for range 8 {
		x := draw(w.rng)
		ps, truth = append(ps, x.Program), append(truth, x.Annotation)
	}
	return w, ps, truth
}

func TestEStepFindsWhatExplains(t *testing.T) {
	for _, refit := range []Refit{RL, Reweight} {
		t.Run(string(refit), func(t *testing.T) { findsWhatExplains(t, refit) })
	}
}

func findsWhatExplains(t *testing.T, refit Refit) {
	w, ps, truth := explained(t)
	prior := latent.Prior{Kind: latent.Sticky, Rho: 0.5}
	es := w.enumerate(t, prior, ps...)
	e := w.eStep(t, prior, 8)
	e.Refit = refit
	before := w.meanBound(t, es)
	for range 200 {
		if _, err := e.Update(context.Background(), ps, 3e-3, w.rng); err != nil {
			t.Fatal(err)
		}
	}
	after := w.meanBound(t, es)
	var evidence float64
	for i := range es {
		evidence += es[i].evidence() / float64(len(es))
	}
	t.Logf("exact bound %.3f before, %.3f after, log p(a|x) %.3f", before, after, evidence)
	if after > evidence || after < before+0.8*(evidence-before) {
		t.Errorf("the exact bound went from %.3f to %.3f, at most %.3f", before, after, evidence)
	}
	right, lines := 0, 0
	for i, q := range w.posteriors(t, ps) {
		want := truth[i].Latents()
		for line, z := range q.Greedy().Latents() {
			lines++
			if z == want[line] {
				right++
			}
		}
	}
	if right < lines*9/10 {
		t.Errorf("%d of %d lines have the latent that explains them", right, lines)
	}
}

func TestEStepRefusesAndStops(t *testing.T) {
	w, prior, es, _ := gradientCase(t)
	ps := []*trace.Program{es[0].program}
	e := w.eStep(t, prior, 1)
	if _, err := e.Update(context.Background(), ps, 1e-2, w.rng); err == nil {
		t.Error("a group of one was taken")
	}
	e.Group = 4
	before := slices.Clone(w.sampler.Model.Params.Flat)
	// Cancelled before, and at any of the moments within.
	for checks := range 40 {
		ctx := &countdown{Context: context.Background(), left: checks}
		_, err := e.Update(ctx, ps, 1e-2, w.rng)
		if err == nil {
			if checks == 0 {
				t.Error("a cancelled update was made")
			}
			return
		}
		if !errors.Is(err, context.Canceled) || e.Optimiser.Step != 0 || !slices.Equal(before, w.sampler.Model.Params.Flat) {
			t.Fatalf("cancelled at check %d: error %v, %d steps", checks, err, e.Optimiser.Step)
		}
	}
	t.Error("the update never came to its end")
}
