package rlvr

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/trace"
)

func TestGroupsWithoutVarianceAreReplaced(t *testing.T) {
	s := settings()
	s.Rounds, s.LearningRate = 3, 1e-3
	// The hard problem is never solved; the easy one's samples always differ.
	n := 0
	tr := newTrainer(t, trace.Slotted, s, func(a Attempt) float64 {
		n++
		if a.Problem == hard {
			return 0
		}
		return float64(n % 2)
	})
	drawn := 0
	o, err := tr.Update(context.Background(), func(*rand.Rand) (*trace.Problem, error) {
		drawn++
		return []*trace.Problem{hard, hard, easy, hard, easy}[(drawn-1)%5], nil
	}, rand.New(rand.NewPCG(4, 4)))
	if err != nil {
		t.Fatal(err)
	}
	m := o.Measures
	if want := []Group{{hard, false}, {hard, false}, {easy, true}, {hard, false}, {easy, true}, {hard, false}}; !slices.Equal(o.Groups, want) {
		t.Errorf("groups %v, want %v", o.Groups, want)
	}
	// Rounds of 3, 2 and 1 groups: hard hard easy, hard easy, hard.
	near(t, "groups", m["groups"], 6, 0)
	near(t, "zero variance", m["zero_variance"], 4.0/6, 1e-12)
	near(t, "reward", m["reward"], 2.0/6*0.5, 1e-12)
	near(t, "solved by any", m["solved_any"], 2.0/6, 1e-12)
	if m["grad_norm"] <= 0 || tr.Optimiser.Step != 1 {
		t.Errorf("gradient norm %g, %d steps", m["grad_norm"], tr.Optimiser.Step)
	}

	// What was dropped is not counted: the gradient is that of the mixed groups.
	one := newTrainer(t, trace.Slotted, Settings{Problems: 3, Group: 4, Rounds: 1, MaxTokens: 12, Credit: CreditAll, Temperatures: unit}, firstIsA)
	keep, err := one.sample(context.Background(), always(easy), rand.New(rand.NewPCG(5, 5)), 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range keep {
		keep[i].reward = float64(i / 4 % 2 * i % 2) // groups without variance but for the middle one
	}
	rewards := make([]float64, len(keep))
	for i := range keep {
		rewards[i] = keep[i].reward
	}
	one.Judge = func(context.Context, []Attempt) ([]float64, error) { return rewards, nil }
	m = update(t, one, always(easy), rand.New(rand.NewPCG(5, 5)))
	near(t, "zero variance", m["zero_variance"], 2.0/3, 1e-12)
	got := slices.Clone(one.Grad.Flat)
	middle := keep[4:8]
	one.Settings.compare(middle)
	if _, err := one.learn(context.Background(), middle); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, one.Grad.Flat) {
		t.Error("groups without variance changed the gradient")
	}
}

func TestNothingLearntWithoutVariance(t *testing.T) {
	s := settings()
	s.Rounds, s.LearningRate = 2, 1e-2
	tr := newTrainer(t, trace.Slotted, s, func(Attempt) float64 { return 1 })
	before := slices.Clone(tr.Policy.Params.Flat)
	m := update(t, tr, always(easy), rand.New(rand.NewPCG(6, 6)))
	near(t, "reward", m["reward"], 1, 1e-12)
	if m["zero_variance"] != 1 || m["groups"] != 6 || m["grad_norm"] != 0 || m["solved_any"] != 1 {
		t.Errorf("%v", m)
	}
	if !slices.Equal(before, tr.Policy.Params.Flat) || tr.Optimiser.Step != 0 {
		t.Error("the policy changed")
	}
}

// Rounds end as soon as enough groups have variance.
func TestNoMoreRoundsThanNeeded(t *testing.T) {
	s := settings()
	s.Rounds = 5
	n := 0
	tr := newTrainer(t, trace.Slotted, s, func(Attempt) float64 { n++; return float64(n % 2) })
	if m := update(t, tr, always(easy), rand.New(rand.NewPCG(4, 4))); m["groups"] != 3 || m["zero_variance"] != 0 {
		t.Errorf("%v", m)
	}
}

func TestRewardRises(t *testing.T) {
	for _, c := range []struct {
		name   string
		format trace.Format
		change func(*Settings)
	}{
		{"slotted", trace.Slotted, func(*Settings) {}},
		{"plain", trace.Plain, func(*Settings) {}},
		{"group mean by token", trace.Slotted, func(s *Settings) { s.Advantage, s.Aggregation = GroupMean, PerToken }},
		{"deviations by sequence", trace.Slotted, func(s *Settings) { s.Std, s.Aggregation = true, PerSequence }},
		{"epochs and clip", trace.Slotted, func(s *Settings) { s.Epochs, s.Clip = 2, 0.2 }},
		{"replaced groups and a KL", trace.Slotted, func(s *Settings) { s.Rounds, s.KL = 2, 0.01 }},
	} {
		s := settings()
		s.Problems, s.Group, s.LearningRate = 4, 8, 3e-3
		c.change(&s)
		tr := newTrainer(t, c.format, s, func(a Attempt) float64 { // what the random policy seldom does
			if len(a.Code) > 0 && a.Code[0] == codeB {
				return 1
			}
			return 0
		})
		rng := rand.New(rand.NewPCG(7, 7))
		var first, last float64
		for i := range 60 {
			m := update(t, tr, always(easy), rng)
			if i < 5 {
				first += m["reward"] / 5
			}
			if i >= 55 {
				last += m["reward"] / 5
			}
		}
		t.Logf("%s: reward %.2f at first, %.2f at last", c.name, first, last)
		if first > 0.6 || last < 0.9 {
			t.Errorf("%s: reward went from %.2f to %.2f", c.name, first, last)
		}
	}
}

// The described measures, from what the judge was given.
func TestMeasures(t *testing.T) {
	tr := newTrainer(t, trace.Slotted, settings(), firstIsA)
	var seen []Attempt
	inner := tr.Judge
	tr.Judge = func(ctx context.Context, as []Attempt) ([]float64, error) {
		seen = append(seen, as...)
		return inner(ctx, as)
	}
	m := update(t, tr, always(easy), rand.New(rand.NewPCG(8, 8)))
	var reward float64
	for _, a := range seen {
		reward += firstIsA(a) / float64(len(seen))
	}
	near(t, "reward", m["reward"], reward, 1e-12)

	again, err := tr.sample(context.Background(), always(easy), rand.New(rand.NewPCG(8, 8)), 3)
	if err != nil {
		t.Fatal(err)
	}
	var tokens, unfinished, words, entropy float64
	for i, r := range again {
		tokens += float64(len(r.sample.Tokens))
		if !r.sample.Finished {
			unfinished += 1 / float64(len(again))
		}
		for j, id := range r.sample.Tokens {
			if id == wordP || id == wordQ {
				words++
				entropy += float64(r.sample.Entropy[j])
			}
		}
		if code := tr.Layout.Parse(r.sample.Tokens, r.sample.Classes).Code; !slices.Equal(code, seen[i].Code) || slices.ContainsFunc(code, func(id int32) bool { return id < newline || id > codeB }) {
			t.Errorf("the judge was given %v of %v", seen[i].Code, r.sample.Tokens)
		}
	}
	near(t, "tokens", m["tokens"], tokens, 0)
	near(t, "unfinished", m["unfinished"], unfinished, 1e-9)
	near(t, "rationale entropy", m["entropy_rationale"], entropy/words, 1e-6)
}

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

func TestUpdateStopsWithoutTrace(t *testing.T) {
	for _, epochs := range []int{1, 3} {
		stopsWithoutTrace(t, epochs)
	}
}

func stopsWithoutTrace(t *testing.T, epochs int) {
	s := settings()
	s.LearningRate, s.Epochs = 1e-2, epochs
	n := 0
	tr := newTrainer(t, trace.Slotted, s, func(Attempt) float64 { n++; return float64(n % 2) })
	before := slices.Clone(tr.Policy.Params.Flat)
	unchanged := func() bool {
		return tr.Optimiser.Step == 0 && slices.Equal(before, tr.Policy.Params.Flat) && slices.Max(tr.Optimiser.V) == 0
	}
	finished := false
	for checks := 0; checks < 100 && !finished; checks++ {
		_, err := tr.Update(&countdown{Context: context.Background(), left: checks}, always(easy), rand.New(rand.NewPCG(9, 9)))
		finished = err == nil
		if finished && checks == 0 {
			t.Error("a cancelled update was made")
		}
		if !finished && (!errors.Is(err, context.Canceled) || !unchanged()) {
			t.Fatalf("cancelled at check %d: error %v", checks, err)
		}
	}
	if !finished || tr.Optimiser.Step != epochs {
		t.Errorf("finished: %v, after %d steps, want %d", finished, tr.Optimiser.Step, epochs)
	}

	// Failures of the problems' source and of the judge are passed on.
	tr = newTrainer(t, trace.Slotted, s, firstIsA)
	broken := fmt.Errorf("broken")
	if _, err := tr.Update(context.Background(), func(*rand.Rand) (*trace.Problem, error) { return nil, broken }, rand.New(rand.NewPCG(9, 9))); !errors.Is(err, broken) {
		t.Errorf("error %v, want the source's", err)
	}
	// A judge that is interrupted after the samples were drawn.
	ctx, cancel := context.WithCancel(context.Background())
	tr.Judge = func(_ context.Context, as []Attempt) ([]float64, error) {
		cancel()
		rewards := make([]float64, len(as))
		rewards[0] = 1
		return rewards, nil
	}
	if _, err := tr.Update(ctx, always(easy), rand.New(rand.NewPCG(9, 9))); !errors.Is(err, context.Canceled) || !unchanged() {
		t.Errorf("error %v", err)
	}
	tr.Judge = func(context.Context, []Attempt) ([]float64, error) { return nil, broken }
	if _, err := tr.Update(context.Background(), always(easy), rand.New(rand.NewPCG(9, 9))); !errors.Is(err, broken) || !unchanged() {
		t.Errorf("error %v, want the judge's", err)
	}
}
