package nn

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"ra3/core/parallel"
	"ra3/core/simd"
)

// Computer runs batches through models of one configuration on a number of
// threads and owns the memory for it. It is not for concurrent use.
type Computer struct {
	cfg     Config
	threads int
	spaces  []*workspace
}

// NewComputer makes a computer for models of this shape.
func NewComputer(c Config, threads int) *Computer {
	return &Computer{cfg: c, threads: max(1, threads), spaces: make([]*workspace, max(1, threads))}
}

// Close gives the computer's memory back. It can be used again afterwards.
func (k *Computer) Close() {
	for _, w := range k.spaces {
		if w != nil {
			w.close()
		}
	}
}

func (k *Computer) space(worker int) *workspace {
	if k.spaces[worker] == nil {
		k.spaces[worker] = newWorkspace(k.cfg)
	}
	return k.spaces[worker]
}

// ScoreOptions asks for more than log-probabilities.
type ScoreOptions struct {
	Entropy bool
	// Visit sees every row's whole distribution [Out], by worker threads in no
	// fixed order; p is only valid during the call.
	Visit func(row int, p []float32)
}

// Score returns the prediction of every row of b, without gradients.
func (k *Computer) Score(ctx context.Context, m *Model, b *Batch, o ScoreOptions) ([]Prediction, error) {
	return k.run(ctx, m, b, o, nil)
}

// Gradient sets g to the gradient of the batch's loss, -sum Weight*log p, and
// returns the predictions. The result does not depend on the number of threads.
// Both end early, with the context's error, when ctx is done; g is then spoilt.
func (k *Computer) Gradient(ctx context.Context, m *Model, b *Batch, g *Params) ([]Prediction, error) {
	if b.Sequences() == 0 {
		clear(g.Flat)
	}
	return k.run(ctx, m, b, ScoreOptions{}, g)
}

func (k *Computer) run(ctx context.Context, m *Model, b *Batch, o ScoreOptions, sum *Params) ([]Prediction, error) {
	ms, ts, err := k.check(m, b)
	if err != nil {
		return nil, err
	}
	preds := make([]Prediction, len(b.Rows))
	failed := make([]error, len(ts))
	turns := newTurnstile(len(ts))
	parallel.For(k.threads, len(ts), func(i, worker int) {
		defer turns.finish(i)
		if ctx.Err() != nil {
			return
		}
		t, w, s := ts[i], k.space(worker), b.span(ts[i])
		h := headPass{
			rows: b.Rows[t.rowFrom:t.rowTo], first: b.Offsets[t.seqFrom], classes: b.Classes, masks: ms,
			out: preds[t.rowFrom:t.rowTo], entropy: o.Entropy, visit: o.Visit, rowAt: t.rowFrom,
		}
		if failed[i] = w.fit(m, len(s.tokens), len(h.rows), s.longest(), sum != nil); failed[i] != nil {
			return
		}
		m.forwardTrunk(w, s, sum != nil, nil)
		if sum == nil {
			m.runHead(w, len(s.tokens), h, nil)
		} else {
			g := gradientSum{sum: sum, turns: turns, tile: i}
			m.runHead(w, len(s.tokens), h, &g)
			m.backwardTrunk(w, s, &g)
		}
		failed[i] = m.finite(w, s, h, sum != nil)
		runtime.KeepAlive(w) // and its memory, which it alone holds
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return preds, nil
}

// check refuses a batch that the model cannot compute, and returns the classes'
// masks and the batch's tiles.
func (k *Computer) check(m *Model, b *Batch) ([][]float32, []tile, error) {
	if m.Config != k.cfg {
		return nil, nil, fmt.Errorf("model: shape %+v given to a computer of shape %+v", m.Config, k.cfg)
	}
	n := len(b.Tokens)
	if len(b.Positions) != n || n > 0 && len(b.Offsets) == 0 || len(b.Offsets) > 0 && (b.Offsets[0] != 0 || int(b.Offsets[len(b.Offsets)-1]) != n || !slices.IsSorted(b.Offsets)) {
		return nil, nil, fmt.Errorf("model: the offsets %v and %d positions do not divide %d tokens into sequences", b.Offsets, len(b.Positions), n)
	}
	if err := m.checkTokens(b.Tokens, b.Positions); err != nil {
		return nil, nil, err
	}
	ms, err := masks(b.Classes, m.Config.Out)
	if err != nil {
		return nil, nil, err
	}
	for i, r := range b.Rows {
		if r.Index < 0 || r.Target < 0 || int(r.Target) >= m.Config.Out || int(r.Class) >= len(ms) || r.Class < 0 {
			return nil, nil, fmt.Errorf("model: row %d (%+v) is outside the batch's tokens, outcomes or classes", i, r)
		}
	}
	ts, err := b.tiles()
	return ms, ts, err
}

// forwardTrunk runs the layers over w.x, keeping what a backward pass needs if
// keep is set. after, if not nil, sees each layer's activations.
func (m *Model) forwardTrunk(w *workspace, s span, keep bool, after func(layer int, a *activations)) {
	d := m.Config.Dim
	for i, t := range s.tokens {
		copy(w.x[i*d:i*d+d], m.Params.Embed[int(t)*d:])
	}
	for i := range m.Params.Layers {
		a := w.kept(i, keep)
		m.forwardLayer(w, i, s, a, keep)
		if after != nil {
			after(i, a)
		}
	}
}

func (m *Model) backwardTrunk(w *workspace, s span, g *gradientSum) {
	for i := len(m.Params.Layers) - 1; i >= 0; i-- {
		m.backwardLayer(w, i, s, g)
	}
	d := m.Config.Dim
	g.enter()
	g.clearFirst(g.sum.Embed)
	for i, t := range s.tokens {
		simd.Add(g.sum.Embed[int(t)*d:int(t)*d+d], w.dx[i*d:i*d+d])
	}
	g.leave()
}
