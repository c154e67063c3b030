// Package rlvr is post-training with verifiable rewards: groups of programs are
// sampled for fresh problems, judged by running them, and the policy ascends
// the group-relative advantage of what passed.
package rlvr

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/nn"
	"ra3/core/optim"
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

// Credit says which tokens carry the policy gradient.
type Credit string

// Kinds of credit.
const (
	CreditAll       Credit = "all"
	CreditRationale Credit = "rationale" // decisions and rationales only
)

// Settings of post-training.
type Settings struct {
	Problems     int                `toml:"problems" json:"problems"`           // groups per update
	Group        int                `toml:"group" json:"group"`                 // samples a problem
	Rounds       int                `toml:"rounds" json:"rounds"`               // draws of problems per update, at most: groups without variance are replaced
	MaxTokens    int                `toml:"max_tokens" json:"max_tokens"`       // generated per sample; also the constant that token sums are divided by
	LearningRate float64            `toml:"learning_rate" json:"learning_rate"` // constant
	Credit       Credit             `toml:"credit" json:"credit"`
	Temperatures trace.Temperatures `toml:"temperatures" json:"temperatures"`
}

// Trainer post-trains one policy, strictly on-policy: one update per batch of
// samples, so there is no ratio and nothing to clip. The objective is dr_grpo's:
//
//	sum over samples of A * sum over tokens of log pi / (Problems * Group * MaxTokens)
//	A = r - mean of the group's other rewards (no division by the deviation)
type Trainer struct {
	Settings  Settings
	Policy    *nn.Model
	Layout    *trace.Layout
	Format    trace.Format
	Optimiser *optim.AdamW
	Computer  *nn.Computer
	Grad      *nn.Params
	Threads   int
	Judge     Judge
}

// rollout is one sampled body with its reward and advantage.
type rollout struct {
	problem   *trace.Problem
	sample    nn.Sample
	reward    float64
	advantage float64
}

// Update samples, judges and makes one update; draw gives fresh problems. An
// update in which no group has variance leaves the policy as it is. When ctx
// ends first nothing has changed.
func (t *Trainer) Update(ctx context.Context, draw func(*rand.Rand) (*trace.Problem, error), rng *rand.Rand) (map[string]float64, error) {
	m := map[string]float64{}
	var keep []rollout
	groups, mixed := 0, 0
	var all []rollout
	for round := 0; round < t.Settings.Rounds && mixed < t.Settings.Problems; round++ {
		batch, err := t.sample(ctx, draw, rng, t.Settings.Problems-mixed)
		if err != nil {
			return nil, fmt.Errorf("RLVR: %w", err)
		}
		all = append(all, batch...)
		for g := 0; g < len(batch); g += t.Settings.Group {
			group := batch[g : g+t.Settings.Group]
			groups++
			if leaveOneOut(group) {
				mixed++
				keep = append(keep, group...)
			}
		}
	}
	t.describe(m, all)
	m["zero_variance"] = 1 - float64(mixed)/float64(groups)
	m["groups"] = float64(groups)
	if len(keep) == 0 {
		m["grad_norm"] = 0
		return m, nil
	}
	norm, err := t.learn(ctx, keep)
	if err != nil {
		return nil, fmt.Errorf("RLVR: %w", err)
	}
	m["grad_norm"] = norm
	return m, nil
}

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

// leaveOneOut sets the group's advantages and reports whether they vary.
func leaveOneOut(group []rollout) bool {
	var sum float64
	for _, r := range group {
		sum += r.reward
	}
	varies := false
	for i := range group {
		r := &group[i]
		r.advantage = r.reward - (sum-r.reward)/float64(len(group)-1)
		varies = varies || r.reward != group[0].reward
	}
	return varies
}

func (t *Trainer) learn(ctx context.Context, keep []rollout) (float64, error) {
	var seq trace.Sequences
	seq.Reset(t.Layout.Classes(t.Settings.Temperatures))
	for _, r := range keep {
		w := float32(r.advantage / float64(t.Settings.Problems*t.Settings.Group*t.Settings.MaxTokens))
		from := len(seq.Batch.Rows)
		t.Layout.Tokens(&seq, r.problem.Prompt, r.sample.Tokens, r.sample.Classes, w)
		if t.Settings.Credit == CreditRationale && t.Format == trace.Slotted {
			for i := from; i < len(seq.Batch.Rows); i++ {
				if seq.Info[i].Part == trace.Code {
					seq.Batch.Rows[i].Weight = 0
				}
			}
		}
	}
	if _, err := t.Computer.Gradient(ctx, t.Policy, &seq.Batch, t.Grad); err != nil {
		return 0, err
	}
	norm, err := t.Optimiser.Update(t.Policy.Params.Flat, t.Grad.Flat, t.Settings.LearningRate, t.Threads)
	if err != nil {
		return 0, err
	}
	t.Policy.RefreshOn(t.Threads)
	return norm, nil
}

// describe logs what was sampled: mean reward, tokens, entropies by part.
func (t *Trainer) describe(m map[string]float64, all []rollout) {
	var entropy, count [3]float64
	unfinished := 0
	solved := map[*trace.Problem]bool{}
	for _, r := range all {
		m["reward"] += r.reward
		m["tokens"] += float64(len(r.sample.Tokens))
		if !r.sample.Finished {
			unfinished++
		}
		solved[r.problem] = solved[r.problem] || r.reward == 1
		for i, e := range r.sample.Entropy {
			part := trace.PartOfClass(r.sample.Classes[i])
			entropy[part] += float64(e)
			count[part]++
		}
	}
	m["reward"] /= float64(len(all))
	m["unfinished"] = float64(unfinished) / float64(len(all))
	some := 0
	for _, s := range solved {
		if s {
			some++
		}
	}
	m["solved_any"] = float64(some) / float64(len(solved)) // pass@group
	for part, n := range count {
		if n > 0 {
			m["entropy_"+trace.Part(part).String()] = entropy[part] / n
		}
	}
}
