package nn

import (
	"context"
	"math"
	"slices"
	"testing"
)

// script forces every other token of a fixed text and draws the rest.
type script struct {
	countdown
	text []int32
}

func (s script) Forced(state int) (int32, bool) { return s.text[state], state%2 == 0 }

func (s script) Next(state int, _ int32) int {
	if state+1 == len(s.text) {
		return -1
	}
	return state + 1
}

func TestForcedTokensAreScoredAsTheyStand(t *testing.T) {
	m, g, _ := generateSetup(t)
	s := script{g, []int32{3, 0, 5, 0, 7, 0, 1, 0, 2, 0}}
	prompts := []Prompt{{Tokens: []int32{1, 2, 3}, Seeds: []uint64{1, 2, 3}, Starts: []int{0, 4, 7}}, {Tokens: []int32{4}, Start: 2, Seeds: []uint64{4}}}
	k := NewComputer(m.Config, 2)
	defer k.Close()
	out, err := k.Generate(context.Background(), m, prompts, s, GenerateOptions{MaxNew: 20, TopP: 1})
	if err != nil {
		t.Fatal(err)
	}
	b := &Batch{Classes: g.Classes()}
	var got []float32
	for i, p := range prompts {
		for j, sample := range out[i] {
			state := p.Start
			if p.Starts != nil {
				state = p.Starts[j]
			}
			if !sample.Finished || len(sample.Tokens) != len(s.text)-state {
				t.Fatalf("sample %d.%d from state %d: %d tokens, finished %v", i, j, state, len(sample.Tokens), sample.Finished)
			}
			at := b.Append(slices.Concat(p.Tokens, sample.Tokens), 0) + len(p.Tokens) - 1
			for n, token := range sample.Tokens {
				if want, forced := s.Forced(state + n); forced && token != want {
					t.Errorf("token %d is %d, forced was %d", state+n, token, want)
				}
				b.Rows = append(b.Rows, Row{Index: int32(at + n), Target: token, Class: int32(s.Class(state + n))})
				got = append(got, sample.LogP[n])
			}
		}
	}
	preds, err := k.Score(context.Background(), m, b, ScoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range preds {
		if math.Abs(float64(p.LogP-got[i])) > 2e-5 {
			t.Errorf("row %d: generated with %g, scored %g", i, got[i], p.LogP)
		}
	}
	prompts[0].Starts = []int{0}
	if _, err := k.Generate(context.Background(), m, prompts, s, GenerateOptions{MaxNew: 20, TopP: 1}); err == nil {
		t.Error("three samples with one start state were taken")
	}
}
