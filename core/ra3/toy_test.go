package ra3

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/token"
	"ra3/core/trace"
)

// Tokens of the toy vocabulary. Its latents are all its words, so that a
// policy's distribution over rationales sums to 1 over the inventory.
const (
	rev int32 = iota
	act
	think
	newline
	ret
	codeA
	codeB
	codeC
	wordP
	wordQ
	wordR
	ask
	vocabulary
)

const latents = 3

// toy is a policy and a sampler small enough to enumerate every annotation.
type toy struct {
	layout  *trace.Layout
	policy  *nn.Model
	sampler *latent.Sampler
	rng     *rand.Rand
}

func newToy(t testing.TB, seed uint64) *toy {
	v, err := token.New([]string{"<rev>", "<act>", "<think>", "\n", "return ", "a", "b", "c", " p", " q", " r", "do:"},
		[]token.Kind{token.Special, token.Decision, token.Decision, token.Code, token.Code, token.Code, token.Code, token.Code, token.Word, token.Word, token.Word, token.Frame})
	if err != nil {
		t.Fatal(err)
	}
	w := &toy{layout: trace.NewLayout(v, act, think, rev, newline, ret, [][]int32{{wordP}, {wordQ}, {wordR}}), rng: rand.New(rand.NewPCG(seed, 1))}
	w.policy, err = nn.NewRandom(nn.Config{Vocab: int(vocabulary), Out: int(vocabulary), Dim: 16, Layers: 1, Heads: 2, KVHeads: 1, FF: 24, Theta: 1e4, Eps: 1e-5, MaxPos: 96}, w.rng)
	if err != nil {
		t.Fatal(err)
	}
	w.sampler, err = latent.NewSampler(w.policy, w.layout, latents, w.rng)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sharpen draws the sampler's head at a deviation that makes q uneven.
func (w *toy) sharpen(deviation float64) {
	for i := range w.sampler.Model.Params.Head {
		w.sampler.Model.Params.Head[i] = float32(w.rng.NormFloat64() * deviation)
	}
	w.sampler.Model.Refresh()
}

func (w *toy) scorer(p latent.Prior) Scorer {
	p.K = latents
	return Scorer{Policy: w.policy, Layout: w.layout, Prior: p, Computer: nn.NewComputer(w.policy.Config, 1)}
}

func (w *toy) eStep(t testing.TB, p latent.Prior, group int) *EStep {
	m := w.sampler.Model
	return &EStep{Scorer: w.scorer(p), Sampler: w.sampler, Optimiser: optim.New(len(m.Params.Flat), optim.Default()),
		Computer: nn.NewComputer(m.Config, 1), Grad: params(t, m), Threads: 1, Group: group}
}

func (w *toy) mStep(t testing.TB, tokens int) *MStep {
	m := w.policy
	return &MStep{Policy: m, Layout: w.layout, Optimiser: optim.New(len(m.Params.Flat), optim.Default()),
		Computer: nn.NewComputer(m.Config, 1), Grad: params(t, m), Threads: 1, Tokens: tokens}
}

func params(t testing.TB, m *nn.Model) *nn.Params {
	p, err := nn.NewParams(m.Config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// program has lines of the given code letters, each ended by a newline.
func program(lines ...string) *trace.Program {
	p := &trace.Program{Problem: trace.Problem{Prompt: []int32{ask}}}
	for _, text := range lines {
		var ids []int32
		for _, c := range text {
			ids = append(ids, map[rune]int32{'a': codeA, 'b': codeB, 'c': codeC, 'r': ret}[c])
		}
		p.Lines = append(p.Lines, append(ids, newline))
	}
	return p
}

// annotations are all annotations of a program of n lines.
func annotations(n int) []trace.Annotation {
	all := []trace.Annotation{{}}
	for line := range n {
		var longer []trace.Annotation
		for _, a := range all {
			for u := trace.Act; u < latents; u++ {
				if line > 0 || u != trace.Act {
					longer = append(longer, append(append(trace.Annotation{}, a...), u))
				}
			}
		}
		all = longer
	}
	return all
}

// enumerated is a program with the terms of every annotation, LogQ left out.
type enumerated struct {
	program *trace.Program
	all     []trace.Annotation
	terms   [][]LineTerms
}

// enumerate scores every annotation of every program.
func (w *toy) enumerate(t testing.TB, p latent.Prior, ps ...*trace.Program) []enumerated {
	t.Helper()
	es := make([]enumerated, len(ps))
	groups := make([][]trace.Annotation, len(ps))
	for i, p := range ps {
		es[i] = enumerated{program: p, all: annotations(len(p.Lines))}
		groups[i] = es[i].all
	}
	s := w.scorer(p)
	terms, err := s.Terms(context.Background(), ps, drawn(groups, w.posteriors(t, ps)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range es {
		es[i].terms = terms[i]
		for _, lines := range terms[i] {
			for l := range lines {
				lines[l].LogQ = 0
			}
		}
	}
	return es
}

// drawn are annotations as if drawn from q.
func drawn(groups [][]trace.Annotation, q []latent.Posterior) [][]latent.Draw {
	out := make([][]latent.Draw, len(groups))
	for i, group := range groups {
		for _, a := range group {
			out[i] = append(out[i], latent.Draw{Annotation: a, LogQ: q[i].LogQ(a)})
		}
	}
	return out
}

func (w *toy) posteriors(t testing.TB, ps []*trace.Program) []latent.Posterior {
	t.Helper()
	q, err := w.sampler.Posteriors(context.Background(), nn.NewComputer(w.sampler.Model.Config, 1), ps)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// log is log q(u) and the joint log-probability log p(a, u | x).
func (e *enumerated) log(i int, q latent.Posterior) (logQ, joint float64) {
	for line, lq := range q.LogQ(e.all[i]) {
		logQ += lq
		joint += e.terms[i][line].Code + e.terms[i][line].Prior
	}
	return logQ, joint
}

// bound is the exact bound of the program, nats.
func (e *enumerated) bound(q latent.Posterior) float64 {
	var b float64
	for i := range e.all {
		logQ, joint := e.log(i, q)
		if p := math.Exp(logQ); p > 0 {
			b += p * (joint - logQ)
		}
	}
	return b
}

// evidence is log p(a | x), the sum over all annotations.
func (e *enumerated) evidence() float64 {
	var s float64
	for i := range e.all {
		var joint float64
		for _, l := range e.terms[i] {
			joint += l.Code + l.Prior
		}
		s += math.Exp(joint)
	}
	return math.Log(s)
}

// meanBound is the exact bound under the sampler as it stands, per program.
func (w *toy) meanBound(t testing.TB, es []enumerated) float64 {
	var ps []*trace.Program
	for _, e := range es {
		ps = append(ps, e.program)
	}
	var b float64
	for i, q := range w.posteriors(t, ps) {
		b += es[i].bound(q) / float64(len(es))
	}
	return b
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.9g, want %.9g within %g", what, got, want, tolerance)
	}
}
