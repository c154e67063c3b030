package rlvr

import (
	"context"
	"math"

	"ra3/core/nn"
	"ra3/core/trace"
)

// steps are what an update's optimiser steps had to say.
type steps struct {
	made     int
	norm     float64 // of the gradients, summed over steps
	gap      float64 // mean of |log pi of the sampler - of the trainer| at the first step, nats
	clipped  int     // tokens whose gradient the clip took, over the later steps
	weighted int     // tokens with a weight, over the later steps
	ratio    float64 // largest of the later steps
}

func (s steps) describe(m map[string]float64) {
	m["grad_norm"], m["clip_fraction"], m["ratio_max"] = 0, 0, 1
	if s.made > 0 {
		m["grad_norm"] = s.norm / float64(s.made)
		m["logp_gap"] = s.gap
	}
	if s.weighted > 0 {
		m["clip_fraction"] = float64(s.clipped) / float64(s.weighted)
		m["ratio_max"] = s.ratio
	}
}

// learn makes Epochs steps on the rollouts. Ratios are taken to what the trainer
// said at the first step, where they are 1. On an error nothing has changed.
func (t *Trainer) learn(ctx context.Context, all []rollout) (s steps, err error) {
	var seq trace.Sequences
	seq.Reset(t.Layout.Classes(t.Settings.Temperatures))
	var weights []float64 // by row
	var sampled []float32
	for i, w := range t.weights(all) {
		if w != nil {
			r := all[i]
			t.Layout.Tokens(&seq, r.problem.Prompt, r.sample.Tokens, r.sample.Classes, 0)
			weights, sampled = append(weights, w...), append(sampled, r.sample.LogP...)
		}
	}
	if len(weights) == 0 {
		return s, nil
	}
	rows := seq.Batch.Rows
	for i, w := range weights {
		rows[i].Weight = float32(w)
	}
	first, err := t.Computer.Gradient(ctx, t.Policy, &seq.Batch, t.Grad)
	if err != nil {
		return s, err
	}
	for i, p := range first {
		s.gap += math.Abs(float64(p.LogP)-float64(sampled[i])) / float64(len(first))
	}
	if t.Settings.Epochs > 1 {
		undo := t.remember()
		defer func() {
			if err != nil {
				undo()
			}
		}()
	}
	if err = t.step(&s); err != nil {
		return s, err
	}
	for range t.Settings.Epochs - 1 {
		now, err := t.Computer.Score(ctx, t.Policy, &seq.Batch, nn.ScoreOptions{})
		if err != nil {
			return s, err
		}
		for i, w := range weights {
			rows[i].Weight = 0
			if w == 0 {
				continue
			}
			ratio := ratioOf(now[i].LogP, first[i].LogP)
			factor, clipped := t.Settings.surrogate(w, ratio)
			rows[i].Weight = float32(factor)
			s.ratio = max(s.ratio, ratio)
			s.weighted++
			if clipped {
				s.clipped++
			}
		}
		if _, err = t.Computer.Gradient(ctx, t.Policy, &seq.Batch, t.Grad); err != nil {
			return s, err
		}
		if err = t.step(&s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// step moves the policy along t.Grad.
func (t *Trainer) step(s *steps) error {
	norm, err := t.Optimiser.Update(t.Policy.Params.Flat, t.Grad.Flat, t.Settings.LearningRate, t.Threads)
	if err != nil {
		return err
	}
	t.Policy.RefreshOn(t.Threads)
	s.made++
	s.norm += norm
	return nil
}

// remember copies what steps change and returns a function that puts it back.
func (t *Trainer) remember() (undo func()) {
	flat := append([]float32(nil), t.Policy.Params.Flat...)
	m, v, made := append([]float32(nil), t.Optimiser.M...), append([]float32(nil), t.Optimiser.V...), t.Optimiser.Step
	return func() {
		copy(t.Policy.Params.Flat, flat)
		copy(t.Optimiser.M, m)
		copy(t.Optimiser.V, v)
		t.Optimiser.Step = made
		t.Policy.RefreshOn(t.Threads)
	}
}
