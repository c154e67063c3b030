//go:build !amd64

package simd

func supported() []ISA { return nil }

func dot(x, y []float32) float32 { return dotGo(x, y) }

func largest(x []float32) float32 { return maxGo(x) }

func scale(a float32, x []float32) { scaleGo(a, x) }

func add(dst, x []float32) { addGo(dst, x) }

func expSub(dst, x []float32, s, m float32) float32 { return expSubGo(dst, x, s, m) }

func swiglu(dst, gate, up []float32) { swigluGo(dst, gate, up) }

func swigluGrad(dgate, dup, dout, gate, up []float32) { swigluGradGo(dgate, dup, dout, gate, up) }

func rmsNorm(dst, x, w []float32, eps float32) float32 { return rmsNormGo(dst, x, w, eps) }

func rmsNormGrad(dx, dw, dout, x, w []float32, inv float32) {
	rmsNormGradGo(dx, dw, dout, x, w, inv)
}

func rotate(x, cos, sin []float32) { rotateGo(x, cos, sin) }

func matVec(dst, a []float32, lda int, x []float32) { matVecGo(dst, a, lda, x) }

func vecMat(dst, x, a []float32, lda int) { vecMatGo(dst, x, a, lda) }

func adamW(p, g, m, v []float32, s AdamWStep) { adamWGo(p, g, m, v, s) }

func pack(p *Packed, b []float32, rs, cs, k, n int) { packGo(p, b, rs, cs, k, n) }

func gemm(m int, a []float32, rs, cs int, b *Packed, c []float32, ldc int, acc bool) {
	gemmGo(m, a, rs, cs, b, c, ldc, acc)
}
