package rlvr

import (
	"math/rand/v2"
	"slices"
)

// MixKind says how the lengths of problems are drawn.
type MixKind string

// Kinds of mix; none named is fixed.
const (
	MixFixed    MixKind = "fixed"    // as often as they are listed
	MixAdaptive MixKind = "adaptive" // more often where groups have variance
)

// Length is what an adaptive mix has seen of problems of one length.
type Length struct {
	Steps  int     `json:"steps"`
	Groups float64 `json:"groups"` // older ones discounted
	Varied float64 `json:"varied"` // of them with variance
}

// Mix is the state of an adaptive mix; nil has seen nothing.
type Mix []Length

const (
	memory  = 0.8 // of an update's groups at the next one: about five updates count
	explore = 0.1 // so that a length that taught nothing is still tried
)

// Weights of a list of lengths, for drawing one of them: the share of groups
// with variance, at first one half. A length listed twice is drawn twice as
// often. They sum to 1.
func (m Mix) Weights(lengths []int) []float64 {
	w := make([]float64, len(lengths))
	var sum float64
	for i, n := range lengths {
		w[i] = explore + 0.5
		if at := m.index(n); at >= 0 {
			w[i] = explore + (m[at].Varied+1)/(m[at].Groups+2)
		}
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}

// Draw one of the lengths by its weight.
func (m Mix) Draw(rng *rand.Rand, lengths []int) int {
	u := rng.Float64()
	for i, w := range m.Weights(lengths) {
		if u -= w; u < 0 {
			return lengths[i]
		}
	}
	return lengths[len(lengths)-1] // the weights' rounding
}

// After is the mix after an update's groups; m stays as it is.
func (m Mix) After(groups []Group) Mix {
	next := slices.Clone(m)
	for i := range next {
		next[i].Groups *= memory
		next[i].Varied *= memory
	}
	for _, g := range groups {
		n := len(g.Problem.Steps)
		at := next.index(n)
		if at < 0 {
			at, next = len(next), append(next, Length{Steps: n})
		}
		next[at].Groups++
		if g.Varies {
			next[at].Varied++
		}
	}
	return next
}

func (m Mix) index(steps int) int {
	return slices.IndexFunc(m, func(l Length) bool { return l.Steps == steps })
}
