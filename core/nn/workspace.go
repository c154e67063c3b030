package nn

import "ra3/core/simd"

// workspace is one worker's memory: the activations that a tile's backward
// pass needs, and scratch. It grows to the largest tile seen.
type workspace struct {
	cfg    Config
	t, r   int // tokens and rows it has room for
	x      []float32
	layers []activations
	// Scratch, each [T, width of its name's use].
	h, dx, dh, dq, dk, dv, do []float32 // [T, D] (dk, dv: [T, kv])
	act, dact, dgate, dup     []float32 // [T, F]
	// Head.
	hn, xr, dhn []float32 // [R, D]
	logits      []float32 // [headRows, Out]
	probs       []float32 // [Out]
	invR        []float32 // [R]
	pk, pk2     simd.Packed
	scores, dsc []float32 // [attnRows, padded keys]
}

// activations are what one layer keeps from forward to backward; the rest is
// recomputed.
type activations struct {
	xIn, q, o, xMid []float32 // [T, D]; q after rotation, o before Wo
	k, v            []float32 // [T, kv]; k after rotation
	gate, up        []float32 // [T, F]
	lse             []float32 // [T, Heads], log-sum-exp of the scaled scores
	inv1, inv2      []float32 // [T], inverse RMS
}

// headRows is how many rows of logits are held at once.
const headRows = 64

// attnRows is how many queries of one head are scored at once.
const attnRows = 28

func newWorkspace(c Config) *workspace {
	return &workspace{cfg: c, layers: make([]activations, c.Layers), logits: make([]float32, headRows*c.Out), probs: make([]float32, c.Out)}
}

func (w *workspace) fit(t, r, longest int) {
	c := w.cfg
	grow := func(p *[]float32, n int) {
		if cap(*p) < n {
			*p = make([]float32, n)
		}
		*p = (*p)[:n]
	}
	if t > w.t {
		w.t = t
		for i := range w.layers {
			a := &w.layers[i]
			for _, p := range []*[]float32{&a.xIn, &a.q, &a.o, &a.xMid} {
				grow(p, t*c.Dim)
			}
			grow(&a.k, t*c.kvDim())
			grow(&a.v, t*c.kvDim())
			grow(&a.gate, t*c.FF)
			grow(&a.up, t*c.FF)
			grow(&a.lse, t*c.Heads)
			grow(&a.inv1, t)
			grow(&a.inv2, t)
		}
		for _, p := range []*[]float32{&w.x, &w.h, &w.dx, &w.dh, &w.dq, &w.do} {
			grow(p, t*c.Dim)
		}
		grow(&w.dk, t*c.kvDim())
		grow(&w.dv, t*c.kvDim())
		for _, p := range []*[]float32{&w.act, &w.dact, &w.dgate, &w.dup} {
			grow(p, t*c.FF)
		}
	}
	if r > w.r {
		w.r = r
		for _, p := range []*[]float32{&w.hn, &w.xr, &w.dhn} {
			grow(p, r*c.Dim)
		}
		grow(&w.invR, r)
	}
	if n := attnRows * padded(longest); cap(w.scores) < n {
		grow(&w.scores, n)
		grow(&w.dsc, n)
	}
}

// padded rounds a number of keys up to whole vectors.
func padded(n int) int { return (n + 15) &^ 15 }
