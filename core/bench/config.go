package bench

import "ra3/core/nn"

// Config is a decoder and a batch of Llama's style: rotary positions, SwiGLU,
// full attention, an untied head, sequences of one length without padding.
type Config struct {
	Name     string
	Dim      int // d
	Layers   int // L
	Heads    int
	Vocab    int
	Seq      int // S, tokens of a sequence
	Batch    int // sequences of a training step
	FF       int
	Generate []int // batches to generate with
	New      int   // tokens to generate for each sequence
}

// Standard returns the configurations that this project's speed is judged by.
func Standard() []Config {
	return []Config{
		{Name: "A", Dim: 128, Layers: 4, Heads: 4, Vocab: 256, Seq: 128, Batch: 16, FF: 352, Generate: []int{64}, New: 127},
		{Name: "B", Dim: 256, Layers: 6, Heads: 8, Vocab: 512, Seq: 256, Batch: 16, FF: 704, Generate: []int{1, 64}, New: 255},
		{Name: "C", Dim: 512, Layers: 8, Heads: 8, Vocab: 4096, Seq: 256, Batch: 8, FF: 1376, Generate: []int{64}, New: 63},
	}
}

// Tokens is the number of tokens of a training step.
func (c Config) Tokens() int { return c.Batch * c.Seq }

// MatmulParams is P_mm, the parameters that are multiplied by: all matrices but
// the embedding.
func (c Config) MatmulParams() int {
	return c.Layers*(4*c.Dim*c.Dim+3*c.Dim*c.FF) + c.Dim*c.Vocab
}

// AttentionFlops is 12 L d S/2, the FLOPs of attention's two products a token
// of a training step: forward once, backward twice, the causal half alone.
func (c Config) AttentionFlops() float64 {
	return 12 * float64(c.Layers) * float64(c.Dim) * float64(c.Seq) / 2
}

// FlopsPerToken is 6 P_mm + 12 L d S/2: a training step's FLOPs a token.
func (c Config) FlopsPerToken() float64 {
	return 6*float64(c.MatmulParams()) + c.AttentionFlops()
}

// generateFlops is the FLOPs of one generated token: a third of a training step.
func (c Config) generateFlops() float64 { return c.FlopsPerToken() / 3 }

// shape is a linear layer's product X [m, k] times W [k, n].
type shape struct{ m, k, n int }

func (s shape) flops() float64 { return 2 * float64(s.m) * float64(s.k) * float64(s.n) }

// shapes lists the products of a step: every layer's matrices, each at the rows
// of a small tile, a large tile and the whole batch.
func (c Config) shapes() []shape {
	var all []shape
	for _, m := range []int{64, 256, c.Tokens()} {
		for _, w := range [][2]int{{c.Dim, 3 * c.Dim}, {c.Dim, c.Dim}, {c.Dim, 2 * c.FF}, {c.FF, c.Dim}, {c.Dim, c.Vocab}} {
			all = append(all, shape{m, w[0], w[1]})
		}
	}
	return all
}

// model is the decoder's shape as package nn takes it.
func (c Config) model() nn.Config {
	return nn.Config{Vocab: c.Vocab, Out: c.Vocab, Dim: c.Dim, Layers: c.Layers, Heads: c.Heads, KVHeads: c.Heads, FF: c.FF,
		Theta: 10000, Eps: 1e-5, MaxPos: c.Seq}
}
