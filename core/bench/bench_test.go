package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"ra3/core/nn"

	"ra3/core/judge"
)

func TestMain(m *testing.M) {
	judge.ServeIfChild()
	os.Exit(m.Run())
}

// tiny is a size that a test can afford.
func tiny() Config {
	return Config{Name: "T", Dim: 16, Layers: 2, Heads: 2, Vocab: 24, Seq: 8, Batch: 3, FF: 32, Generate: []int{1, 5}, New: 4}
}

// The names are what other programs read.
func TestReportHasItsNames(t *testing.T) {
	var last Progress
	rep, err := Run(t.Context(), Options{Configs: []Config{tiny()}, Threads: []int{1, 2}, Rounds: 1, Budget: 100 * time.Millisecond, Progress: func(p Progress) { last = p }})
	if err != nil {
		t.Fatal(err)
	}
	precisions := len(Precisions())
	if n := len(rep.Gemm); n != 15*3 && n != 15*5 {
		t.Errorf("%d products, want 15 shapes of 3 or 5 kinds", n)
	}
	if len(rep.Train) != 2*precisions || len(rep.Generate) != 4*precisions {
		t.Errorf("%d training and %d generation cases for %d precisions", len(rep.Train), len(rep.Generate), precisions)
	}
	if last.Done != last.Total || last.Total == 0 {
		t.Errorf("progress ended at %d of %d", last.Done, last.Total)
	}
	data, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	wanted := map[string][]string{
		"gemm":     {"m", "k", "n", "kind", "gflops", "share"},
		"train":    {"config", "precision", "threads", "tokens_per_s", "gflops", "share"},
		"generate": {"config", "precision", "batch", "threads", "tokens_per_s"},
	}
	for list, names := range wanted {
		for _, row := range got[list].([]any) {
			for _, name := range names {
				v, ok := row.(map[string]any)[name]
				if x, number := v.(float64); !ok || number && !(x > 0) {
					t.Errorf("%s: %s is %v in %v", list, name, v, row)
				}
			}
		}
	}
	peak := got["peak_gflops"].(map[string]any)
	if !(peak["fp32"].(float64) > 0) || (peak["bf16"].(float64) > 0) != slices.Contains(Precisions(), BF16) {
		t.Errorf("peaks %v for precisions %v", peak, Precisions())
	}
	if got["isa"] == "" || !(got["threads"].(float64) >= 1) {
		t.Errorf("isa %v, threads %v", got["isa"], got["threads"])
	}
}

// An ended context leaves a report that can be printed.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	rep, err := Run(ctx, Options{Configs: []Config{tiny()}, Budget: 100 * time.Millisecond, Progress: func(Progress) {
		if rounds++; rounds == 7 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || !rep.Interrupted || len(rep.Gemm) != 7 || rep.Train == nil || len(rep.Train) != 0 {
		t.Errorf("%v, %+v", err, rep)
	}
}

func TestBudgetAndRounds(t *testing.T) {
	var o Options
	o.fill()
	if o.Budget != 90*time.Second || len(o.Configs) != 3 || len(o.Parts) != 4 || o.Threads[0] != 1 {
		t.Errorf("defaults %+v", o)
	}
	o = Options{Rounds: 3}
	if o.fill(); o.Budget != 0 {
		t.Errorf("asked for 3 rounds, bounded by %v", o.Budget)
	}
	r := newRunner(&Options{Configs: []Config{tiny()}, Budget: time.Second})
	r.peaks.seen[probe{FP32, 1}] = []float64{2, 4, 30} // GFLOP/s
	w := &workload{name: "w", precision: FP32, threads: 2, flops: 3e9}
	// 3 calls of 3 GFLOP at 2 GFLOP/s on 2 threads are 2.25 s.
	if r.keep(w, 3, 2.2) || !r.keep(w, 3, 2.3) || len(r.skipped) != 1 || r.skipped[0] != "w (about 2 s)" {
		t.Errorf("skipped %q", r.skipped)
	}
	r.opt.All = true
	if !r.keep(w, 3, 0.1) {
		t.Error("a case that was asked for is left out")
	}
	// Half of the time for each size but the last.
	until := time.Now().Add(time.Minute)
	if left := time.Until(dealt(until, 2)); left > 30*time.Second || left < 29*time.Second || !dealt(until, 1).Equal(until) {
		t.Errorf("%v dealt", left)
	}
}

func TestWorkloadSums(t *testing.T) {
	w := &workload{rates: []float64{10, 40, 20, 30}, shares: []float64{0.5}}
	if w.rate() != 25 || w.share() != 0.5 || w.stats() != (Stats{4, 1.2}) {
		t.Errorf("rate %g, share %g, %+v", w.rate(), w.share(), w.stats())
	}
	if median(nil) != 0 || median([]float64{3, 1, 2}) != 2 {
		t.Error("median")
	}
}

// Hand-computed: A 4*(4*128^2+3*128*352)+128*256, B 6*(4*256^2+3*256*704)+
// 256*512, C 8*(4*512^2+3*512*1376)+512*4096; attention 6 L d S.
func TestArithmetic(t *testing.T) {
	for i, want := range []struct {
		tokens, params int
		attention      float64
		mflop          float64 // a token
	}{
		{2048, 835_584, 393_216, 5.406720},
		{4096, 4_947_968, 2_359_296, 32.047104},
		{2048, 27_394_048, 6_291_456, 170.655744},
	} {
		c := Standard()[i]
		if c.Tokens() != want.tokens || c.MatmulParams() != want.params || c.AttentionFlops() != want.attention || math.Abs(c.FlopsPerToken()/1e6-want.mflop) > 1e-9 {
			t.Errorf("%s: %d tokens, %d parameters, attention %g, %g FLOP/token; want %+v", c.Name, c.Tokens(), c.MatmulParams(), c.AttentionFlops(), c.FlopsPerToken(), want)
		}
	}
	if s := Standard()[1].shapes(); len(s) != 15 || s[2] != (shape{64, 256, 1408}) || s[14] != (shape{4096, 256, 512}) || s[0].flops() != 2*64*256*768 {
		t.Errorf("shapes of B: %v", s)
	}
}

// The benchmarks of the step and of generation, to be compared with benchstat.

func BenchmarkTrain(b *testing.B) {
	for _, c := range Standard() {
		for _, p := range Precisions() {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%s/threads=%d", c.Name, p, threads), func(b *testing.B) {
					l, err := newLearner(c)
					if err != nil {
						b.Fatal(err)
					}
					if err := l.model.SetPrecision(p.nn()); err != nil {
						b.Fatal(err)
					}
					k := nn.NewComputer(c.model(), threads)
					defer k.Close()
					step := func() {
						if err := l.step(b.Context(), k, threads); err != nil {
							b.Fatal(err)
						}
					}
					step() // the first one maps its memory
					for b.Loop() {
						step()
					}
					b.ReportMetric(float64(c.Tokens()*b.N)/b.Elapsed().Seconds(), "tokens/s")
				})
			}
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	c := Standard()[1]
	for _, p := range Precisions() {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%s/threads=%d", c.Name, p, threads), func(b *testing.B) {
				m, err := nn.NewRandom(c.model(), rand.New(rand.NewPCG(3, 4)))
				if err != nil {
					b.Fatal(err)
				}
				if err := m.SetPrecision(p.nn()); err != nil {
					b.Fatal(err)
				}
				k := nn.NewComputer(c.model(), threads)
				defer k.Close()
				ps := prompts(c, 64)
				sample := func() {
					if _, err := k.Generate(b.Context(), m, ps, endless{}, nn.GenerateOptions{MaxNew: c.New, TopP: 1}); err != nil {
						b.Fatal(err)
					}
				}
				sample()
				for b.Loop() {
					sample()
				}
				b.ReportMetric(float64(64*c.New*b.N)/b.Elapsed().Seconds(), "tokens/s")
			})
		}
	}
}
