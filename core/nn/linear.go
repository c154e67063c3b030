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
		p.fwd, p.bwd = simd.Packed{}, simd.Packed{}
		p.fwd16.Pack(w, out, 1, in, out)
		p.bwd16.Pack(w, 1, out, out, in)
		return
	}
	p.fwd16, p.bwd16 = simd.Packed16{}, simd.Packed16{}
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
		ld := simd.Pad16(t)
		simd.Transpose16(w.turned, ld, x, p.in, t, p.in)
		w.pk16[0].Pack(dy, p.out, 1, t, p.out)
		simd.Gemm16(p.in, w.turned, ld, &w.pk16[0], dW, p.out, acc)
		return
	}
	simd.PackGemm(p.in, x, 1, p.in, &w.pk[0], dy, p.out, t, p.out, dW, p.out, acc)
}

// mul16 is y [t, N] (+)= x [t, in] b, block by block, so that the rounded rows
// stay in the core's own cache.
func (w *workspace) mul16(t int, x []float32, in int, b *simd.Packed16, y []float32, acc bool) {
	ld := simd.Pad16(in)
	for i := 0; i < t; i += tileTokens {
		n := min(tileTokens, t-i)
		simd.Round16(w.rounded, ld, x[i*in:], in, n, in)
		simd.Gemm16(n, w.rounded, ld, b, y[i*b.N:], b.N, acc)
	}
}

// factor is the right factor of a small product, packed on the spot in the
// model's precision.
type factor struct {
	w    *workspace
	half bool
	p    *simd.Packed
	p16  *simd.Packed16
}

// factor returns the workspace's i-th one.
func (w *workspace) factor(m *Model, i int) factor {
	return factor{w, m.precision == BF16, &w.pk[i], &w.pk16[i]}
}

// ownFactor is one that outlives the next use of the workspace.
func (w *workspace) ownFactor(m *Model) factor {
	return factor{w, m.precision == BF16, new(simd.Packed), new(simd.Packed16)}
}

// pack stores B [k, n], whose element (i,j) is b[i*rs+j*cs].
func (f factor) pack(b []float32, rs, cs, k, n int) {
	if f.half {
		f.p16.Pack(b, rs, cs, k, n)
		return
	}
	f.p.Pack(b, rs, cs, k, n)
}

// mulRows is y [m, n] (+)= x [m, k] B, over B's first k rows and n columns; the
// columns may reach into the padding that width allows.
func (f factor) mulRows(m int, x []float32, ldx, k, n int, y []float32, ldy int, acc bool) {
	if f.half {
		b, ld := f.p16.View(k, n), simd.Pad16(k)
		step := len(f.w.rounded) / ld
		for i := 0; i < m; i += step {
			rows := min(step, m-i)
			simd.Round16(f.w.rounded, ld, x[i*ldx:], ldx, rows, k)
			simd.Gemm16(rows, f.w.rounded, ld, &b, y[i*ldy:], ldy, acc)
		}
		return
	}
	b := f.p.View(k, n)
	simd.Gemm(m, x, ldx, 1, &b, y, ldy, acc)
}

// width is how many columns to compute where n are needed and what lies in the
// next ones does not matter: whole tiles.
func (f factor) width(n int) int {
	if f.half {
		return simd.Pad16(n)
	}
	return n
}

// mulColumns is y [m, n] (+)= x^T [m, k] B, for x [k, m].
func (f factor) mulColumns(m int, x []float32, ldx, k, n int, y []float32, ldy int, acc bool) {
	if f.half {
		ld := simd.Pad16(k)
		simd.Transpose16(f.w.turned, ld, x, ldx, k, m)
		simd.Gemm16(m, f.w.turned, ld, f.p16, y, ldy, acc)
		return
	}
	simd.Gemm(m, x, 1, ldx, f.p, y, ldy, acc)
}
