package nn

import (
	"context"
	"fmt"
	"math"

	"ra3/core/parallel"
	"ra3/core/simd"
)

// Computer runs batches through models of one configuration on a number of
// threads and owns the memory for it. It is not for concurrent use.
type Computer struct {
	cfg     Config
	threads int
	spaces  []*workspace
	grads   []*Params // one accumulator a shard
}

// NewComputer makes a computer for models of this shape.
func NewComputer(c Config, threads int) *Computer {
	return &Computer{cfg: c, threads: max(1, threads), spaces: make([]*workspace, max(1, threads))}
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
	return k.run(ctx, m, b, o, false)
}

// Gradient sets g to the gradient of the batch's loss, -sum Weight*log p, and
// returns the predictions. The result does not depend on the number of threads.
// Both end early, with the context's error, when ctx is done.
func (k *Computer) Gradient(ctx context.Context, m *Model, b *Batch, g *Params) ([]Prediction, error) {
	if k.grads == nil {
		for range shards {
			p, err := NewParams(k.cfg)
			if err != nil {
				return nil, err
			}
			k.grads = append(k.grads, p)
		}
	}
	preds, err := k.run(ctx, m, b, ScoreOptions{}, true)
	if err != nil {
		return nil, err
	}
	const piece = 1 << 14
	n := len(g.Flat)
	parallel.For(k.threads, (n+piece-1)/piece, func(i, _ int) {
		lo, hi := i*piece, min(n, (i+1)*piece)
		dst := g.Flat[lo:hi]
		copy(dst, k.grads[0].Flat[lo:hi])
		for _, s := range k.grads[1:] {
			simd.Add(dst, s.Flat[lo:hi])
		}
	})
	return preds, nil
}

func (k *Computer) run(ctx context.Context, m *Model, b *Batch, o ScoreOptions, grad bool) ([]Prediction, error) {
	if m.Config != k.cfg {
		return nil, fmt.Errorf("model: shape %+v given to a computer of shape %+v", m.Config, k.cfg)
	}
	if err := m.checkTokens(b.Tokens, b.Positions); err != nil {
		return nil, err
	}
	ms, err := masks(b.Classes, m.Config.Out)
	if err != nil {
		return nil, err
	}
	for i, r := range b.Rows {
		if r.Index < 0 || r.Target < 0 || int(r.Target) >= m.Config.Out || int(r.Class) >= len(ms) || r.Class < 0 {
			return nil, fmt.Errorf("model: row %d (%+v) is outside the batch's tokens, outcomes or classes", i, r)
		}
	}
	ts, err := b.tiles()
	if err != nil {
		return nil, err
	}
	preds := make([]Prediction, len(b.Rows))
	one := func(t tile, w *workspace, g *Params) {
		if ctx.Err() != nil {
			return
		}
		s := b.span(t)
		w.fit(len(s.tokens), t.rowTo-t.rowFrom, s.longest())
		m.forwardTrunk(w, s)
		m.runHead(w, len(s.tokens), headPass{
			rows: b.Rows[t.rowFrom:t.rowTo], first: b.Offsets[t.seqFrom], classes: b.Classes, masks: ms,
			out: preds[t.rowFrom:t.rowTo], entropy: o.Entropy, visit: o.Visit, rowAt: t.rowFrom,
		}, g)
		if g != nil {
			m.backwardTrunk(w, s, g)
		}
	}
	if grad {
		// Shard i takes the tiles of its contiguous share, in order.
		parallel.For(k.threads, shards, func(i, worker int) {
			g := k.grads[i]
			clear(g.Flat)
			for j := i * len(ts) / shards; j < (i+1)*len(ts)/shards; j++ {
				one(ts[j], k.space(worker), g)
			}
		})
	} else {
		parallel.For(k.threads, len(ts), func(i, worker int) { one(ts[i], k.space(worker), nil) })
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i := range preds {
		if math.IsNaN(float64(preds[i].LogP)) {
			return nil, fmt.Errorf("model: prediction %d is not a number: the parameters have diverged, lower the learning rate", i)
		}
	}
	return preds, nil
}

func (m *Model) forwardTrunk(w *workspace, s span) {
	d := m.Config.Dim
	for i, t := range s.tokens {
		copy(w.x[i*d:i*d+d], m.Params.Embed[int(t)*d:])
	}
	for i := range m.Params.Layers {
		m.forwardLayer(w, i, s)
	}
}

func (m *Model) backwardTrunk(w *workspace, s span, g *Params) {
	for i := len(m.Params.Layers) - 1; i >= 0; i-- {
		m.backwardLayer(w, i, s, g)
	}
	d := m.Config.Dim
	for i, t := range s.tokens {
		simd.Add(g.Embed[int(t)*d:int(t)*d+d], w.dx[i*d:i*d+d])
	}
}
