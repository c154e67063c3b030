package simd

import (
	"math/rand/v2"
	"testing"
)

// TestFencedPanels packs A where Gemm would, into storage that ends at a fence
// right after the last panel.
func TestFencedPanels(t *testing.T) {
	under(t, vectorTiers(), func(t *testing.T) {
		b := &narrowBlocks
		if Active() == AVX512 {
			b = &wideBlocks
		}
		r := rand.New(rand.NewPCG(31, 6))
		for range 100 {
			m, k, n := 1+r.IntN(60), 1+r.IntN(90), 1+r.IntN(70)
			cs := m + r.IntN(3)
			count := (m + b.rows - 1) / b.rows
			var p Packed
			p.Pack(normals(r, k*n), n, 1, k, n)
			a := normals(r, (k-1)*cs+m)
			want := make([]float32, m*n)
			Gemm(m, a, 1, cs, &p, want, n, false)
			block := make([]float32, (count-1)*b.panelSize(k)+k*b.lanes)
			atFences(t, "packed panels", func(x [][]float32) {
				all := panelRange{m, count, 0, count}
				b.packPanels(x[0], all, x[1], cs, k)
				b.multiply(all, x[1], 1, cs, x[0], &p, rowsOfB{}, 0, k, x[2], n, false)
				same(t, "packed panels", x[2], want)
			}, block, a, make([]float32, m*n))
		}
	})
}
