package nn

import "ra3/core/simd"

// matrix is a weight W [in, out] in the two forms a training step multiplies
// by, packed once per change of the parameters.
type matrix struct {
	in, out  int
	half     bool
	fwd, bwd simd.Packed   // W: y = x W; W^T: dx = dy W^T
	fwd16    simd.Packed16 // the same, rounded to bfloat16
	bwd16    simd.Packed16
}

func (p *matrix) set(w []float32, in, out int, precision Precision) {
	p.in, p.out, p.half = in, out, precision == BF16
	if p.half {
		p.fwd16.Pack(w, out, 1, in, out)
		p.bwd16.Pack(w, 1, out, out, in)
		return
	}
	p.fwd.Pack(w, out, 1, in, out)
	p.bwd.Pack(w, 1, out, out, in)
}

// mul is y [t, out] (+)= x [t, in] W.
func (w *workspace) mul(t int, x []float32, p *matrix, y []float32, acc bool) {
	if p.half {
		w.mul16(t, x, p.in, &p.fwd16, y, acc)
		return
	}
	simd.Gemm(t, x, p.in, 1, &p.fwd, y, p.out, acc)
}

// mulBack is dx [t, in] = dy [t, out] W^T.
func (w *workspace) mulBack(t int, dy []float32, p *matrix, dx []float32) {
	if p.half {
		w.mul16(t, dy, p.out, &p.bwd16, dx, false)
		return
	}
	simd.Gemm(t, dy, p.out, 1, &p.bwd, dx, p.in, false)
}

// mulGrad is dW [in, out] (+)= x^T [in, t] dy [t, out].
func (w *workspace) mulGrad(t int, x, dy []float32, p *matrix, dW []float32, acc bool) {
	if p.half {
		ld := wholeTiles(t)
		simd.Transpose16(w.turned, ld, x, p.in, t, p.in)
		w.pk16[0].Pack(dy, p.out, 1, t, p.out)
		simd.Gemm16(p.in, w.turned, ld, &w.pk16[0], dW, p.out, acc)
		return
	}
	w.pk[0].Pack(dy, p.out, 1, t, p.out)
	simd.Gemm(p.in, x, 1, p.in, &w.pk[0], dW, p.out, acc)
}

// mul16 is y [t, N] (+)= x [t, in] b, block by block, so that the rounded rows
// stay in the core's own cache.
func (w *workspace) mul16(t int, x []float32, in int, b *simd.Packed16, y []float32, acc bool) {
	ld := wholeTiles(in)
	for i := 0; i < t; i += tileTokens {
		n := min(tileTokens, t-i)
		simd.Round16(w.rounded, ld, x[i*in:], in, n, in)
		simd.Gemm16(n, w.rounded, ld, b, y[i*b.N:], b.N, acc)
	}
}

// wholeTiles rounds a number of products up to what a bfloat16 tile sums.
func wholeTiles(n int) int { return (n + 31) &^ 31 }
