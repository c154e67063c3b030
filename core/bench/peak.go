package bench

import (
	"context"
	"sync"
	"time"
)

// probeTime is how long the calibration runs a probe.
const probeTime = 15 * time.Millisecond

// peaks measures the arithmetic units: multiply-adds on registers (and tiles)
// alone, without memory.
type peaks struct {
	all   int                   // threads of this machine
	round map[Precision]float64 // seconds of one round of a kernel's loop
	seen  map[probe][]float64   // GFLOP/s a thread
}

type probe struct {
	precision Precision
	threads   int
}

func newPeaks(all int) *peaks {
	return &peaks{all: all, round: map[Precision]float64{}, seen: map[probe][]float64{}}
}

// calibrate finds how long a round of each kernel's loop takes, and takes first
// samples with one thread and with all.
func (p *peaks) calibrate(ctx context.Context) error {
	for _, prec := range Precisions() {
		for n := 1; ; n *= 2 {
			if err := ctx.Err(); err != nil {
				return err
			}
			start := time.Now()
			prec.peakKernel(n)
			if took := time.Since(start); took > 2*time.Millisecond || n > 1<<40 {
				p.round[prec] = took.Seconds() / float64(n)
				break
			}
		}
		for range 3 {
			p.rate(prec, 1, probeTime)
			p.rate(prec, p.all, probeTime)
		}
	}
	return ctx.Err()
}

// rate runs a probe on a number of threads together for about the given time and
// returns the mean of their rates, GFLOP/s a thread.
func (p *peaks) rate(prec Precision, threads int, about time.Duration) float64 {
	n := max(1, int(about.Seconds()/p.round[prec]))
	rates := make([]float64, threads)
	var wg sync.WaitGroup
	for i := range rates {
		one := func() {
			start := time.Now()
			flops := prec.peakKernel(n)
			rates[i] = flops / time.Since(start).Seconds() / 1e9
		}
		if i == threads-1 {
			one()
			break
		}
		wg.Go(one)
	}
	wg.Wait()
	mean := 0.0
	for _, r := range rates {
		mean += r / float64(threads)
	}
	key := probe{prec, threads}
	p.seen[key] = append(p.seen[key], mean)
	return mean
}

// medians is the sum over threads of the rates seen, GFLOP/s.
func (p *peaks) medians(threads int) Peak {
	sum := func(prec Precision) float64 { return float64(threads) * median(p.seen[probe{prec, threads}]) }
	return Peak{FP32: sum(FP32), BF16: sum(BF16)}
}
