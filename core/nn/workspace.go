package nn

import (
	"ra3/core/arena"
	"ra3/core/simd"
)

// workspace is one worker's memory: the activations that a tile's backward
// pass needs, and scratch. It grows to the largest tile seen.
type workspace struct {
	cfg                   Config
	tokens, rows, longest int  // what it has room for
	gradient, half        bool // has room for a backward pass, for rounded factors
	mem                   *arena.Arena

	x      []float32     // [T, D] residual stream
	layers []activations // one a layer; one in all without a backward pass
	// Scratch.
	h, dx, dh, do []float32 // [T, D]
	dqkv          []float32 // [T, qkv]
	act, dact     []float32 // [T, F]
	dgu           []float32 // [T, 2F]
	// Head.
	hn, xr, dhn []float32 // [R, D]
	logits      []float32 // [headRows, Out]
	probs       []float32 // [Out]
	invR        []float32 // [R]
	// Factors rounded to bfloat16.
	rounded, turned []uint16 // [tileTokens, widest], [D or F, T]
	pk16            [5]simd.Packed16
	// Attention.
	pk          [5]simd.Packed
	scores, dsc []float32 // [mostQueries, padded keys]
	dots        []float32 // [mostQueries]
	// Generation.
	kv slots
}

// activations are what one layer keeps from forward to backward; the rest is
// recomputed.
type activations struct {
	xIn, o, xMid []float32 // [T, D]; o before Wo
	qkv          []float32 // [T, qkv]; queries and keys after rotation
	gateUp       []float32 // [T, 2F]
	lse          []float32 // [T, Heads], log-sum-exp of the scaled scores
	inv1, inv2   []float32 // [T], inverse RMS
}

// headRows is how many rows of logits are held at once: enough for the matrix
// multiply, fewer where a large vocabulary would fill the memory.
func headRows(c Config) int { return max(64, min(tileTokens, 1<<21/c.Out)) }

func newWorkspace(c Config) *workspace { return &workspace{cfg: c} }

// fit makes room for t tokens, r rows, sequences up to longest and, if asked
// for, a backward pass, in the precision of m. What the workspace held is lost
// when it grows.
func (w *workspace) fit(m *Model, t, r, longest int, gradient bool) error {
	half := m.precision == BF16
	if w.mem != nil && t <= w.tokens && r <= w.rows && longest <= w.longest && (w.gradient || !gradient) && (w.half || !half) {
		return nil
	}
	// Room for a whole tile at once, so that ragged batches do not grow it bit by bit.
	w.tokens, w.rows = max(w.tokens, t, tileTokens), max(w.rows, r, tileTokens)
	w.longest, w.gradient, w.half = max(w.longest, longest), w.gradient || gradient, w.half || half
	var size counter
	w.carve(&size)
	w.mem.Close()
	mem, err := arena.New(int(size))
	if err != nil {
		*w = workspace{cfg: w.cfg, kv: w.kv} // so that a smaller batch can be tried
		return err
	}
	w.mem = mem
	w.carve(mem)
	return nil
}

func (w *workspace) close() {
	w.mem.Close()
	w.mem = nil
	w.kv.close()
}

// memory is an arena, or the sum of what will be asked of one.
type memory interface {
	Floats(n int) []float32
	Halves(n int) []uint16
}

type counter int

func (c *counter) Floats(n int) []float32 { *c += counter(arena.Size(n)); return nil }

func (c *counter) Halves(n int) []uint16 { c.Floats((n + 1) / 2); return nil }

// carve gives every buffer its piece.
func (w *workspace) carve(mem memory) {
	take := mem.Floats
	c, t, r := w.cfg, w.tokens, w.rows
	kept := 1
	if w.gradient {
		kept = c.Layers
	}
	w.layers = make([]activations, kept)
	for i := range w.layers {
		a := &w.layers[i]
		a.qkv, a.o, a.gateUp = take(t*c.qkvDim()), take(t*c.Dim), take(t*2*c.FF)
		a.lse, a.inv1, a.inv2 = take(t*c.Heads), take(t), take(t)
		if w.gradient {
			a.xIn, a.xMid = take(t*c.Dim), take(t*c.Dim)
		}
	}
	w.x, w.h, w.act = take(t*c.Dim), take(t*c.Dim), take(t*c.FF)
	w.hn, w.xr, w.invR = take(r*c.Dim), take(r*c.Dim), take(r)
	w.logits, w.probs = take(headRows(c)*c.Out), take(c.Out)
	w.scores, w.dots = take(mostQueries*simd.Pad16(w.longest)), take(mostQueries)
	if w.half {
		w.rounded = mem.Halves(max(tileTokens*simd.Pad16(max(c.qkvDim(), 2*c.FF, c.Out)), mostQueries*simd.Pad16(w.longest)))
		w.turned = mem.Halves(max(max(c.Dim, c.FF)*simd.Pad16(max(t, headRows(c))), mostQueries*simd.Pad16(w.longest)))
	}
	if w.gradient {
		w.dx, w.dh, w.do, w.dqkv = take(t*c.Dim), take(t*c.Dim), take(t*c.Dim), take(t*c.qkvDim())
		w.dact, w.dgu = take(t*c.FF), take(t*2*c.FF)
		w.dhn, w.dsc = take(r*c.Dim), take(mostQueries*simd.Pad16(w.longest))
	}
}

// kept is layer i's activations: its own ones if a backward pass follows.
func (w *workspace) kept(i int, gradient bool) *activations {
	if gradient {
		return &w.layers[i]
	}
	return &w.layers[0]
}
