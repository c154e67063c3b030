package discover

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ra3/core/latent"
	"ra3/core/measure"
)

// planted draws trajectories of k latents that last, each with a policy of its
// own in every view, and the latents in force.
func planted(k, views, actions, n int, rng *rand.Rand) (trs [][]Step, truth [][]int) {
	act := make([][]int, k)
	for z := range act {
		for range views {
			act[z] = append(act[z], rng.IntN(actions))
		}
	}
	for range n {
		var tr []Step
		var zs []int
		z := rng.IntN(k)
		for range 20 {
			if rng.Float64() < 0.15 {
				z = rng.IntN(k)
			}
			v := rng.IntN(views)
			tr, zs = append(tr, Step{v, act[z][v]}), append(zs, z)
		}
		trs, truth = append(trs, tr), append(truth, zs)
	}
	return trs, truth
}

// The posterior is what summing over all annotations gives.
func TestPosteriorByEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		c := DefaultConfig(1+rng.IntN(3), 2, 3)
		m := begin(c, rng)
		m.Prior.Rho = 0.05 + 0.9*rng.Float64()
		var tr []Step
		for range 1 + rng.IntN(4) {
			tr = append(tr, Step{rng.IntN(2), rng.IntN(3)})
		}
		p := m.Posterior(tr)
		total := 0.0
		force, think := table(len(tr), c.Latents), make([]float64, len(tr))
		var walk func(t int, z int, prob float64, zs []int, thinks []bool)
		walk = func(t, z int, prob float64, zs []int, thinks []bool) {
			if t == len(tr) {
				total += prob
				for i, z := range zs {
					force[i][z] += prob
					if thinks[i] {
						think[i] += prob
					}
				}
				return
			}
			if t > 0 {
				walk(t+1, z, prob*math.Exp(m.Prior.LogP(t, -1, 0, 0))*m.Pi[m.at(z, tr[t])], append(zs, z), append(thinks, false))
			}
			for y := range c.Latents {
				walk(t+1, y, prob*math.Exp(m.Prior.LogP(t, y, 0, 0))*m.Pi[m.at(y, tr[t])], append(zs[:t:t], y), append(thinks[:t:t], true))
			}
		}
		walk(0, -1, 1, nil, nil)
		if math.Abs(math.Log(total)-p.LogP) > 1e-10 {
			t.Fatalf("log p %g, by enumeration %g", p.LogP, math.Log(total))
		}
		for i := range tr {
			if math.Abs(think[i]/total-p.Think[i]) > 1e-10 {
				t.Fatalf("think %g, by enumeration %g", p.Think[i], think[i]/total)
			}
			for z := range force[i] {
				if math.Abs(force[i][z]/total-p.InForce[i][z]) > 1e-10 {
					t.Fatalf("in force %g, by enumeration %g", p.InForce[i][z], force[i][z]/total)
				}
			}
		}
		// By the transformer's bound: with the exact posterior it is log p, and
		// not only in the mean.
		b := m.Bound([][]Step{tr}, rng)
		if math.Abs(b.Bound-p.LogP) > 1e-10 || math.Abs(b.Importance-p.LogP) > 1e-10 || math.Abs(b.Residual) > 1e-10 {
			t.Fatalf("bound %+v, log p %g", b, p.LogP)
		}
	}
}

// EM never lowers its objective and finds planted latents again.
func TestLearnFindsPlanted(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	trs, truth := planted(4, 6, 5, 120, rng)
	f, err := Learn(t.Context(), trs, DefaultConfig(4, 6, 5), 2, rng)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(f.Objective); i++ {
		if f.Objective[i] < f.Objective[i-1]-1e-8 {
			t.Fatalf("iteration %d: objective fell from %g to %g", i, f.Objective[i-1], f.Objective[i])
		}
	}
	var got, want []int
	for i, tr := range trs {
		zs, starts := f.Model.Posterior(tr).Greedy()
		if !starts[0] {
			t.Fatal("the first step must think")
		}
		got, want = append(got, zs...), append(want, truth[i]...)
	}
	if nmi := measure.NMI(got, want); nmi < 0.85 {
		t.Errorf("agreement %g", nmi)
	}
	if f.Model.Prior.Rho < 0.05 || f.Model.Prior.Rho > 0.25 {
		t.Errorf("rate of thinking %g, planted 0.15", f.Model.Prior.Rho)
	}
	again, err := Learn(t.Context(), trs[:5], DefaultConfig(2, 6, 5), 2, rand.New(rand.NewPCG(3, 3)))
	more, err2 := Learn(t.Context(), trs[:5], DefaultConfig(2, 6, 5), 2, rand.New(rand.NewPCG(3, 3)))
	if err != nil || err2 != nil || again.LogP[40] != more.LogP[40] {
		t.Errorf("the same seed gave %v and %v", again.LogP, more.LogP)
	}
}

func TestFaults(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	ok := DefaultConfig(2, 2, 2)
	for want, change := range map[string]func(*Config, *[][]Step){
		"0 latents": func(c *Config, _ *[][]Step) { c.Latents = 0 },
		"rho 1":     func(c *Config, _ *[][]Step) { c.Rho = 1 },
		"action 2":  func(_ *Config, trs *[][]Step) { *trs = [][]Step{{{0, 2}}} },
	} {
		c, trs := ok, [][]Step{{{1, 1}}, {}}
		change(&c, &trs)
		if _, err := Learn(t.Context(), trs, c, 2, rng); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Learn(t.Context(), [][]Step{{}, {{1, 1}}}, ok, 2, rng); err != nil {
		t.Errorf("an empty trajectory: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Learn(ctx, nil, ok, 2, rng); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if m := begin(ok, rng); m.Prior.Kind != latent.Uniform {
		t.Error("the prior is not the sticky one")
	}
}
