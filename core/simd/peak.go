package simd

// PeakFP32 runs n rounds of multiply-adds that depend on nothing but registers,
// and returns the floating-point operations done: over the time taken, the most
// that the active instruction set reaches on this core.
func PeakFP32(n int) (flops float64) { return peak(max(n, 0)) }
