package nn

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"ra3/core/simd"
)

// decoder generates one chunk of sequences.
type decoder struct {
	m       *Model
	w       *workspace
	grammar Grammar
	classes []Class
	masks   [][]float32
	opt     GenerateOptions
	live    []*stream
	x, h    []float32 // [live, D]
	q, o    []float32
	k, v    []float32 // [live, kv]
	gate    []float32 // [live, F]
	up      []float32
	logits  []float32 // [live, Out]
	scores  []float32
	order   []int32
	lost    bool // a distribution was not a number
}

// stream is a sequence being generated: its prompt's shared cache and its own.
type stream struct {
	prompt *promptCache
	k, v   [][]float32 // [layer][MaxNew * kv]
	n      int         // own positions cached
	state  int
	token  int32 // to be read next
	rng    *rand.Rand
	out    *Sample
}

type promptCache struct {
	k, v [][]float32 // [layer][len * kv]
	n    int
	last []float32 // [D] residual stream at the prompt's last token
}

func (d *decoder) run(ctx context.Context, prompts []Prompt, results [][]Sample) error {
	c := d.m.Config
	for i, p := range prompts {
		cache, err := d.prefill(p.Tokens)
		if err != nil {
			return err
		}
		for j, seed := range p.Seeds {
			s := &stream{prompt: cache, state: p.Start, rng: rand.New(rand.NewPCG(seed, 0x5a3c)), out: &results[i][j]}
			own := make([]float32, 2*c.Layers*d.opt.MaxNew*c.kvDim())
			for l := 0; l < c.Layers; l++ {
				n := d.opt.MaxNew * c.kvDim()
				s.k, s.v = append(s.k, own[:n]), append(s.v, own[n:2*n])
				own = own[2*n:]
			}
			d.live = append(d.live, s)
		}
	}
	n := len(d.live)
	for _, b := range []struct {
		p *[]float32
		w int
	}{{&d.x, c.Dim}, {&d.h, c.Dim}, {&d.q, c.Dim}, {&d.o, c.Dim}, {&d.k, c.kvDim()}, {&d.v, c.kvDim()}, {&d.gate, c.FF}, {&d.up, c.FF}, {&d.logits, c.Out}} {
		*b.p = make([]float32, n*b.w)
	}
	d.scores = make([]float32, padded(c.MaxPos))
	for i, s := range d.live {
		copy(d.x[i*c.Dim:(i+1)*c.Dim], s.prompt.last)
	}
	for len(d.live) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		d.draw()
		if d.lost {
			return errors.New("model: a distribution is not a number: the parameters have diverged, lower the learning rate")
		}
		if len(d.live) > 0 {
			d.advance()
		}
	}
	return nil
}

// prefill runs the trunk over a prompt and keeps its keys and values.
func (d *decoder) prefill(tokens []int32) (*promptCache, error) {
	c := d.m.Config
	b := &Batch{}
	b.Append(tokens, 0)
	if err := d.m.checkTokens(b.Tokens, b.Positions); err != nil {
		return nil, err
	}
	s := b.span(tile{seqTo: 1})
	n := len(tokens)
	d.w.fit(n, 1, n)
	d.m.forwardTrunk(d.w, s)
	pc := &promptCache{n: n, last: append([]float32(nil), d.w.x[(n-1)*c.Dim:n*c.Dim]...)}
	for l := range d.w.layers {
		a := &d.w.layers[l]
		pc.k = append(pc.k, append([]float32(nil), a.k[:n*c.kvDim()]...))
		pc.v = append(pc.v, append([]float32(nil), a.v[:n*c.kvDim()]...))
	}
	return pc, nil
}

// draw samples the next token of every live stream from d.x and drops the
// streams that end.
func (d *decoder) draw() {
	c, n := d.m.Config, len(d.live)
	for i := 0; i < n; i++ {
		simd.RMSNorm(d.h[i*c.Dim:(i+1)*c.Dim], d.x[i*c.Dim:(i+1)*c.Dim], d.m.Params.Norm, float32(c.Eps))
	}
	mul(n, d.h, &d.m.head.fwd, d.logits, false)
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
		if !o.Finished && len(o.Tokens) < d.opt.MaxNew {
			keep = append(keep, s)
		}
	}
	d.live = keep
}

// choose draws from softmax(InvTemp*logits) over the class, cut to its top-p
// set when asked; the log-probability returned is that of the uncut class.
func (d *decoder) choose(logits []float32, class int, rng *rand.Rand) (token int32, logp, ent float32) {
	if mask := d.masks[class]; mask != nil {
		simd.Add(logits, mask)
	}
	p := d.w.probs
	s := softmax(p, logits, d.classes[class].InvTemp)
	ent = s.entropy(p, logits)
	total := 1.0
	if d.opt.TopP < 1 {
		total = d.cut(p)
	}
	u := rng.Float64() * total
	last := -1
	for i, v := range p {
		if v <= 0 {
			continue
		}
		last = i
		if u -= float64(v); u < 0 {
			break
		}
	}
	if last < 0 {
		d.lost = true
		return 0, 0, 0
	}
	return int32(last), s.inv*logits[last] - s.logZ, ent
}

// advance reads each live stream's token: one step of the trunk for all.
func (d *decoder) advance() {
	c, n := d.m.Config, len(d.live)
	dim, kv, f := c.Dim, c.kvDim(), c.FF
	eps := float32(c.Eps)
	for i, s := range d.live {
		copy(d.x[i*dim:(i+1)*dim], d.m.Params.Embed[int(s.token)*dim:])
	}
	for li := range d.m.Params.Layers {
		l, p := &d.m.Params.Layers[li], &d.m.packs[li]
		for i := 0; i < n; i++ {
			simd.RMSNorm(d.h[i*dim:(i+1)*dim], d.x[i*dim:(i+1)*dim], l.AttnNorm, eps)
		}
		mul(n, d.h, &p.q.fwd, d.q, false)
		mul(n, d.h, &p.k.fwd, d.k, false)
		mul(n, d.h, &p.v.fwd, d.v, false)
		for i, s := range d.live {
			pos := s.prompt.n + s.n
			d.m.rotate(d.q[i*dim:(i+1)*dim], pos, d.m.sin)
			d.m.rotate(d.k[i*kv:(i+1)*kv], pos, d.m.sin)
			copy(s.k[li][s.n*kv:], d.k[i*kv:(i+1)*kv])
			copy(s.v[li][s.n*kv:], d.v[i*kv:(i+1)*kv])
			d.attend(s, li, d.q[i*dim:(i+1)*dim], d.o[i*dim:(i+1)*dim])
		}
		mul(n, d.o, &p.o.fwd, d.x, true)
		for i := 0; i < n; i++ {
			simd.RMSNorm(d.h[i*dim:(i+1)*dim], d.x[i*dim:(i+1)*dim], l.FFNNorm, eps)
		}
		mul(n, d.h, &p.gate.fwd, d.gate, false)
		mul(n, d.h, &p.up.fwd, d.up, false)
		simd.SwiGLU(d.gate[:n*f], d.gate[:n*f], d.up[:n*f])
		mul(n, d.gate, &p.down.fwd, d.x, true)
	}
	for _, s := range d.live {
		s.n++
	}
}

// attend is one query [D] against the prompt's cache and the stream's own.
func (d *decoder) attend(s *stream, layer int, q, o []float32) {
	c := d.m.Config
	hd, kv := c.HeadDim(), c.kvDim()
	scale := float32(1 / math.Sqrt(float64(hd)))
	pn, n := s.prompt.n, s.prompt.n+s.n+1
	for head := 0; head < c.Heads; head++ {
		at := head / (c.Heads / c.KVHeads) * hd
		qh, oh := q[head*hd:(head+1)*hd], o[head*hd:(head+1)*hd]
		p := d.scores[:n]
		simd.MatVec(p[:pn], s.prompt.k[layer][at:], kv, qh)
		simd.MatVec(p[pn:], s.k[layer][at:], kv, qh)
		sum := simd.ExpSub(p, p, scale, simd.Max(p)*scale)
		clear(oh)
		simd.VecMat(oh, p[:pn], s.prompt.v[layer][at:], kv)
		simd.VecMat(oh, p[pn:], s.v[layer][at:], kv)
		simd.Scale(1/sum, oh)
	}
}
