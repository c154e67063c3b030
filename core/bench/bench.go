// Package bench measures the numerical core on this machine: matrix products,
// training steps and generation at a few fixed sizes, beside the peak of the
// arithmetic units; and how fast programs are judged. Machines are shared and their clocks move, so every case is
// run in several short rounds, in turn with the others, each between two probes
// of the peak. What is reported are medians over rounds, of the rate and of its
// ratio to the probes beside it.
package bench

import (
	"context"
	"runtime"
	"slices"
	"time"

	"ra3/core/judge/python"
	"ra3/core/simd"
)

// Precision is the arithmetic of the matrix products.
type Precision string

const (
	FP32 Precision = "fp32"
	BF16 Precision = "bf16" // bfloat16 factors, float32 sums
)

// The parts of the measurement.
const (
	PartGemm     = "gemm"
	PartTrain    = "train"
	PartGenerate = "generate"
	PartJudge    = "judge"
)

// Parts lists them in the order they are run.
func Parts() []string { return []string{PartGemm, PartTrain, PartGenerate, PartJudge} }

// Options say what to measure. Without All or Rounds a run ends about in time:
// what is too long or comes too late is left out, and the report says so.
type Options struct {
	Configs    []Config      // empty: Standard
	Parts      []string      // empty: Parts
	Threads    []int         // of training and generation; empty: 1 and all
	Precisions []Precision   // empty: all there are here
	Rounds     int           // exactly so many for each case; 0: as many as fit the budget
	Budget     time.Duration // 0: a minute and a half, or with Rounds as long as it takes
	All        bool          // also what would take most of the budget by itself
	Progress   func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Done, Total int    // cases times rounds
	Text        string // what was just measured
	Finished    bool   // Text is a result
}

// Report is what was found. GFLOP/s count 1e9 floating-point operations.
type Report struct {
	ISA     string `json:"isa"`     // kernels in use
	Threads int    `json:"threads"` // all of this machine (GOMAXPROCS)
	// Peak is one thread's, in GFLOP/s; 0 where there is no such arithmetic.
	Peak Peak `json:"peak_gflops"`
	// PeakAll is the sum over all threads at work together.
	PeakAll  Peak       `json:"peak_all_gflops"`
	Gemm     []Gemm     `json:"gemm"`
	Train    []Train    `json:"train"`
	Generate []Generate `json:"generate"`
	// Judge is programs a second in the Python executor, all threads at work.
	Judge       []python.Rate `json:"judge"`
	Skipped     []string      `json:"skipped,omitempty"` // too long for the budget, or not possible here
	Seconds     float64       `json:"seconds"`
	Interrupted bool          `json:"interrupted,omitempty"`
}

// Peak is a rate for either arithmetic, GFLOP/s.
type Peak struct {
	FP32 float64 `json:"fp32"`
	BF16 float64 `json:"bf16"`
}

// Stats say how sure a median is.
type Stats struct {
	Rounds int     `json:"rounds"`
	Spread float64 `json:"spread"` // (highest - lowest) / median of the rounds' rates
}

// Gemm is a product of the linear layer X [m, k], W [k, n], on one thread. Its
// kind is nn for X*W, nt for dY*W^T, tn for dW += X^T*dY, nn-bf16 or
// tn-bf16. All three are 2mkn FLOPs.
type Gemm struct {
	Config string  `json:"config"`
	M      int     `json:"m"`
	K      int     `json:"k"`
	N      int     `json:"n"`
	Kind   string  `json:"kind"`
	Gflops float64 `json:"gflops"`
	Share  float64 `json:"share"` // of the peak
	Stats
}

// Train is a training step: forward, backward, AdamW, Refresh.
type Train struct {
	Config        string    `json:"config"`
	Precision     Precision `json:"precision"`
	Threads       int       `json:"threads"`
	TokensPerS    float64   `json:"tokens_per_s"`
	Gflops        float64   `json:"gflops"`
	Share         float64   `json:"share"` // of threads times the peak
	GflopPerToken float64   `json:"gflop_per_token"`
	Stats
}

// Generate is sampling a batch of sequences from one token each.
type Generate struct {
	Config     string    `json:"config"`
	Precision  Precision `json:"precision"`
	Batch      int       `json:"batch"` // sequences
	Threads    int       `json:"threads"`
	TokensPerS float64   `json:"tokens_per_s"` // of the whole batch
	NewTokens  int       `json:"new_tokens"`   // a sequence
	Stats
}

// partWeight is how the budget is dealt to the parts.
var partWeight = map[string]float64{PartGemm: 22, PartTrain: 40, PartGenerate: 28, PartJudge: 10}

// Run measures. When ctx ends it returns what was measured until then, with the
// context's error.
func Run(ctx context.Context, o Options) (*Report, error) {
	r := newRunner(&o)
	rep := &Report{ISA: simd.Active().String(), Threads: runtime.GOMAXPROCS(0), Gemm: []Gemm{}, Train: []Train{}, Generate: []Generate{}, Judge: []python.Rate{}}
	err := r.peaks.calibrate(ctx)
	weight := 0.0
	for _, p := range o.Parts {
		weight += partWeight[p]
	}
	for _, p := range Parts() {
		if err != nil || !slices.Contains(o.Parts, p) {
			continue
		}
		until := time.Time{}
		if o.Budget > 0 {
			// What earlier parts left over is dealt again.
			left := o.Budget - time.Since(r.began)
			until = time.Now().Add(time.Duration(float64(left) * partWeight[p] / weight))
			weight -= partWeight[p]
		}
		switch p {
		case PartGemm:
			err = r.gemm(ctx, rep, until)
		case PartTrain:
			err = r.train(ctx, rep, until)
		case PartGenerate:
			err = r.generate(ctx, rep, until)
		case PartJudge:
			err = r.judge(ctx, rep, until)
		}
	}
	rep.Peak, rep.PeakAll = r.peaks.medians(1), r.peaks.medians(rep.Threads)
	rep.Skipped = r.skipped
	rep.Seconds = time.Since(r.began).Seconds()
	rep.Interrupted = ctx.Err() != nil
	return rep, err
}

// fill sets what was left open.
func (o *Options) fill() {
	if len(o.Configs) == 0 {
		o.Configs = Standard()
	}
	if len(o.Parts) == 0 {
		o.Parts = Parts()
	}
	if len(o.Precisions) == 0 {
		o.Precisions = Precisions()
	}
	if len(o.Threads) == 0 {
		o.Threads = []int{1}
		if all := runtime.GOMAXPROCS(0); all > 1 {
			o.Threads = append(o.Threads, all)
		}
	}
	if o.Budget == 0 && o.Rounds == 0 {
		o.Budget = 90 * time.Second
	}
}
