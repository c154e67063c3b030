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

func TestClippedSurrogateByHand(t *testing.T) {
	for _, c := range []struct {
		clip, high, w, ratio, factor float64
		clipped                      bool
	}{
		{0, 0, 2, 5, 10, false},
		{0, 0, -2, 0.1, -0.2, false},
		{0.2, 0, 2, 1, 2, false},
		{0.2, 0, 2, 1.1, 2.2, false},
		{0.2, 0, 2, 1.3, 0, true},      // already likelier than it may become
		{0.2, 0, 2, 0.5, 1, false},     // less likely: the minimum keeps the gradient
		{0.2, 0, -2, 0.7, 0, true},     // already less likely than it may become
		{0.2, 0, -2, 1.5, -3, false},   // likelier: pushed back in full
		{0.2, 0.4, 2, 1.3, 2.6, false}, // room above
		{0.2, 0.4, 2, 1.5, 0, true},
		{0.2, 0.4, -2, 0.7, 0, true},
	} {
		factor, clipped := Settings{Clip: c.clip, ClipHigh: c.high}.surrogate(c.w, c.ratio)
		near(t, "factor", factor, c.factor, 1e-12)
		if clipped != c.clipped {
			t.Errorf("%+v: clipped is %v", c, clipped)
		}
		// The factor is the surrogate's slope in log ratio.
		value := func(x float64) float64 { return clippedValue(Settings{Clip: c.clip, ClipHigh: c.high}, c.w, x) }
		const h = 1e-6
		near(t, "slope", (value(c.ratio*math.Exp(h))-value(c.ratio*math.Exp(-h)))/(2*h), c.factor, 1e-8)
	}
}

// clippedValue is min(ratio*w, clip(ratio)*w).
func clippedValue(s Settings, w, ratio float64) float64 {
	if s.Clip == 0 {
		return w * ratio
	}
	high := s.ClipHigh
	if high == 0 {
		high = s.Clip
	}
	return min(w*ratio, w*min(max(ratio, 1-s.Clip), 1+high))
}

// Two groups of two, the second without variance; codes of 2 and 3 tokens,
// with slots and rationales 5 and 9 in all.
func TestWeightsByHand(t *testing.T) {
	body := func(slots, code int) nn.Sample {
		var s nn.Sample
		for range slots {
			s.Tokens, s.Classes = append(s.Tokens, think), append(s.Classes, 1)
		}
		for range code {
			s.Tokens, s.Classes = append(s.Tokens, codeA), append(s.Classes, 0)
		}
		return s
	}
	all := []rollout{
		{sample: body(3, 2), advantage: 1, varies: true},
		{sample: body(6, 3), advantage: -1, varies: true},
		{sample: body(3, 4)},
		{sample: body(3, 1)},
	}
	for _, c := range []struct {
		aggregation Aggregation
		credit      Credit
		first, next float64 // weights of a slot in the first two bodies
	}{
		{"", CreditAll, 1.0 / 48, -1.0 / 48},
		{PerConstant, CreditRationale, 1.0 / 48, -1.0 / 48},
		{PerToken, CreditAll, 1.0 / 14, -1.0 / 14},
		{PerToken, CreditRationale, 1.0 / 9, -1.0 / 9},
		{PerSequence, CreditAll, 1.0 / 10, -1.0 / 18},
		{PerSequence, CreditRationale, 1.0 / 6, -1.0 / 12},
	} {
		s := settings()
		s.Problems, s.Group, s.Aggregation, s.Credit = 2, 2, c.aggregation, c.credit
		w := newTrainer(t, trace.Slotted, s, firstIsA).weights(all)
		if w[2] != nil || w[3] != nil {
			t.Errorf("%+v: groups without variance have weights", c)
		}
		for i, want := range []float64{c.first, c.next} {
			for j, class := range all[i].sample.Classes {
				if class == 0 && c.credit == CreditRationale {
					near(t, "code without credit", w[i][j], 0, 0)
				} else {
					near(t, string(c.aggregation)+" weight", w[i][j], want, 1e-15)
				}
			}
		}
	}
}

// objective is the surrogate's value at the policy as it stands: the sum over
// tokens of min(ratio*w, clip(ratio)*w) against the log-probabilities then.
func objective(t *testing.T, tr *Trainer, all []rollout, weights [][]float64, then [][]nn.Prediction) float64 {
	t.Helper()
	scratch := params(t, tr.Policy)
	var sum float64
	for i, w := range weights {
		if w == nil {
			continue
		}
		for j, p := range logPi(t, tr, all[i], func(trace.Part) bool { return false }, scratch) {
			sum += clippedValue(tr.Settings, w[j], math.Exp(float64(p.LogP)-float64(then[i][j].LogP)))
		}
	}
	return sum
}

// The gradient of every objective, at the first and at the second step on a
// batch, by central differences of its value.
func TestObjectivesByDifferences(t *testing.T) {
	for name, change := range map[string]func(*Settings){
		"default":            func(*Settings) {},
		"token":              func(s *Settings) { s.Aggregation = PerToken },
		"sequence, credit":   func(s *Settings) { s.Aggregation, s.Credit = PerSequence, CreditRationale },
		"KL":                 func(s *Settings) { s.KL = 0.3 },
		"KL, credit":         func(s *Settings) { s.KL, s.Credit = 0.3, CreditRationale },
		"KL, sequence":       func(s *Settings) { s.KL, s.Aggregation = 0.3, PerSequence },
		"second step":        func(s *Settings) { s.Epochs = 2 },
		"clipped":            func(s *Settings) { s.Epochs, s.Clip = 2, 0.1 },
		"clipped apart, KL":  func(s *Settings) { s.Epochs, s.Clip, s.ClipHigh, s.KL = 2, 0.05, 0.2, 0.3 },
		"clipped, by token":  func(s *Settings) { s.Epochs, s.Clip, s.Aggregation = 2, 0.1, PerToken },
		"third step, credit": func(s *Settings) { s.Epochs, s.Clip, s.Credit = 3, 0.2, CreditRationale },
	} {
		t.Run(name, func(t *testing.T) {
			s := settings()
			s.Temperatures, s.LearningRate, s.Problems, s.Group = warm, 0.02, 2, 5
			change(&s)
			tr := newTrainer(t, trace.Slotted, s, firstIsA)
			for i := range tr.Initial.Params.Flat {
				tr.Initial.Params.Flat[i] *= 0.9
			}
			tr.Initial.Refresh()
			all := rollouts(t, tr)
			if err := tr.drift(context.Background(), all); err != nil {
				t.Fatal(err)
			}
			weights := tr.weights(all)
			then := make([][]nn.Prediction, len(all))
			for i, r := range all {
				then[i] = logPi(t, tr, r, func(trace.Part) bool { return false }, params(t, tr.Policy))
			}
			start := slices.Clone(tr.Policy.Params.Flat)
			made, err := tr.learn(context.Background(), all)
			if err != nil {
				t.Fatal(err)
			}
			grad := slices.Clone(tr.Grad.Flat)
			if s.Clip > 0 && made.clipped == 0 {
				t.Error("nothing was clipped: nothing is tested")
			}

			// Back to where the last step's gradient was taken.
			copy(tr.Policy.Params.Flat, start)
			tr.Policy.Refresh()
			if s.Epochs > 1 {
				before := *tr
				before.Settings.Epochs = s.Epochs - 1
				before.Optimiser = newTrainer(t, trace.Slotted, s, firstIsA).Optimiser
				if _, err := before.learn(context.Background(), all); err != nil {
					t.Fatal(err)
				}
			}
			flat := tr.Policy.Params.Flat
			start = slices.Clone(flat)
			var norm float64
			for _, v := range grad {
				norm += float64(v) * float64(v)
			}
			norm = math.Sqrt(norm)
			rng := rand.New(rand.NewPCG(3, 3))
			for n := range 5 {
				d := make([]float64, len(grad))
				var size, slope float64
				for i := range d {
					d[i] = -float64(grad[i]) // of the loss
					if n > 0 {
						d[i] = rng.NormFloat64()
					}
					size += d[i] * d[i]
				}
				for i := range d {
					d[i] /= math.Sqrt(size)
					slope -= d[i] * float64(grad[i])
				}
				at := func(h float64) float64 {
					for i := range flat {
						flat[i] = start[i] + float32(h*d[i])
					}
					tr.Policy.Refresh()
					return objective(t, tr, all, weights, then)
				}
				const h = 0.003
				near(t, "slope", (at(h)-at(-h))/(2*h), slope, 1e-2*norm)
			}
		})
	}
}

// What is said of a batch's later steps, from the log-probabilities before and
// after the first.
func TestMeasuresOfLaterSteps(t *testing.T) {
	s := settings()
	s.LearningRate, s.Epochs, s.Clip = 0.01, 2, 0.1
	tr := newTrainer(t, trace.Slotted, s, firstIsA)
	all := rollouts(t, tr)
	var then, now [][]nn.Prediction
	scratch := params(t, tr.Policy)
	none := func(trace.Part) bool { return false }
	for _, r := range all {
		then = append(then, logPi(t, tr, r, none, scratch))
	}
	weights := tr.weights(all)
	once := newTrainer(t, trace.Slotted, s, firstIsA)
	once.Settings.Epochs = 1
	if _, err := once.learn(context.Background(), all); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		now = append(now, logPi(t, once, r, none, scratch))
	}
	made, err := tr.learn(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	var largest, clipped, n float64
	for i, w := range weights {
		for j := range w {
			ratio := math.Exp(float64(now[i][j].LogP) - float64(then[i][j].LogP))
			largest = max(largest, ratio)
			n++
			if w[j] > 0 && ratio > 1.1 || w[j] < 0 && ratio < 0.9 {
				clipped++
			}
		}
	}
	m := map[string]float64{}
	made.describe(m)
	near(t, "largest ratio", m["ratio_max"], largest, 1e-5)
	near(t, "clipped", m["clip_fraction"], clipped/n, 1e-12)
	if clipped == 0 || m["logp_gap"] > 1e-5 {
		t.Errorf("%g clipped, gap %g", clipped, m["logp_gap"])
	}

	// Off-policy, the gap is the distance between what sampled and what learns.
	off := newTrainer(t, trace.Slotted, s, firstIsA)
	for i := range off.Policy.Params.Head {
		off.Policy.Params.Head[i] *= 1.1
	}
	off.Policy.Refresh()
	if made, err = off.learn(context.Background(), all); err != nil || made.gap < 1e-3 {
		t.Errorf("gap %g, %v: a changed policy is not noticed", made.gap, err)
	}
}
