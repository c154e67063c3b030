package simd

import (
	"math/rand/v2"
	"runtime/debug"
	"testing"
)

// TestFenced16 puts every operand just before a page that must not be touched.
func TestFenced16(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	r := rand.New(rand.NewPCG(23, 24))
	for range 150 {
		m, k, n := 1+r.IntN(70), 1+r.IntN(100), 1+r.IntN(100)
		x, w := fenced[float32](t, m*k), fenced[float32](t, k*n)
		copy(x, normals(r, m*k))
		copy(w, normals(r, k*n))
		a, xt := fenced[uint16](t, m*Pad16(k)), fenced[uint16](t, k*Pad16(m))
		Round16(a, Pad16(k), x, k, m, k)
		Transpose16(xt, Pad16(m), x, k, m, k)
		var p Packed16
		if r.IntN(2) == 0 {
			p.Pack(w, n, 1, k, n)
		} else {
			p.Pack(w, 1, k, k, n)
		}
		data := fenced[uint16](t, len(p.data))
		copy(data, p.data)
		p.data = data
		c, want := fenced[float32](t, m*n), make([]float32, m*n)
		Gemm16(m, a, Pad16(k), &p, c, n, true)
		gemm16Go(m, a, Pad16(k), &p, want, n, false)
		for i := range want {
			if c[i] != want[i] {
				t.Fatalf("%dx%dx%d: element %d is %g, want %g", m, k, n, i, c[i], want[i])
			}
		}
	}
}
