package nn

import (
	"context"
	"fmt"

	"ra3/core/parallel"
)

// Grammar says what may follow: a state machine over tokens. Each state names
// the class that its next token is drawn from. States are small integers, so
// that a sequence's whole grammar state is one of them.
type Grammar interface {
	Classes() []Class
	Class(state int) int             // index into Classes
	Next(state int, token int32) int // state after the token; negative: finished
}

// Prompt is a tokens prefix and how many samples are to follow it, each with
// its own generator's seed, so that a sample does not depend on its company.
type Prompt struct {
	Tokens []int32
	Start  int // grammar state of the first new token
	Seeds  []uint64
}

// Sample is one generated continuation.
type Sample struct {
	Tokens   []int32
	LogP     []float32 // of each token under its class, as Score would give it
	Classes  []int32   // class each token was drawn from
	Entropy  []float32 // of each token's distribution, nats
	Finished bool      // by the grammar; false: cut at the limit
}

// GenerateOptions bound and shape generation.
type GenerateOptions struct {
	MaxNew int     // tokens per sample
	TopP   float64 // 1: the whole distribution; p: the smallest set holding p of it
}

// genChunk is how many sequences are decoded side by side.
const genChunk = 48

// Generate draws every prompt's samples: result[i][j] continues prompts[i] with
// seed j. Each prompt's keys and values are computed once and shared. Samples
// do not depend on the number of threads nor on which prompts share a batch.
func (k *Computer) Generate(ctx context.Context, m *Model, prompts []Prompt, g Grammar, o GenerateOptions) ([][]Sample, error) {
	if m.Config != k.cfg {
		return nil, fmt.Errorf("model: shape %+v given to a computer of shape %+v", m.Config, k.cfg)
	}
	ms, err := masks(g.Classes(), m.Config.Out)
	if err != nil {
		return nil, err
	}
	results := make([][]Sample, len(prompts))
	var chunks [][2]int
	for i, p := range prompts {
		if len(p.Tokens) == 0 || len(p.Tokens)+o.MaxNew > m.Config.MaxPos {
			return nil, fmt.Errorf("model: prompt %d of %d tokens plus %d new ones does not fit %d positions: lower max_tokens", i, len(p.Tokens), o.MaxNew, m.Config.MaxPos)
		}
		results[i] = make([]Sample, len(p.Seeds))
		last := len(chunks) - 1
		if last >= 0 && sequences(prompts[chunks[last][0]:i+1]) <= genChunk {
			chunks[last][1] = i + 1
		} else {
			chunks = append(chunks, [2]int{i, i + 1})
		}
	}
	errs := make([]error, len(chunks))
	parallel.For(k.threads, len(chunks), func(i, worker int) {
		d := decoder{m: m, w: k.space(worker), grammar: g, classes: g.Classes(), masks: ms, opt: o}
		from, to := chunks[i][0], chunks[i][1]
		errs[i] = d.run(ctx, prompts[from:to], results[from:to])
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

func sequences(ps []Prompt) int {
	n := 0
	for _, p := range ps {
		n += len(p.Seeds)
	}
	return n
}
