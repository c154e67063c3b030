package ra3

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"ra3/core/trace"
)

// Reference computes the best bound that any q could reach under a policy,
// log p(a|x) = log sum over annotations u of p(a, u | x), though the policy's
// lines depend on the whole history of latents. It goes over the lines with a
// beam of histories, each scored exactly in its own context, then corrects for
// what the beam left out by annotations drawn from a trellis over the latent in
// force, which the beam's scores fill:
//
//	p(a|x) = sum over S of p(a, u) + E_r[ p(a, u)/r(u) where u is not in S ]
//
// S holds every complete annotation that the beam reached, and given ones (what
// q draws, so that no mode of q is missed); r is forward
// filtering, backward sampling on the trellis. The sum over S alone is a lower
// bound whatever was pruned; the whole is an unbiased estimate of p(a|x) as far
// as the trellis reaches, hence in expectation a lower bound in the logarithm. A
// beam that keeps every history is brute force; for a policy without memory
// beyond the latent in force the trellis is forward-backward.
type Reference struct {
	Scorer  Scorer
	Beam    int // histories kept a line: three quarters the best of a latent each, the others the best of the rest
	Thinks  int // latents tried from a history; the best history tries all
	Samples int // annotations drawn from the trellis a program
}

// Exact is what the reference found for one program; probabilities in nats.
type Exact struct {
	LogP      float64 // estimate of log p(a|x), at least Certified
	Certified float64 // log of the sum over S: at most log p(a|x)
	Trellis   float64 // log of the trellis' whole mass: log p(a|x) for a policy without memory
	Best      trace.Annotation
	BestLogP  float64     // log p(a, u|x) of Best
	Marginals [][]float64 // [T, 1+K]: posterior of every line's decision, outcome 0 act and 1+z think z
	Size      int         // annotations in S
}

// history is a beginning of an annotation with its exact log p(a, u | x) so far.
type history struct {
	a    trace.Annotation
	logp float64
}

// latent in force after the history; -1 before the first line.
func (h history) latent() int {
	for t := len(h.a) - 1; t >= 0; t-- {
		if h.a[t] != trace.Act {
			return h.a[t]
		}
	}
	return -1
}

func (h history) with(u int, logp float64) history {
	a := make(trace.Annotation, 0, len(h.a)+1)
	return history{append(append(a, h.a...), u), h.logp + logp}
}

// Solve computes the reference of every program, in order. given[i], drawn
// without a look at rng's draws, are annotations of program i to take into S; nil
// for none.
func (r Reference) Solve(ctx context.Context, ps []*trace.Program, given [][]trace.Annotation, rng *rand.Rand) ([]Exact, error) {
	if r.Beam < 1 || r.Thinks < 1 {
		return nil, fmt.Errorf("exact reference: a beam of %d with %d latents a history, must be at least 1 each", r.Beam, r.Thinks)
	}
	searches, longest := make([]*search, len(ps)), 0
	for i, p := range ps {
		searches[i] = newSearch(p, len(r.Scorer.Layout.Rationales))
		longest = max(longest, len(p.Lines))
	}
	for t := range longest {
		if err := r.line(ctx, searches, t); err != nil {
			return nil, fmt.Errorf("exact reference: line %d: %w", t, err)
		}
	}
	if given != nil {
		terms, err := r.Scorer.Joint(ctx, ps, given)
		if err != nil {
			return nil, fmt.Errorf("exact reference: %w", err)
		}
		for i, s := range searches {
			s.join(given[i], terms[i])
		}
	}
	draws, logr := make([][]trace.Annotation, len(ps)), make([][]float64, len(ps))
	for i, s := range searches {
		for range r.Samples {
			a, l := s.trellis.sample(rng)
			draws[i], logr[i] = append(draws[i], a), append(logr[i], l)
		}
	}
	terms, err := r.Scorer.Joint(ctx, ps, draws)
	if err != nil {
		return nil, fmt.Errorf("exact reference: %w", err)
	}
	out := make([]Exact, len(ps))
	for i, s := range searches {
		weighed := make([]history, len(draws[i]))
		for g, a := range draws[i] {
			weighed[g] = history{a, joint(terms[i][g]) - logr[i][g] - math.Log(float64(r.Samples))}
		}
		out[i] = s.result(weighed)
	}
	return out, nil
}

// joint is log p(a, u|x), of terms without a posterior.
func joint(lines []LineTerms) float64 {
	var sum float64
	for _, l := range lines {
		sum += l.Reward()
	}
	return sum
}

// join adds complete annotations that the beam did not reach.
func (s *search) join(as []trace.Annotation, terms [][]LineTerms) {
	reached := map[string]bool{}
	for _, h := range s.kept {
		reached[h.key()] = true
	}
	for g, a := range as {
		if h := (history{a, joint(terms[g])}); !reached[h.key()] {
			reached[h.key()] = true
			s.kept = append(s.kept, h)
		}
	}
	slices.SortStableFunc(s.kept, func(a, b history) int { return cmp.Compare(b.logp, a.logp) })
}

// key tells annotations apart.
func (h history) key() string { return fmt.Sprint(h.a) }

// result sums up the complete annotations of the beam and the drawn ones, each
// with the logarithm of what it adds to p(a|x).
func (s *search) result(draws []history) Exact {
	e := Exact{Best: s.kept[0].a, BestLogP: s.kept[0].logp, Trellis: logSum(s.trellis.alpha[len(s.p.Lines)-1]), Size: len(s.kept)}
	reached := map[string]bool{}
	var logs []float64
	for _, h := range s.kept {
		reached[h.key()] = true
		logs = append(logs, h.logp)
	}
	e.Certified = logSum(logs)
	all := s.kept
	for _, h := range draws {
		if !reached[h.key()] {
			all, logs = append(all, h), append(logs, h.logp)
		}
	}
	e.LogP = logSum(logs)
	e.Marginals = make([][]float64, len(s.p.Lines))
	for t := range e.Marginals {
		e.Marginals[t] = make([]float64, 1+s.k)
		for _, h := range all {
			e.Marginals[t][1+h.a[t]] += math.Exp(h.logp - e.LogP)
		}
	}
	return e
}

// logSum is log sum exp(x_i); minus infinity for nothing.
func logSum(xs []float64) float64 {
	top := math.Inf(-1)
	for _, x := range xs {
		top = max(top, x)
	}
	if math.IsInf(top, -1) {
		return top
	}
	var sum float64
	for _, x := range xs {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum)
}

// Gap holds a bound against the reference on the same programs; means over
// programs in nats, the gap also relative to the reference.
func Gap(exact []Exact, q Bound) map[string]float64 {
	var logp, certified, trellis float64
	n := float64(len(exact))
	for _, e := range exact {
		logp += e.LogP / n
		certified += e.Certified / n
		trellis += e.Trellis / n
	}
	return map[string]float64{"exact_bound": logp, "exact_certified": certified, "exact_trellis": trellis, "q_bound": q.Bound,
		"q_importance": q.Importance, "exact_gap": logp - q.Bound, "exact_gap_relative": (logp - q.Bound) / math.Abs(logp)}
}

// GapError adds to a gap's measures their standard errors over programs, of which
// q's own means are those of the terms.
func GapError(m map[string]float64, exact []Exact, q Bound, terms [][][]LineTerms) {
	var logps, gaps []float64
	for i, e := range exact {
		var mean float64
		for _, lines := range terms[i] {
			mean += joint(lines) / float64(len(terms[i]))
		}
		logps, gaps = append(logps, e.LogP), append(gaps, e.LogP-mean)
	}
	m["exact_bound_se"], m["exact_gap_se"], m["exact_programs"] = standardError(logps), standardError(gaps), float64(len(exact))
	m["q_bound_se"], m["q_samples"] = q.StdErr, float64(q.Samples)
}
