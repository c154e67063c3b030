package ra3

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"ra3/core/latent"
	"ra3/core/trace"
)

func solve(t *testing.T, r Reference, ps []*trace.Program, rng *rand.Rand) []Exact {
	t.Helper()
	got, err := r.Solve(context.Background(), ps, nil, rng)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A beam that keeps everything is brute force: evidence, best annotation and
// marginals, under every prior, also where programs differ in length.
func TestWideBeamIsBruteForce(t *testing.T) {
	w := newToy(t, 20)
	for _, prior := range priors {
		es := w.enumerate(t, prior, program("ab", "c", "bb", "ra"), program("r"), program("b", "ra"))
		ps := []*trace.Program{es[0].program, es[1].program, es[2].program}
		for i, got := range solve(t, Reference{Scorer: w.scorer(prior), Beam: 1000, Thinks: latents, Samples: 4}, ps, w.rng) {
			e := es[i]
			top := e.evidence()
			near(t, "certified", got.Certified, top, 1e-5)
			near(t, "log p", got.LogP, top, 1e-5)
			if got.Size != len(e.all) {
				t.Errorf("%d annotations of %d", got.Size, len(e.all))
			}
			want := zeroed(len(ps[i].Lines))
			best, bestLogP := trace.Annotation(nil), math.Inf(-1)
			for n, a := range e.all {
				var joint float64
				for _, l := range e.terms[n] {
					joint += l.Code + l.Prior
				}
				if joint > bestLogP {
					best, bestLogP = a, joint
				}
				for line, u := range a {
					want[line][1+u] += math.Exp(joint - top)
				}
			}
			near(t, "best", got.BestLogP, bestLogP, 1e-5)
			if !reflect.DeepEqual(got.Best, best) {
				t.Errorf("best %v, want %v", got.Best, best)
			}
			for line := range want {
				for k, v := range want[line] {
					near(t, "marginal", got.Marginals[line][k], v, 1e-5)
				}
			}
		}
	}
}

// However narrow, the sum over what the beam reached stays below log p(a|x), and
// with the draws from the trellis the estimate of p(a|x) is unbiased.
func TestNarrowBeamsBoundAndEstimate(t *testing.T) {
	w := newToy(t, 21)
	prior := latent.Prior{Kind: latent.Learned}
	e := w.enumerate(t, prior, program("ab", "c", "bb", "ra"))[0]
	ps, top := []*trace.Program{e.program}, e.evidence()
	last := math.Inf(-1)
	for _, beam := range []int{1, 2, 6, 24, 200} {
		r := Reference{Scorer: w.scorer(prior), Beam: beam, Thinks: min(beam, latents), Samples: 8}
		const n = 60
		var sum, squares float64
		for range n {
			got := solve(t, r, ps, w.rng)[0]
			if got.Certified > top+1e-5 || got.LogP < got.Certified {
				t.Fatalf("beam %d: certified %g, estimate %g, log p %g", beam, got.Certified, got.LogP, top)
			}
			if got.Certified < last-1e-5 {
				t.Errorf("beam %d: certified %g, a narrower one %g", beam, got.Certified, last)
			}
			last = got.Certified
			ratio := math.Exp(got.LogP - top)
			sum += ratio / n
			squares += ratio * ratio / n
		}
		se := math.Sqrt(max(0, squares-sum*sum) / n)
		t.Logf("beam %d: certified %.4f of %.4f nats, estimate over truth %.4f (standard error %.4f)", beam, last, top, sum, se)
		if beam >= 2*latents { // every latent is in the trellis
			near(t, "mean of the estimate over the truth", sum, 1, 4*se+1e-5)
		}
	}
}

// What is given is in the certified sum once, whether the beam had it or not.
func TestGivenAnnotationsJoinTheSum(t *testing.T) {
	w := newToy(t, 24)
	e := w.enumerate(t, priors[0], program("ab", "c", "bb", "ra"))[0]
	r := Reference{Scorer: w.scorer(priors[0]), Beam: 3, Thinks: 2, Samples: 2}
	ps := []*trace.Program{e.program}
	without := solve(t, r, ps, w.rng)[0]
	for _, n := range []int{1, 20, len(e.all)} {
		given := append(slices.Clone(e.all[:n]), e.all[:n]...)
		got, err := r.Solve(context.Background(), ps, [][]trace.Annotation{given}, w.rng)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Certified < without.Certified-1e-6 || got[0].Certified > e.evidence()+1e-5 {
			t.Errorf("%d given: certified %g, without %g, log p %g", n, got[0].Certified, without.Certified, e.evidence())
		}
		if n == len(e.all) {
			near(t, "all given", got[0].Certified, e.evidence(), 1e-5)
			near(t, "nothing is left to estimate", got[0].LogP, got[0].Certified, 0)
		}
	}
}

// Without attention a line depends on nothing but its own slot: such a policy
// has no memory, and the trellis is forward-backward.
func TestTrellisIsExactWithoutMemory(t *testing.T) {
	w := newToy(t, 22)
	clear(w.policy.Params.Layers[0].Wo)
	w.policy.Refresh()
	for _, prior := range priors {
		es := w.enumerate(t, prior, program("ab", "c", "bb", "ra"))
		got := solve(t, Reference{Scorer: w.scorer(prior), Beam: 2 * latents, Thinks: 1, Samples: 1}, []*trace.Program{es[0].program}, w.rng)[0]
		near(t, string(prior.Kind), got.Trellis, es[0].evidence(), 1e-5)
	}
}

// markov is a made-up chain: log-probabilities of a line by latent in force (-1
// none, at 0) and decision (act at 0).
type markov [][1 + latents][1 + latents]float64

func (m markov) log(a trace.Annotation) float64 {
	var sum float64
	z := -1
	for t, u := range a {
		sum += m[t][1+z][1+u]
		if u != trace.Act {
			z = u
		}
	}
	return sum
}

func TestTrellisByForwardBackward(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := make(markov, 4)
	for line := range m {
		for from := range m[line] {
			for u := range m[line][from] {
				m[line][from][u] = -3 * rng.ExpFloat64()
			}
		}
	}
	var w trellis
	for line := range m {
		var es []*extension
		for z := range latents {
			h := history{a: make(trace.Annotation, line)}
			for i := range h.a {
				h.a[i] = z
			}
			e := &extension{from: h}
			for u := trace.Act; u < latents; u++ {
				if line > 0 || u != trace.Act {
					e.try, e.logp = append(e.try, u), append(e.logp, m[line][1+h.latent()][1+u])
				}
			}
			es = append(es, e)
		}
		w.add(latents, es)
	}
	all := annotations(len(m))
	var logs []float64
	for _, a := range all {
		logs = append(logs, m.log(a))
	}
	top := logSum(logs)
	near(t, "mass", logSum(w.alpha[len(m)-1]), top, 1e-12)
	count := map[string]float64{}
	const n = 4000
	for range n {
		a, logr := w.sample(rng)
		near(t, "log-probability of a draw", logr, m.log(a)-top, 1e-9)
		for line, u := range a {
			count[string(rune('0'+line))+string(rune('b'+u))]++
		}
	}
	for line := range m {
		for u := trace.Act; u < latents; u++ {
			var p float64
			for i, a := range all {
				if a[line] == u {
					p += math.Exp(logs[i] - top)
				}
			}
			near(t, "frequency", count[string(rune('0'+line))+string(rune('b'+u))]/n, p, 4.5*math.Sqrt(p*(1-p)/n)+1e-9)
		}
	}
}

func TestReferenceRefusesAndStops(t *testing.T) {
	w := newToy(t, 23)
	r := Reference{Scorer: w.scorer(priors[0]), Thinks: 1, Samples: 1}
	ps := []*trace.Program{program("ab", "ra")}
	if _, err := r.Solve(context.Background(), ps, nil, w.rng); err == nil {
		t.Error("a beam of nothing was taken")
	}
	r.Beam = 2
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Solve(ctx, ps, nil, w.rng); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestGapByHand(t *testing.T) {
	m := Gap([]Exact{{LogP: -10, Certified: -11, Trellis: -9}, {LogP: -20, Certified: -20, Trellis: -21}}, Bound{Bound: -18, Importance: -16})
	for name, want := range map[string]float64{"exact_bound": -15, "exact_certified": -15.5, "exact_trellis": -15, "q_bound": -18,
		"q_importance": -16, "exact_gap": 3, "exact_gap_relative": 0.2} {
		near(t, name, m[name], want, 1e-12)
	}
	if !math.IsInf(logSum(nil), -1) {
		t.Error("the sum of nothing is not zero")
	}
}
