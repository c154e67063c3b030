package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Extend copies a language model and gives it extra tokens at the end of its
// vocabulary, to be read and to be predicted. Their rows are drawn as Init draws
// them; all else stays, so that nothing changes where they are not allowed.
func (m *Model) Extend(extra int, rng *rand.Rand) (*Model, error) {
	cfg := m.Config
	if cfg.Out != cfg.Vocab || extra < 0 {
		return nil, fmt.Errorf("model: %d tokens for a vocabulary of %d with %d outcomes: extend a language model", extra, cfg.Vocab, cfg.Out)
	}
	cfg.Vocab, cfg.Out = cfg.Vocab+extra, cfg.Out+extra
	c, err := New(cfg)
	if err != nil {
		return nil, err
	}
	draw := func(xs []float32, std float64) {
		for i := range xs {
			xs[i] = float32(rng.NormFloat64() * std)
		}
	}
	from, to := m.Params, c.Params
	draw(to.Embed[copy(to.Embed, from.Embed):], 0.5)
	// What lies between embedding and head does not depend on the vocabulary.
	copy(to.Flat[len(to.Embed):len(to.Flat)-len(to.Head)], from.Flat[len(from.Embed):len(from.Flat)-len(from.Head)])
	for d := range cfg.Dim {
		row := to.Head[d*cfg.Out : (d+1)*cfg.Out]
		draw(row[copy(row, from.Head[d*m.Config.Out:(d+1)*m.Config.Out]):], 1/math.Sqrt(float64(cfg.Dim)))
	}
	c.precision = m.precision
	c.Refresh()
	return c, nil
}
