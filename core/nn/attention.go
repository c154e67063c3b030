package nn

import (
	"math"

	"ra3/core/simd"
)

// attention computes, per sequence and query head, o = softmax(q k^T/sqrt(hd),
// causal) v. Scores exist for attnRows queries at a time, over the keys those
// queries may see; of a row only its log-sum-exp is kept.
func (m *Model) attention(w *workspace, a *activations, s span) {
	c := m.Config
	hd, d, kv := c.HeadDim(), c.Dim, c.kvDim()
	scale := float32(1 / math.Sqrt(float64(hd)))
	group := c.Heads / c.KVHeads
	for b := 0; b+1 < len(s.bounds); b++ {
		from, n := s.bounds[b], s.bounds[b+1]-s.bounds[b]
		for head := 0; head < c.Heads; head++ {
			kvAt := from*kv + head/group*hd
			for q0 := 0; q0 < n; q0 += attnRows {
				rows := min(attnRows, n-q0)
				keys := q0 + rows
				ld := padded(keys)
				w.pk.Pack(a.k[kvAt:], 1, kv, hd, keys)
				simd.Gemm(rows, a.q[(from+q0)*d+head*hd:], d, 1, &w.pk, w.scores, ld, false)
				for i := 0; i < rows; i++ {
					row := w.scores[i*ld : i*ld+ld]
					maskAfter(row, q0+i)
					top := simd.Max(row[:q0+i+1]) * scale
					sum := simd.ExpSub(row, row, scale, top)
					simd.Scale(1/sum, row)
					a.lse[(from+q0+i)*c.Heads+head] = top + float32(math.Log(float64(sum)))
				}
				w.pk2.Pack(a.v[kvAt:], kv, 1, keys, hd)
				simd.Gemm(rows, w.scores, ld, 1, &w.pk2, a.o[(from+q0)*d+head*hd:], d, false)
			}
		}
	}
}

// maskAfter makes the scores of keys later than the query's own vanish.
func maskAfter(row []float32, last int) {
	for j := last + 1; j < len(row); j++ {
		row[j] = float32(math.Inf(-1))
	}
}

// attentionGrad sets w.dq, w.dk, w.dv from w.do. With P recomputed from the
// stored log-sum-exp, dP = do v^T and D = rowsum(do * o):
//
//	dS = P*(dP - D)*scale,  dq = dS k,  dk = dS^T q,  dv = P^T do
func (m *Model) attentionGrad(w *workspace, a *activations, s span) {
	c := m.Config
	hd, d, kv := c.HeadDim(), c.Dim, c.kvDim()
	scale := float32(1 / math.Sqrt(float64(hd)))
	group := c.Heads / c.KVHeads
	clear(w.dk[:len(s.tokens)*kv])
	clear(w.dv[:len(s.tokens)*kv])
	for b := 0; b+1 < len(s.bounds); b++ {
		from, n := s.bounds[b], s.bounds[b+1]-s.bounds[b]
		for head := 0; head < c.Heads; head++ {
			kvAt := from*kv + head/group*hd
			for q0 := 0; q0 < n; q0 += attnRows {
				rows := min(attnRows, n-q0)
				keys := q0 + rows
				ld := padded(keys)
				qAt := (from+q0)*d + head*hd
				w.pk.Pack(a.k[kvAt:], 1, kv, hd, keys)
				simd.Gemm(rows, a.q[qAt:], d, 1, &w.pk, w.scores, ld, false)
				w.pk.Pack(a.v[kvAt:], 1, kv, hd, keys)
				simd.Gemm(rows, w.do[qAt:], d, 1, &w.pk, w.dsc, ld, false)
				for i := 0; i < rows; i++ {
					p, dp := w.scores[i*ld:i*ld+ld], w.dsc[i*ld:i*ld+ld]
					maskAfter(p, q0+i)
					simd.ExpSub(p, p, scale, a.lse[(from+q0+i)*c.Heads+head])
					at := qAt + i*d
					dot := simd.Dot(w.do[at:at+hd], a.o[at:at+hd])
					for j := 0; j <= q0+i; j++ {
						dp[j] = p[j] * (dp[j] - dot) * scale
					}
					clear(dp[q0+i+1:])
				}
				w.pk.Pack(a.k[kvAt:], kv, 1, keys, hd)
				simd.Gemm(rows, w.dsc, ld, 1, &w.pk, w.dq[qAt:], d, false)
				w.pk.Pack(a.q[qAt:], d, 1, rows, hd)
				simd.Gemm(keys, w.dsc, 1, ld, &w.pk, w.dk[kvAt:], kv, true)
				w.pk.Pack(w.do[qAt:], d, 1, rows, hd)
				simd.Gemm(keys, w.scores, 1, ld, &w.pk, w.dv[kvAt:], kv, true)
			}
		}
	}
}
