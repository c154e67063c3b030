package ra3

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/trace"
)

// What entropy bonus and anchor add to an update's gradient is the gradient of
// entropy*H(q) - anchor*KL(q || initial), by central differences.
func TestEntropyAndAnchorByDifferences(t *testing.T) {
	for _, c := range []struct{ temperature, entropy, anchor float64 }{{1, 0.7, 0}, {1, 0, 1.3}, {2, 0.4, 0.9}} {
		w, prior, es, _ := gradientCaseAt(t, c.temperature)
		ps := []*trace.Program{es[0].program, es[1].program}
		initial := &latent.Sampler{Model: w.sampler.Model.Clone(), Layout: w.layout, K: latents, Temperature: c.temperature}
		w.sharpen(0.8)
		k := nn.NewComputer(w.sampler.Model.Config, 1)
		start, err := initial.Posteriors(context.Background(), k, ps)
		if err != nil {
			t.Fatal(err)
		}
		objective := func() (sum, kl float64) {
			for i, q := range w.posteriors(t, ps) {
				sum += (c.entropy*q.Entropy() - c.anchor*q.KL(start[i])) / float64(len(ps))
				kl += q.KL(start[i]) / float64(len(ps))
			}
			return sum, kl
		}
		gradient := func(entropy, anchor float64) ([]float32, map[string]float64) {
			e := w.eStep(t, prior, 2)
			e.Entropy, e.Anchor, e.Initial = entropy, anchor, initial
			m, err := e.Update(context.Background(), ps, 0, rand.New(rand.NewPCG(3, 4)))
			if err != nil {
				t.Fatal(err)
			}
			return slices.Clone(e.Grad.Flat), m
		}
		plain, _ := gradient(0, 0)
		both, m := gradient(c.entropy, c.anchor)
		added := make([]float64, len(both))
		for i := range both {
			added[i] = float64(plain[i]) - float64(both[i]) // of the objective, not of the loss
		}
		if _, kl := objective(); c.anchor > 0 {
			near(t, "logged KL", m["anchor_kl"], kl, 1e-9)
		}
		flat := w.sampler.Model.Params.Flat
		at := slices.Clone(flat)
		norm := math.Sqrt(dot(added, added))
		for _, d := range directions(added, 6) {
			const h = 0.003
			var ends [2]float64
			for side, sign := range []float64{-1, 1} {
				for i := range flat {
					flat[i] = at[i] + float32(sign*h*d[i])
				}
				w.sampler.Model.Refresh()
				ends[side], _ = objective()
			}
			near(t, "directional derivative", (ends[1]-ends[0])/(2*h), dot(added, d), 3e-3*norm)
		}
	}
}

func TestImportanceWeightsByHand(t *testing.T) {
	line := func(r float64) LineTerms { return LineTerms{Code: r + 1, Prior: -2, LogQ: -1} }
	// Summed rewards: log 1, log 3, log 4.
	terms := [][]LineTerms{{line(-2), line(2)}, {line(math.Log(3)), line(0)}, {line(1), line(math.Log(4) - 1)}}
	for g, want := range []float64{1. / 8, 3. / 8, 4. / 8} {
		for _, w := range Reweight.weights(terms)[g] {
			near(t, "weight", w, 3*want, 1e-12) // of which the group's mean is taken
		}
	}
	near(t, "effective samples", effectiveSamples(terms), 64./(1+9+16), 1e-12)
}

// A learned rho follows the think rate of q; the same update otherwise.
func TestLearnedRhoFollowsQ(t *testing.T) {
	w, prior, es, _ := gradientCase(t)
	ps := []*trace.Program{es[0].program, es[1].program}
	for _, learned := range []bool{false, true} {
		prior.LearnedRho = learned
		e := w.eStep(t, prior, 2)
		m, err := e.Update(context.Background(), ps, 0, w.rng)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "rho of the update", m["rho"], prior.Rho, 0)
		near(t, "thinking cost", m["thinking_cost"], math.Log(0.7/0.3), 1e-12)
		want := prior.Rho
		if learned {
			want = 0
			for _, q := range w.posteriors(t, ps) {
				for _, p := range q.P[1:] {
					want += (1 - float64(p[0])) / 3
				}
			}
		}
		near(t, "rho after it", e.Scorer.Prior.Rho, want, 1e-12)
	}
}
