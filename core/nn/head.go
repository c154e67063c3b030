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

// headPass scores the tile's rows and, where weights are not zero, adds the
// head's gradients to g (nil: no gradients) and sets w.dx [T, D], the gradient
// of the trunk's result.
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

func (m *Model) runHead(w *workspace, t int, h headPass, g *Params) {
	c := m.Config
	d, r := c.Dim, len(h.rows)
	for i, row := range h.rows {
		copy(w.xr[i*d:i*d+d], w.x[int(row.Index-h.first)*d:])
	}
	normRows(r, d, w.hn, w.xr, m.Params.Norm, w.invR, float32(c.Eps))
	for r0 := 0; r0 < r; r0 += headRows {
		n := min(headRows, r-r0)
		hn := w.hn[r0*d : (r0+n)*d]
		mul(n, hn, &m.head.fwd, w.logits, false)
		for i := 0; i < n; i++ {
			w.scoreRow(w.logits[i*c.Out:(i+1)*c.Out], r0+i, h)
		}
		if g != nil {
			w.mulGrad(n, d, c.Out, hn, w.logits[:n*c.Out], g.Head)
			mul(n, w.logits, &m.head.bwd, w.dhn[r0*d:], false)
		}
	}
	if g == nil {
		return
	}
	clear(w.dx[:t*d])
	for i, row := range h.rows {
		at := int(row.Index-h.first) * d
		simd.RMSNormGrad(w.dx[at:at+d], g.Norm, w.dhn[i*d:i*d+d], w.xr[i*d:i*d+d], m.Params.Norm, w.invR[i])
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
	target := logits[row.Target]
	d := softmax(w.probs, logits, inv)
	h.out[i].LogP = inv*target - d.logZ
	if h.entropy {
		h.out[i].Entropy = d.entropy(w.probs, logits)
	}
	copy(logits, w.probs)
	if h.visit != nil {
		h.visit(h.rowAt+i, logits)
	}
	logits[row.Target]--
	simd.Scale(row.Weight*inv, logits)
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
