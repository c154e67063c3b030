package ra3

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/trace"
)

// Example is a trace and how it is to be written: plain when the annotation is
// nil, else with its latents.
type Example struct {
	Program    *trace.Program
	Annotation trace.Annotation
}

// MStep is next-token prediction of programs, decisions and rationales
// included. On annotated traces it maximises the bound in theta for the latents
// given; on plain ones it is NTP mid-training and pre-training.
type MStep struct {
	Policy    *nn.Model
	Layout    *trace.Layout
	Optimiser *optim.AdamW
	Computer  *nn.Computer
	Grad      *nn.Params
	Threads   int
	Tokens    int // budget of one update, prompts, slots and rationales included
	MaxGap    int // largest random distance in positions between prompt and body
}

// Update draws examples until the token budget is full and makes one update at
// learning rate lr. Losses are logged apart: nats per token of code, decisions
// and rationales, and per program in all. When ctx ends first nothing has
// changed.
func (m *MStep) Update(ctx context.Context, draw func(*rand.Rand) Example, lr float64, rng *rand.Rand) (map[string]float64, error) {
	var seq trace.Sequences
	seq.Reset(m.Layout.Classes(trace.Unit()))
	for {
		x := draw(rng)
		gap := 0
		if m.MaxGap > 0 && rng.IntN(2) == 0 {
			gap = rng.IntN(m.MaxGap + 1)
		}
		before, rows := len(seq.Batch.Tokens), len(seq.Batch.Rows)
		m.Layout.Policy(&seq, x.Program, x.Annotation, gap, 1)
		if before > 0 && len(seq.Batch.Tokens) > m.Tokens {
			// The budget is full: take the last example back.
			seq.Batch.Tokens, seq.Batch.Positions = seq.Batch.Tokens[:before], seq.Batch.Positions[:before]
			seq.Batch.Offsets = seq.Batch.Offsets[:len(seq.Batch.Offsets)-1]
			seq.Batch.Rows, seq.Info = seq.Batch.Rows[:rows], seq.Info[:rows]
			break
		}
	}
	rows := seq.Batch.Rows
	for i := range rows {
		rows[i].Weight = 1 / float32(len(rows))
	}
	preds, err := m.Computer.Gradient(ctx, m.Policy, &seq.Batch, m.Grad)
	if err != nil {
		return nil, fmt.Errorf("M-step: %w", err)
	}
	norm, err := m.Optimiser.Update(m.Policy.Params.Flat, m.Grad.Flat, lr, m.Threads)
	if err != nil {
		return nil, fmt.Errorf("M-step: %w", err)
	}
	m.Policy.RefreshOn(m.Threads)

	var nats, counts [3]float64
	for i, p := range preds {
		nats[seq.Info[i].Part] -= float64(p.LogP)
		counts[seq.Info[i].Part]++
	}
	out := map[string]float64{"grad_norm": norm, "lr": lr, "tokens": float64(len(seq.Batch.Tokens)),
		"nats_program": (nats[0] + nats[1] + nats[2]) / float64(seq.Batch.Sequences())}
	for part, n := range counts {
		if n > 0 {
			out["loss_"+trace.Part(part).String()] = nats[part] / n
		}
	}
	return out, nil
}
