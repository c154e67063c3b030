//go:build !amd64

package simd

func supported() []ISA { return nil }

func dot(x, y []float32) float32 { return dotGo(x, y) }

func largest(x []float32) float32 { return maxGo(x) }

func scale(a float32, x []float32) { scaleGo(a, x) }

func add(dst, x []float32) { addGo(dst, x) }

func expSub(dst, x []float32, s, m float32) float32 { return expSubGo(dst, x, s, m) }

func swiglu(dst, gate, up []float32) { swigluGo(dst, gate, up) }

func swigluGrad(act, dgate, dup, dout, gate, up []float32) {
	swigluGradGo(act, dgate, dup, dout, gate, up)
}

func rmsNormRows(dst []float32, ldd int, x []float32, ldx int, w, inv []float32, eps float32) {
	rmsNormRowsGo(dst, ldd, x, ldx, w, inv, eps)
}

func rmsNormGradRows(dx []float32, ldx int, dw, dout []float32, ldo int, x []float32, ldxx int, w, inv []float32) {
	rmsNormGradRowsGo(dx, ldx, dw, dout, ldo, x, ldxx, w, inv)
}

func rotateRows(x []float32, ldx, heads, hd int, cos, sin []float32, positions []int32, sign float32) {
	rotateRowsGo(x, ldx, heads, hd, cos, sin, positions, sign)
}

func causalSoftmax(s []float32, ld, rows, first int, scale float32, lse []float32, stride int) {
	causalSoftmaxGo(s, ld, rows, first, scale, lse, stride)
}

func causalSoftmaxGrad(s, dp []float32, ld, rows, first int, scale float32, lse []float32, stride int, dot []float32) {
	causalSoftmaxGradGo(s, dp, ld, rows, first, scale, lse, stride, dot)
}

func softmaxRow(x []float32, scale, weight float32) (top, sum float32) {
	return softmaxInParts(x, scale, weight)
}

func peak(n int) float64 { return peakGo(n) }

func matVec(dst, a []float32, lda int, x []float32) { matVecGo(dst, a, lda, x) }

func vecMat(dst, x, a []float32, lda int) { vecMatGo(dst, x, a, lda) }

func adamW(p, g, m, v []float32, s AdamWStep) { adamWGo(p, g, m, v, s) }

func pack(p *Packed, b []float32, rs, cs, k, n int) { packGo(p, b, rs, cs, k, n) }

func gemm(m int, a []float32, rs, cs int, b *Packed, c []float32, ldc int, acc bool) {
	gemmGo(m, a, rs, cs, b, c, ldc, acc)
}

func packGemm(m int, a []float32, rs, cs int, p *Packed, b []float32, ldb, k, n int, c []float32, ldc int, acc bool) {
	packGo(p, b, ldb, 1, k, n)
	gemmGo(m, a, rs, cs, p, c, ldc, acc)
}

func rowDots(dst, x []float32, ldx int, y []float32, ldy, n int) { rowDotsGo(dst, x, ldx, y, ldy, n) }

func matVec16(dst []float32, a []uint16, lda int, x []float32) { matVec16Go(dst, a, lda, x) }

func vecMat16(dst, x []float32, a []uint16, lda int) { vecMat16Go(dst, x, a, lda) }

func roundTo16(x []float32) { roundTo16Go(x) }
