package nn

import (
	"math"

	"ra3/core/simd"
)

// Prediction is what the model says at one row.
type Prediction struct {
	LogP    float32 // of the target, under the row's class
	Entropy float32 // of the class's distribution, nats; filled when asked for
}

// headPass scores a tile's rows.
type headPass struct {
	rows    []Row
	first   int32 // index of the tile's first token
	classes []Class
	masks   [][]float32
	out     []Prediction
	entropy bool
	visit   func(row int, p []float32) // sees each row's distribution; p is reused
	rowAt   int                        // index of rows[0] in the batch
}

// runHead fills h.out. With a gradient it also adds the head's part to g, at the
// turnstile's first stop, and sets w.dx [T, D], the gradient of the trunk's
// result.
func (m *Model) runHead(w *workspace, t int, h headPass, g *gradientSum) {
	c := m.Config
	d, r, step := c.Dim, len(h.rows), headRows(c)
	for i, row := range h.rows {
		copy(w.xr[i*d:i*d+d], w.x[int(row.Index-h.first)*d:])
	}
	simd.RMSNormRows(w.hn, d, w.xr, d, m.Params.Norm, w.invR, r, float32(c.Eps))
	for r0 := 0; r0 < r; r0 += step {
		n := min(step, r-r0)
		hn := w.hn[r0*d : (r0+n)*d]
		w.mul(n, hn, &m.head, w.logits, false)
		for i := range n {
			w.scoreRow(w.logits[i*c.Out:(i+1)*c.Out], r0+i, h)
		}
		if g != nil {
			if r0 == 0 {
				g.enter()
			}
			w.mulGrad(n, hn, w.logits, &m.head, g.sum.Head, g.adds() || r0 > 0)
			w.mulBack(n, w.logits, &m.head, w.dhn[r0*d:])
		}
	}
	if g == nil {
		return
	}
	if r == 0 {
		g.enter()
		g.clearFirst(g.sum.Head)
	}
	defer g.leave()
	g.clearFirst(g.sum.Norm)
	clear(w.dx[:t*d])
	for i, row := range h.rows {
		at := int(row.Index-h.first) * d
		simd.RMSNormGradRows(w.dx[at:], d, g.sum.Norm, w.dhn[i*d:], d, w.xr[i*d:], d, m.Params.Norm, w.invR[i:], 1)
	}
}

// scoreRow replaces one row of logits by the gradient of the loss with respect
// to them: Weight*InvTemp*(p - onehot).
func (w *workspace) scoreRow(logits []float32, i int, h headPass) {
	row := h.rows[i]
	inv := h.classes[row.Class].InvTemp
	if mask := h.masks[row.Class]; mask != nil {
		simd.Add(logits, mask)
	}
	if h.entropy || h.visit != nil {
		d := softmax(w.probs, logits, inv)
		if h.entropy {
			h.out[i].Entropy = d.entropy(w.probs, logits)
		}
		if h.visit != nil {
			h.visit(h.rowAt+i, w.probs)
		}
	}
	h.out[i].LogP = simd.CrossEntropy(logits, inv, int(row.Target), row.Weight)
}

// dist describes the softmax of inv*logits.
type dist struct{ inv, logZ float32 }

// softmax sets p to the softmax of inv*logits.
func softmax(p, logits []float32, inv float32) dist {
	top := inv * simd.Max(logits)
	sum := simd.ExpSub(p, logits, inv, top)
	simd.Scale(1/sum, p)
	return dist{inv, top + float32(math.Log(float64(sum)))}
}

// entropy is -sum p log p = logZ - inv * sum p*logits, nats.
func (d dist) entropy(p, logits []float32) float32 {
	return max(0, d.logZ-d.inv*simd.Dot(p, logits))
}
