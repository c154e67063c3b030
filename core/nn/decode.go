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
	forcing        Forcing // the grammar, if it forces tokens
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
	scores         []float32 // [Heads, live of one prompt, padded positions]
	order          []int32
	lost           bool // a distribution was not a number
}

// stream is a sequence being generated.
type stream struct {
	prompt *promptCache
	slot   slot // its own keys and values
	n      int  // positions in it
	state  int
	token  int32 // to be read next
	rng    *rand.Rand
	out    *Sample
}

// run decodes prompts from the queue until it is empty.
func (d *decoder) run(ctx context.Context, prompts []Prompt, results [][]Sample, queue func() int) error {
	room := max(d.width, d.largest)
	if err := d.w.kv.fit(d.m.Config, room, d.opt.MaxNew+sharedFrom, d.m.precision == BF16); err != nil {
		return err
	}
	longest := 0
	for _, p := range prompts {
		longest = max(longest, len(p.Tokens))
	}
	d.reserve(room, simd.Pad16(longest+d.opt.MaxNew))
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

// reserve makes room for n live streams of at most positions.
func (d *decoder) reserve(n, positions int) {
	c := d.m.Config
	for _, b := range []struct {
		p *[]float32
		w int
	}{{&d.x, c.Dim}, {&d.h, c.Dim}, {&d.o, c.Dim}, {&d.qkv, c.qkvDim()}, {&d.gateUp, 2 * c.FF}, {&d.act, c.FF}, {&d.logits, c.Out}, {&d.inv, 1}, {&d.scores, c.Heads * positions}} {
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
		start := p.Start
		if p.Starts != nil {
			start = p.Starts[j]
		}
		s := &stream{prompt: cache, slot: d.w.kv.take(), state: start, rng: rand.New(rand.NewPCG(seed, 0x5a3c)), out: &out[j]}
		d.live = append(d.live, s)
		for layer, rows := range cache.rows {
			for i := range cache.n {
				d.w.kv.put(d.m.Config, s.slot, layer, i, rows[i*2*d.m.Config.kvDim():])
			}
			s.n = cache.n
		}
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
	pc := &promptCache{n: n}
	hd, ld, kv := c.HeadDim(), c.qkvDim(), c.kvDim()
	d.m.forwardTrunk(d.w, b.span(tile{seqTo: 1}), false, func(layer int, a *activations) {
		if n < sharedFrom {
			rows := make([]float32, n*2*kv)
			for i := range n {
				copy(rows[i*2*kv:(i+1)*2*kv], a.qkv[i*ld+c.Dim:])
			}
			d.round(rows)
			pc.rows = append(pc.rows, rows)
			return
		}
		for head := range c.KVHeads {
			k, v := d.w.ownFactor(d.m), d.w.ownFactor(d.m)
			k.pack(a.qkv[c.Dim+head*hd:], 1, ld, hd, n)
			v.pack(a.qkv[c.Dim+kv+head*hd:], ld, 1, n, hd)
			pc.keys, pc.values = append(pc.keys, k), append(pc.values, v)
		}
	})
	pc.last = append(pc.last, d.w.x[(n-1)*c.Dim:n*c.Dim]...)
	return pc, nil
}

// round makes x what the products of a training step would make of it.
func (d *decoder) round(x []float32) {
	if d.m.precision == BF16 {
		simd.RoundTo16(x)
	}
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
		forced := int32(-1)
		if d.forcing != nil {
			if token, ok := d.forcing.Forced(s.state); ok {
				forced = token
			}
		}
		token, logp, ent := d.choose(d.logits[i*c.Out:(i+1)*c.Out], class, forced, s.rng)
		o := s.out
		o.Tokens = append(o.Tokens, token)
		o.LogP = append(o.LogP, logp)
		o.Classes = append(o.Classes, int32(class))
		o.Entropy = append(o.Entropy, ent)
		s.state, s.token = d.grammar.Next(s.state, token), token
		o.Finished = s.state < 0
		if o.Finished || len(o.Tokens) >= d.opt.MaxNew {
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
		d.pos = append(d.pos, int32(s.prompt.shared()+s.n))
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
	for from, to := 0, 0; from < len(d.live); from = to {
		prompt, longest := d.live[from].prompt, 0
		for to = from; to < len(d.live) && d.live[to].prompt == prompt; to++ {
			longest = max(longest, d.live[to].n+1)
			d.round(d.qkv[to*ld : (to+1)*ld])
		}
		n, streams := prompt.shared(), d.live[from:to]
		// Scores are [head][stream][lds]: first the prompt's keys, then its own.
		lds := simd.Pad16(n + longest)
		scores := func(head int) []float32 { return d.scores[head*len(streams)*lds:] }
		if n > 0 {
			for head := range c.Heads {
				keys := prompt.keys[layer*c.KVHeads+head/group]
				keys.mulRows(len(streams), d.qkv[from*ld+head*hd:], ld, hd, n, scores(head), lds, false)
			}
		}
		for i, s := range streams {
			row := (from + i) * ld
			d.w.kv.put(c, s.slot, layer, s.n, d.qkv[row+dim:row+ld])
			for head := range c.Heads {
				d.own(s, layer, head/group, d.qkv[row+head*hd:][:hd], d.o[(from+i)*dim+head*hd:][:hd], scores(head)[i*lds:][:n+s.n+1], n)
			}
		}
		if n > 0 {
			for head := range c.Heads {
				values := prompt.values[layer*c.KVHeads+head/group]
				values.mulRows(len(streams), scores(head), lds, n, hd, d.o[from*dim+head*hd:], dim, true)
			}
		}
	}
}

// own completes a head's scores p, of which the first n are the prompt's, with
// the stream's own ones, makes them probabilities and sets o to its part of the
// values.
func (d *decoder) own(s *stream, layer, kvHead int, q, o, p []float32, n int) {
	c := d.m.Config
	scale := float32(1 / math.Sqrt(float64(len(q))))
	d.w.kv.match(c, s.slot, layer, kvHead, p[n:], q)
	sum := simd.ExpSub(p, p, scale, simd.Max(p)*scale)
	simd.Scale(1/sum, p)
	d.round(p)
	clear(o)
	d.w.kv.blend(c, s.slot, layer, kvHead, o, p[n:])
}
