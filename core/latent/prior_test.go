package latent_test

import (
	"math"
	"testing"

	"ra3/core/latent"
	"ra3/core/trace"
)

// policy is a made-up policy's distribution of one slot: decision and, given
// think, which rationale.
const pAct, pThink = 0.3, 0.7

var rationales = []float64{0.5, 0.3, 0.15, 0.05}

// logP is the prior of decision u at line line under that policy.
func logP(p latent.Prior, line, u int) float64 {
	if u == trace.Act {
		return p.LogP(line, u, math.Log(pAct), 0)
	}
	return p.LogP(line, u, math.Log(pThink), math.Log(rationales[u]))
}

func TestPriorsAreDistributions(t *testing.T) {
	for _, p := range []latent.Prior{
		{Kind: latent.Sticky, Rho: 0.2, K: latents}, {Kind: latent.Sticky, Rho: 0.9, K: latents},
		{Kind: latent.Uniform, Rho: 0.2, K: latents}, {Kind: latent.Learned, K: latents},
	} {
		for line := range 3 {
			var sum float64
			for u := trace.Act; u < latents; u++ {
				if line > 0 || u != trace.Act { // the first line has no latent to keep
					sum += math.Exp(logP(p, line, u))
				}
			}
			near(t, string(p.Kind), sum, 1, 1e-12)
		}
	}
}

func TestThinkingCosts(t *testing.T) {
	for _, rho := range []float64{0.1, 0.3, 0.5, 0.8} {
		for z, p0 := range rationales {
			sticky := latent.Prior{Kind: latent.Sticky, Rho: rho, K: latents}
			near(t, "sticky", logP(sticky, 1, trace.Act)-logP(sticky, 1, z), math.Log((1-rho)/rho)-math.Log(p0), 1e-12)
			uniform := latent.Prior{Kind: latent.Uniform, Rho: rho, K: latents}
			near(t, "uniform", logP(uniform, 1, trace.Act)-logP(uniform, 1, z), math.Log((1-rho)/rho)+math.Log(latents), 1e-12)
		}
	}
	learned := latent.Prior{Kind: latent.Learned}
	near(t, "learned", logP(learned, 1, trace.Act)-logP(learned, 1, 2), math.Log(pAct)-math.Log(pThink)-math.Log(0.15), 1e-12)
}

func TestTheFirstDecisionIsFree(t *testing.T) {
	for z, p0 := range rationales {
		near(t, "sticky", logP(latent.Prior{Kind: latent.Sticky, Rho: 0.1, K: latents}, 0, z), math.Log(p0), 1e-12)
		near(t, "uniform", logP(latent.Prior{Kind: latent.Uniform, Rho: 0.1, K: latents}, 0, z), -math.Log(latents), 1e-12)
		near(t, "learned", logP(latent.Prior{Kind: latent.Learned}, 0, z), math.Log(p0), 1e-12)
	}
}

func TestPriorValidate(t *testing.T) {
	for _, p := range []latent.Prior{{Kind: latent.Sticky, Rho: 0.5}, {Kind: latent.Uniform, Rho: 1e-3}, {Kind: latent.Learned}, {Kind: latent.Learned, Rho: 7}} {
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, p := range []latent.Prior{{}, {Kind: "loose", Rho: 0.5}, {Kind: latent.Sticky}, {Kind: latent.Sticky, Rho: 1}, {Kind: latent.Uniform, Rho: -0.1}, {Kind: latent.Uniform, Rho: math.NaN()}} {
		if err := p.Validate(); err == nil {
			t.Errorf("%+v was taken", p)
		}
	}
}

func TestRhoFitsTheExpectedThinkRate(t *testing.T) {
	q := []latent.Posterior{
		{P: [][]float32{{0, 1, 0}, {0.75, 0.25, 0}, {0.5, 0.25, 0.25}}},
		{P: [][]float32{{0, 0.5, 0.5}}},
		{P: [][]float32{{0, 1, 0}, {1, 0, 0}}},
	}
	p := latent.Prior{Kind: latent.Sticky, Rho: 0.3, LearnedRho: true}
	near(t, "rho", p.Fit(latent.Thinks(q)).Rho, 0.25, 1e-12)
	near(t, "cost", p.Fit(latent.Thinks(q)).Cost(), math.Log(3), 1e-12)
	near(t, "no decisions", p.Fit(latent.Thinks(q[1:2])).Rho, 0.3, 0)
	near(t, "never thinks", p.Fit(latent.Thinks(q[2:])).Rho, 0.01, 0)
	p.LearnedRho = false
	near(t, "fixed", p.Fit(latent.Thinks(q)).Rho, 0.3, 0)
	if err := (latent.Prior{Kind: latent.Learned, LearnedRho: true}).Validate(); err == nil {
		t.Error("a rho to be learned was taken for a prior without one")
	}
}

func TestKLAndSlopeByHand(t *testing.T) {
	q := latent.Posterior{P: [][]float32{{0, 1}, {0.25, 0.75}}}
	r := latent.Posterior{P: [][]float32{{0, 0.5}, {0.5, 0.5}}}
	near(t, "KL", q.KL(r), math.Log(2)+0.25*math.Log(0.5)+0.75*math.Log(1.5), 1e-12)
	near(t, "KL to itself", q.KL(q), 0, 0)
	if kl := r.KL(latent.Posterior{P: [][]float32{{0, 1}, {0, 1}}}); math.IsInf(kl, 0) || kl < 10 {
		t.Errorf("KL to one without support is %g, want large and finite", kl)
	}
	s := q.Slope(2, 3, r)
	near(t, "forbidden", s[0][0], 0, 0)
	near(t, "certain", s[0][1], -3*math.Log(2), 1e-12)
	near(t, "act", s[1][0], 0.25*(-2*math.Log(0.25)-3*math.Log(0.5)), 1e-12)
	near(t, "think", s[1][1], 0.75*(-2*math.Log(0.75)-3*math.Log(1.5)), 1e-12)
	near(t, "no anchor", q.Slope(1, 0, latent.Posterior{})[1][1], -0.75*math.Log(0.75), 1e-12)
}
