package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// needTiles skips a benchmark without tiles: the plain Go form is not worth measuring.
func needTiles(b *testing.B) {
	if err := BF16Error(); err != nil {
		b.Skip(err)
	}
}

// BenchmarkGemm16 has the products of the layers of three models, d = 128, 256,
// 512, at the rows of one step of decoding and of one panel of training; then
// weight gradients, [in,tokens]*[tokens,out] added to C.
func BenchmarkGemm16(b *testing.B) {
	needTiles(b)
	type shape struct{ k, n int }
	run := func(name string, m int, s shape, acc bool) {
		b.Run(fmt.Sprintf("%s/%dx%dx%d", name, m, s.k, s.n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			a, lda, _, p := matrices16(r, m, s.k, s.n, 0)
			c := make([]float32, m*s.n)
			for b.Loop() {
				Gemm16(m, a, lda, p, c, s.n, acc)
			}
			rate(b, 2*float64(m)*float64(s.k)*float64(s.n))
		})
	}
	for _, m := range []int{64, 256} {
		for _, s := range []shape{
			{32, 256}, {96, 96}, {96, 288},
			{128, 128}, {128, 384}, {128, 704}, {352, 128},
			{256, 256}, {256, 768}, {256, 1408}, {704, 256},
			{512, 512}, {512, 1536}, {512, 2752}, {1376, 512}, {512, 4096},
			{1024, 1024}, {2048, 1024},
		} {
			run("rows", m, s, false)
		}
	}
	for _, s := range []shape{{256, 128}, {256, 704}, {1024, 704}, {256, 1408}} {
		run("gradient", 256, s, true)
	}
	run("edges", 250, shape{250, 750}, false)
	b.Run("peak", func(b *testing.B) {
		const rounds = 1000
		for b.Loop() {
			PeakBF16(rounds)
		}
		rate(b, 4*16384*rounds)
	})
}

// BenchmarkConvert16 measures the bytes of the float32 source.
func BenchmarkConvert16(b *testing.B) {
	needTiles(b)
	for _, s := range [][2]int{{64, 32}, {64, 256}, {256, 128}, {256, 256}, {256, 704}, {256, 1408}, {512, 1536}} {
		rows, cols := s[0], s[1]
		src := normals(rand.New(rand.NewPCG(1, 1)), rows*cols)
		dst := make([]uint16, Pad16(rows)*Pad16(cols))
		var p Packed16
		for _, f := range []struct {
			name string
			call func()
		}{
			{"Round16", func() { Round16(dst, Pad16(cols), src, cols, rows, cols) }},
			{"Transpose16", func() { Transpose16(dst, Pad16(rows), src, cols, rows, cols) }},
			{"Pack16/rows", func() { p.Pack(src, cols, 1, rows, cols) }},
			{"Pack16/columns", func() { p.Pack(src, 1, rows, rows, cols) }},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d", f.name, rows, cols), func(b *testing.B) {
				b.SetBytes(int64(4 * rows * cols))
				for b.Loop() {
					f.call()
				}
			})
		}
	}
}
