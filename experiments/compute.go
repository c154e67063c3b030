package experiments

import (
	"context"
	"math"

	"ra3/core/trace"
)

// backward is the cost of a gradient in forward passes over the same tokens.
const backward = 3

// equalCompute is the number of updates that give the NTP lane RA3's compute:
// mid-training's own, and what RA3 spends on its sampler's start, on annotating
// the corpus and in E-steps, counted in forward passes of tokens. Both models
// have one shape. Lengths come from a sample of the first seed's traces.
func equalCompute(ctx context.Context, w *World, c Config) (int, error) {
	sample := c
	sample.Mid.Traces = min(c.Mid.Traces, 64)
	ps, err := (corpus{w, sample, c.Seed}).mid(ctx)
	if err != nil {
		return 0, err
	}
	var plain, slotted float64
	for _, p := range ps {
		var seq trace.Sequences
		w.Layout.Policy(&seq, p, nil, 0, 0)
		plain += float64(len(seq.Batch.Tokens)) / float64(len(ps))
		w.Layout.Policy(&seq, p, w.truth(p), 0, 0)
		slotted += float64(len(seq.Batch.Tokens)) / float64(len(ps))
	}
	slotted -= plain // both were counted
	start := backward * float64(c.Sampler.Updates*c.Sampler.Tokens)
	annotate := float64((1+c.RA3.Iterations)*c.Mid.Traces) * plain
	// An E-step update: posterior and gradient of the sampler, a score of every
	// sample (also of those drawn twice, which are scored once: NTP gets the
	// larger count), and the initial sampler's posterior where it is held to that.
	passes := 1.0 + backward
	if c.RA3.Anchor > 0 {
		passes++
	}
	e := float64(c.RA3.Iterations*c.RA3.EUpdates*c.RA3.EBatch) * (passes*plain + float64(c.RA3.Group)*slotted)
	if c.RA3.foresight() {
		// Nothing is started; annotations are generated with their rationales, and
		// what an E-step draws is drawn, scored and learned from.
		start, annotate = 0, annotate/plain*slotted
		e = float64(c.RA3.Iterations*c.RA3.EUpdates*c.RA3.EBatch*c.RA3.Group) * (2 + backward) * slotted
	}
	return c.Mid.Updates + int(math.Ceil((start+annotate+e)/float64(backward*c.Mid.Tokens))), nil
}

// midUpdates is the number of a lane's mid-training updates.
func (c Config) midUpdates(lane string) int {
	if lane == "ntp-compute" {
		return c.Mid.ComputeUpdates
	}
	return c.Mid.Updates
}
