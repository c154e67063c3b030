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

// coefficients give a gradient of the sampler: the sum over lines t and outcomes
// k of c[t][k] * grad log q_t(k).
type coefficients [][]float64

func zeroed(n int) coefficients {
	c := make(coefficients, n)
	for i := range c {
		c[i] = make([]float64, 1+latents)
	}
	return c
}

// exact coefficients of the whole bound: sum of q(u)(log p(a,u) - log q(u)) over
// the annotations with u_t = k. The entropy's own gradient is in it, as
// sum_u q(u) grad log q(u) = 0.
func exact(e *enumerated, q latent.Posterior) coefficients {
	c := zeroed(len(q.P))
	for i, a := range e.all {
		logQ, joint := e.log(i, q)
		for line, u := range a {
			if p := math.Exp(logQ); p > 0 {
				c[line][1+u] += p * (joint - logQ)
			}
		}
	}
	return c
}

// centred removes what does not matter: coefficients in proportion to q_t add
// nothing, as sum_k q_t(k) grad log q_t(k) = 0.
func centred(c coefficients, q latent.Posterior) coefficients {
	out := zeroed(len(c))
	for line := range c {
		var sum float64
		for _, v := range c[line] {
			sum += v
		}
		for k, v := range c[line] {
			out[line][k] = v - sum*float64(q.P[line][k])
		}
	}
	return out
}

// The E-step's estimator is unbiased: its expectation, by enumerating all
// groups of two with their probabilities, is the gradient of the whole bound.
func TestAdvantagesGiveTheGradientOfTheBound(t *testing.T) {
	w := newToy(t, 4)
	w.sharpen(0.5)
	for _, prior := range priors {
		es := w.enumerate(t, prior, program("ab", "c", "ra"), program("b", "ra"))
		for n := range es {
			e := &es[n]
			q := normalised(w.posteriors(t, []*trace.Program{e.program})[0])
			got := zeroed(len(q.P))
			full := make([][]LineTerms, len(e.all))
			probability := make([]float64, len(e.all))
			for i, a := range e.all {
				probability[i] = 1
				for line, u := range a {
					l := e.terms[i][line]
					l.LogQ = math.Log(float64(q.P[line][1+u]))
					full[i] = append(full[i], l)
					probability[i] *= float64(q.P[line][1+u])
				}
			}
			for i, a := range e.all {
				for j, b := range e.all {
					adv := advantages([][]LineTerms{full[i], full[j]})
					for line := range a {
						got[line][1+a[line]] += probability[i] * probability[j] * adv[0][line] / 2
						got[line][1+b[line]] += probability[i] * probability[j] * adv[1][line] / 2
					}
				}
			}
			want := centred(exact(e, q), q)
			var size float64
			for line := range got {
				for k, v := range centred(got, q)[line] {
					near(t, string(prior.Kind), v, want[line][k], 2e-6)
					size = max(size, math.Abs(v))
				}
			}
			if size < 0.02 {
				t.Errorf("the gradient's largest coefficient is %g: nothing is tested", size)
			}
		}
	}
}

// normalised makes float32 rounding no part of the comparison.
func normalised(q latent.Posterior) latent.Posterior {
	for _, p := range q.P {
		var sum float64
		for _, v := range p {
			sum += float64(v)
		}
		for k := range p {
			p[k] = float32(float64(p[k]) / sum)
		}
	}
	return q
}

// exactGradient is the gradient of the mean exact bound in the sampler's
// parameters.
func exactGradient(t *testing.T, w *toy, es []enumerated) []float64 {
	t.Helper()
	var seq trace.Sequences
	seq.Reset(w.sampler.Classes())
	for i := range es {
		q := w.posteriors(t, []*trace.Program{es[i].program})[0]
		c := centred(exact(&es[i], q), q)
		from := len(seq.Batch.Rows)
		w.layout.Hindsight(&seq, es[i].program, nil, 0)
		ends := slices.Clone(seq.Batch.Rows[from:])
		seq.Batch.Rows = seq.Batch.Rows[:from]
		for r, row := range ends {
			line := len(ends) - 1 - r
			for k, v := range c[line] {
				if line > 0 || k > 0 {
					row.Target, row.Weight = int32(k), float32(v/float64(len(es)))
					seq.Batch.Rows = append(seq.Batch.Rows, row)
				}
			}
		}
	}
	g := params(t, w.sampler.Model)
	if _, err := nn.NewComputer(w.sampler.Model.Config, 1).Gradient(context.Background(), w.sampler.Model, &seq.Batch, g); err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(g.Flat))
	for i, v := range g.Flat {
		out[i] = -float64(v) // of the objective, not of the loss
	}
	return out
}

func dot[A, B float32 | float64](a []A, b []B) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

// directions are unit vectors: along v, and random ones.
func directions(v []float64, n int) [][]float64 {
	rng := rand.New(rand.NewPCG(7, 7))
	out := [][]float64{slices.Clone(v)}
	for range n {
		d := make([]float64, len(v))
		for i := range d {
			d[i] = rng.NormFloat64()
		}
		out = append(out, d)
	}
	for _, d := range out {
		norm := math.Sqrt(dot(d, d))
		for i := range d {
			d[i] /= norm
		}
	}
	return out
}

func gradientCase(t *testing.T) (*toy, latent.Prior, []enumerated, []float64) {
	return gradientCaseAt(t, 0)
}

func gradientCaseAt(t *testing.T, temperature float64) (*toy, latent.Prior, []enumerated, []float64) {
	w := newToy(t, 5)
	w.sharpen(0.5)
	w.sampler.Temperature = temperature
	prior := latent.Prior{Kind: latent.Sticky, Rho: 0.3}
	es := w.enumerate(t, prior, program("ab", "c", "ra"), program("b", "ra"))
	return w, prior, es, exactGradient(t, w, es)
}

// The gradient that the estimator is held against is itself that of the exact
// bound, by central differences.
func TestExactGradientByDifferences(t *testing.T) {
	for _, temperature := range []float64{0, 2} {
		exactGradientByDifferences(t, temperature)
	}
}

func exactGradientByDifferences(t *testing.T, temperature float64) {
	w, _, es, g := gradientCaseAt(t, temperature)
	flat := w.sampler.Model.Params.Flat
	start := slices.Clone(flat)
	at := func(d []float64, step float64) float64 {
		for i := range flat {
			flat[i] = start[i] + float32(step*d[i])
		}
		w.sampler.Model.Refresh()
		return w.meanBound(t, es)
	}
	norm := math.Sqrt(dot(g, g))
	for i, d := range directions(g, 12) {
		const h = 0.003
		near(t, "directional derivative", (at(d, h)-at(d, -h))/(2*h), dot(g, d), 2e-3*norm)
		if i == 0 {
			near(t, "along the gradient", dot(g, d), norm, 1e-9)
		}
	}
}

// The average of many updates' gradients is the gradient of the exact bound. At
// a learning rate of 0 an update changes nothing and leaves its gradient.
func TestEStepIsUnbiased(t *testing.T) {
	for _, temperature := range []float64{0, 2} {
		unbiased(t, temperature)
	}
}

func unbiased(t *testing.T, temperature float64) {
	w, prior, es, g := gradientCaseAt(t, temperature)
	e := w.eStep(t, prior, 2)
	ps := []*trace.Program{es[0].program, es[1].program}
	before := slices.Clone(w.sampler.Model.Params.Flat)
	ds := directions(g, 12)
	sum, squares := make([]float64, len(ds)), make([]float64, len(ds))
	const n = 3000
	for range n {
		if _, err := e.Update(context.Background(), ps, 0, w.rng); err != nil {
			t.Fatal(err)
		}
		for i, d := range ds {
			v := -dot(e.Grad.Flat, d)
			sum[i] += v
			squares[i] += v * v
		}
	}
	if !slices.Equal(before, w.sampler.Model.Params.Flat) {
		t.Fatal("an update at learning rate 0 changed the sampler")
	}
	norm := math.Sqrt(dot(g, g))
	for i, d := range ds {
		mean := sum[i] / n
		se := math.Sqrt((squares[i]/n - mean*mean) / n)
		near(t, "mean gradient", mean, dot(g, d), 4.5*se)
		if i == 0 {
			t.Logf("along the gradient: %.4f, standard error %.4f, exact %.4f", mean, se, norm)
			if se > 0.1*norm {
				t.Errorf("standard error %g at a gradient of %g: nothing is tested", se, norm)
			}
		}
	}
}

// One update's gradient and measures are what its own draws make of them.
func TestEStepGradientOfOneUpdate(t *testing.T) {
	w, prior, es, _ := gradientCase(t)
	const group = 3
	e := w.eStep(t, prior, group)
	ps := []*trace.Program{es[0].program, es[1].program}
	m, err := e.Update(context.Background(), ps, 0, rand.New(rand.NewPCG(8, 8)))
	if err != nil {
		t.Fatal(err)
	}

	rng := rand.New(rand.NewPCG(8, 8))
	q := w.posteriors(t, ps)
	draws := make([][]trace.Annotation, len(ps))
	for i := range ps {
		for range group {
			draws[i] = append(draws[i], q[i].Sample(rng))
		}
	}
	terms, err := e.Scorer.Terms(context.Background(), ps, drawn(draws, q))
	if err != nil {
		t.Fatal(err)
	}
	k := nn.NewComputer(w.sampler.Model.Config, 1)
	want := make([]float64, len(e.Grad.Flat))
	one := params(t, w.sampler.Model)
	var squares, entropy float64
	for i, p := range ps {
		adv := advantages(terms[i])
		for g, a := range draws[i] {
			var seq trace.Sequences
			seq.Reset(trace.HindsightClasses(latents, 1))
			w.layout.Hindsight(&seq, p, a, 0)
			for r := range seq.Batch.Rows {
				v := adv[g][seq.Info[r].Line]
				seq.Batch.Rows[r].Weight = float32(v)
				squares += v * v
			}
			if _, err := k.Gradient(context.Background(), w.sampler.Model, &seq.Batch, one); err != nil {
				t.Fatal(err)
			}
			for j, v := range one.Flat {
				want[j] += float64(v) / float64(group*len(ps))
			}
		}
		entropy += q[i].Entropy() / 2
	}
	for j, v := range want {
		if math.Abs(float64(e.Grad.Flat[j])-v) > 1e-5 {
			t.Fatalf("gradient %d: %g, want %g", j, e.Grad.Flat[j], v)
		}
	}
	near(t, "norm", m["grad_norm"], math.Sqrt(dot(want, want)), 1e-4)
	near(t, "advantage variance", m["advantage_var"], squares/(group*(3+2)), 1e-9)
	near(t, "q entropy", m["q_entropy"], entropy, 1e-9)
	for name, v := range Summarise(terms).Measures() {
		near(t, name, m[name], v, 1e-9)
	}
}
