package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// perElement reports the time of one of an iteration's n elements.
func perElement(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
}

// BenchmarkCausal counts the visible elements only. The scores are rewritten in
// each iteration, by a copy that is timed as "copy".
func BenchmarkCausal(b *testing.B) {
	underBench(b, func(b *testing.B) {
		for _, s := range [][3]int{{28, 32, 0}, {28, 32, 4}, {64, 64, 0}, {64, 128, 64}, {64, 256, 0}, {64, 256, 192}} { // rows, ld, first
			rows, ld, first := s[0], s[1], s[2]
			visible := rows*(first+1) + rows*(rows-1)/2
			r := rand.New(rand.NewPCG(1, 1))
			from, x, y := normals(r, rows*ld), make([]float32, rows*ld), make([]float32, rows*ld)
			lse, dot := make([]float32, 4*rows), normals(r, rows)
			CausalSoftmax(x, ld, rows, first, 0.5, lse, 4)
			for _, k := range []struct {
				name string
				call func()
			}{
				{"copy", func() { copy(x, from) }},
				{"Softmax", func() { copy(x, from); CausalSoftmax(x, ld, rows, first, 0.5, lse, 4) }},
				{"SoftmaxGrad", func() { copy(x, from); CausalSoftmaxGrad(x, y, ld, rows, first, 0.5, lse, 4, dot) }},
			} {
				b.Run(fmt.Sprintf("%s/%dx%d+%d", k.name, rows, ld, first), func(b *testing.B) {
					for b.Loop() {
						k.call()
					}
					perElement(b, visible)
				})
			}
		}
	})
}

func BenchmarkCrossEntropy(b *testing.B) {
	underBench(b, func(b *testing.B) {
		for _, n := range []int{28, 96, 512, 4096} {
			const rows = 64 // so that one row need not wait for the last
			x := normals(rand.New(rand.NewPCG(1, 1)), rows*n)
			b.Run(fmt.Sprint(n), func(b *testing.B) {
				for b.Loop() {
					for i := range rows {
						CrossEntropy(x[i*n:i*n+n], 1, 5, 1)
					}
				}
				perElement(b, rows*n)
			})
		}
	})
}

func BenchmarkRows(b *testing.B) {
	const rows, hd = 256, 32
	underBench(b, func(b *testing.B) {
		for _, n := range []int{32, 96, 256, 1408} {
			r := rand.New(rand.NewPCG(1, 1))
			x, y, d := normals(r, rows*n), make([]float32, rows*n), make([]float32, rows*n)
			w, dw, inv := normals(r, n), make([]float32, n), make([]float32, rows)
			cos, sin, positions := make([]float32, rows*hd/2), make([]float32, rows*hd/2), make([]int32, rows)
			for i := range cos {
				si, co := math.Sincos(float64(i))
				cos[i], sin[i] = float32(co), float32(si)
			}
			for i := range positions {
				positions[i] = int32(i)
			}
			for _, k := range []struct {
				name string
				call func()
			}{
				{"RMSNormRows", func() { RMSNormRows(y, n, x, n, w, inv, rows, 1e-5) }},
				{"RMSNormGradRows", func() { RMSNormGradRows(d, n, dw, y, n, x, n, w, inv, rows) }},
				{"RotateRows", func() { RotateRows(x, n, n/hd, hd, cos, sin, positions, rows) }},
			} {
				b.Run(fmt.Sprintf("%s/%d", k.name, n), func(b *testing.B) {
					for b.Loop() {
						k.call()
					}
					perElement(b, rows*n)
				})
			}
		}
	})
}

// BenchmarkStep has AdamW on 30 million parameters, far beyond any cache.
func BenchmarkStep(b *testing.B) {
	const n = 30 << 20
	underBench(b, func(b *testing.B) {
		p, g, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		step := AdamWStep{LR: 1e-3, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Decay: 0.1, Correct1: 2, Correct2: 3, GradScale: 1}
		for i := range g { // pages never written would all be the same one
			g[i] = float32(i % 7)
		}
		AdamW(p, g, m, v, step)
		b.SetBytes(28 * n)
		for b.Loop() {
			AdamW(p, g, m, v, step)
		}
		perElement(b, n)
	})
}

func BenchmarkPeakFP32(b *testing.B) {
	underBench(b, func(b *testing.B) {
		const n = 1 << 14
		flops := PeakFP32(n)
		for b.Loop() {
			PeakFP32(n)
		}
		rate(b, flops)
	})
}
