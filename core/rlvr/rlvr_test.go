package rlvr

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/token"
	"ra3/core/trace"
)

// Tokens of the toy vocabulary.
const (
	rev int32 = iota
	act
	think
	newline
	ret
	codeA
	codeB
	wordP
	wordQ
	ask
	tell
	vocabulary
)

var (
	unit = trace.Unit()
	warm = trace.Temperatures{Code: 0.7, Decision: 1.6, Rationale: 2.5}
)

// newTrainer is a random policy over the toy vocabulary, judged by judge.
func newTrainer(t testing.TB, f trace.Format, s Settings, judge func(Attempt) float64) *Trainer {
	v, err := token.New([]string{"<rev>", "<act>", "<think>", "\n", "return ", "a", "b", " p", " q", "do:", "tell:"},
		[]token.Kind{token.Special, token.Decision, token.Decision, token.Code, token.Code, token.Code, token.Code, token.Word, token.Word, token.Frame, token.Frame})
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.NewRandom(nn.Config{Vocab: int(vocabulary), Out: int(vocabulary), Dim: 16, Layers: 2, Heads: 2, KVHeads: 1, FF: 24, Theta: 1e4, Eps: 1e-5, MaxPos: 64}, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return &Trainer{Settings: s, Policy: m, Format: f, Threads: 1,
		Layout:    trace.NewLayout(v, act, think, rev, newline, ret, [][]int32{{wordP, wordQ}, {wordQ, wordP}}),
		Optimiser: optim.New(len(m.Params.Flat), optim.Default()), Computer: nn.NewComputer(m.Config, 1), Grad: params(t, m),
		Judge: func(ctx context.Context, as []Attempt) ([]float64, error) {
			rewards := make([]float64, len(as))
			for i, a := range as {
				rewards[i] = judge(a)
			}
			return rewards, nil
		}}
}

func params(t testing.TB, m *nn.Model) *nn.Params {
	p, err := nn.NewParams(m.Config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func settings() Settings {
	return Settings{Problems: 3, Group: 4, Rounds: 1, MaxTokens: 12, Credit: CreditAll, Temperatures: unit}
}

var easy, hard = &trace.Problem{Prompt: []int32{ask, wordP}}, &trace.Problem{Prompt: []int32{tell}}

// always draws the same problem.
func always(p *trace.Problem) func(*rand.Rand) (*trace.Problem, error) {
	return func(*rand.Rand) (*trace.Problem, error) { return p, nil }
}

// firstIsA rewards programs whose first token is a.
func firstIsA(a Attempt) float64 {
	if len(a.Code) > 0 && a.Code[0] == codeA {
		return 1
	}
	return 0
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.9g, want %.9g within %g", what, got, want, tolerance)
	}
}

func TestLeaveOneOut(t *testing.T) {
	group := []rollout{{reward: 1}, {reward: 0}, {reward: 0.5}, {reward: 0}}
	if !leaveOneOut(group) {
		t.Error("unequal rewards do not vary")
	}
	var sum float64
	for i, want := range []float64{1 - 0.5/3, -0.5, 0.5 - 1.0/3, -0.5} {
		near(t, "advantage", group[i].advantage, want, 1e-12)
		sum += group[i].advantage
	}
	near(t, "sum", sum, 0, 1e-12)
	for _, r := range []float64{0, 1} {
		group = []rollout{{reward: r}, {reward: r}, {reward: r}}
		if leaveOneOut(group) || group[1].advantage != 0 {
			t.Errorf("equal rewards %g vary, or have advantage %g", r, group[1].advantage)
		}
	}
}

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
	m, err := tr.Update(context.Background(), func(*rand.Rand) (*trace.Problem, error) {
		drawn++
		return []*trace.Problem{hard, hard, easy, hard, easy}[(drawn-1)%5], nil
	}, rand.New(rand.NewPCG(4, 4)))
	if err != nil {
		t.Fatal(err)
	}
	// Rounds of 3, 2 and 1 groups: hard hard easy, hard easy, hard.
	near(t, "groups", m["groups"], 6, 0)
	near(t, "zero variance", m["zero_variance"], 4.0/6, 1e-12)
	near(t, "reward", m["reward"], 2.0/6*0.5, 1e-12)
	near(t, "solved by any", m["solved_any"], 0.5, 1e-12)
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
	m, err = one.Update(context.Background(), always(easy), rand.New(rand.NewPCG(5, 5)))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "zero variance", m["zero_variance"], 2.0/3, 1e-12)
	got := slices.Clone(one.Grad.Flat)
	middle := keep[4:8]
	leaveOneOut(middle)
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
	m, err := tr.Update(context.Background(), always(easy), rand.New(rand.NewPCG(6, 6)))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "reward", m["reward"], 1, 1e-12)
	if m["zero_variance"] != 1 || m["groups"] != 6 || m["grad_norm"] != 0 || m["solved_any"] != 1 {
		t.Errorf("%v", m)
	}
	if !slices.Equal(before, tr.Policy.Params.Flat) || tr.Optimiser.Step != 0 {
		t.Error("the policy changed")
	}
}

func TestRewardRises(t *testing.T) {
	for _, format := range []trace.Format{trace.Slotted, trace.Plain} {
		s := settings()
		s.Problems, s.Group, s.LearningRate = 4, 8, 3e-3
		tr := newTrainer(t, format, s, func(a Attempt) float64 { // what the random policy seldom does
			if len(a.Code) > 0 && a.Code[0] == codeB {
				return 1
			}
			return 0
		})
		rng := rand.New(rand.NewPCG(7, 7))
		var first, last float64
		for i := range 60 {
			m, err := tr.Update(context.Background(), always(easy), rng)
			if err != nil {
				t.Fatal(err)
			}
			if i < 5 {
				first += m["reward"] / 5
			}
			if i >= 55 {
				last += m["reward"] / 5
			}
		}
		t.Logf("format %v: reward %.2f at first, %.2f at last", format, first, last)
		if first > 0.6 || last < 0.9 {
			t.Errorf("format %v: reward went from %.2f to %.2f", format, first, last)
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
	m, err := tr.Update(context.Background(), always(easy), rand.New(rand.NewPCG(8, 8)))
	if err != nil {
		t.Fatal(err)
	}
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
	s := settings()
	s.LearningRate = 1e-2
	n := 0
	tr := newTrainer(t, trace.Slotted, s, func(Attempt) float64 { n++; return float64(n % 2) })
	before := slices.Clone(tr.Policy.Params.Flat)
	unchanged := func() bool { return tr.Optimiser.Step == 0 && slices.Equal(before, tr.Policy.Params.Flat) }
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
	if !finished {
		t.Error("the update never came to its end")
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
