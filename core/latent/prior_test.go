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
