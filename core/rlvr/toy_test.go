package rlvr

import (
	"context"
	"math"
	"math/rand/v2"
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
	return &Trainer{Settings: s, Policy: m, Initial: m.Clone(), Format: f, Threads: 1,
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

// update makes an update that must succeed and returns its measures.
func update(t testing.TB, tr *Trainer, draw func(*rand.Rand) (*trace.Problem, error), rng *rand.Rand) map[string]float64 {
	t.Helper()
	o, err := tr.Update(context.Background(), draw, rng)
	if err != nil {
		t.Fatal(err)
	}
	return o.Measures
}
