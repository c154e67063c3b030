package bench

import (
	"ra3/core/nn"
	"ra3/core/simd"
)

// Precisions lists the arithmetics that this machine's kernels have.
func Precisions() []Precision {
	if simd.HasBF16() {
		return []Precision{FP32, BF16}
	}
	return []Precision{FP32}
}

// nn is what package nn calls it.
func (p Precision) nn() nn.Precision {
	if p == BF16 {
		return nn.BF16
	}
	return nn.FP32
}

// peakKernel runs n rounds of a loop of multiply-adds and returns the FLOPs done.
func (p Precision) peakKernel(n int) float64 {
	if p == BF16 {
		return simd.PeakBF16(n)
	}
	return simd.PeakFP32(n)
}
