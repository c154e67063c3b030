package ra3

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/nn"
	"ra3/core/trace"
)

// countdown is a context that is done after its error was asked for left times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// mixed draws annotated and plain examples of one to four lines.
func mixed(rng *rand.Rand) Example {
	lines := []string{"ab", "c", "bbca", "ra"}[rng.IntN(4):]
	x := Example{Program: program(lines...)}
	if rng.IntN(3) > 0 {
		x.Annotation = make(trace.Annotation, len(lines))
		for i := range lines {
			x.Annotation[i] = rng.IntN(latents+1) - 1
		}
		x.Annotation[0] = rng.IntN(latents)
	}
	return x
}

// One update's tokens, losses and gradient, computed apart from what was drawn.
func TestMStepOfOneUpdate(t *testing.T) {
	for _, budget := range []int{1, 30, 100, 700} {
		w := newToy(t, 10)
		m := w.mStep(t, budget)
		before := slices.Clone(w.policy.Params.Flat)
		var drawn []Example
		got, err := m.Update(context.Background(), func(rng *rand.Rand) Example {
			drawn = append(drawn, mixed(rng))
			return drawn[len(drawn)-1]
		}, 0, w.rng)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(before, w.policy.Params.Flat) {
			t.Fatal("an update at learning rate 0 changed the policy")
		}
		// All that was drawn was used, but the last, which did not fit.
		used, tokens := drawn[:len(drawn)-1], 0
		sizes := make([]int, len(drawn))
		for i, x := range drawn {
			sizes[i] = len(x.Program.Prompt) + len(x.Program.Code()) - 1
			for _, u := range x.Annotation {
				sizes[i]++
				if u != trace.Act {
					sizes[i]++
				}
			}
			if i < len(used) {
				tokens += sizes[i]
			}
		}
		near(t, "tokens", got["tokens"], float64(tokens), 0)
		if tokens > budget && len(used) > 1 || tokens+sizes[len(used)] <= budget {
			t.Errorf("budget %d: %d examples of %d tokens, the next has %d", budget, len(used), tokens, sizes[len(used)])
		}

		k := nn.NewComputer(w.policy.Config, 1)
		var nats, count [3]float64
		want := make([]float64, len(m.Grad.Flat))
		one := params(t, w.policy)
		for _, x := range used {
			var seq trace.Sequences
			seq.Reset(w.layout.Classes(trace.Unit()))
			w.layout.Policy(&seq, x.Program, x.Annotation, 0, 1)
			preds, err := k.Gradient(context.Background(), w.policy, &seq.Batch, one)
			if err != nil {
				t.Fatal(err)
			}
			for j, v := range one.Flat {
				want[j] += float64(v)
			}
			for i, p := range preds {
				nats[seq.Info[i].Part] -= float64(p.LogP)
				count[seq.Info[i].Part]++
			}
		}
		rows := count[0] + count[1] + count[2]
		for j, v := range want {
			if math.Abs(float64(m.Grad.Flat[j])-v/rows) > 2e-6 {
				t.Fatalf("budget %d: gradient %d is %g, want the mean over rows %g", budget, j, m.Grad.Flat[j], v/rows)
			}
		}
		near(t, "nats per program", got["nats_program"], (nats[0]+nats[1]+nats[2])/float64(len(used)), 1e-4)
		for part := range nats {
			name := "loss_" + trace.Part(part).String()
			v, ok := got[name]
			if ok != (count[part] > 0) {
				t.Errorf("%s logged: %v, of %g rows", name, ok, count[part])
			}
			if ok {
				near(t, name, v, nats[part]/count[part], 1e-5)
			}
		}
	}
}

func TestMStepFillsTheBudget(t *testing.T) {
	x := Example{Program: program("ab", "ra")} // 6 tokens with the prompt
	for budget, want := range map[int]float64{17: 12, 18: 18, 19: 18} {
		w := newToy(t, 14)
		got, err := w.mStep(t, budget).Update(context.Background(), func(*rand.Rand) Example { return x }, 0, w.rng)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "tokens", got["tokens"], want, 0)
	}
}

func TestMStepLowersTheLoss(t *testing.T) {
	w := newToy(t, 11)
	m := w.mStep(t, 300)
	var first, last float64
	for i := range 50 {
		got, err := m.Update(context.Background(), mixed, 5e-3, w.rng)
		if err != nil {
			t.Fatal(err)
		}
		if i < 5 {
			first += got["loss_code"] / 5
		}
		if i >= 45 {
			last += got["loss_code"] / 5
		}
	}
	t.Logf("code loss %.3f at first, %.3f at last", first, last)
	if last > 0.6*first {
		t.Errorf("code loss went from %.3f to %.3f in 50 updates", first, last)
	}
}

// A gap moves bodies away from their prompts for some examples: the tokens stay,
// the losses differ, and positions stay within the gap's bound.
func TestMStepGaps(t *testing.T) {
	x := Example{Program: program("ab", "c", "ra"), Annotation: trace.Annotation{0, trace.Act, 1}}
	draw := func(*rand.Rand) Example { return x }
	losses := map[float64]bool{}
	for seed := range uint64(12) {
		w := newToy(t, 12)
		m := w.mStep(t, 1)
		m.MaxGap = 60
		got, err := m.Update(context.Background(), draw, 0, rand.New(rand.NewPCG(seed, 1)))
		if err != nil {
			t.Fatal(err)
		}
		losses[got["nats_program"]] = true
	}
	if len(losses) < 4 {
		t.Errorf("%d different losses over 12 draws of gaps", len(losses))
	}
}

func TestMStepStopsWithoutTrace(t *testing.T) {
	w := newToy(t, 13)
	m := w.mStep(t, 400)
	for range 2 { // moments that are not zero
		if _, err := m.Update(context.Background(), mixed, 1e-3, w.rng); err != nil {
			t.Fatal(err)
		}
	}
	params, first, second := slices.Clone(w.policy.Params.Flat), slices.Clone(m.Optimiser.M), slices.Clone(m.Optimiser.V)
	for checks := range 40 {
		_, err := m.Update(&countdown{Context: context.Background(), left: checks}, mixed, 1e-3, w.rng)
		if err == nil {
			if checks == 0 {
				t.Error("a cancelled update was made")
			}
			return
		}
		if !errors.Is(err, context.Canceled) || m.Optimiser.Step != 2 || !slices.Equal(params, w.policy.Params.Flat) ||
			!slices.Equal(first, m.Optimiser.M) || !slices.Equal(second, m.Optimiser.V) {
			t.Fatalf("cancelled at check %d: error %v, something changed", checks, err)
		}
	}
	t.Error("the update never came to its end")
}
