// Package ra3 is RA3 mid-training: the E-step infers latents that explain
// expert code by RL on a variational bound, the M-step trains the policy on the
// traces annotated with them.
//
// For a trace a_1..a_T with prompt x and decisions u_t that determine z_t,
//
//	log p_theta(a|x) >= E_q sum_t [ log pi_theta(a_t|s_t,z_<=t) + log p(u_t|z_(t-1),s_t) - log q_phi(u_t|x,a) ]
//
// with pi the policy (core/nn), q the sampler and p the prior (core/latent).
package ra3

import (
	"context"
	"fmt"
	"math"
	"slices"

	"ra3/core/latent"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/trace"
)

// LineTerms are one line's terms of the bound under one annotation, nats.
type LineTerms struct{ Code, Prior, LogQ float64 }

// Reward is the line's share of the bound: what the E-step maximises.
func (l LineTerms) Reward() float64 { return l.Code + l.Prior - l.LogQ }

// Bound is a Monte-Carlo estimate of the bound, nats per program, with its
// terms; Bound = Code + Prior + Entropy up to rounding, which Residual shows.
type Bound struct {
	Code     float64 // E_q sum_t log pi(a_t | s_t, z)
	Prior    float64 // E_q sum_t log p(u_t | z, s_t)
	Entropy  float64 // E_q sum_t -log q(u_t)
	Bound    float64 // mean of the samples' summed rewards
	Residual float64 // Bound - (Code + Prior + Entropy)
	StdErr   float64 // of Bound, over programs
	Samples  int     // annotations behind the estimate
	// Importance is the importance-weighted estimate: mean over programs of
	// log mean_g exp(summed reward); at least Bound, at most log p(a|x) in
	// expectation.
	Importance float64
}

// Measures names the terms for the log.
func (b Bound) Measures() map[string]float64 {
	return map[string]float64{"bound": b.Bound, "bound_code": b.Code, "bound_prior": b.Prior, "bound_entropy": b.Entropy,
		"bound_residual": b.Residual, "bound_se": b.StdErr, "bound_importance": b.Importance, "bound_samples": float64(b.Samples)}
}

// Summarise estimates the bound from groups of annotations' terms,
// terms[program][sample][line].
func Summarise(terms [][][]LineTerms) Bound {
	var b Bound
	var means []float64
	for _, group := range terms {
		var rewards []float64
		for _, lines := range group {
			var r float64
			for _, l := range lines {
				b.Code += l.Code
				b.Prior += l.Prior
				b.Entropy -= l.LogQ
				r += l.Reward()
			}
			rewards = append(rewards, r)
			b.Samples++
		}
		var mean float64
		for _, r := range rewards {
			mean += r / float64(len(rewards))
		}
		means = append(means, mean)
		b.Importance += measure.LogMeanExp(rewards)
	}
	if b.Samples == 0 {
		return Bound{}
	}
	n, programs := float64(b.Samples), float64(len(terms))
	b.Code, b.Prior, b.Entropy = b.Code/n, b.Prior/n, b.Entropy/n
	b.Importance /= programs
	for _, m := range means {
		b.Bound += m / programs
	}
	var squares float64
	for _, m := range means {
		squares += (m - b.Bound) * (m - b.Bound)
	}
	if programs > 1 {
		b.StdErr = math.Sqrt(squares / (programs - 1) / programs)
	}
	b.Residual = b.Bound - (b.Code + b.Prior + b.Entropy)
	return b
}

// Scorer computes the bound's terms under a policy.
type Scorer struct {
	Policy   *nn.Model
	Layout   *trace.Layout
	Prior    latent.Prior
	Computer *nn.Computer
}

// Terms scores groups of annotations with what q drew them by: result[i][g][t]
// are the terms of line t of program i under draws[i][g].
func (s *Scorer) Terms(ctx context.Context, ps []*trace.Program, draws [][]latent.Draw) ([][][]LineTerms, error) {
	terms, err := s.Joint(ctx, ps, Annotations(draws))
	if err != nil {
		return nil, err
	}
	for i, group := range terms {
		for g, lines := range group {
			for t := range lines {
				lines[t].LogQ = draws[i][g].LogQ[t]
			}
		}
	}
	return terms, nil
}

// Annotations are those of the draws, without their probabilities.
func Annotations(draws [][]latent.Draw) [][]trace.Annotation {
	out := make([][]trace.Annotation, len(draws))
	for i, group := range draws {
		for _, d := range group {
			out[i] = append(out[i], d.Annotation)
		}
	}
	return out
}

// cost logs what thinking costs under a prior with a rate of thinking.
func (s *Scorer) cost(m map[string]float64) {
	if s.Prior.Kind != latent.Learned {
		m["rho"], m["thinking_cost"] = s.Prior.Rho, s.Prior.Cost()
	}
}

// Joint is Terms without a posterior: LogQ is left 0, so that a line's reward is
// its share of log p(a, u | x). A sharp q draws the same annotation of a program
// again and again: each is scored once.
func (s *Scorer) Joint(ctx context.Context, ps []*trace.Program, annotations [][]trace.Annotation) ([][][]LineTerms, error) {
	var seq trace.Sequences
	seq.Reset(s.Layout.Classes(trace.Unit()))
	terms := make([][][]LineTerms, len(ps))
	type sequence struct {
		a     trace.Annotation
		lines []LineTerms
		slots []slot
	}
	var all []sequence
	type again struct{ lines, of []LineTerms }
	var copies []again
	for i, p := range ps {
		for g, a := range annotations[i] {
			lines := make([]LineTerms, len(p.Lines))
			terms[i] = append(terms[i], lines)
			before := slices.IndexFunc(annotations[i][:g], func(b trace.Annotation) bool { return slices.Equal(a, b) })
			if before >= 0 {
				copies = append(copies, again{lines, terms[i][before]})
				continue
			}
			s.Layout.Policy(&seq, p, a, 0, 0)
			all = append(all, sequence{a, lines, make([]slot, len(lines))})
		}
	}
	preds, err := s.Computer.Score(ctx, s.Policy, &seq.Batch, nn.ScoreOptions{})
	if err != nil {
		return nil, fmt.Errorf("bound: %w", err)
	}
	for r, at := range seq.Info {
		q := all[at.Sequence]
		q.slots[at.Line].add(&q.lines[at.Line], at.Part, float64(preds[r].LogP))
	}
	for _, q := range all {
		for t, u := range q.a {
			q.lines[t].Prior = s.Prior.LogP(t, u, q.slots[t].decision, q.slots[t].rationale)
		}
	}
	for _, c := range copies {
		copy(c.lines, c.of)
	}
	return terms, nil
}

// slot collects the policy's log-probabilities of a line's decision and rationale.
type slot struct{ decision, rationale float64 }

// add takes the log-probability of one token of a line: code goes to its terms,
// the rest to the slot.
func (s *slot) add(l *LineTerms, part trace.Part, logp float64) {
	switch part {
	case trace.Code:
		l.Code += logp
	case trace.Decision:
		s.decision += logp
	case trace.Rationale:
		s.rationale += logp
	}
}
