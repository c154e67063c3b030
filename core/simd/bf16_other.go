//go:build !amd64

package simd

import "errors"

func hasBF16() bool { return false }

func bf16Error() error { return errors.New("only amd64 CPUs have bfloat16 tiles") }

func pack16(p *Packed16, b []float32, rs, cs int) { pack16Go(p, b, rs, cs) }

func round16(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	round16Go(dst, ldd, src, lds, rows, cols)
}

func transpose16(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	transpose16Go(dst, ldd, src, lds, rows, cols)
}

func gemm16(m int, a []uint16, lda int, b *Packed16, c []float32, ldc int, acc bool) {
	gemm16Go(m, a, lda, b, c, ldc, acc)
}

func peakBF16(int) float64 { return 0 }
