package ra3

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/trace"
)

func (w *toy) foresight(temperature float64) latent.Foresight {
	return latent.Foresight{Policy: w.policy, Layout: w.layout, Computer: nn.NewComputer(w.policy.Config, 1), Temperature: temperature}
}

// logQ is the log-probability of an annotation under the foresight posterior,
// by scoring it in one sequence.
func (w *toy) logQ(t *testing.T, f latent.Foresight, p *trace.Program, a trace.Annotation) float64 {
	t.Helper()
	g := f.Grammar([]*trace.Program{p})
	var seq trace.Sequences
	seq.Reset(g.Classes())
	g.Slots(&seq, p, a, make([]float32, len(a)))
	preds, err := f.Computer.Score(context.Background(), w.policy, &seq.Batch, nn.ScoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i, x := range preds {
		if seq.Info[i].Part != trace.Code {
			sum += float64(x.LogP)
		}
	}
	return sum
}

// Foresight is a distribution over annotations; draws follow it and know their
// probability; greedy annotation takes what is most probable slot by slot.
func TestForesightIsAPosterior(t *testing.T) {
	w := newToy(t, 30)
	ps := []*trace.Program{program("b", "ra"), program("ab", "c", "ra"), program("r")}
	for _, temperature := range []float64{0, 2} {
		f := w.foresight(temperature)
		const n = 1500
		draws, err := f.Draw(context.Background(), ps, n, w.rng)
		if err != nil {
			t.Fatal(err)
		}
		greedy, err := f.Greedy(context.Background(), ps)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range ps {
			exact := map[string]float64{}
			var sum float64
			key := func(a trace.Annotation) string {
				var b []rune
				for _, u := range a {
					b = append(b, rune('b'+u))
				}
				return string(b)
			}
			var all []trace.Annotation
			for _, a := range annotations(len(p.Lines)) {
				exact[key(a)] = math.Exp(w.logQ(t, f, p, a))
				sum += exact[key(a)]
				all = append(all, a)
			}
			near(t, "mass", sum, 1, 1e-5)
			count := map[string]float64{}
			for _, d := range draws[i] {
				var lq float64
				for _, l := range d.LogQ {
					lq += l
				}
				near(t, "log q of a draw", lq, math.Log(exact[key(d.Annotation)]), 1e-5)
				count[key(d.Annotation)]++
			}
			for k, p := range exact {
				near(t, "frequency", count[k]/n, p, 4.5*math.Sqrt(p*(1-p)/n)+1e-9)
			}
			// Slot by slot: the best continuation of each prefix, by marginals.
			var want trace.Annotation
			for line := range p.Lines {
				marginal := map[int]float64{}
				for _, a := range all {
					if slices.Equal(a[:line], want) {
						marginal[a[line]] += exact[key(a)]
					}
				}
				think := 0.0
				best := 0
				for z := range latents {
					think += marginal[z]
					if marginal[z] > marginal[best] {
						best = z
					}
				}
				if line > 0 && marginal[trace.Act] > think {
					best = trace.Act
				}
				want = append(want, best)
			}
			if !reflect.DeepEqual(greedy[i], want) {
				t.Errorf("greedy %v, want %v", greedy[i], want)
			}
		}
	}
}

func (w *toy) foresightStep(t *testing.T, prior latent.Prior, temperature float64, group int) *ForesightStep {
	return &ForesightStep{Scorer: w.scorer(prior), Posterior: w.foresight(temperature), Optimiser: optim.New(len(w.policy.Params.Flat), optim.Default()),
		Grad: params(t, w.policy), Threads: 1, Group: group}
}

// The average of many updates' gradients is that of E_q[log p(a,u) - log q(u)]
// by the slots' log-probabilities, with the joint's own dependence on the policy
// held fixed, and of the entropy bonus.
func TestForesightStepIsUnbiased(t *testing.T) {
	w := newToy(t, 31)
	prior := latent.Prior{Kind: latent.Sticky, Rho: 0.3}
	p := program("ab", "ra")
	ps := []*trace.Program{p}
	joint := w.enumerate(t, prior, p)[0]
	for _, c := range []struct{ temperature, entropy float64 }{{1, 0}, {1.5, 0.5}} {
		f := w.foresight(c.temperature)
		g := f.Grammar(ps)
		var seq trace.Sequences
		seq.Reset(g.Classes())
		for i, a := range joint.all {
			lq := w.logQ(t, f, p, a)
			var lp float64
			for _, l := range joint.terms[i] {
				lp += l.Code + l.Prior
			}
			// grad of sum q (lp - (1+c) log q) is sum q (lp - (1+c) log q) grad log q.
			v := float32(math.Exp(lq) * (lp - (1+c.entropy)*lq))
			g.Slots(&seq, p, a, []float32{v, v})
		}
		want := params(t, w.policy)
		if _, err := f.Computer.Gradient(context.Background(), w.policy, &seq.Batch, want); err != nil {
			t.Fatal(err)
		}
		exact := make([]float64, len(want.Flat))
		for i, v := range want.Flat {
			exact[i] = -float64(v)
		}
		e := w.foresightStep(t, prior, c.temperature, 4)
		e.Entropy = c.entropy
		ds := directions(exact, 8)
		sum, squares := make([]float64, len(ds)), make([]float64, len(ds))
		const n = 1200
		for range n {
			if _, err := e.Update(context.Background(), ps, 0, w.rng); err != nil {
				t.Fatal(err)
			}
			for i, d := range ds {
				v := -dot(e.Grad.Flat, d)
				sum[i] += v / n
				squares[i] += v * v / n
			}
		}
		norm := math.Sqrt(dot(exact, exact))
		for i, d := range ds {
			se := math.Sqrt((squares[i] - sum[i]*sum[i]) / n)
			near(t, "mean gradient", sum[i], dot(exact, d), 4.5*se)
			if i == 0 && se > 0.15*norm {
				t.Errorf("standard error %g at a gradient of %g: nothing is tested", se, norm)
			}
		}
	}
}

// With the learned prior, prior and log q cancel where the inventory is all that
// the policy can say.
func TestForesightCancelsItsOwnPrior(t *testing.T) {
	w := newToy(t, 32)
	e := w.foresightStep(t, latent.Prior{Kind: latent.Learned}, 1, 4)
	m, err := e.Update(context.Background(), []*trace.Program{program("ab", "c", "ra"), program("ra")}, 0, w.rng)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "prior + entropy", m["bound_prior"]+m["bound_entropy"], 0, 1e-5)
	near(t, "bound", m["bound"], m["bound_code"], 1e-5)
	if m["think_rate"] == 0 || m["effective_samples"] < 1 || m["effective_samples"] > 4 {
		t.Errorf("%v", m)
	}
}

func TestForesightStepRaisesTheBound(t *testing.T) {
	w, ps, _ := explained(t)
	e := w.foresightStep(t, latent.Prior{Kind: latent.Sticky, Rho: 0.5}, 1, 8)
	var first, last float64
	for i := range 60 {
		m, err := e.Update(context.Background(), ps, 1e-3, w.rng)
		if err != nil {
			t.Fatal(err)
		}
		if i < 5 {
			first += m["bound"] / 5
		}
		if i >= 55 {
			last += m["bound"] / 5
		}
	}
	t.Logf("bound %.3f at first, %.3f at last", first, last)
	if last < first+0.5 {
		t.Errorf("the bound went from %.3f to %.3f", first, last)
	}
}

// Reweighting brings foresight nearer to the posterior from the other side: the
// exact posterior's draws become likelier under it.
func TestReweightedForesightApproachesThePosterior(t *testing.T) {
	w, ps, _ := explained(t)
	prior := latent.Prior{Kind: latent.Sticky, Rho: 0.5}
	e := w.foresightStep(t, prior, 1, 8)
	e.Refit = Reweight
	target := w.enumerate(t, prior, ps[0])[0]
	crossEntropy := func() float64 {
		var sum float64
		for i, a := range target.all {
			var joint float64
			for _, l := range target.terms[i] {
				joint += l.Code + l.Prior
			}
			sum -= math.Exp(joint-target.evidence()) * w.logQ(t, e.Posterior, ps[0], a)
		}
		return sum
	}
	before := crossEntropy()
	for range 40 {
		if _, err := e.Update(context.Background(), ps[:1], 3e-4, w.rng); err != nil {
			t.Fatal(err)
		}
	}
	after := crossEntropy()
	t.Logf("cross entropy %.3f before, %.3f after", before, after)
	if after > before-0.25 {
		t.Errorf("the cross entropy went from %.3f to %.3f nats", before, after)
	}
}

func TestForesightStepRefusesAndStops(t *testing.T) {
	w := newToy(t, 33)
	ps := []*trace.Program{program("ab", "ra")}
	e := w.foresightStep(t, priors[0], 1, 1)
	if _, err := e.Update(context.Background(), ps, 1e-2, w.rng); err == nil {
		t.Error("a group of one was taken")
	}
	e.Group, e.Refit, e.Entropy = 4, Reweight, 0.1
	if _, err := e.Update(context.Background(), ps, 1e-2, w.rng); err == nil {
		t.Error("an entropy bonus without rewards was taken")
	}
	e.Refit = RL
	before := slices.Clone(w.policy.Params.Flat)
	for checks := range 60 {
		_, err := e.Update(&countdown{Context: context.Background(), left: checks}, ps, 1e-2, w.rng)
		if err == nil {
			return
		}
		if !errors.Is(err, context.Canceled) || e.Optimiser.Step != 0 || !slices.Equal(before, w.policy.Params.Flat) {
			t.Fatalf("cancelled at check %d: error %v, %d steps", checks, err, e.Optimiser.Step)
		}
	}
	t.Error("the update never came to its end")
}
