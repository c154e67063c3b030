package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"ra3/core/tensor"
)

// Params are the weights of a decoder (or their gradients, or an optimiser's
// moments), in one flat buffer with named views. Matrices are [in, out]:
// y = x W.
type Params struct {
	Flat   []float32
	Embed  []float32 // [Vocab, D]
	Layers []Layer
	Norm   []float32 // [D], before the head
	Head   []float32 // [D, Out]
	named  []named
}

// Layer holds the weights of one decoder layer.
type Layer struct {
	AttnNorm []float32 // [D]
	Wqkv     []float32 // [D, D + 2*KVHeads*hd]: queries, keys, values side by side
	Wo       []float32 // [D, D]
	FFNNorm  []float32 // [D]
	WgateUp  []float32 // [D, 2F]: gate and up side by side
	Wdown    []float32 // [F, D]
}

type named struct {
	name string
	d    *tensor.Dense
	norm bool
}

// NewParams lays out zeroed parameters.
func NewParams(c Config) (*Params, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p := &Params{Layers: make([]Layer, c.Layers)}
	type slot struct {
		name string
		dst  *[]float32
		dims []int
	}
	slots := []slot{{"embed", &p.Embed, []int{c.Vocab, c.Dim}}}
	for i := range p.Layers {
		l := &p.Layers[i]
		pre := fmt.Sprintf("layers.%d.", i)
		slots = append(slots,
			slot{pre + "attn_norm", &l.AttnNorm, []int{c.Dim}},
			slot{pre + "wqkv", &l.Wqkv, []int{c.Dim, c.qkvDim()}},
			slot{pre + "wo", &l.Wo, []int{c.Dim, c.Dim}},
			slot{pre + "ffn_norm", &l.FFNNorm, []int{c.Dim}},
			slot{pre + "w_gate_up", &l.WgateUp, []int{c.Dim, 2 * c.FF}},
			slot{pre + "w_down", &l.Wdown, []int{c.FF, c.Dim}})
	}
	slots = append(slots, slot{"norm", &p.Norm, []int{c.Dim}}, slot{"head", &p.Head, []int{c.Dim, c.Out}})
	total := 0
	for _, s := range slots {
		total += tensor.Shape(s.dims).TotalSize()
	}
	p.Flat = make([]float32, total)
	at := 0
	for _, s := range slots {
		n := tensor.Shape(s.dims).TotalSize()
		view := p.Flat[at : at+n : at+n]
		*s.dst = view
		d, err := tensor.New(tensor.WithShape(s.dims...), tensor.WithBacking(view))
		if err != nil {
			return nil, fmt.Errorf("model: %s: %w", s.name, err)
		}
		p.named = append(p.named, named{s.name, d, len(s.dims) == 1})
		at += n
	}
	return p, nil
}

// Each calls fn with every parameter tensor in the order of the flat buffer.
func (p *Params) Each(fn func(name string, d *tensor.Dense)) {
	for _, n := range p.named {
		fn(n.name, n.d)
	}
}

// Init draws the weights: normal with deviation 1/sqrt(in), the two
// projections that write to the residual stream further divided by
// sqrt(2*Layers), the embedding 0.5, norms 1.
func (p *Params) Init(c Config, rng *rand.Rand) {
	residual := 1 / math.Sqrt(2*float64(c.Layers))
	for _, n := range p.named {
		if n.norm {
			for i := range n.d.Data() {
				n.d.Data()[i] = 1
			}
			continue
		}
		std := 1 / math.Sqrt(float64(n.d.Shape()[0]))
		switch suffix(n.name) {
		case "embed":
			std = 0.5
		case "wo", "w_down":
			std *= residual
		}
		for i := range n.d.Data() {
			n.d.Data()[i] = float32(rng.NormFloat64() * std)
		}
	}
}

func suffix(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}
