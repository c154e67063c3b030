package rlvr

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/nn"
	"ra3/core/trace"
)

// rollouts are real samples of two problems with made-up advantages.
func rollouts(t *testing.T, tr *Trainer) []rollout {
	t.Helper()
	n := 0
	keep, err := tr.sample(context.Background(), func(*rand.Rand) (*trace.Problem, error) {
		n++
		return []*trace.Problem{easy, hard}[n%2], nil
	}, rand.New(rand.NewPCG(2, 2)), 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range keep {
		keep[i].advantage, keep[i].varies = []float64{0.75, -0.25, -1, 0.5, 1.25}[i%5], true
	}
	return keep
}

// logPi is the log-probability of every token of a rollout at the trainer's
// temperatures: tokens are written into a sequence by hand, and their classes
// found by walking the grammar. Weights are given to the tokens that count.
func logPi(t *testing.T, tr *Trainer, r rollout, counts func(trace.Part) bool, g *nn.Params) []nn.Prediction {
	t.Helper()
	grammar := tr.Layout.Grammar(tr.Format, tr.Settings.Temperatures)
	b := &nn.Batch{Classes: grammar.Classes()}
	b.Append(slices.Concat(r.problem.Prompt, r.sample.Tokens), 0)
	state := grammar.Start()
	for i, id := range r.sample.Tokens {
		class := int32(grammar.Class(state))
		row := nn.Row{Index: int32(len(r.problem.Prompt) + i - 1), Target: id, Class: class}
		if counts(trace.PartOfClass(class)) {
			row.Weight = 1
		}
		b.Rows = append(b.Rows, row)
		state = grammar.Next(state, id)
	}
	preds, err := nn.NewComputer(tr.Policy.Config, 1).Gradient(context.Background(), tr.Policy, b, g)
	if err != nil {
		t.Fatal(err)
	}
	return preds
}

// The update's gradient is sum A * grad log pi / (N * MaxTokens), at each part's
// temperature, over the tokens that carry credit.
func TestLearnIsThePolicyGradient(t *testing.T) {
	everything := func(trace.Part) bool { return true }
	for _, c := range []struct {
		format trace.Format
		credit Credit
		temps  trace.Temperatures
		counts func(trace.Part) bool
	}{
		{trace.Slotted, CreditAll, unit, everything},
		{trace.Slotted, CreditAll, warm, everything},
		{trace.Slotted, CreditRationale, warm, func(p trace.Part) bool { return p != trace.Code }},
		{trace.Plain, CreditAll, warm, everything},
		{trace.Plain, CreditRationale, warm, everything}, // without slots there is only code to credit
	} {
		s := settings()
		s.Credit, s.Temperatures, s.LearningRate = c.credit, c.temps, 0
		tr := newTrainer(t, c.format, s, firstIsA)
		keep := rollouts(t, tr)
		made, err := tr.learn(context.Background(), keep)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, len(tr.Grad.Flat))
		g := params(t, tr.Policy)
		var squares float64
		for _, r := range keep {
			logPi(t, tr, r, c.counts, g) // g is the gradient of -log pi
			for i, v := range g.Flat {
				want[i] += r.advantage * float64(v) / float64(s.Problems*s.Group*s.MaxTokens)
			}
		}
		for i, v := range want {
			squares += v * v
			if math.Abs(float64(tr.Grad.Flat[i])-v) > 2e-6 {
				t.Fatalf("format %v, credit %s: gradient %d is %g, want %g", c.format, c.credit, i, tr.Grad.Flat[i], v)
			}
		}
		near(t, "norm", made.norm, math.Sqrt(squares), 1e-5)
		if squares < 1e-4 {
			t.Errorf("the gradient's norm is %g: nothing is tested", math.Sqrt(squares))
		}
	}
}

// On-policy in fact: what the sampler says of its tokens is what the trainer
// scores, at temperatures that are not 1.
func TestSamplerAndTrainerAgree(t *testing.T) {
	for _, format := range []trace.Format{trace.Slotted, trace.Plain} {
		s := settings()
		s.Temperatures, s.Group, s.MaxTokens = warm, 20, 30
		tr := newTrainer(t, format, s, firstIsA)
		keep := rollouts(t, tr)
		var seq trace.Sequences
		seq.Reset(tr.Layout.Classes(warm))
		for _, r := range keep {
			tr.Layout.Tokens(&seq, r.problem.Prompt, r.sample.Tokens, r.sample.Classes, 1)
		}
		preds, err := tr.Computer.Score(context.Background(), tr.Policy, &seq.Batch, nn.ScoreOptions{Entropy: true})
		if err != nil {
			t.Fatal(err)
		}
		row := 0
		for _, r := range keep {
			byHand := logPi(t, tr, r, func(trace.Part) bool { return true }, tr.Grad)
			for i := range r.sample.Tokens {
				near(t, "log pi", float64(r.sample.LogP[i]), float64(preds[row].LogP), 2e-5)
				near(t, "log pi by hand", float64(r.sample.LogP[i]), float64(byHand[i].LogP), 2e-5)
				near(t, "entropy", float64(r.sample.Entropy[i]), float64(preds[row].Entropy), 5e-5)
				row++
			}
		}
		if row != len(preds) || row < 200 {
			t.Errorf("%d tokens, %d rows", row, len(preds))
		}
	}
}
