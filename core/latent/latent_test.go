package latent_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/token"
	"ra3/core/trace"
)

const latents = 4

func layout(t *testing.T) (*trace.Layout, int) {
	v, err := token.New([]string{"<rev>", "<act>", "<think>", "\n", "return ", "a", "b", "c", " p", " q", "do:"},
		[]token.Kind{token.Special, token.Decision, token.Decision, token.Code, token.Code, token.Code, token.Code, token.Code, token.Word, token.Word, token.Frame})
	if err != nil {
		t.Fatal(err)
	}
	return trace.NewLayout(v, 1, 2, 0, 3, 4, [][]int32{{8, 8}, {8, 9}, {9, 8}, {9, 9}}), v.Size()
}

// sampler has a head of deviation 0.5, so that its posteriors are far from
// uniform.
func sampler(t *testing.T) (*latent.Sampler, *nn.Model) {
	l, vocab := layout(t)
	rng := rand.New(rand.NewPCG(1, 1))
	base, err := nn.NewRandom(nn.Config{Vocab: vocab, Out: vocab, Dim: 16, Layers: 2, Heads: 2, KVHeads: 1, FF: 32, Theta: 1e4, Eps: 1e-5, MaxPos: 64}, rng)
	if err != nil {
		t.Fatal(err)
	}
	s, err := latent.NewSampler(base, l, latents, rng)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Model.Params.Head {
		s.Model.Params.Head[i] = float32(rng.NormFloat64() * 0.5)
	}
	s.Model.Refresh()
	return s, base
}

func programs(n int) []*trace.Program {
	rng := rand.New(rand.NewPCG(2, 2))
	out := make([]*trace.Program, n)
	for i := range out {
		p := &trace.Program{Problem: trace.Problem{Prompt: []int32{10, 8 + int32(rng.IntN(2))}}}
		for range 1 + i%5 {
			var line []int32
			for range 1 + rng.IntN(4) {
				line = append(line, 5+int32(rng.IntN(3)))
			}
			p.Lines = append(p.Lines, append(line, 3))
		}
		out[i] = p
	}
	return out
}

func posteriors(t *testing.T, s *latent.Sampler, ps []*trace.Program, threads int) []latent.Posterior {
	t.Helper()
	q, err := s.Posteriors(context.Background(), nn.NewComputer(s.Model.Config, threads), ps)
	if err != nil {
		t.Fatal(err)
	}
	if len(q) != len(ps) {
		t.Fatalf("%d posteriors for %d programs", len(q), len(ps))
	}
	return q
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.9g, want %.9g", what, got, want)
	}
}

func TestPosteriorsAreDistributions(t *testing.T) {
	s, _ := sampler(t)
	ps := programs(40)
	rng := rand.New(rand.NewPCG(3, 3))
	for i, q := range posteriors(t, s, ps, 2) {
		if len(q.P) != len(ps[i].Lines) {
			t.Fatalf("program %d: %d decisions for %d lines", i, len(q.P), len(ps[i].Lines))
		}
		for line, p := range q.P {
			var sum float64
			for _, v := range p {
				sum += float64(v)
				if v < 0 {
					t.Fatalf("probability %g", v)
				}
			}
			near(t, "sum", sum, 1, 1e-5)
			if len(p) != 1+latents || (line == 0) != (p[0] == 0) {
				t.Fatalf("line %d: %v", line, p)
			}
		}
		greedy := q.Greedy()
		for _, a := range []trace.Annotation{greedy, q.Sample(rng), q.Sample(rng)} {
			if len(a) != len(q.P) || a[0] == trace.Act {
				t.Fatalf("annotation %v", a)
			}
			for line, lq := range q.LogQ(a) {
				near(t, "log q", lq, math.Log(float64(q.P[line][1+a[line]])), 0)
				if best := slices.Max(q.P[line]); q.P[line][1+greedy[line]] != best {
					t.Errorf("greedy takes %v of %v", greedy[line], q.P[line])
				}
			}
		}
	}
}

// The posteriors are what scoring gives for each decision, and do not depend on
// company or threads.
func TestPosteriorsEqualScoring(t *testing.T) {
	s, _ := sampler(t)
	ps := programs(40)
	q := posteriors(t, s, ps, 2)
	alone := posteriors(t, s, ps[23:24], 1)[0]
	for line := range alone.P {
		for i, v := range alone.P[line] {
			near(t, "alone", float64(v), float64(q[23].P[line][i]), 1e-6)
		}
	}
	k := nn.NewComputer(s.Model.Config, 1)
	for z := range latents {
		var seq trace.Sequences
		seq.Reset(trace.HindsightClasses(latents, 1))
		for _, p := range ps {
			a := make(trace.Annotation, len(p.Lines))
			for line := range a {
				a[line] = z
			}
			s.Layout.Hindsight(&seq, p, a, 0)
		}
		preds, err := k.Score(context.Background(), s.Model, &seq.Batch, nn.ScoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for r, at := range seq.Info {
			near(t, "p", float64(q[at.Sequence].P[at.Line][1+z]), math.Exp(float64(preds[r].LogP)), 1e-6)
		}
	}
}

// A decision knows its line, all later ones and the prompt, and no earlier line.
func TestPosteriorsSeeWhatFollows(t *testing.T) {
	s, _ := sampler(t)
	p := programs(5)[4]
	change := func(line int) *trace.Program {
		c := &trace.Program{Problem: p.Problem, Lines: slices.Clone(p.Lines)}
		c.Lines[line] = []int32{5, 6, 7, 5, 6, 7, 3}
		return c
	}
	last := len(p.Lines) - 1
	q := posteriors(t, s, []*trace.Program{p, change(0), change(last)}, 1)
	for line := range p.Lines {
		if same := slices.Equal(q[0].P[line], q[1].P[line]); same != (line > 0) {
			t.Errorf("line %d after a change of line 0: same %v", line, same)
		}
		if slices.Equal(q[0].P[line], q[2].P[line]) {
			t.Errorf("line %d does not see the last line", line)
		}
	}
}

func TestSamplesFollowTheirProbabilities(t *testing.T) {
	q := latent.Posterior{P: [][]float32{{0, 0.5, 0.3, 0.2, 0}, {0.6, 0, 0.1, 0.25, 0.05}, {1, 0, 0, 0, 0}}}
	rng := rand.New(rand.NewPCG(4, 4))
	const n = 40000
	counts := [3][1 + latents]float64{}
	for range n {
		for line, u := range q.Sample(rng) {
			counts[line][1+u]++
		}
	}
	for line, p := range q.P {
		for i, v := range p {
			f := float64(v)
			near(t, "frequency", counts[line][i]/n, f, 4.5*math.Sqrt(f*(1-f)/n))
		}
	}
}

func TestPosteriorByHand(t *testing.T) {
	q := latent.Posterior{P: [][]float32{{0, 0.25, 0.5, 0.25}, {0.5, 0.5, 0, 0}, {0.125, 0, 0.125, 0.75}}}
	if a := q.Greedy(); !slices.Equal(a, trace.Annotation{1, trace.Act, 2}) {
		t.Errorf("greedy %v", a)
	}
	for i, lq := range q.LogQ(trace.Annotation{0, trace.Act, 1}) {
		near(t, "log q", lq, math.Log([]float64{0.25, 0.5, 0.125}[i]), 1e-12)
	}
	ln2 := math.Ln2
	near(t, "entropy", q.Entropy(), (0.5*2*ln2+0.5*ln2)+ln2+(0.25*3*ln2-0.75*math.Log(0.75)), 1e-12)
	// Probabilities that fall short of 1 by rounding still give an outcome.
	short := latent.Posterior{P: [][]float32{{0, 1e-30, 0, 0}}}
	if a := short.Sample(rand.New(rand.NewPCG(5, 5))); a[0] != 0 {
		t.Errorf("sampled %v", a)
	}
}

func TestSamplerStartsFromTheTrunk(t *testing.T) {
	s, base := sampler(t)
	if s.Model.Config != latent.Config(base.Config, latents) || s.Model.Config.Out != 1+latents || s.K != latents {
		t.Errorf("shape %+v", s.Model.Config)
	}
	n := len(base.Params.Flat) - len(base.Params.Head)
	if !slices.Equal(s.Model.Params.Flat[:n], base.Params.Flat[:n]) {
		t.Error("the trunk is another")
	}
	if &s.Model.Params.Flat[0] == &base.Params.Flat[0] {
		t.Error("the trunk is shared with the policy")
	}
	if _, err := latent.NewSampler(base, s.Layout, -1, rand.New(rand.NewPCG(6, 6))); err == nil {
		t.Error("a sampler without outcomes was made")
	}
	v := latent.Inventory{Texts: []string{"p p", "p q"}, Tokens: [][]int32{{8, 8}, {8, 9}}}
	if v.K() != 2 {
		t.Errorf("K = %d", v.K())
	}
}

func TestPosteriorsStopWhenCancelled(t *testing.T) {
	s, _ := sampler(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Posteriors(ctx, nn.NewComputer(s.Model.Config, 2), programs(10)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
