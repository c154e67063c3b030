// Package nn is the decoder-only transformer: RMSNorm, rotary positions, causal
// grouped-query attention, SwiGLU. Forward, backward and generation are written
// out, each layer's backward beside its forward. Batches are packed: sequences
// end to end without padding. T is the number of tokens in a tile, D the model
// width, F the width of the feed-forward layer, hd the width of a head.
package nn

import "fmt"

// Config is the shape of a decoder.
type Config struct {
	Vocab   int     `toml:"vocab" json:"vocab"`       // tokens that can be read
	Out     int     `toml:"out" json:"out"`           // classes that can be predicted (Vocab for a language model)
	Dim     int     `toml:"dim" json:"dim"`           // D
	Layers  int     `toml:"layers" json:"layers"`     //
	Heads   int     `toml:"heads" json:"heads"`       // query heads
	KVHeads int     `toml:"kv_heads" json:"kv_heads"` // key and value heads; divides Heads
	FF      int     `toml:"ff" json:"ff"`             // F
	Theta   float64 `toml:"theta" json:"theta"`       // rotary base
	Eps     float64 `toml:"eps" json:"eps"`           // of RMSNorm
	MaxPos  int     `toml:"max_pos" json:"max_pos"`   // positions run from 0 to MaxPos-1
}

// HeadDim is the width of one head.
func (c Config) HeadDim() int { return c.Dim / c.Heads }

func (c Config) kvDim() int { return c.KVHeads * c.HeadDim() }

// qkvDim is the width of a token's queries, keys and values together.
func (c Config) qkvDim() int { return c.Dim + 2*c.kvDim() }

// Validate reports the first setting that cannot be built.
func (c Config) Validate() error {
	for _, f := range []struct {
		name string
		v    int
	}{{"vocab", c.Vocab}, {"out", c.Out}, {"dim", c.Dim}, {"layers", c.Layers}, {"heads", c.Heads}, {"kv_heads", c.KVHeads}, {"ff", c.FF}, {"max_pos", c.MaxPos}} {
		if f.v < 1 {
			return fmt.Errorf("model: %s = %d, must be at least 1", f.name, f.v)
		}
	}
	switch {
	case c.Dim%c.Heads != 0:
		return fmt.Errorf("model: dim %d is not divisible by heads %d", c.Dim, c.Heads)
	case c.HeadDim()%2 != 0:
		return fmt.Errorf("model: head width %d is odd, rotary positions need pairs", c.HeadDim())
	case c.Heads%c.KVHeads != 0:
		return fmt.Errorf("model: heads %d is not divisible by kv_heads %d", c.Heads, c.KVHeads)
	case !(c.Theta > 1) || !(c.Eps > 0):
		return fmt.Errorf("model: theta %g must exceed 1 and eps %g must exceed 0", c.Theta, c.Eps)
	}
	return nil
}
