package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"ra3/core/simd"
)

// Model is a decoder ready to compute: parameters, their packed forms and the
// rotary tables. It may be read by many goroutines; Refresh and changes of
// Params need exclusive use.
type Model struct {
	Config Config
	Params *Params
	packs  []layerPacks
	head   pack
	cos    []float32 // [MaxPos, hd/2]
	sin    []float32
	negSin []float32
}

// pack is a weight matrix in the two forms a training step multiplies by.
type pack struct {
	fwd simd.Packed // W [in, out]: y = x W
	bwd simd.Packed // W^T [out, in]: dx = dy W^T
}

type layerPacks struct{ q, k, v, o, gate, up, down pack }

// New makes a model with zeroed parameters; draw or load them, then Refresh.
func New(c Config) (*Model, error) {
	p, err := NewParams(c)
	if err != nil {
		return nil, err
	}
	m := &Model{Config: c, Params: p, packs: make([]layerPacks, c.Layers)}
	half := c.HeadDim() / 2
	m.cos = make([]float32, c.MaxPos*half)
	m.sin = make([]float32, c.MaxPos*half)
	m.negSin = make([]float32, c.MaxPos*half)
	for pos := 0; pos < c.MaxPos; pos++ {
		for i := 0; i < half; i++ {
			s, co := math.Sincos(float64(pos) * math.Pow(c.Theta, -2*float64(i)/float64(c.HeadDim())))
			m.cos[pos*half+i], m.sin[pos*half+i], m.negSin[pos*half+i] = float32(co), float32(s), -float32(s)
		}
	}
	return m, nil
}

// NewRandom makes a model with drawn parameters, ready to compute.
func NewRandom(c Config, rng *rand.Rand) (*Model, error) {
	m, err := New(c)
	if err != nil {
		return nil, err
	}
	m.Params.Init(c, rng)
	m.Refresh()
	return m, nil
}

// Clone copies the model and its parameters.
func (m *Model) Clone() *Model {
	c, err := New(m.Config)
	if err != nil {
		panic("nn: clone of an invalid model: " + err.Error())
	}
	copy(c.Params.Flat, m.Params.Flat)
	c.Refresh()
	return c
}

// WithHead copies the model's trunk under a new head of out classes, drawn
// small: how a hindsight sampler starts from a language model.
func (m *Model) WithHead(out int, rng *rand.Rand) (*Model, error) {
	cfg := m.Config
	cfg.Out = out
	c, err := New(cfg)
	if err != nil {
		return nil, err
	}
	n := len(m.Params.Flat) - len(m.Params.Head)
	copy(c.Params.Flat[:n], m.Params.Flat[:n])
	std := 0.02
	for i := range c.Params.Head {
		c.Params.Head[i] = float32(rng.NormFloat64() * std)
	}
	c.Refresh()
	return c, nil
}

// Refresh repacks the weights; call it once after every change of Params.
func (m *Model) Refresh() {
	c := m.Config
	for i := range m.Params.Layers {
		l, p := &m.Params.Layers[i], &m.packs[i]
		p.q.set(l.Wq, c.Dim, c.Dim)
		p.k.set(l.Wk, c.Dim, c.kvDim())
		p.v.set(l.Wv, c.Dim, c.kvDim())
		p.o.set(l.Wo, c.Dim, c.Dim)
		p.gate.set(l.Wgate, c.Dim, c.FF)
		p.up.set(l.Wup, c.Dim, c.FF)
		p.down.set(l.Wdown, c.FF, c.Dim)
	}
	m.head.set(m.Params.Head, c.Dim, c.Out)
}

func (p *pack) set(w []float32, in, out int) {
	p.fwd.Pack(w, out, 1, in, out)
	p.bwd.Pack(w, 1, out, out, in)
}

func (m *Model) rotate(x []float32, pos int, sin []float32) {
	hd := m.Config.HeadDim()
	h := hd / 2
	cos, sn := m.cos[pos*h:pos*h+h], sin[pos*h:pos*h+h]
	for at := 0; at < len(x); at += hd {
		simd.Rotate(x[at:at+hd], cos, sn)
	}
}

func (m *Model) checkTokens(tokens, positions []int32) error {
	for i, t := range tokens {
		if t < 0 || int(t) >= m.Config.Vocab {
			return fmt.Errorf("model: token %d at %d is outside the vocabulary of %d", t, i, m.Config.Vocab)
		}
		if p := positions[i]; p < 0 || int(p) >= m.Config.MaxPos {
			return fmt.Errorf("model: position %d is outside 0..%d: choose fewer steps a program", p, m.Config.MaxPos-1)
		}
	}
	return nil
}
