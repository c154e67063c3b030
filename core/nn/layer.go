package nn

import "ra3/core/simd"

// span is a tile's view of its batch: positions and the sequence bounds,
// counted from the tile's first token.
type span struct {
	tokens, positions []int32
	bounds            []int // sequence s is tokens bounds[s]..bounds[s+1]
}

func (b *Batch) span(t tile) span {
	from := b.Offsets[t.seqFrom]
	s := span{
		tokens:    b.Tokens[from:b.Offsets[t.seqTo]],
		positions: b.Positions[from:b.Offsets[t.seqTo]],
		bounds:    make([]int, 0, t.seqTo-t.seqFrom+1),
	}
	for i := t.seqFrom; i <= t.seqTo; i++ {
		s.bounds = append(s.bounds, int(b.Offsets[i]-from))
	}
	return s
}

func (s span) longest() int {
	n := 0
	for i := 1; i < len(s.bounds); i++ {
		n = max(n, s.bounds[i]-s.bounds[i-1])
	}
	return n
}

// mul is y [t, out] (+)= x [t, in] W.
func mul(t int, x []float32, w *simd.Packed, y []float32, acc bool) {
	simd.Gemm(t, x, w.K, 1, w, y, w.N, acc)
}

// mulGrad is dW [in, out] += x^T [in, t] dy [t, out].
func (w *workspace) mulGrad(t, in, out int, x, dy, dW []float32) {
	w.pk.Pack(dy, out, 1, t, out)
	simd.Gemm(in, x, 1, in, &w.pk, dW, out, true)
}

func normRows(t, d int, dst, x, weight, inv []float32, eps float32) {
	for i := 0; i < t; i++ {
		inv[i] = simd.RMSNorm(dst[i*d:i*d+d], x[i*d:i*d+d], weight, eps)
	}
}

// forwardLayer advances the residual stream w.x [T, D] through layer i:
//
//	x += Wo attention(rotate(Wq n1), rotate(Wk n1), Wv n1),  n1 = norm(x)
//	x += Wdown (silu(Wgate n2) * Wup n2),                    n2 = norm(x)
func (m *Model) forwardLayer(w *workspace, i int, s span) {
	c, t := m.Config, len(s.tokens)
	l, p, a := &m.Params.Layers[i], &m.packs[i], &w.layers[i]
	eps := float32(c.Eps)
	d, kv := c.Dim, c.kvDim()

	copy(a.xIn, w.x[:t*d])
	normRows(t, d, w.h, w.x, l.AttnNorm, a.inv1, eps)
	mul(t, w.h, &p.q.fwd, a.q, false)
	mul(t, w.h, &p.k.fwd, a.k, false)
	mul(t, w.h, &p.v.fwd, a.v, false)
	for j := 0; j < t; j++ {
		m.rotate(a.q[j*d:j*d+d], int(s.positions[j]), m.sin)
		m.rotate(a.k[j*kv:j*kv+kv], int(s.positions[j]), m.sin)
	}
	m.attention(w, a, s)
	mul(t, a.o, &p.o.fwd, w.x, true)

	copy(a.xMid, w.x[:t*d])
	normRows(t, d, w.h, w.x, l.FFNNorm, a.inv2, eps)
	mul(t, w.h, &p.gate.fwd, a.gate, false)
	mul(t, w.h, &p.up.fwd, a.up, false)
	simd.SwiGLU(w.act[:t*c.FF], a.gate[:t*c.FF], a.up[:t*c.FF])
	mul(t, w.act, &p.down.fwd, w.x, true)
}

// backwardLayer turns w.dx, the gradient of the layer's result [T, D], into
// the gradient of its input, and adds the parameters' gradients to g.
func (m *Model) backwardLayer(w *workspace, i int, s span, g *Params) {
	c, t := m.Config, len(s.tokens)
	l, gl, p, a := &m.Params.Layers[i], &g.Layers[i], &m.packs[i], &w.layers[i]
	eps := float32(c.Eps)
	d, kv, f := c.Dim, c.kvDim(), c.FF

	simd.SwiGLU(w.act[:t*f], a.gate[:t*f], a.up[:t*f])
	w.mulGrad(t, f, d, w.act, w.dx[:t*d], gl.Wdown)
	mul(t, w.dx, &p.down.bwd, w.dact, false)
	simd.SwiGLUGrad(w.dgate[:t*f], w.dup[:t*f], w.dact[:t*f], a.gate[:t*f], a.up[:t*f])
	normRows(t, d, w.h, a.xMid, l.FFNNorm, a.inv2, eps)
	w.mulGrad(t, d, f, w.h, w.dgate[:t*f], gl.Wgate)
	w.mulGrad(t, d, f, w.h, w.dup[:t*f], gl.Wup)
	mul(t, w.dgate, &p.gate.bwd, w.dh, false)
	mul(t, w.dup, &p.up.bwd, w.dh, true)
	for j := 0; j < t; j++ {
		simd.RMSNormGrad(w.dx[j*d:j*d+d], gl.FFNNorm, w.dh[j*d:j*d+d], a.xMid[j*d:j*d+d], l.FFNNorm, a.inv2[j])
	}

	w.mulGrad(t, d, d, a.o, w.dx[:t*d], gl.Wo)
	mul(t, w.dx, &p.o.bwd, w.do, false)
	m.attentionGrad(w, a, s)
	for j := 0; j < t; j++ {
		m.rotate(w.dq[j*d:j*d+d], int(s.positions[j]), m.negSin)
		m.rotate(w.dk[j*kv:j*kv+kv], int(s.positions[j]), m.negSin)
	}
	normRows(t, d, w.h, a.xIn, l.AttnNorm, a.inv1, eps)
	w.mulGrad(t, d, d, w.h, w.dq[:t*d], gl.Wq)
	w.mulGrad(t, d, kv, w.h, w.dk[:t*kv], gl.Wk)
	w.mulGrad(t, d, kv, w.h, w.dv[:t*kv], gl.Wv)
	mul(t, w.dq, &p.q.bwd, w.dh, false)
	mul(t, w.dk, &p.k.bwd, w.dh, true)
	mul(t, w.dv, &p.v.bwd, w.dh, true)
	for j := 0; j < t; j++ {
		simd.RMSNormGrad(w.dx[j*d:j*d+d], gl.AttnNorm, w.dh[j*d:j*d+d], a.xIn[j*d:j*d+d], l.AttnNorm, a.inv1[j])
	}
}
