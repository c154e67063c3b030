package rlvr

import (
	"context"
	"math/rand/v2"

	"ra3/core/nn"
	"ra3/core/trace"
)

// Judge runs generated code against a problem's hidden tests and returns one
// reward in [0, 1] an attempt, in order.
type Judge func(ctx context.Context, attempts []Attempt) ([]float64, error)

// Attempt is a generated body for a problem.
type Attempt struct {
	Problem *trace.Problem
	Code    []int32
}

// rollout is one sampled body and what was found of it.
type rollout struct {
	problem   *trace.Problem
	sample    nn.Sample
	reward    float64
	advantage float64
	varies    bool      // the rewards of its group do
	drift     []float64 // log pi - log pi_0 of every token, nats; nil: not measured
}

// sample draws n problems and a group of judged bodies for each.
func (t *Trainer) sample(ctx context.Context, draw func(*rand.Rand) (*trace.Problem, error), rng *rand.Rand, n int) ([]rollout, error) {
	grammar := t.Layout.Grammar(t.Format, t.Settings.Temperatures)
	problems := make([]*trace.Problem, n)
	prompts := make([]nn.Prompt, n)
	for i := range prompts {
		p, err := draw(rng)
		if err != nil {
			return nil, err
		}
		problems[i] = p
		prompts[i] = nn.Prompt{Tokens: p.Prompt, Start: grammar.Start()}
		for range t.Settings.Group {
			prompts[i].Seeds = append(prompts[i].Seeds, rng.Uint64())
		}
	}
	samples, err := t.Computer.Generate(ctx, t.Policy, prompts, grammar, nn.GenerateOptions{MaxNew: t.Settings.MaxTokens, TopP: 1})
	if err != nil {
		return nil, err
	}
	var out []rollout
	var attempts []Attempt
	for i, group := range samples {
		for _, s := range group {
			out = append(out, rollout{problem: problems[i], sample: s})
			attempts = append(attempts, Attempt{problems[i], t.Layout.Parse(s.Tokens, s.Classes).Code})
		}
	}
	rewards, err := t.Judge(ctx, attempts)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].reward = rewards[i]
	}
	return out, nil
}

// credited reports whether a token drawn from a class carries the gradient.
// Where there are
// no rationales there is only code to credit.
func (t *Trainer) credited(class int32) bool {
	return t.Settings.Credit != CreditRationale || t.Format != trace.Slotted || trace.PartOfClass(class) != trace.Code
}

// describe measures what was sampled: mean reward, solved groups, entropies.
func (t *Trainer) describe(all []rollout) map[string]float64 {
	m := map[string]float64{"reward": 0, "tokens": 0}
	var entropy, count [3]float64
	unfinished, groups, solved, flat := 0, 0, 0, 0
	for g := 0; g < len(all); g += t.Settings.Group {
		some := false
		for _, r := range all[g : g+t.Settings.Group] {
			m["reward"] += r.reward
			m["tokens"] += float64(len(r.sample.Tokens))
			some = some || r.reward == 1
			if !r.sample.Finished {
				unfinished++
			}
			for i, e := range r.sample.Entropy {
				part := trace.PartOfClass(r.sample.Classes[i])
				entropy[part] += float64(e)
				count[part]++
			}
		}
		groups++
		if some {
			solved++
		}
		if !all[g].varies {
			flat++
		}
	}
	m["reward"] /= float64(len(all))
	m["unfinished"] = float64(unfinished) / float64(len(all))
	m["solved_any"] = float64(solved) / float64(groups) // pass@group
	m["groups"] = float64(groups)
	m["zero_variance"] = 1 - float64(groups-flat)/float64(groups)
	for part, n := range count {
		if n > 0 {
			m["entropy_"+trace.Part(part).String()] = entropy[part] / n
		}
	}
	return m
}
