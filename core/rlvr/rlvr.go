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

// Trainer post-trains one policy. By default it is strictly on-policy, one step
// per batch of samples, and the objective is dr_grpo's:
//
//	sum over samples of A * sum over tokens of log pi / (Problems * Group * MaxTokens)
//	A = r - mean of the group's other rewards (no division by the deviation)
//
// Settings give the other objectives in use. All log-probabilities, the KL's
// too, are those of the distributions sampled from: at the temperatures of the
// settings.
type Trainer struct {
	Settings  Settings
	Policy    *nn.Model
	Initial   *nn.Model // the policy before post-training; needed for a KL only
	MeasureKL bool      // measure the KL to Initial although it has no part in the objective
	Layout    *trace.Layout
	Format    trace.Format
	Optimiser *optim.AdamW
	Computer  *nn.Computer
	Grad      *nn.Params
	Threads   int
	Judge     Judge
}

// Outcome of an update.
type Outcome struct {
	Measures map[string]float64
	Groups   []Group // in the order they were drawn
}

// Group is what came of a problem's samples.
type Group struct {
	Problem *trace.Problem
	Varies  bool // its rewards differ, so that there is something to learn
}

// Update samples, judges and makes one update, of Epochs steps; draw gives fresh
// problems. Groups without variance are replaced by fresh ones, in at most
// Rounds draws. An update in which no group has variance leaves the policy as it
// is, unless a KL pulls at it. On an error, ctx's included, nothing has changed.
func (t *Trainer) Update(ctx context.Context, draw func(*rand.Rand) (*trace.Problem, error), rng *rand.Rand) (Outcome, error) {
	all, err := t.collect(ctx, draw, rng)
	if err != nil {
		return Outcome{}, fmt.Errorf("RLVR: %w", err)
	}
	o := Outcome{Measures: t.describe(all)}
	for g := 0; g < len(all); g += t.Settings.Group {
		o.Groups = append(o.Groups, Group{all[g].problem, all[g].varies})
	}
	if t.Settings.KL > 0 || t.MeasureKL {
		if err := t.drift(ctx, all); err != nil {
			return Outcome{}, fmt.Errorf("RLVR: %w", err)
		}
		o.Measures["kl"] = divergence(all)
	}
	steps, err := t.learn(ctx, all)
	if err != nil {
		return Outcome{}, fmt.Errorf("RLVR: %w", err)
	}
	steps.describe(o.Measures)
	return o, nil
}

// collect draws and samples until Problems groups have variance or Rounds draws
// were made; rollouts come group by group.
func (t *Trainer) collect(ctx context.Context, draw func(*rand.Rand) (*trace.Problem, error), rng *rand.Rand) ([]rollout, error) {
	var all []rollout
	mixed := 0
	for round := 0; round < t.Settings.Rounds && mixed < t.Settings.Problems; round++ {
		batch, err := t.sample(ctx, draw, rng, t.Settings.Problems-mixed)
		if err != nil {
			return nil, err
		}
		for g := 0; g < len(batch); g += t.Settings.Group {
			group := batch[g : g+t.Settings.Group]
			t.Settings.compare(group)
			if group[0].varies {
				mixed++
			}
		}
		all = append(all, batch...)
	}
	return all, nil
}
