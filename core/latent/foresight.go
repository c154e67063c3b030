package latent

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/nn"
	"ra3/core/trace"
)

// Foresight is the policy as its own posterior: it annotates a program from left
// to right, seeing what it has written and not what comes. log q is the policy's
// own log-probability of the slots, rationales confined to the inventory. Under
// the learned prior, prior and log q cancel but for the mass that the policy
// gives to words outside the inventory, and for the temperature.
type Foresight struct {
	Policy      *nn.Model
	Layout      *trace.Layout
	Computer    *nn.Computer
	Temperature float64 // of decisions and rationales; 0 means 1
}

// frozen is the temperature of greedy annotation.
const frozen = 0.01

// Grammar is what the policy draws annotations of these programs by.
func (f Foresight) Grammar(ps []*trace.Program) *trace.Foresight {
	t := f.Temperature
	if t == 0 {
		t = 1
	}
	return f.Layout.Foresight(ps, t)
}

// Draw draws n annotations of every program.
func (f Foresight) Draw(ctx context.Context, ps []*trace.Program, n int, rng *rand.Rand) ([][]Draw, error) {
	g := f.Grammar(ps)
	prompts := make([]nn.Prompt, len(ps))
	longest := 1
	for i, p := range ps {
		prompts[i] = nn.Prompt{Tokens: p.Prompt, Start: g.Start(i)}
		for range n {
			prompts[i].Seeds = append(prompts[i].Seeds, rng.Uint64())
		}
		longest = max(longest, len(p.Code())+len(p.Lines)*(1+len(f.Layout.Rationales[0])))
	}
	samples, err := f.Computer.Generate(ctx, f.Policy, prompts, g, nn.GenerateOptions{MaxNew: longest, TopP: 1})
	if err != nil {
		return nil, fmt.Errorf("foresight: %w", err)
	}
	out := make([][]Draw, len(ps))
	for i, group := range samples {
		for _, s := range group {
			a, logq := g.Read(ps[i], s)
			out[i] = append(out[i], Draw{a, logq})
		}
	}
	return out, nil
}

// Greedy annotates every program, at each slot by what is most probable there.
func (f Foresight) Greedy(ctx context.Context, ps []*trace.Program) ([]trace.Annotation, error) {
	f.Temperature = frozen
	draws, err := f.Draw(ctx, ps, 1, rand.New(rand.NewPCG(0, 0)))
	if err != nil {
		return nil, err
	}
	out := make([]trace.Annotation, len(ps))
	for i := range draws {
		out[i] = draws[i][0].Annotation
	}
	return out, nil
}
