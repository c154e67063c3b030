package rlvr

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/trace"
)

// With credit on rationales only, a body's code is the environment's: the
// expected weights are those of the exact policy gradient at the rationale's
// tokens, whose costs are the rationale's own drift, and none elsewhere.
func TestCreditHoldsForTheKL(t *testing.T) {
	tr := exactCase(t, trace.Slotted, func(s *Settings) { s.KL, s.Credit = 0.7, CreditRationale })
	all := bodies(t, tr, easy)
	got := expected(tr, all)
	want := make([][]float64, len(all))
	for i, r := range all {
		want[i] = make([]float64, len(r.sample.Tokens))
		togo := 0.0
		for j := len(r.drift) - 1; j >= 0; j-- {
			if trace.PartOfClass(r.sample.Classes[j]) == trace.Code {
				near(t, "weight of code", got[i][j], 0, 0)
				continue
			}
			togo += r.drift[j]
			want[i][j] = probability(r) * (r.reward - 0.7*togo) / float64(tr.Settings.MaxTokens)
		}
	}
	a, b := gradientOf(t, tr, all, got), gradientOf(t, tr, all, want)
	var norm float64
	for i := range b {
		norm += b[i] * b[i]
		near(t, "gradient", a[i], b[i], 2e-6)
	}
	if math.Sqrt(norm) < 1e-3 {
		t.Errorf("the gradient's norm is %g: nothing is tested", math.Sqrt(norm))
	}
}

// Both the drift, which the reward pays for, and the measure's estimator have
// the KL as their expectation; the sampler's own draws come to it too.
func TestDivergenceAgainstEnumeration(t *testing.T) {
	for _, format := range []trace.Format{trace.Plain, trace.Slotted} {
		tr := exactCase(t, format, func(s *Settings) { s.Group = 100 })
		all := bodies(t, tr, easy)
		var exact, estimate float64
		for _, r := range all {
			var d float64
			for _, x := range r.drift {
				d += x
			}
			exact += probability(r) * d
			estimate += probability(r) * divergence([]rollout{r})
		}
		near(t, "mean of the estimator", estimate, exact, 1e-5)
		if exact < 0.05 {
			t.Errorf("a KL of %g: nothing is tested", exact)
		}
		var sum, squares float64
		const n = 40
		tr.MeasureKL, tr.Settings.LearningRate = true, 0
		rng := rand.New(rand.NewPCG(14, 14))
		for range n {
			kl := update(t, tr, always(easy), rng)["kl"]
			sum += kl
			squares += kl * kl
		}
		deviation := math.Sqrt((squares/n - sum/n*sum/n) / n)
		near(t, "measured", sum/n, exact, 4*deviation)
		t.Logf("KL %.4f, measured %.4f +- %.4f", exact, sum/n, deviation)
	}
}

// A KL alone, without anything to learn from rewards, draws the policy back to
// the initial one; without a coefficient it is only measured, and changes nothing.
func TestKLPullsBack(t *testing.T) {
	run := func(kl float64) (first, last float64, tr *Trainer) {
		tr = exactCase(t, trace.Slotted, func(s *Settings) { s.KL, s.Group, s.LearningRate = kl, 32, 3e-3 })
		tr.Judge = func(_ context.Context, as []Attempt) ([]float64, error) { return make([]float64, len(as)), nil }
		tr.MeasureKL = true
		rng := rand.New(rand.NewPCG(15, 15))
		for i := range 60 {
			m := update(t, tr, always(easy), rng)
			if i < 5 {
				first += m["kl"] / 5
			}
			if i >= 55 {
				last += m["kl"] / 5
			}
		}
		return first, last, tr
	}
	first, last, _ := run(1)
	t.Logf("KL %.3f at first, %.3f at last", first, last)
	if last > first/3 {
		t.Errorf("KL went from %g to %g", first, last)
	}
	if _, _, tr := run(0); tr.Optimiser.Step != 0 {
		t.Errorf("%d steps without variance or KL", tr.Optimiser.Step)
	}
}

// Measuring the KL leaves the update as it is.
func TestMeasuringTheKLChangesNothing(t *testing.T) {
	var flat [][]float32
	for _, measure := range []bool{false, true} {
		s := settings()
		s.LearningRate = 1e-2
		tr := newTrainer(t, trace.Slotted, s, firstIsA)
		tr.MeasureKL = measure
		m := update(t, tr, always(easy), rand.New(rand.NewPCG(16, 16)))
		if kl, ok := m["kl"]; ok != measure || kl > 1e-6 {
			t.Errorf("KL of the initial policy to itself %g, measured %v", kl, ok)
		}
		if m["grad_norm"] == 0 || m["ratio_max"] != 1 || m["clip_fraction"] != 0 || m["logp_gap"] > 1e-5 {
			t.Errorf("%v", m)
		}
		flat = append(flat, tr.Policy.Params.Flat)
	}
	if !slices.Equal(flat[0], flat[1]) {
		t.Error("measuring the KL changed the update")
	}
}

// The KL is a mean over all samples drawn, groups without variance and those of
// later rounds included; the reward's part keeps to its own divisor.
func TestKLTakesEverySample(t *testing.T) {
	s := settings()
	s.Problems, s.Group, s.KL = 1, 2, 0.5
	tr := newTrainer(t, trace.Plain, s, firstIsA)
	body := func(advantage float64, drift ...float64) rollout {
		r := rollout{advantage: advantage, varies: advantage != 0, drift: drift}
		for range drift {
			r.sample.Tokens, r.sample.Classes = append(r.sample.Tokens, codeA), append(r.sample.Classes, 0)
		}
		return r
	}
	w := tr.weights([]rollout{body(0, 1, 2), body(0, 4), body(1, 3), body(-1, 1, 1)})
	// Costs to go 3 2, 4; 3, 2 1, less the other sample's at the same index.
	for i, costs := range [][]float64{{-1, 2}, {1}, {1}, {-1, 1}} {
		for j, c := range costs {
			reward := []float64{0, 0, 1, -1}[i] / (1 * 2 * 12)
			near(t, "weight", w[i][j], reward-0.5*c/(4*12), 1e-15)
		}
	}
}
