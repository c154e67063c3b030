package verbs

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"ra3/core/bench"
)

// tinyBench replaces the sizes by one that a test can afford.
func tinyBench(t *testing.T) {
	t.Helper()
	was := benchConfigs
	t.Cleanup(func() { benchConfigs = was })
	benchConfigs = func() []bench.Config {
		return []bench.Config{{Name: "T", Dim: 16, Layers: 2, Heads: 2, Vocab: 24, Seq: 8, Batch: 3, FF: 32, Generate: []int{5}, New: 5}}
	}
}

func TestBenchPrints(t *testing.T) {
	tinyBench(t)
	o := command(t, t.Context(), "bench", "--budget", "0.1", "--rounds", "1", "--threads", "1", "--precision", "fp32", "--json")
	var rep bench.Report
	if err := json.Unmarshal([]byte(o.stdout), &rep); err != nil || o.status != exitDone {
		t.Fatalf("status %d, %v\n%s%s", o.status, err, o.stdout, o.stderr)
	}
	if len(rep.Gemm) != 45 || len(rep.Train) != 1 || len(rep.Generate) != 1 || rep.Generate[0].Batch != 5 {
		t.Errorf("%+v", rep)
	}
	if !strings.Contains(o.stderr, "train T") {
		t.Errorf("no progress: %q", o.stderr)
	}
	o = command(t, t.Context(), "bench", "--budget", "0.1", "--only", "train,generate", "--config", "T")
	for _, want := range []string{"one thread", "TRAIN", "GENERATE", "T: 6 x 0.01M + attention 0.00M = 0.0 MFLOP/token; 3 x 8 tokens a step"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	if strings.Contains(o.stdout, "GEMM") || o.status != exitDone {
		t.Errorf("status %d\n%s", o.status, o.stdout)
	}
}

// A full table keeps to 80 columns at the largest numbers there may be.
func TestBenchTableIsNarrow(t *testing.T) {
	r := &bench.Report{ISA: "avx512", Threads: 64, Peak: bench.Peak{FP32: 150, BF16: 2500}, PeakAll: bench.Peak{FP32: 9600, BF16: 160000}, Skipped: []string{"train C fp32 1t (31 s)"}}
	s := bench.Stats{Rounds: 5, Spread: 0.12}
	for _, kind := range []string{"nn", "nt", "tn", "nn-bf16", "tn-bf16"} {
		r.Gemm = append(r.Gemm, bench.Gemm{Config: "C", M: 2048, K: 1376, N: 4096, Kind: kind, Gflops: 2134, Share: 1.01, Stats: s})
	}
	r.Train = []bench.Train{{Config: "B", Precision: bench.BF16, Threads: 64, TokensPerS: 1234567, Gflops: 99999, Share: 0.99, Stats: s}}
	r.Generate = []bench.Generate{{Config: "B", Precision: bench.BF16, Threads: 64, Batch: 256, NewTokens: 255, TokensPerS: 1234567, Stats: s}}
	text := benchTable(r, bench.Standard())
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(line) > 81 {
			t.Errorf("wider than 80: %q", line)
		}
	}
	for _, want := range []string{"B: 6 x 4.95M + attention 2.36M = 32.0 MFLOP/token", "  C  2048  1376  4096  2134 101%", "train C fp32 1t (31 s)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestBenchInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := command(t, ctx, "bench", "--json")
	var rep bench.Report
	if err := json.Unmarshal([]byte(o.stdout), &rep); err != nil || o.status != exitInterrupted || !rep.Interrupted || rep.Gemm == nil {
		t.Errorf("status %d, %v, %q, %q", o.status, err, o.stdout, o.stderr)
	}
}

func TestBenchErrors(t *testing.T) {
	for line, want := range map[string]string{
		"--config D":         "choose one of A, B, C",
		"--config A,,B":      "choose one of A, B, C",
		"--only gem":         "choose one of gemm, train, generate, judge",
		"--precision fp16":   "choose one of fp32, bf16",
		"--threads 0":        "counts from 1 up or all",
		"--threads 1,some":   "counts from 1 up or all",
		"--threads 9999":     "is more than the",
		"--rounds 0":         "want 1 or more",
		"--rounds many":      "give a whole number",
		"--budget 0":         "want seconds above 0",
		"--budget NaN":       "want seconds above 0",
		"--quick --config B": "leave --config away",
		"now":                "unexpected argument",
		"--rouds 3":          "did you mean --rounds?",
	} {
		o := command(t, t.Context(), append([]string{"bench"}, strings.Fields(line)...)...)
		if o.status != exitUsage || !strings.Contains(o.stderr, want) || strings.Count(o.stderr, "\n") != 1 || o.stdout != "" {
			t.Errorf("ra3 bench %s: status %d, %q; want ...%q...", line, o.status, o.stderr, want)
		}
	}
}
