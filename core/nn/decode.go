package nn

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"ra3/core/simd"
)

// decoder is one worker's share of a call of Generate.
type decoder struct {
	m              *Model
	w              *workspace
	grammar        Grammar
	classes        []Class
	masks          [][]float32
	opt            GenerateOptions
	width, largest int       // sequences side by side, and the most of one prompt
	live           []*stream // samples of one prompt are neighbours
	x, h, o        []float32 // [live, D]
	qkv            []float32 // [live, qkv]
	gateUp         []float32 // [live, 2F]
	act            []float32 // [live, F]
	logits         []float32 // [live, Out]
	inv            []float32 // [live]
	pos            []int32   // [live]
	scores         []float32 // [live of one prompt, padded positions]
	order          []int32
	lost           bool // a distribution was not a number
}

// stream is a sequence being generated.
type stream struct {
	prompt *promptCache
	slot   []float32 // its own keys and values
	n      int       // own positions cached
	state  int
	token  int32 // to be read next
	rng    *rand.Rand
	out    *Sample
}

// run decodes prompts from the queue until it is empty.
func (d *decoder) run(ctx context.Context, prompts []Prompt, results [][]Sample, queue func() int) error {
	room := max(d.width, d.largest)
	if err := d.w.kv.fit(d.m.Config, room, d.opt.MaxNew); err != nil {
		return err
	}
	defer func() { // also on an early end, so that the next call finds every slot free
		for _, s := range d.live {
			d.w.kv.give(s.slot)
		}
	}()
	d.reserve(room)
	waiting := queue()
	for {
		for waiting < len(prompts) && (len(d.live) == 0 || len(d.live)+len(prompts[waiting].Seeds) <= d.width) {
			if err := d.admit(prompts[waiting], results[waiting]); err != nil {
				return err
			}
			waiting = queue()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(d.live) == 0 {
			return nil
		}
		d.draw()
		if d.lost {
			return errors.New("model: a distribution is not a number: the parameters have diverged, lower the learning rate")
		}
		d.advance()
	}
}

func (d *decoder) reserve(n int) {
	c := d.m.Config
	for _, b := range []struct {
		p *[]float32
		w int
	}{{&d.x, c.Dim}, {&d.h, c.Dim}, {&d.o, c.Dim}, {&d.qkv, c.qkvDim()}, {&d.gateUp, 2 * c.FF}, {&d.act, c.FF}, {&d.logits, c.Out}, {&d.inv, 1}, {&d.scores, padded(c.MaxPos)}} {
		*b.p = make([]float32, n*b.w)
	}
}

// admit adds a prompt's samples to the live streams, their residual at the
// prompt's last token.
func (d *decoder) admit(p Prompt, out []Sample) error {
	cache, err := d.prefill(p.Tokens)
	if err != nil {
		return err
	}
	for j, seed := range p.Seeds {
		copy(d.x[len(d.live)*d.m.Config.Dim:], cache.last)
		d.live = append(d.live, &stream{prompt: cache, slot: d.w.kv.take(), state: p.Start, rng: rand.New(rand.NewPCG(seed, 0x5a3c)), out: &out[j]})
	}
	return nil
}

// prefill runs the trunk over a prompt and keeps its keys and values.
func (d *decoder) prefill(tokens []int32) (*promptCache, error) {
	c, n := d.m.Config, len(tokens)
	b := &Batch{}
	b.Append(tokens, 0)
	if err := d.m.checkTokens(b.Tokens, b.Positions); err != nil {
		return nil, err
	}
	if err := d.w.fit(d.m, n, 1, n, false); err != nil {
		return nil, err
	}
	pc := &promptCache{n: n, keys: make([]simd.Packed, c.Layers*c.KVHeads), values: make([]simd.Packed, c.Layers*c.KVHeads)}
	hd, ld := c.HeadDim(), c.qkvDim()
	d.m.forwardTrunk(d.w, b.span(tile{seqTo: 1}), false, func(layer int, a *activations) {
		for head := range c.KVHeads {
			k := c.Dim + head*hd
			pc.keys[layer*c.KVHeads+head].Pack(a.qkv[k:], 1, ld, hd, n)
			pc.values[layer*c.KVHeads+head].Pack(a.qkv[k+c.kvDim():], ld, 1, n, hd)
		}
	})
	pc.last = append(pc.last, d.w.x[(n-1)*c.Dim:n*c.Dim]...)
	return pc, nil
}

// draw samples the next token of every live stream from d.x and drops the
// streams that end.
func (d *decoder) draw() {
	c, n := d.m.Config, len(d.live)
	simd.RMSNormRows(d.h, c.Dim, d.x, c.Dim, d.m.Params.Norm, d.inv, n, float32(c.Eps))
	d.w.mul(n, d.h, &d.m.head, d.logits, false)
	keep := d.live[:0]
	for i, s := range d.live {
		class := d.grammar.Class(s.state)
		token, logp, ent := d.choose(d.logits[i*c.Out:(i+1)*c.Out], class, s.rng)
		o := s.out
		o.Tokens = append(o.Tokens, token)
		o.LogP = append(o.LogP, logp)
		o.Classes = append(o.Classes, int32(class))
		o.Entropy = append(o.Entropy, ent)
		s.state, s.token = d.grammar.Next(s.state, token), token
		o.Finished = s.state < 0
		if o.Finished || len(o.Tokens) == d.opt.MaxNew {
			d.w.kv.give(s.slot)
			continue
		}
		keep = append(keep, s)
	}
	d.live = keep
}

// advance reads each live stream's token: one step of the trunk for all.
func (d *decoder) advance() {
	c, n := d.m.Config, len(d.live)
	dim, f, ld := c.Dim, c.FF, c.qkvDim()
	eps := float32(c.Eps)
	d.pos = d.pos[:0]
	for i, s := range d.live {
		d.pos = append(d.pos, int32(s.prompt.n+s.n))
		copy(d.x[i*dim:(i+1)*dim], d.m.Params.Embed[int(s.token)*dim:])
	}
	for li := range d.m.Params.Layers {
		l, p := &d.m.Params.Layers[li], &d.m.packs[li]
		simd.RMSNormRows(d.h, dim, d.x, dim, l.AttnNorm, d.inv, n, eps)
		d.w.mul(n, d.h, &p.qkv, d.qkv, false)
		simd.RotateRows(d.qkv, ld, c.Heads+c.KVHeads, c.HeadDim(), d.m.cos, d.m.sin, d.pos, n)
		d.attend(li)
		d.w.mul(n, d.o, &p.o, d.x, true)
		simd.RMSNormRows(d.h, dim, d.x, dim, l.FFNNorm, d.inv, n, eps)
		d.w.mul(n, d.h, &p.gateUp, d.gateUp, false)
		for i := range n {
			simd.SwiGLU(d.act[i*f:i*f+f], d.gateUp[i*2*f:i*2*f+f], d.gateUp[i*2*f+f:i*2*f+2*f])
		}
		d.w.mul(n, d.act, &p.down, d.x, true)
	}
	for _, s := range d.live {
		s.n++
	}
}

// attend stores the live streams' new keys and values of a layer and sets d.o
// from their queries: against the prompt's cache together with the samples of
// the same prompt, against its own cache each alone.
func (d *decoder) attend(layer int) {
	c := d.m.Config
	hd, dim, ld, group := c.HeadDim(), c.Dim, c.qkvDim(), c.Heads/c.KVHeads
	scale := float32(1 / math.Sqrt(float64(hd)))
	for i, s := range d.live {
		for head := range c.KVHeads {
			at := i*ld + dim + head*hd
			copy(d.w.kv.keys(c, s.slot, layer, head)[s.n*hd:(s.n+1)*hd], d.qkv[at:])
			copy(d.w.kv.values(c, s.slot, layer, head)[s.n*hd:(s.n+1)*hd], d.qkv[at+c.kvDim():])
		}
	}
	lds := padded(c.MaxPos)
	for from, to := 0, 0; from < len(d.live); from = to {
		prompt := d.live[from].prompt
		for to = from; to < len(d.live) && d.live[to].prompt == prompt; to++ {
		}
		for head := range c.Heads {
			shared := head / group
			cached := layer*c.KVHeads + shared
			q, o := d.qkv[from*ld+head*hd:], d.o[from*dim+head*hd:]
			simd.Gemm(to-from, q, ld, 1, &prompt.keys[cached], d.scores, lds, false)
			for i, s := range d.live[from:to] {
				p := d.scores[i*lds : i*lds+prompt.n+s.n+1]
				simd.MatVec(p[prompt.n:], d.w.kv.keys(c, s.slot, layer, shared), hd, q[i*ld:i*ld+hd])
				sum := simd.ExpSub(p, p, scale, simd.Max(p)*scale)
				simd.Scale(1/sum, p)
			}
			simd.Gemm(to-from, d.scores, lds, 1, &prompt.values[cached], o, dim, false)
			for i, s := range d.live[from:to] {
				p := d.scores[i*lds+prompt.n : i*lds+prompt.n+s.n+1]
				simd.VecMat(o[i*dim:i*dim+hd], p, d.w.kv.values(c, s.slot, layer, shared), hd)
			}
		}
	}
}
