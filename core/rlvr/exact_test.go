package rlvr

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/nn"
	"ra3/core/trace"
)

// exactCase is a trainer whose bodies, of at most a few tokens, can all be
// written down, and an initial policy that is not its policy.
func exactCase(t *testing.T, format trace.Format, change func(*Settings)) *Trainer {
	s := settings()
	s.Problems, s.Group, s.MaxTokens, s.Temperatures = 1, 2, 3, warm
	if format == trace.Slotted {
		s.MaxTokens = 5 // think, two words, two tokens of code
	}
	change(&s)
	tr := newTrainer(t, format, s, firstIsA)
	rng := rand.New(rand.NewPCG(11, 11))
	for i := range tr.Initial.Params.Head {
		tr.Initial.Params.Head[i] += float32(rng.NormFloat64() * 0.2)
	}
	tr.Initial.Refresh()
	return tr
}

// bodies are all that the policy may write on a problem, with its and the
// initial policy's log-probabilities; rewards are made up.
func bodies(t *testing.T, tr *Trainer, p *trace.Problem) []rollout {
	t.Helper()
	grammar := tr.Layout.Grammar(tr.Format, tr.Settings.Temperatures)
	var all []rollout
	var walk func(s nn.Sample, state int)
	walk = func(s nn.Sample, state int) {
		if state < 0 || len(s.Tokens) == tr.Settings.MaxTokens {
			all = append(all, rollout{problem: p, sample: nn.Sample{Tokens: slices.Clone(s.Tokens), Classes: slices.Clone(s.Classes)}})
			return
		}
		class := grammar.Class(state)
		for id, allowed := range grammar.Classes()[class].Allowed {
			if allowed {
				walk(nn.Sample{Tokens: append(slices.Clip(s.Tokens), int32(id)), Classes: append(slices.Clip(s.Classes), int32(class))}, grammar.Next(state, int32(id)))
			}
		}
	}
	walk(nn.Sample{}, grammar.Start())
	rng := rand.New(rand.NewPCG(12, 12))
	for i := range all {
		all[i].reward = float64(rng.IntN(2))
	}
	rescore(t, tr, all)
	return all
}

// rescore sets log-probabilities and drifts at the policy as it stands.
func rescore(t *testing.T, tr *Trainer, all []rollout) {
	t.Helper()
	var seq trace.Sequences
	seq.Reset(tr.Layout.Classes(tr.Settings.Temperatures))
	for _, r := range all {
		tr.Layout.Tokens(&seq, r.problem.Prompt, r.sample.Tokens, r.sample.Classes, 0)
	}
	preds, err := tr.Computer.Score(context.Background(), tr.Policy, &seq.Batch, nn.ScoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	row := 0
	for i := range all {
		r := &all[i]
		r.sample.LogP = r.sample.LogP[:0]
		for range r.sample.Tokens {
			r.sample.LogP = append(r.sample.LogP, preds[row].LogP)
			row++
		}
	}
	if err := tr.drift(context.Background(), all); err != nil {
		t.Fatal(err)
	}
}

func probability(r rollout) float64 {
	var sum float64
	for _, p := range r.sample.LogP {
		sum += float64(p)
	}
	return math.Exp(sum)
}

// value is E[reward] - KL * E[sum of drift], exactly, in the objective's unit.
func value(tr *Trainer, all []rollout) float64 {
	var v float64
	for _, r := range all {
		total := r.reward
		for _, d := range r.drift {
			total -= tr.Settings.KL * d
		}
		v += probability(r) * total
	}
	return v / float64(tr.Settings.MaxTokens)
}

// gradientOf is sum of weights * grad log pi over the bodies' tokens.
func gradientOf(t *testing.T, tr *Trainer, all []rollout, weights [][]float64) []float64 {
	t.Helper()
	var seq trace.Sequences
	seq.Reset(tr.Layout.Classes(tr.Settings.Temperatures))
	for i, r := range all {
		from := len(seq.Batch.Rows)
		tr.Layout.Tokens(&seq, r.problem.Prompt, r.sample.Tokens, r.sample.Classes, 0)
		for j, w := range weights[i] {
			seq.Batch.Rows[from+j].Weight = float32(w)
		}
	}
	g := params(t, tr.Policy)
	if _, err := tr.Computer.Gradient(context.Background(), tr.Policy, &seq.Batch, g); err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(g.Flat))
	for i, v := range g.Flat {
		out[i] = -float64(v)
	}
	return out
}

// expected are the mean weights of every body over all groups of two, each with
// its probability.
func expected(tr *Trainer, all []rollout) [][]float64 {
	mean := make([][]float64, len(all))
	for i, r := range all {
		mean[i] = make([]float64, len(r.sample.Tokens))
	}
	for i, a := range all {
		for j, b := range all {
			group := []rollout{a, b}
			tr.Settings.compare(group)
			p := probability(a) * probability(b)
			for n, w := range tr.weights(group) {
				for k, v := range w {
					mean[[]int{i, j}[n]][k] += p * v
				}
			}
		}
	}
	return mean
}

// The estimator with leave-one-out advantages and costs to go is unbiased: its
// expectation, by enumerating all groups of two, is the gradient of expected
// reward minus KL, itself by central differences of the enumerated value. The
// group's mean as a baseline shrinks the reward's part by (G-1)/G.
func TestEstimatorIsUnbiased(t *testing.T) {
	for _, c := range []struct {
		name   string
		format trace.Format
		scale  float64
		change func(*Settings)
	}{
		{"reward", trace.Plain, 1, func(*Settings) {}},
		{"reward, slotted", trace.Slotted, 1, func(*Settings) {}},
		{"group mean", trace.Plain, 0.5, func(s *Settings) { s.Advantage = GroupMean }},
		{"KL", trace.Plain, 1, func(s *Settings) { s.KL = 0.7 }},
		{"KL, slotted", trace.Slotted, 1, func(s *Settings) { s.KL = 0.7 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := exactCase(t, c.format, c.change)
			all := bodies(t, tr, easy)
			var total float64
			for _, r := range all {
				total += probability(r)
			}
			near(t, "all probabilities", total, 1, 1e-5)
			got := gradientOf(t, tr, all, expected(tr, all))

			flat := tr.Policy.Params.Flat
			start := slices.Clone(flat)
			var norm float64
			for _, v := range got {
				norm += v * v
			}
			norm = math.Sqrt(norm)
			if norm < 1e-3 {
				t.Errorf("the gradient's norm is %g: nothing is tested", norm)
			}
			rng := rand.New(rand.NewPCG(13, 13))
			for n := range 5 {
				d := make([]float64, len(got))
				var size, slope float64
				for i := range d {
					d[i] = got[i]
					if n > 0 {
						d[i] = rng.NormFloat64()
					}
					size += d[i] * d[i]
				}
				for i := range d {
					d[i] /= math.Sqrt(size)
					slope += d[i] * got[i]
				}
				at := func(h float64) float64 {
					for i := range flat {
						flat[i] = start[i] + float32(h*d[i])
					}
					tr.Policy.Refresh()
					rescore(t, tr, all)
					return value(tr, all)
				}
				const h = 0.01
				near(t, "slope", slope, c.scale*(at(h)-at(-h))/(2*h), 1e-2*norm)
			}
		})
	}
}
