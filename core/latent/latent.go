// Package latent is the latent sampler: the hindsight posterior q over the
// decisions of a whole trace, and the sticky prior they are held against. A
// latent is a short worded rationale, one of an inventory; before every line
// the sampler decides to act (keep the latent in force) or to think (choose
// one). It reads the program backwards, so that each line's decision is made
// knowing that line and all later ones; one pass serves all lines and samples.
package latent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"ra3/core/nn"
	"ra3/core/trace"
)

// Inventory is the set of latents: K rationales of equal length.
type Inventory struct {
	Texts  []string
	Tokens [][]int32
}

// K is the number of latents.
func (v *Inventory) K() int { return len(v.Texts) }

// Sampler is q_phi(u_t | x, a_t..a_T), factorised over lines.
type Sampler struct {
	Model  *nn.Model // head: act, then the K latents
	Layout *trace.Layout
	K      int
	// Temperature of q: decisions come from the softmax of logits/Temperature,
	// and q, wherever it stands, is that distribution. 0 means 1.
	Temperature float64
}

// Classes of the sampler's head at its temperature.
func (s *Sampler) Classes() []nn.Class {
	t := s.Temperature
	if t == 0 {
		t = 1
	}
	return trace.HindsightClasses(s.K, float32(1/t))
}

// NewSampler puts a head for k latents on a copy of a language model's trunk.
func NewSampler(base *nn.Model, l *trace.Layout, k int, rng *rand.Rand) (*Sampler, error) {
	m, err := base.WithHead(1+k, rng)
	if err != nil {
		return nil, fmt.Errorf("latent sampler: %w", err)
	}
	return &Sampler{Model: m, Layout: l, K: k}, nil
}

// Config is the shape of a sampler's model over a trunk of shape c.
func Config(c nn.Config, k int) nn.Config {
	c.Out = 1 + k
	return c
}

// Posterior holds q of one program: P[t] is the distribution over decisions at
// line t, outcome 0 act and 1+z think z; [T, 1+K].
type Posterior struct{ P [][]float32 }

// Posteriors computes q for every program, in order.
func (s *Sampler) Posteriors(ctx context.Context, k *nn.Computer, ps []*trace.Program) ([]Posterior, error) {
	var seq trace.Sequences
	seq.Reset(s.Classes())
	out := make([]Posterior, len(ps))
	for i, p := range ps {
		s.Layout.Hindsight(&seq, p, nil, 0)
		flat := make([]float32, len(p.Lines)*(1+s.K))
		for t := range p.Lines {
			out[i].P = append(out[i].P, flat[t*(1+s.K):(t+1)*(1+s.K)])
		}
	}
	_, err := k.Score(ctx, s.Model, &seq.Batch, nn.ScoreOptions{Visit: func(row int, p []float32) {
		at := seq.Info[row]
		copy(out[at.Sequence].P[at.Line], p)
	}})
	if err != nil {
		return nil, fmt.Errorf("latent sampler: %w", err)
	}
	return out, nil
}

// Greedy takes the most probable decision at every line.
func (q Posterior) Greedy() trace.Annotation {
	a := make(trace.Annotation, len(q.P))
	for t, p := range q.P {
		best := 0
		for i, v := range p {
			if v > p[best] {
				best = i
			}
		}
		a[t] = best - 1
	}
	return a
}

// Sample draws a decision for every line.
func (q Posterior) Sample(rng *rand.Rand) trace.Annotation {
	a := make(trace.Annotation, len(q.P))
	for t, p := range q.P {
		u := rng.Float64()
		last := 0
		for i, v := range p {
			if v <= 0 {
				continue
			}
			last = i
			if u -= float64(v); u < 0 {
				break
			}
		}
		a[t] = last - 1
	}
	return a
}

// LogQ is log q(u_t) of each line of an annotation.
func (q Posterior) LogQ(a trace.Annotation) []float64 {
	l := make([]float64, len(a))
	for t, u := range a {
		l[t] = math.Log(float64(q.P[t][1+u]))
	}
	return l
}

// Entropy is the posterior's entropy of the whole program, nats.
func (q Posterior) Entropy() float64 {
	var h float64
	for _, p := range q.P {
		for _, v := range p {
			if v > 1e-12 {
				h -= float64(v) * math.Log(float64(v))
			}
		}
	}
	return h
}

// KL is KL(q || reference) of the whole program, nats: both are factorised over
// lines, so it is a sum of theirs. Mass that the reference lacks counts as if it
// had the smallest a float32 can hold.
func (q Posterior) KL(reference Posterior) float64 {
	var kl float64
	for t, p := range q.P {
		for i, v := range p {
			if v > 0 {
				kl += float64(v) * (math.Log(float64(v)) - logMass(reference.P[t][i]))
			}
		}
	}
	return kl
}

func logMass(p float32) float64 {
	return math.Log(max(float64(p), math.SmallestNonzeroFloat32))
}

// Slope holds the derivative of entropy*H(q) - anchor*KL(q || reference) by the
// log-probability of each decision, [T, 1+K]: a gradient that needs no samples.
// What is the same for all decisions of a line is left out, as the weights
// q(u) of a line's score functions add up to nothing.
func (q Posterior) Slope(entropy, anchor float64, reference Posterior) [][]float64 {
	out := make([][]float64, len(q.P))
	for t, p := range q.P {
		out[t] = make([]float64, len(p))
		for i, v := range p {
			if v <= 0 {
				continue
			}
			logq := math.Log(float64(v))
			slope := -entropy * logq
			if anchor > 0 {
				slope -= anchor * (logq - logMass(reference.P[t][i]))
			}
			out[t][i] = float64(v) * slope
		}
	}
	return out
}
