package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// underBench runs f for every instruction set, the portable one last.
func underBench(b *testing.B, f func(b *testing.B)) {
	was := Active()
	defer func() {
		if err := Use(was); err != nil {
			b.Error(err)
		}
	}()
	for _, i := range Available() {
		if err := Use(i); err != nil {
			b.Fatal(err)
		}
		b.Run(i.String(), f)
	}
}

// rate reports the arithmetic speed, given the operations of one iteration.
func rate(b *testing.B, flops float64) {
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkGemm has the three products of a linear layer, with B packed
// outside the timing: X*W, dY*W^T (same as X*W once packed), X^T*dY.
func BenchmarkGemm(b *testing.B) {
	shapes := [][3]int{ // m, k, n
		{28, 32, 28}, {28, 28, 32}, {64, 32, 256}, {64, 96, 288}, {64, 256, 768}, {64, 512, 1408},
		{256, 96, 96}, {256, 256, 256}, {1024, 128, 384}, {2048, 128, 704}, {4096, 96, 320},
		{4096, 256, 768}, {4096, 768, 256}, {2048, 512, 512}, {2048, 512, 1408}, {2048, 1408, 512},
		{96, 256, 288}, {256, 1024, 768}, {512, 2048, 1408}, {768, 4096, 256},
	}
	underBench(b, func(b *testing.B) {
		for _, s := range shapes {
			m, k, n := s[0], s[1], s[2]
			if Active() == Portable && m*k*n > 1<<24 {
				continue
			}
			r := rand.New(rand.NewPCG(1, 1))
			x, w, c := normals(r, m*k), normals(r, k*n), make([]float32, m*n)
			var p Packed
			p.Pack(w, n, 1, k, n)
			for _, form := range []struct {
				name   string
				rs, cs int
				acc    bool
			}{{"rows", k, 1, false}, {"columns", 1, m, true}} {
				b.Run(fmt.Sprintf("%s/%dx%dx%d", form.name, m, k, n), func(b *testing.B) {
					for b.Loop() {
						Gemm(m, x, form.rs, form.cs, &p, c, n, form.acc)
					}
					rate(b, 2*float64(m)*float64(k)*float64(n))
				})
			}
		}
	})
}

func BenchmarkPack(b *testing.B) {
	underBench(b, func(b *testing.B) {
		for _, s := range [][2]int{{32, 28}, {32, 256}, {96, 288}, {256, 768}, {512, 1408}} {
			k, n := s[0], s[1]
			src := normals(rand.New(rand.NewPCG(1, 1)), k*n)
			var p Packed
			b.Run(fmt.Sprintf("rows/%dx%d", k, n), func(b *testing.B) {
				b.SetBytes(int64(8 * k * n))
				for b.Loop() {
					p.Pack(src, n, 1, k, n)
				}
			})
			b.Run(fmt.Sprintf("columns/%dx%d", k, n), func(b *testing.B) {
				b.SetBytes(int64(8 * k * n))
				for b.Loop() {
					p.Pack(src, 1, k, k, n)
				}
			})
		}
	})
}

func BenchmarkVectors(b *testing.B) {
	underBench(b, func(b *testing.B) {
		for _, n := range []int{32, 96, 320, 1408} {
			r := rand.New(rand.NewPCG(1, 1))
			x, y, w, d, e := normals(r, n), normals(r, n), normals(r, n), make([]float32, n), make([]float32, n)
			m, v := make([]float32, n), make([]float32, n)
			act := make([]float32, n)
			step := AdamWStep{LR: 1e-3, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Decay: 0.1, Correct1: 2, Correct2: 3, GradScale: 1}
			for _, k := range []struct {
				name  string
				flops int // per element, an exponential counted as 10
				call  func()
			}{
				{"Dot", 2, func() { Dot(x, y) }},
				{"Max", 1, func() { Max(x) }},
				{"Scale", 1, func() { Scale(-1, d) }},
				{"Add", 1, func() { Add(d, x) }},
				{"ExpSub", 13, func() { ExpSub(e, x, 1, 0) }},
				{"SwiGLU", 14, func() { SwiGLU(d, x, y) }},
				{"SwiGLUGrad", 20, func() { SwiGLUGrad(act, d, e, w, x, y) }},
				{"AdamW", 16, func() { AdamW(d, x, m, v, step) }},
			} {
				b.Run(fmt.Sprintf("%s/%d", k.name, n), func(b *testing.B) {
					for b.Loop() {
						k.call()
					}
					rate(b, float64(k.flops)*float64(n))
				})
			}
		}
	})
}

func BenchmarkMatVec(b *testing.B) {
	underBench(b, func(b *testing.B) {
		for _, s := range [][3]int{{10, 32, 96}, {100, 32, 96}, {300, 32, 288}, {288, 96, 96}, {768, 256, 256}} {
			m, n, lda := s[0], s[1], s[2]
			r := rand.New(rand.NewPCG(1, 1))
			a, x, y := normals(r, m*lda), normals(r, n), make([]float32, m)
			b.Run(fmt.Sprintf("MatVec/%dx%d", m, n), func(b *testing.B) {
				for b.Loop() {
					MatVec(y, a, lda, x)
				}
				rate(b, 2*float64(m*n))
			})
			h := make([]uint16, m*lda)
			Round16(h, lda, a, lda, m, lda)
			b.Run(fmt.Sprintf("MatVec16/%dx%d", m, n), func(b *testing.B) {
				for b.Loop() {
					MatVec16(y, h, lda, x)
				}
				rate(b, 2*float64(m*n))
			})
			b.Run(fmt.Sprintf("VecMat16/%dx%d", m, n), func(b *testing.B) {
				for b.Loop() {
					VecMat16(x, y, h, lda)
				}
				rate(b, 2*float64(m*n))
			})
			b.Run(fmt.Sprintf("VecMat/%dx%d", m, n), func(b *testing.B) {
				for b.Loop() {
					VecMat(x, y, a, lda)
				}
				rate(b, 2*float64(m*n))
			})
		}
	})
}
