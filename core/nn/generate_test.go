package nn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
)

// countdown is a grammar of two classes that ends at token 0 or never.
type countdown struct{ classes []Class }

func (g countdown) Classes() []Class { return g.classes }
func (g countdown) Class(state int) int {
	return state % 2
}
func (g countdown) Next(state int, token int32) int {
	if token == 0 {
		return -1
	}
	return state + 1
}

func generateSetup(t *testing.T) (*Model, countdown, []Prompt) {
	rng := rand.New(rand.NewPCG(11, 12))
	c := testConfig()
	c.Out = c.Vocab
	m, err := NewRandom(c, rng)
	if err != nil {
		t.Fatal(err)
	}
	even := make([]bool, c.Out)
	for i := range even {
		even[i] = i%2 == 0
	}
	g := countdown{[]Class{{InvTemp: 1.3}, {Allowed: even, InvTemp: 0.7}}}
	var prompts []Prompt
	for i := 0; i < 9; i++ {
		p := Prompt{Start: i % 2}
		for j := 0; j < 1+i*4; j++ {
			p.Tokens = append(p.Tokens, int32(rng.IntN(c.Vocab)))
		}
		for j := 0; j < 5*i+1; j++ {
			p.Seeds = append(p.Seeds, uint64(100*i+j))
		}
		prompts = append(prompts, p)
	}
	return m, g, prompts
}

func TestGeneratedLogProbabilitiesEqualScoring(t *testing.T) {
	m, g, prompts := generateSetup(t)
	checkSampledScores(t, m, g, prompts, 2e-5)
}

// checkSampledScores holds the sampler's log-probabilities against a forward pass.
func checkSampledScores(t *testing.T, m *Model, g Grammar, prompts []Prompt, tolerance float64) {
	t.Helper()
	k := NewComputer(m.Config, 2)
	defer k.Close()
	out, err := k.Generate(context.Background(), m, prompts, g, GenerateOptions{MaxNew: 40, TopP: 1})
	if err != nil {
		t.Fatal(err)
	}
	b := &Batch{Classes: g.Classes()}
	var want []float32
	for i, p := range prompts {
		for _, s := range out[i] {
			at := b.Append(slices.Concat(p.Tokens, s.Tokens), 0) + len(p.Tokens) - 1
			for j, tok := range s.Tokens {
				b.Rows = append(b.Rows, Row{Index: int32(at + j), Target: tok, Class: s.Classes[j]})
				want = append(want, s.LogP[j])
			}
			if s.Finished != (s.Tokens[len(s.Tokens)-1] == 0) {
				t.Error("Finished does not say how the sample ended")
			}
		}
	}
	preds, err := k.Score(context.Background(), m, b, ScoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range preds {
		if math.Abs(float64(p.LogP-want[i])) > tolerance {
			t.Fatalf("row %d: sampler %.6f, scoring %.6f", i, want[i], p.LogP)
		}
	}
}

func TestSamplesDoNotDependOnThreadsOrCompany(t *testing.T) {
	m, g, prompts := generateSetup(t)
	opt := GenerateOptions{MaxNew: 30, TopP: 1}
	one, err := NewComputer(m.Config, 1).Generate(context.Background(), m, prompts, g, opt)
	if err != nil {
		t.Fatal(err)
	}
	three, _ := NewComputer(m.Config, 3).Generate(context.Background(), m, prompts, g, opt)
	alone, _ := NewComputer(m.Config, 1).Generate(context.Background(), m, prompts[4:5], g, opt)
	for i := range one {
		for j := range one[i] {
			if !slices.Equal(one[i][j].Tokens, three[i][j].Tokens) || !slices.Equal(one[i][j].LogP, three[i][j].LogP) {
				t.Fatalf("sample %d.%d differs between 1 and 3 threads", i, j)
			}
			if i == 4 && !slices.Equal(one[i][j].LogP, alone[0][j].LogP) {
				t.Fatalf("sample %d.%d differs when its prompt is alone", i, j)
			}
		}
	}
}

func TestTopPKeepsTheSmallestSet(t *testing.T) {
	d := decoder{opt: GenerateOptions{TopP: 0.7}}
	p := []float32{0.1, 0.4, 0.1, 0.3, 0.1}
	mass := d.cut(p)
	if !slices.Equal(p, []float32{0, 0.4, 0, 0.3, 0}) || math.Abs(mass-0.7) > 1e-6 {
		t.Errorf("cut to %v holding %v", p, mass)
	}
}

func TestTopKKeepsTheLikeliest(t *testing.T) {
	for _, c := range []struct {
		k    int
		topP float64
		want []float32
	}{
		{2, 1, []float32{0, 0.4, 0, 0.3, 0}},
		{3, 1, []float32{0.1, 0.4, 0, 0.3, 0}}, // of equals, the first
		{9, 1, []float32{0.1, 0.4, 0.1, 0.3, 0.1}},
		{3, 0.3, []float32{0, 0.4, 0, 0, 0}},
	} {
		d := decoder{opt: GenerateOptions{TopK: c.k, TopP: c.topP}}
		p := []float32{0.1, 0.4, 0.1, 0.3, 0.1}
		mass, sum := d.cut(p), 0.0
		for _, v := range p {
			sum += float64(v)
		}
		if !slices.Equal(p, c.want) || math.Abs(mass-sum) > 1e-6 {
			t.Errorf("top-k %d top-p %g: cut to %v holding %v", c.k, c.topP, p, mass)
		}
	}
}

// One likeliest outcome makes all samples of a prompt the same.
func TestTopKOfOneIsGreedy(t *testing.T) {
	m, g, prompts := generateSetup(t)
	k := NewComputer(m.Config, 1)
	defer k.Close()
	out, err := k.Generate(context.Background(), m, prompts[8:9], g, GenerateOptions{MaxNew: 12, TopK: 1, TopP: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range out[0] {
		if !slices.Equal(s.Tokens, out[0][0].Tokens) {
			t.Errorf("%v and %v", s.Tokens, out[0][0].Tokens)
		}
	}
	if _, err := k.Generate(context.Background(), m, prompts, g, GenerateOptions{MaxNew: 12, TopK: -1, TopP: 1}); err == nil {
		t.Error("a negative top-k was taken")
	}
}

// Hundreds of samples of one prompt, more than are decoded side by side, and
// then another call that finds every slot free, also after an early end.
func TestHundredsOfSamples(t *testing.T) {
	m, g, prompts := generateSetup(t)
	k := NewComputer(m.Config, 2)
	defer k.Close()
	many := prompts[6]
	many.Seeds = nil
	for i := range 300 {
		many.Seeds = append(many.Seeds, uint64(i))
	}
	opt := GenerateOptions{MaxNew: 20, TopP: 1}
	ctx, cancel := context.WithCancel(context.Background())
	stop := stopAfter{countdown: g, left: new(atomic.Int64), cancel: cancel}
	stop.left.Store(900)
	if _, err := k.Generate(ctx, m, []Prompt{many, prompts[3]}, stop, opt); err != context.Canceled {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	out, err := k.Generate(context.Background(), m, []Prompt{prompts[2], many, prompts[3]}, g, opt)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := k.Generate(context.Background(), m, []Prompt{{Tokens: many.Tokens, Start: many.Start, Seeds: many.Seeds[290:]}}, g, opt)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range alone[0] {
		if !slices.Equal(s.LogP, out[1][290+i].LogP) {
			t.Fatalf("sample %d depends on how many there are", 290+i)
		}
	}
}

// A prompt longer than a tile is computed while other samples are under way.
func TestLongPromptsJoinLiveStreams(t *testing.T) {
	for _, precision := range []Precision{FP32, BF16} {
		rng := rand.New(rand.NewPCG(13, 12))
		c := Config{Vocab: 23, Out: 23, Dim: 66, Layers: 2, Heads: 3, KVHeads: 1, FF: 37, Theta: 1e4, Eps: 1e-5, MaxPos: 800}
		m, err := NewRandom(c, rng)
		if err != nil {
			t.Fatal(err)
		}
		if precision == BF16 {
			inBF16(t, m)
		}
		var prompts []Prompt
		for i, n := range []int{3, 40, 1, 700, 16, 15, 300, 9} {
			p := Prompt{Tokens: make([]int32, n)}
			for j := range p.Tokens {
				p.Tokens[j] = int32(rng.IntN(c.Vocab))
			}
			for j := range 20 {
				p.Seeds = append(p.Seeds, uint64(50*i+j))
			}
			prompts = append(prompts, p)
		}
		opt := GenerateOptions{MaxNew: 20, TopP: 1}
		g := countdown{[]Class{{InvTemp: 1}, {InvTemp: 0.7}}}
		var first [][]Sample
		for _, threads := range []int{1, 2, 5} {
			k := NewComputer(c, threads)
			out, err := k.Generate(context.Background(), m, prompts, g, opt)
			k.Close()
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = out
			}
			for i := range out {
				for j := range out[i] {
					if !slices.Equal(out[i][j].LogP, first[i][j].LogP) {
						t.Fatalf("%v: sample %d.%d differs on %d threads", precision, i, j, threads)
					}
				}
			}
		}
	}
}

// stopAfter cancels after so many tokens.
type stopAfter struct {
	countdown
	left   *atomic.Int64
	cancel func()
}

func (g stopAfter) Next(state int, token int32) int {
	if g.left.Add(-1) == 0 {
		g.cancel()
	}
	return g.countdown.Next(state, token)
}

func TestGenerateStopsWhenCancelled(t *testing.T) {
	m, g, prompts := generateSetup(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := NewComputer(m.Config, 2).Generate(ctx, m, prompts, g, GenerateOptions{MaxNew: 30, TopP: 1}); err != context.Canceled {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// endless is a grammar that never ends.
type endless struct{ classes []Class }

func (g endless) Classes() []Class        { return g.classes }
func (g endless) Class(int) int           { return 0 }
func (g endless) Next(s int, _ int32) int { return s }

func BenchmarkGeneratePocket(bench *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	c := Config{Vocab: 160, Out: 160, Dim: 96, Layers: 4, Heads: 3, KVHeads: 3, FF: 256, Theta: 1e4, Eps: 1e-5, MaxPos: 512}
	m, _ := NewRandom(c, rng)
	var prompts []Prompt
	for i := 0; i < 24; i++ {
		p := Prompt{Tokens: make([]int32, 20)}
		for j := 0; j < 8; j++ {
			p.Seeds = append(p.Seeds, rng.Uint64())
		}
		prompts = append(prompts, p)
	}
	for _, threads := range []int{1, 2} {
		bench.Run(fmt.Sprintf("threads=%d", threads), func(bench *testing.B) {
			k := NewComputer(c, threads)
			for bench.Loop() {
				if _, err := k.Generate(context.Background(), m, prompts, endless{[]Class{{InvTemp: 1}}}, GenerateOptions{MaxNew: 100, TopP: 1}); err != nil {
					bench.Fatal(err)
				}
			}
			bench.ReportMetric(float64(192*100*bench.N)/bench.Elapsed().Seconds(), "tokens/s")
		})
	}
}
