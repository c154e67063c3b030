package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"ra3/core/parallel"
)

// Model is a decoder ready to compute: parameters, their packed forms and the
// rotary tables. It may be read by many goroutines; Refresh,
// SetPrecision and changes of Params need exclusive use.
type Model struct {
	Config    Config
	Params    *Params
	packs     []layerPacks
	precision Precision
	head      matrix
	cos       []float32 // [MaxPos, hd/2]
	sin       []float32
}

type layerPacks struct{ qkv, o, gateUp, down matrix }

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
	for pos := 0; pos < c.MaxPos; pos++ {
		for i := 0; i < half; i++ {
			s, co := math.Sincos(float64(pos) * math.Pow(c.Theta, -2*float64(i)/float64(c.HeadDim())))
			m.cos[pos*half+i], m.sin[pos*half+i] = float32(co), float32(s)
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
	c.precision = m.precision
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
	c.precision = m.precision
	std := 0.02
	for i := range c.Params.Head {
		c.Params.Head[i] = float32(rng.NormFloat64() * std)
	}
	c.Refresh()
	return c, nil
}

// Refresh repacks the weights; call it once after every change of Params.
func (m *Model) Refresh() { m.RefreshOn(1) }

// RefreshOn is Refresh on a number of threads.
func (m *Model) RefreshOn(threads int) {
	c := m.Config
	const perLayer = 4
	parallel.For(threads, perLayer*c.Layers+1, func(i, _ int) {
		if i == 0 { // the head is often the largest: it goes first
			m.head.set(m.Params.Head, c.Dim, c.Out, m.precision)
			return
		}
		l, p := &m.Params.Layers[(i-1)/perLayer], &m.packs[(i-1)/perLayer]
		switch (i - 1) % perLayer {
		case 0:
			p.qkv.set(l.Wqkv, c.Dim, c.qkvDim(), m.precision)
		case 1:
			p.o.set(l.Wo, c.Dim, c.Dim, m.precision)
		case 2:
			p.gateUp.set(l.WgateUp, c.Dim, 2*c.FF, m.precision)
		case 3:
			p.down.set(l.Wdown, c.FF, c.Dim, m.precision)
		}
	})
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
