package ra3

import (
	"context"
	"errors"
	"math"
	"testing"

	"ra3/core/latent"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/trace"
)

var priors = []latent.Prior{{Kind: latent.Sticky, Rho: 0.3}, {Kind: latent.Uniform, Rho: 0.3}, {Kind: latent.Learned}}

// lineScores are sums of log-probabilities of one line's parts.
type lineScores struct{ code, decision, rationale float64 }

// score writes an annotated program out token by token, apart from the layout,
// and scores it in one sequence.
func score(t *testing.T, w *toy, p *trace.Program, a trace.Annotation) []lineScores {
	t.Helper()
	const code, first, decide, word = 0, 1, 2, 3 // classes, in the layout's order
	ids := append([]int32{}, p.Prompt...)
	var b nn.Batch
	var into []*float64
	out := make([]lineScores, len(p.Lines))
	put := func(class int32, to *float64, id int32) {
		b.Rows = append(b.Rows, nn.Row{Index: int32(len(ids) - 1), Target: id, Class: class})
		ids, into = append(ids, id), append(into, to)
	}
	for line, tokens := range p.Lines {
		class := int32(decide)
		if line == 0 {
			class = first
		}
		if a[line] == trace.Act {
			put(class, &out[line].decision, act)
		} else {
			put(class, &out[line].decision, think)
			for _, id := range w.layout.Rationales[a[line]] {
				put(word, &out[line].rationale, id)
			}
		}
		for _, id := range tokens {
			put(code, &out[line].code, id)
		}
	}
	b.Append(ids, 0)
	b.Classes = w.layout.Classes(trace.Unit())
	preds, err := nn.NewComputer(w.policy.Config, 1).Score(context.Background(), w.policy, &b, nn.ScoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range into {
		*at += float64(preds[i].LogP)
	}
	return out
}

func TestTermsEqualOneScoring(t *testing.T) {
	w := newToy(t, 1)
	w.sharpen(0.5)
	ps := []*trace.Program{program("ab", "c", "ra"), program("r"), program("b", "b", "acb", "rc")}
	groups := [][]trace.Annotation{
		{{0, trace.Act, 2}, {1, 1, 1}, {0, trace.Act, 2}, {2, trace.Act, trace.Act}, {0, trace.Act, 2}}, // one drawn three times
		{{2}, {0}},
		{{1, trace.Act, 0, trace.Act}},
	}
	q := w.posteriors(t, ps)
	for _, prior := range priors {
		s := w.scorer(prior)
		terms, err := s.Terms(context.Background(), ps, drawn(groups, q))
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range ps {
			for g, a := range groups[i] {
				total := 0.0 // under the learned prior: the whole sequence's log-probability
				for line, want := range score(t, w, p, a) {
					got := terms[i][g][line]
					near(t, "code", got.Code, want.code, 1e-5)
					near(t, "log q", got.LogQ, math.Log(float64(q[i].P[line][1+a[line]])), 1e-12)
					total += want.code + want.decision + want.rationale - got.Code - got.Prior
					thinks := a[line] != trace.Act
					var expect float64
					switch {
					case prior.Kind == latent.Learned:
						expect = want.decision + want.rationale
					case !thinks:
						expect = math.Log(0.7)
					case prior.Kind == latent.Uniform:
						expect = -math.Log(latents)
					default:
						expect = want.rationale
					}
					if thinks && line > 0 && prior.Kind != latent.Learned {
						expect += math.Log(0.3)
					}
					near(t, string(prior.Kind)+" prior", got.Prior, expect, 1e-5)
					if line == 0 && want.decision != 0 {
						t.Errorf("the first decision has log-probability %g, it is certain", want.decision)
					}
					near(t, "reward", got.Reward(), got.Code+got.Prior-got.LogQ, 1e-12)
				}
				if prior.Kind == latent.Learned {
					near(t, "whole sequence", total, 0, 3e-5)
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := w.scorer(priors[0])
	if _, err := s.Terms(ctx, ps, drawn(groups, q)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// The bound is one: below log p(a|x), summed over all annotations, for any q,
// and tight where q is the exact posterior.
func TestTheBoundBoundsTheEvidence(t *testing.T) {
	w := newToy(t, 2)
	for _, prior := range priors {
		for _, deviation := range []float64{0.02, 0.5, 2} {
			w.sharpen(deviation)
			one := program("ra") // one line: q has every freedom that the posterior needs
			e := w.enumerate(t, prior, program("ab", "c", "ra"), one)
			q := w.posteriors(t, []*trace.Program{e[0].program, one})
			for i := range e {
				if b, top := e[i].bound(q[i]), e[i].evidence(); b > top {
					t.Errorf("%s: bound %g above log p %g", prior.Kind, b, top)
				}
			}
			exact := latent.Posterior{P: [][]float32{make([]float32, 1+latents)}}
			for i, a := range e[1].all {
				_, joint := e[1].log(i, q[1])
				exact.P[0][1+a[0]] = float32(math.Exp(joint - e[1].evidence()))
			}
			near(t, "tight bound", e[1].bound(exact), e[1].evidence(), 1e-5)
		}
	}
}

func TestSummariseByHand(t *testing.T) {
	// Two programs of two samples; the first has two lines.
	terms := [][][]LineTerms{
		{{{Code: -1, Prior: -0.5, LogQ: -0.25}, {Code: -2, Prior: -0.5, LogQ: -0.75}}, {{Code: -3, Prior: -1, LogQ: -1}, {Code: 0, Prior: 0, LogQ: 0}}},
		{{{Code: -4, Prior: -2, LogQ: -1}}, {{Code: -6, Prior: -2, LogQ: -1}}},
	}
	// Rewards: -3 and -3; -5 and -7.
	b := Summarise(terms)
	near(t, "code", b.Code, -4, 1e-12)
	near(t, "prior", b.Prior, -1.5, 1e-12)
	near(t, "entropy", b.Entropy, 1, 1e-12)
	near(t, "bound", b.Bound, -4.5, 1e-12)
	near(t, "residual", b.Residual, 0, 1e-12)
	near(t, "standard error", b.StdErr, math.Sqrt(2*1.5*1.5/1/2), 1e-12)
	near(t, "importance", b.Importance, (-3+math.Log((math.Exp(-5)+math.Exp(-7))/2))/2, 1e-12)
	if b.Samples != 4 || b.Measures()["bound_importance"] != b.Importance || b.Measures()["bound"] != b.Bound {
		t.Errorf("%+v, %v", b, b.Measures())
	}
	if (Summarise(nil) != Bound{}) || Summarise(terms[:1]).StdErr != 0 {
		t.Error("nothing, or one program, is not summed up as such")
	}
}

func TestSummariseOnRealTerms(t *testing.T) {
	w := newToy(t, 3)
	w.sharpen(0.5)
	ps := []*trace.Program{program("ab", "c", "ra"), program("r"), program("b", "b", "acb", "rc")}
	q := w.posteriors(t, ps)
	groups := make([][]trace.Annotation, len(ps))
	for i := range ps {
		for range 32 {
			groups[i] = append(groups[i], q[i].Sample(w.rng))
		}
	}
	s := w.scorer(priors[0])
	terms, err := s.Terms(context.Background(), ps, drawn(groups, q))
	if err != nil {
		t.Fatal(err)
	}
	b := Summarise(terms)
	near(t, "residual", b.Residual, 0, 1e-9)
	near(t, "sum of terms", b.Code+b.Prior+b.Entropy, b.Bound, 1e-9)
	if b.Importance < b.Bound || b.StdErr <= 0 || b.Samples != 96 || b.Entropy <= 0 {
		t.Errorf("%+v", b)
	}
}

func TestLogMeanExpDoesNotOverflow(t *testing.T) {
	near(t, "large", measure.LogMeanExp([]float64{-2000, -2000 + math.Log(3)}), -2000+math.Log(2), 1e-9)
}
