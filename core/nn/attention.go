package nn

import (
	"math"

	"ra3/core/simd"
)

// heads walks over the sequences of a tile and their query heads: q, k and v
// are the offsets of the head's first query, key and value in qkv, o that of
// its first output, n the sequence's length.
func (m *Model) heads(s span, each func(first, n, head, q, k, v, o int)) {
	c := m.Config
	hd, group, ld := c.HeadDim(), c.Heads/c.KVHeads, c.qkvDim()
	for b := 0; b+1 < len(s.bounds); b++ {
		from, n := s.bounds[b], s.bounds[b+1]-s.bounds[b]
		for head := range c.Heads {
			shared := head / group * hd
			each(from, n, head, from*ld+head*hd, from*ld+c.Dim+shared, from*ld+c.Dim+c.kvDim()+shared, from*c.Dim+head*hd)
		}
	}
}

// attention computes, per sequence and query head, o = softmax(q k^T/sqrt(hd),
// causal) v. Scores exist for attnRows queries at a time, over the keys those
// queries may see; of a row only its log-sum-exp is kept.
func (m *Model) attention(w *workspace, a *activations, s span) {
	c := m.Config
	hd, d, ld := c.HeadDim(), c.Dim, c.qkvDim()
	scale := float32(1 / math.Sqrt(float64(hd)))
	kt, vp := &w.pk[0], &w.pk[1]
	m.heads(s, func(first, n, head, q, k, v, o int) {
		kt.Pack(a.qkv[k:], 1, ld, hd, n)
		vp.Pack(a.qkv[v:], ld, 1, n, hd)
		for q0 := 0; q0 < n; q0 += attnRows {
			rows := min(attnRows, n-q0)
			keys := q0 + rows
			lds := padded(keys)
			keysT, values := kt.View(hd, keys), vp.View(keys, hd)
			simd.Gemm(rows, a.qkv[q+q0*ld:], ld, 1, &keysT, w.scores, lds, false)
			simd.CausalSoftmax(w.scores, lds, rows, q0, scale, a.lse[(first+q0)*c.Heads+head:], c.Heads)
			simd.Gemm(rows, w.scores, lds, 1, &values, a.o[o+q0*d:], d, false)
		}
	})
}

// attentionGrad sets w.dqkv from w.do. With P recomputed from the stored
// log-sum-exp, dP = do v^T and D = rowsum(do * o):
//
//	dS = P*(dP - D)*scale,  dq = dS k,  dk = dS^T q,  dv = P^T do
//
// It goes from the last queries, which see every key, to the first, so that
// the first sum over a key sets it.
func (m *Model) attentionGrad(w *workspace, a *activations, s span) {
	c := m.Config
	hd, d, ld, group := c.HeadDim(), c.Dim, c.qkvDim(), c.Heads/c.KVHeads
	scale := float32(1 / math.Sqrt(float64(hd)))
	kt, vt, kp, qp, dop := &w.pk[0], &w.pk[1], &w.pk[2], &w.pk[3], &w.pk[4]
	m.heads(s, func(first, n, head, q, k, v, o int) {
		kt.Pack(a.qkv[k:], 1, ld, hd, n)
		vt.Pack(a.qkv[v:], 1, ld, hd, n)
		kp.Pack(a.qkv[k:], ld, 1, n, hd)
		last := (n - 1) / attnRows * attnRows
		for q0 := last; q0 >= 0; q0 -= attnRows {
			rows := min(attnRows, n-q0)
			keys := q0 + rows
			lds := padded(keys)
			keysT, valuesT, ks := kt.View(hd, keys), vt.View(hd, keys), kp.View(keys, hd)
			qAt, oAt := q+q0*ld, o+q0*d
			simd.Gemm(rows, a.qkv[qAt:], ld, 1, &keysT, w.scores, lds, false)
			simd.Gemm(rows, w.do[oAt:], d, 1, &valuesT, w.dsc, lds, false)
			for i := range rows {
				at := oAt + i*d
				w.dots[i] = simd.Dot(w.do[at:at+hd], a.o[at:at+hd])
			}
			simd.CausalSoftmaxGrad(w.scores, w.dsc, lds, rows, q0, scale, a.lse[(first+q0)*c.Heads+head:], c.Heads, w.dots)
			simd.Gemm(rows, w.dsc, lds, 1, &ks, w.dqkv[qAt:], ld, false)
			adds := q0 < last || head%group > 0
			qp.Pack(a.qkv[qAt:], ld, 1, rows, hd)
			simd.Gemm(keys, w.dsc, 1, lds, qp, w.dqkv[k:], ld, adds)
			dop.Pack(w.do[oAt:], d, 1, rows, hd)
			simd.Gemm(keys, w.scores, 1, lds, dop, w.dqkv[v:], ld, adds)
		}
	})
}
