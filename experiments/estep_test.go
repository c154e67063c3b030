package experiments

import (
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// eSteps are ways of discovering latents, each on the smallest run.
var eSteps = map[string][]string{
	"reweighted":           {"ra3.refit=reweight", "ra3.temperature=1.5", "ra3.entropy=0.1", "ra3.anchor=0.2", "ra3.exact=2", "ra3.prior={kind=\"uniform\",learned_rho=true}"},
	"foresight":            {"ra3.posterior=foresight", "ra3.temperature=1.2", "ra3.entropy=0.05", "ra3.exact=2", "ra3.prior={kind=\"sticky\",learned_rho=true}"},
	"codes":                {"ra3.latents=codes", "ra3.codes=5", "ra3.exact=2", "ra3.refit=reweight"},
	"codes with foresight": {"ra3.latents=codes", "ra3.codes=24", "ra3.posterior=foresight", "ra3.exact=1", `lanes=["base","ntp","ra3","oracle","initial"]`},
	"codes from the embedded base": append(slices.Clone(able), "ra3.latents=codes", "ra3.codes=6", "ra3.exact=1", "sampler={updates=3,tokens=200}",
		"ra3.anchor=0.1"),
	"foresight from the embedded base": append(slices.Clone(able), "ra3.posterior=foresight", "ra3.refit=reweight", "ra3.exact=2", "ra3.prior={kind=\"learned\"}"),
}

// Every way runs to its end, logs its measures, and a run cut short at many
// places ends with the bytes of one that was not.
func TestEveryEStepRunsAndResumes(t *testing.T) {
	for name, settings := range eSteps {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(name, "embedded") {
				settings = slices.Concat(smallest, []string{"seeds=1"}, settings)
			}
			c := resolved(t, "quick", settings...)
			want := content(t, uninterrupted(t, c, 2))
			dir := filepath.Join(t.TempDir(), "run")
			e := create(t, dir, c, 2)
			for n := 0; ; n++ {
				ev, err := e.Step(t.Context())
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				checkMeasures(t, c, ev.Phase, ev.Measures)
				if n%7 == 3 {
					if err := e.Save(); err != nil {
						t.Fatal(err)
					}
					steps(t, e, 2)
					if err := e.Close(); err != nil {
						t.Fatal(err)
					}
					e = reopen(t, dir, 1+n%2)
					if _, err := e.LookAtTraces(t.Context(), 2); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, p := range e.Results().Latents {
				if m := p.Measures; !(m["exact_bound"] < 0) || m["exact_certified"] > m["exact_bound"] || m["q_importance"] < m["q_bound"] ||
					math.Abs(m["exact_bound"]-m["q_bound"]-m["exact_gap"]) > 1e-9 {
					t.Errorf("iteration %d: %v", p.Iteration, m)
				}
			}
			if n := len(e.Results().Latents); n != 1+c.RA3.Iterations {
				t.Errorf("%d states of the latents for %d iterations", n, c.RA3.Iterations)
			}
			finished(t, e)
			same(t, name, content(t, dir), want)
		})
	}
}

func checkMeasures(t *testing.T, c Config, phase string, m map[string]float64) {
	t.Helper()
	if phase != PhaseE {
		return
	}
	for _, want := range []string{"bound", "q_entropy", "effective_samples", "think_rate", "grad_norm"} {
		if v, ok := m[want]; !ok || math.IsNaN(v) {
			t.Errorf("measure %s of an E-step is %v", want, v)
		}
	}
	if _, ok := m["anchor_kl"]; ok != (c.RA3.Anchor > 0) {
		t.Errorf("anchor's divergence logged: %v", ok)
	}
	if rho, ok := m["rho"]; ok != (c.RA3.Prior.Kind != "learned") || ok && !(rho > 0 && rho < 1) {
		t.Errorf("rho logged: %v, %g", ok, rho)
	}
}

// With a learned thinking cost the prior that is logged after an update is not
// the one before; fixed, it stays.
func TestLearnedRhoMovesAndStartsAnewWithASeed(t *testing.T) {
	for _, learned := range []string{"false", "true"} {
		c := resolved(t, "quick", append(slices.Clone(smallest), "ra3.prior.learned_rho="+learned)...)
		e, err := NewEngine(t.Context(), c, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		rho := map[int][]float64{}
		for !e.Done() {
			ev, err := e.Step(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if ev.Phase == PhaseE {
				rho[ev.Seed] = append(rho[ev.Seed], ev.Measures["rho"])
			}
		}
		for seed, rs := range rho {
			if rs[0] != c.RA3.Prior.Rho || len(rs) != 4 {
				t.Errorf("seed %d: rho %v, want it to start at %g", seed, rs, c.RA3.Prior.Rho)
			}
			if moved := rs[1] != rs[0] && rs[3] != rs[0]; moved != (learned == "true") {
				t.Errorf("learned %s, seed %d: rho %v", learned, seed, rs)
			}
		}
	}
}

func TestEStepSettingsAreChecked(t *testing.T) {
	for setting, part := range map[string]string{
		"ra3.posterior=second-sight": "hindsight, foresight", "ra3.refit=again": "rl, reweight", "ra3.temperature=0.01": "0.05 to 10",
		"ra3.temperature=-1": "0 to 10", "ra3.entropy=-0.1": "0 to 100", "ra3.anchor=101": "0 to 100", "ra3.exact=49": "0 to 48",
		"ra3.prior={kind=\"learned\",learned_rho=true}": "no rho",
	} {
		_, err := Resolve("quick", nil, []string{setting})
		refusal(t, setting, err, part)
	}
	for setting, part := range map[string]string{"ra3.latents=runes": "words, codes", "ra3.latents=codes": "2 to 512", "ra3.codes=4": "ra3.latents=codes"} {
		_, err := Resolve("quick", nil, []string{setting})
		refusal(t, setting, err, part)
	}
	c := resolved(t, "quick", "ra3.latents=codes", "ra3.codes=4", `lanes=["ra3","oracle"]`)
	_, err := NewEngine(t.Context(), c, nil, 1)
	refusal(t, "an oracle with too few codes", err, "oracle", "ra3.codes = 4")
	for _, settings := range [][]string{{"ra3.posterior=foresight", "ra3.anchor=0.1"}, {"ra3.posterior=foresight", "ra3.refit=reweight", "ra3.entropy=0.1"}} {
		_, err := Resolve("quick", nil, settings)
		refusal(t, settings[1], err, "foresight")
	}
}
