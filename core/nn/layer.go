package nn

import (
	"iter"

	"ra3/core/simd"
)

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

// forwardLayer advances the residual stream w.x [T, D] through layer i:
//
//	x += Wo attention(rotate(q), rotate(k), v),  q k v = Wqkv norm(x)
//	x += Wdown (silu(gate) * up),                gate up = WgateUp norm(x)
//
// and keeps in a what backwardLayer needs, if keep is set.
func (m *Model) forwardLayer(w *workspace, i int, s span, a *activations, keep bool) {
	c, t := m.Config, len(s.tokens)
	l, p := &m.Params.Layers[i], &m.packs[i]
	eps := float32(c.Eps)
	d := c.Dim

	if keep {
		copy(a.xIn, w.x[:t*d])
	}
	for i, n := range blocks(t) {
		simd.RMSNormRows(w.h, d, w.x[i*d:], d, l.AttnNorm, a.inv1[i:], n, eps)
		w.mul(n, w.h, &p.qkv, a.qkv[i*c.qkvDim():], false)
	}
	simd.RotateRows(a.qkv, c.qkvDim(), c.Heads+c.KVHeads, c.HeadDim(), m.cos, m.sin, s.positions, t)
	m.attention(w, a, s)
	w.mul(t, a.o, &p.o, w.x, true)

	if keep {
		copy(a.xMid, w.x[:t*d])
	}
	f := c.FF
	for i, n := range blocks(t) {
		simd.RMSNormRows(w.h, d, w.x[i*d:], d, l.FFNNorm, a.inv2[i:], n, eps)
		w.mul(n, w.h, &p.gateUp, a.gateUp[i*2*f:], false)
		for j := range n {
			gate, up := (i+j)*2*f, (i+j)*2*f+f
			simd.SwiGLU(w.act[j*f:j*f+f], a.gateUp[gate:up], a.gateUp[up:up+f])
		}
		w.mul(n, w.act, &p.down, w.x[i*d:], true)
	}
}

// blocks cuts a tile's tokens into runs that go through a whole sub-layer while
// what they touch stays in the core's own cache: it yields the first token and
// the number of each.
func blocks(t int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := 0; i < t; i += blockTokens {
			if !yield(i, min(blockTokens, t-i)) {
				return
			}
		}
	}
}

// blockTokens is a whole number of the multiply's panels and of its tiles.
const blockTokens = 256

// backwardLayer turns w.dx, the gradient of the layer's result [T, D], into
// the gradient of its input, and adds the parameters' gradients to g at the
// turnstile's two stops of this layer.
func (m *Model) backwardLayer(w *workspace, i int, s span, g *gradientSum) {
	c, t := m.Config, len(s.tokens)
	l, gl, p, a := &m.Params.Layers[i], &g.sum.Layers[i], &m.packs[i], &w.layers[i]
	eps := float32(c.Eps)
	d, f := c.Dim, c.FF

	for i, n := range blocks(t) {
		w.mulBack(n, w.dx[i*d:], &p.down, w.dact)
		for j := range n {
			at, gate, up := (i+j)*f, (i+j)*2*f, (i+j)*2*f+f
			simd.SwiGLUGrad(w.act[at:at+f], w.dgu[gate:up], w.dgu[up:up+f], w.dact[j*f:j*f+f], a.gateUp[gate:up], a.gateUp[up:up+f])
		}
		w.mulBack(n, w.dgu[i*2*f:], &p.gateUp, w.dh[i*d:])
	}
	simd.RMSNormRows(w.h, d, a.xMid, d, l.FFNNorm, a.inv2, t, eps)
	g.enter()
	w.mulGrad(t, w.act, w.dx, &p.down, gl.Wdown, g.adds())
	w.mulGrad(t, w.h, w.dgu, &p.gateUp, gl.WgateUp, g.adds())
	g.clearFirst(gl.FFNNorm)
	simd.RMSNormGradRows(w.dx, d, gl.FFNNorm, w.dh, d, a.xMid, d, l.FFNNorm, a.inv2, t)
	g.leave()

	w.mulBack(t, w.dx, &p.o, w.do)
	m.attentionGrad(w, a, s)
	simd.RotateRowsBack(w.dqkv, c.qkvDim(), c.Heads+c.KVHeads, c.HeadDim(), m.cos, m.sin, s.positions, t)
	w.mulBack(t, w.dqkv, &p.qkv, w.dh)
	simd.RMSNormRows(w.h, d, a.xIn, d, l.AttnNorm, a.inv1, t, eps)
	g.enter()
	w.mulGrad(t, a.o, w.dx, &p.o, gl.Wo, g.adds())
	w.mulGrad(t, w.h, w.dqkv, &p.qkv, gl.Wqkv, g.adds())
	g.clearFirst(gl.AttnNorm)
	simd.RMSNormGradRows(w.dx, d, gl.AttnNorm, w.dh, d, a.xIn, d, l.AttnNorm, a.inv1, t)
	g.leave()
}
