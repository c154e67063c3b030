package nn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func testConfig() Config {
	return Config{Vocab: 23, Out: 19, Dim: 24, Layers: 2, Heads: 4, KVHeads: 2, FF: 37, Theta: 1e4, Eps: 1e-5, MaxPos: 256}
}

// raggedBatch draws sequences of odd lengths, one of them longer than a tile's
// block of queries, with rows of all classes.
func raggedBatch(c Config, rng *rand.Rand, lengths ...int) *Batch {
	allowed := make([]bool, c.Out)
	for i := range allowed {
		allowed[i] = i%3 != 1
	}
	b := &Batch{Classes: []Class{{InvTemp: 1}, {InvTemp: 1.7}, {Allowed: allowed, InvTemp: 0.6}}}
	for _, n := range lengths {
		toks := make([]int32, n)
		for i := range toks {
			toks[i] = int32(rng.IntN(c.Vocab))
		}
		at := b.Append(toks, rng.IntN(20))
		for i := range toks {
			if rng.IntN(3) > 0 {
				b.Rows = append(b.Rows, Row{Index: int32(at + i), Target: int32(3 * rng.IntN((c.Out-1)/3)), Class: int32(rng.IntN(3)), Weight: float32(rng.NormFloat64())})
			}
		}
	}
	return b
}

func loss(preds []Prediction, rows []Row) float64 {
	var l float64
	for i, p := range preds {
		l -= float64(rows[i].Weight) * float64(p.LogP)
	}
	return l
}

// Every parameter tensor's gradient against a central difference along a
// random direction of that tensor.
func TestGradientsAgainstFiniteDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := testConfig()
	m, err := NewRandom(c, rng)
	if err != nil {
		t.Fatal(err)
	}
	b := raggedBatch(c, rng, 7, 41, 1, 66)
	k := NewComputer(c, 2)
	g, _ := NewParams(c)
	if _, err := k.Gradient(context.Background(), m, b, g); err != nil {
		t.Fatal(err)
	}
	for i, n := range m.Params.named {
		w, gw := n.d.Data(), g.named[i].d.Data()
		dir := make([]float32, len(w))
		var want, norm float64
		for j := range dir {
			dir[j] = float32(rng.NormFloat64())
			want += float64(dir[j]) * float64(gw[j])
			norm += float64(gw[j]) * float64(gw[j])
		}
		saved := slices.Clone(w)
		at := func(eps float64) float64 {
			for j := range w {
				w[j] = saved[j] + float32(eps)*dir[j]
			}
			m.Refresh()
			p, err := k.Score(context.Background(), m, b, ScoreOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return loss(p, b.Rows)
		}
		const eps = 4e-3
		got := (8*(at(eps)-at(-eps)) - (at(2*eps) - at(-2*eps))) / (12 * eps)
		copy(w, saved)
		m.Refresh()
		if math.Abs(got-want) > 0.01*math.Sqrt(norm)+0.01*math.Abs(want) {
			t.Errorf("%s: directional derivative %.5f, gradient gives %.5f", n.name, got, want)
		}
	}
}

func TestResultsDoNotDependOnThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	c := testConfig()
	m, _ := NewRandom(c, rng)
	b := raggedBatch(c, rng, 90, 3, 120, 15, 77, 150, 2, 64, 99, 31, 180, 45, 20)
	var first []float32
	var firstPreds []Prediction
	for _, threads := range []int{1, 2, 3, 8} {
		g, _ := NewParams(c)
		preds, err := NewComputer(c, threads).Gradient(context.Background(), m, b, g)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first, firstPreds = g.Flat, preds
			continue
		}
		if !slices.Equal(first, g.Flat) || !slices.Equal(firstPreds, preds) {
			t.Errorf("%d threads give other bits than 1", threads)
		}
	}
}

// Computers go on after a step that was given up half-way, and after sequences of
// every length: none, one, more than a tile.
func TestStepsAfterACancelledOne(t *testing.T) {
	for _, precision := range []Precision{FP32, BF16} {
		rng := rand.New(rand.NewPCG(5, 4))
		c := testConfig()
		m, _ := NewRandom(c, rng)
		if precision == BF16 {
			inBF16(t, m)
		}
		lengths := []int{5, 0, 240, 1, 130}
		for range 20 {
			lengths = append(lengths, 20+rng.IntN(120))
		}
		b := raggedBatch(c, rng, lengths...)
		want, _ := NewParams(c)
		alone := NewComputer(c, 1)
		defer alone.Close()
		if _, err := alone.Gradient(context.Background(), m, b, want); err != nil {
			t.Fatal(err)
		}
		k := NewComputer(c, 6)
		defer k.Close()
		g, _ := NewParams(c)
		for range 30 {
			ctx, cancel := context.WithCancel(context.Background())
			after := time.Duration(rng.IntN(3000)) * time.Microsecond
			time.AfterFunc(after, cancel)
			if _, err := k.Gradient(ctx, m, b, g); err != nil && err != context.Canceled {
				t.Fatal(err)
			}
			cancel()
		}
		if _, err := k.Gradient(context.Background(), m, b, g); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(g.Flat, want.Flat) {
			t.Errorf("%v: other bits after cancelled steps", precision)
		}
	}
}

func TestRowsOutsideTheBatchAreRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	c := testConfig()
	m, _ := NewRandom(c, rng)
	k := NewComputer(c, 1)
	for name, spoil := range map[string]func(b *Batch){
		"index":    func(b *Batch) { b.Rows[len(b.Rows)-1].Index = 99 },
		"order":    func(b *Batch) { b.Rows[0].Index, b.Rows[1].Index = b.Rows[1].Index, b.Rows[0].Index },
		"target":   func(b *Batch) { b.Rows[0].Target = int32(c.Out) },
		"class":    func(b *Batch) { b.Rows[0].Class = 3 },
		"token":    func(b *Batch) { b.Tokens[0] = int32(c.Vocab) },
		"position": func(b *Batch) { b.Positions[0] = int32(c.MaxPos) },
		"temp":     func(b *Batch) { b.Classes[0].InvTemp = 0 },
		"allowed":  func(b *Batch) { b.Classes[0].Allowed = make([]bool, c.Out) },
		"offsets":  func(b *Batch) { b.Offsets = nil },
		"bounds":   func(b *Batch) { b.Offsets[1]-- },
		"places":   func(b *Batch) { b.Positions = b.Positions[1:] },
	} {
		b := raggedBatch(c, rng, 12)
		b.Rows = []Row{{Index: 0}, {Index: 5}}
		spoil(b)
		if _, err := k.Score(context.Background(), m, b, ScoreOptions{}); err == nil {
			t.Errorf("%s: taken without an error", name)
		}
	}
}

func BenchmarkGradientPocket(bench *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	c := Config{Vocab: 320, Out: 320, Dim: 96, Layers: 4, Heads: 3, KVHeads: 3, FF: 256, Theta: 1e4, Eps: 1e-5, MaxPos: 512}
	m, _ := NewRandom(c, rng)
	var lengths []int
	for n := 0; n < 2400; n += 100 {
		lengths = append(lengths, 100)
	}
	b := raggedBatch(c, rng, lengths...)
	for _, threads := range []int{1, 2} {
		bench.Run(fmt.Sprintf("threads=%d", threads), func(bench *testing.B) {
			k := NewComputer(c, threads)
			g, _ := NewParams(c)
			for bench.Loop() {
				if _, err := k.Gradient(context.Background(), m, b, g); err != nil {
					bench.Fatal(err)
				}
			}
			bench.ReportMetric(float64(len(b.Tokens)*bench.N)/bench.Elapsed().Seconds(), "tokens/s")
		})
	}
}
