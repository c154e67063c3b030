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
		if n == 0 {
			continue
		}
		for head := range c.Heads {
			shared := head / group * hd
			each(from, n, head, from*ld+head*hd, from*ld+c.Dim+shared, from*ld+c.Dim+c.kvDim()+shared, from*c.Dim+head*hd)
		}
	}
}

// attention computes, per sequence and query head, o = softmax(q k^T/sqrt(hd),
// causal) v. Scores exist for a few queries at a time, over the keys those
// queries may see; of a row only its log-sum-exp is kept.
func (m *Model) attention(w *workspace, a *activations, s span) {
	c := m.Config
	hd, d, ld, step := c.HeadDim(), c.Dim, c.qkvDim(), m.precision.queries()
	scale := float32(1 / math.Sqrt(float64(hd)))
	keysT, values := w.factor(m, 0), w.factor(m, 1)
	m.heads(s, func(first, n, head, q, k, v, o int) {
		keysT.pack(a.qkv[k:], 1, ld, hd, n)
		values.pack(a.qkv[v:], ld, 1, n, hd)
		for q0 := 0; q0 < n; q0 += step {
			rows := min(step, n-q0)
			keys := q0 + rows
			lds := simd.Pad16(keys)
			keysT.mulRows(rows, a.qkv[q+q0*ld:], ld, hd, keysT.width(keys), w.scores, lds, false)
			simd.CausalSoftmax(w.scores, lds, rows, q0, scale, a.lse[(first+q0)*c.Heads+head:], c.Heads)
			values.mulRows(rows, w.scores, lds, keys, hd, a.o[o+q0*d:], d, false)
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
	hd, d, ld, group, step := c.HeadDim(), c.Dim, c.qkvDim(), c.Heads/c.KVHeads, m.precision.queries()
	scale := float32(1 / math.Sqrt(float64(hd)))
	keysT, valuesT, keysP := w.factor(m, 0), w.factor(m, 1), w.factor(m, 2)
	queries, grads := w.factor(m, 3), w.factor(m, 4)
	m.heads(s, func(first, n, head, q, k, v, o int) {
		keysT.pack(a.qkv[k:], 1, ld, hd, n)
		valuesT.pack(a.qkv[v:], 1, ld, hd, n)
		keysP.pack(a.qkv[k:], ld, 1, n, hd)
		last := (n - 1) / step * step
		for q0 := last; q0 >= 0; q0 -= step {
			rows := min(step, n-q0)
			keys := q0 + rows
			lds := simd.Pad16(keys)
			qAt, oAt := q+q0*ld, o+q0*d
			keysT.mulRows(rows, a.qkv[qAt:], ld, hd, keysT.width(keys), w.scores, lds, false)
			valuesT.mulRows(rows, w.do[oAt:], d, hd, valuesT.width(keys), w.dsc, lds, false)
			simd.RowDots(w.dots[:rows], w.do[oAt:], d, a.o[oAt:], d, hd)
			simd.CausalSoftmaxGrad(w.scores, w.dsc, lds, rows, q0, scale, a.lse[(first+q0)*c.Heads+head:], c.Heads, w.dots)
			keysP.mulRows(rows, w.dsc, lds, keys, hd, w.dqkv[qAt:], ld, false)
			adds := q0 < last || head%group > 0
			queries.pack(a.qkv[qAt:], ld, 1, rows, hd)
			queries.mulColumns(keys, w.dsc, lds, rows, hd, w.dqkv[k:], ld, adds)
			grads.pack(w.do[oAt:], d, 1, rows, hd)
			grads.mulColumns(keys, w.scores, lds, rows, hd, w.dqkv[v:], ld, adds)
		}
	})
}

// queries is how many queries of one head are scored at once: two panels of the
// matrix multiply, or two tiles.
func (p Precision) queries() int {
	if p == BF16 {
		return 32
	}
	return 28
}

// mostQueries bounds queries.
const mostQueries = 32
