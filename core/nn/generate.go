package nn

import (
	"context"
	"fmt"
	"sync/atomic"

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

// Forcing is a grammar that may also say which token must follow. A forced
// token's log-probability is that of its class: what is forced is scored.
type Forcing interface {
	Grammar
	Forced(state int) (token int32, ok bool)
}

// Prompt is a tokens prefix and how many samples are to follow it, each with
// its own generator's seed, so that a sample does not depend on its company.
type Prompt struct {
	Tokens []int32
	Start  int // grammar state of the first new token
	Seeds  []uint64
	Starts []int // of each sample, where they differ; nil: Start for all
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
	TopK   int     // 0: no limit; k: only the k likeliest outcomes
	TopP   float64 // 1: the whole distribution; p: the smallest set holding p of it
}

// sideBySide is how many sequences one worker decodes at once, if there are as
// many: enough rows for the matrix multiply to reach its speed, few enough for
// their keys and values to stay in the last-level cache.
func sideBySide(c Config, room int, half bool) int {
	const most, least, cache = 64, 24, 72 << 20
	return max(least, min(most, cache/slotBytes(c, room, half)))
}

// Generate draws every prompt's samples: result[i][j] continues prompts[i] with
// seed j. Each prompt's keys and values are computed once and shared. Workers
// take a prompt when sequences have ended and left room for its samples. A
// sample does not depend on the number of threads nor on its company.
func (k *Computer) Generate(ctx context.Context, m *Model, prompts []Prompt, g Grammar, o GenerateOptions) ([][]Sample, error) {
	if m.Config != k.cfg {
		return nil, fmt.Errorf("model: shape %+v given to a computer of shape %+v", m.Config, k.cfg)
	}
	if c := m.Config; c.Out > c.Vocab {
		return nil, fmt.Errorf("model: %d outcomes cannot all be read back by a vocabulary of %d: generate with a language model", c.Out, c.Vocab)
	}
	if o.MaxNew < 1 {
		return nil, fmt.Errorf("model: %d new tokens is too few: ask for 1 or more", o.MaxNew)
	}
	if o.TopK < 0 || !(o.TopP > 0) {
		return nil, fmt.Errorf("model: top-k %d must not be negative, and top-p %g must be above 0", o.TopK, o.TopP)
	}
	ms, err := masks(g.Classes(), m.Config.Out)
	if err != nil {
		return nil, err
	}
	results := make([][]Sample, len(prompts))
	total, largest := 0, 0
	for i, p := range prompts {
		if len(p.Tokens) == 0 || len(p.Tokens)+o.MaxNew > m.Config.MaxPos {
			return nil, fmt.Errorf("model: prompt %d of %d tokens plus %d new ones does not fit %d positions: lower max_tokens", i, len(p.Tokens), o.MaxNew, m.Config.MaxPos)
		}
		if p.Starts != nil && len(p.Starts) != len(p.Seeds) {
			return nil, fmt.Errorf("model: prompt %d has %d start states for %d samples", i, len(p.Starts), len(p.Seeds))
		}
		results[i] = make([]Sample, len(p.Seeds))
		total, largest = total+len(p.Seeds), max(largest, len(p.Seeds))
	}
	var next atomic.Int64
	queue := func() int { return int(next.Add(1)) - 1 }
	errs := make([]error, k.threads)
	parallel.For(k.threads, k.threads, func(i, worker int) {
		forcing, _ := g.(Forcing)
		d := &decoder{m: m, w: k.space(worker), grammar: g, forcing: forcing, classes: g.Classes(), masks: ms, opt: o,
			width: min(sideBySide(m.Config, o.MaxNew+sharedFrom, m.precision == BF16), (total+k.threads-1)/k.threads), largest: largest}
		errs[i] = d.run(ctx, prompts, results, queue)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}
