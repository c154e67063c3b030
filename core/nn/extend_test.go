package nn

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// Where the new tokens are neither read nor allowed, an extended model says what
// it said before; where they are, it says something.
func TestExtendedModelsSayTheSame(t *testing.T) {
	c := testConfig()
	c.Out = c.Vocab
	rng := rand.New(rand.NewPCG(5, 6))
	m, err := NewRandom(c, rng)
	if err != nil {
		t.Fatal(err)
	}
	const extra = 3
	x, err := m.Extend(extra, rng)
	if err != nil {
		t.Fatal(err)
	}
	if x.Config.Vocab != c.Vocab+extra || x.Config.Out != c.Out+extra || x.Precision() != m.Precision() {
		t.Errorf("shape %+v in %v", x.Config, x.Precision())
	}
	old := make([]bool, x.Config.Out)
	for i := range c.Out {
		old[i] = true
	}
	score := func(m *Model, allowed []bool, tokens []int32) []Prediction {
		b := &Batch{Classes: []Class{{Allowed: allowed, InvTemp: 1}}}
		b.Append(tokens, 0)
		for i := range tokens {
			b.Rows = append(b.Rows, Row{Index: int32(i), Target: int32(i)})
		}
		preds, err := NewComputer(m.Config, 1).Score(context.Background(), m, b, ScoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return preds
	}
	tokens := []int32{1, 4, 2, 5, 3}
	free := score(x, nil, tokens)
	for i, p := range score(m, nil, tokens) {
		if q := score(x, old, tokens)[i]; math.Abs(float64(p.LogP-q.LogP)) > 1e-5 {
			t.Errorf("row %d: %g before, %g after", i, p.LogP, q.LogP)
		}
		if !(free[i].LogP < p.LogP) {
			t.Errorf("row %d: new tokens take nothing", i)
		}
	}
	tokens[1] = int32(c.Vocab + 1)
	score(x, nil, tokens)
	if _, err := m.Extend(-1, rng); err == nil {
		t.Error("fewer tokens were taken")
	}
	c.Out = 2
	if m, err = NewRandom(c, rng); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Extend(1, rng); err == nil {
		t.Error("a model that is none of language was taken")
	}
}
