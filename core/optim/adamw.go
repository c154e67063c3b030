// Package optim updates parameters from gradients: AdamW with clipping by the
// global norm, and learning-rate schedules. It works on flat buffers.
package optim

import (
	"fmt"
	"math"

	"ra3/core/parallel"
	"ra3/core/simd"
)

// Settings of AdamW (Loshchilov and Hutter, 2019).
type Settings struct {
	Beta1, Beta2 float64
	Eps          float64
	Decay        float64 // decoupled weight decay
	Clip         float64 // bound on the gradient's norm; 0 for none
}

// Default is what the small decoders here are trained with.
func Default() Settings {
	return Settings{Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, Decay: 0.01, Clip: 1}
}

// AdamW is an optimiser's state for n parameters.
type AdamW struct {
	Settings Settings
	Step     int       // updates made
	M, V     []float32 // first and second moments
}

// New makes a fresh state.
func New(n int, s Settings) *AdamW {
	return &AdamW{Settings: s, M: make([]float32, n), V: make([]float32, n)}
}

// piece is the fixed unit of work, so that sums do not depend on threads.
const piece = 1 << 14

// Update makes one step at learning rate lr and returns the gradient's norm
// before clipping. A gradient that is not finite is refused and changes nothing.
func (a *AdamW) Update(params, grad []float32, lr float64, threads int) (norm float64, err error) {
	n := len(params)
	pieces := (n + piece - 1) / piece
	squares := make([]float64, pieces)
	parallel.For(threads, pieces, func(i, _ int) {
		g := grad[i*piece : min(n, (i+1)*piece)]
		squares[i] = float64(simd.Dot(g, g))
	})
	for _, s := range squares {
		norm += s
	}
	norm = math.Sqrt(norm)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return norm, fmt.Errorf("optimiser: the gradient's norm is %v at step %d: lower the learning rate", norm, a.Step+1)
	}
	a.Step++
	s := a.Settings
	step := simd.AdamWStep{
		LR: float32(lr), Beta1: float32(s.Beta1), Beta2: float32(s.Beta2), Eps: float32(s.Eps), Decay: float32(s.Decay),
		Correct1:  float32(1 / (1 - math.Pow(s.Beta1, float64(a.Step)))),
		Correct2:  float32(1 / (1 - math.Pow(s.Beta2, float64(a.Step)))),
		GradScale: 1,
	}
	if s.Clip > 0 && norm > s.Clip {
		step.GradScale = float32(s.Clip / norm)
	}
	parallel.For(threads, pieces, func(i, _ int) {
		lo, hi := i*piece, min(n, (i+1)*piece)
		simd.AdamW(params[lo:hi], grad[lo:hi], a.M[lo:hi], a.V[lo:hi], step)
	})
	return norm, nil
}

// Cosine is the learning rate of update (counted from 0) of total: a linear
// warm-up to peak, then half a cosine down to floor*peak.
func Cosine(peak float64, update, warmup, total int, floor float64) float64 {
	if update < warmup {
		return peak * float64(update+1) / float64(warmup)
	}
	x := float64(update-warmup) / float64(max(1, total-warmup))
	return peak * (floor + (1-floor)*0.5*(1+math.Cos(math.Pi*min(1, x))))
}
