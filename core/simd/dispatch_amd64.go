package simd

import "unsafe"

// Each function here runs the active tier's kernel. Slices are cut to their
// length first, so that a wrong length panics before the assembly, and long
// ones are halved, because assembly cannot be preempted: span elements of the
// hungriest kernel (28 bytes each) take well under a millisecond.
const span = 1 << 16

func ptr(x []float32) *float32 { return unsafe.SliceData(x) }

// half splits a long slice on a whole number of vectors.
func half(n int) int { return n / 2 &^ 63 }

func dot(x, y []float32) float32 {
	n := len(x)
	y = cut(y, n)
	switch {
	case tier == Portable:
		return dotGo(x, y)
	case n > span:
		h := half(n)
		return dot(x[:h], y[:h]) + dot(x[h:], y[h:])
	case tier == AVX512:
		return dotAVX512(ptr(x), ptr(y), n)
	}
	return dotAVX2(ptr(x), ptr(y), n)
}

func largest(x []float32) float32 {
	n := len(x)
	switch {
	case tier == Portable:
		return maxGo(x)
	case n > span:
		h := half(n)
		return max(largest(x[:h]), largest(x[h:]))
	case tier == AVX512:
		return maxAVX512(ptr(x), n)
	}
	return maxAVX2(ptr(x), n)
}

func scale(a float32, x []float32) {
	n := len(x)
	switch {
	case tier == Portable:
		scaleGo(a, x)
	case n > span:
		h := half(n)
		scale(a, x[:h])
		scale(a, x[h:])
	case tier == AVX512:
		scaleAVX512(a, ptr(x), n)
	default:
		scaleAVX2(a, ptr(x), n)
	}
}

func add(dst, x []float32) {
	n := len(x)
	dst = cut(dst, n)
	switch {
	case tier == Portable:
		addGo(dst, x)
	case n > span:
		h := half(n)
		add(dst[:h], x[:h])
		add(dst[h:], x[h:])
	case tier == AVX512:
		addAVX512(ptr(dst), ptr(x), n)
	default:
		addAVX2(ptr(dst), ptr(x), n)
	}
}

func expSub(dst, x []float32, s, m float32) float32 {
	n := len(x)
	dst = cut(dst, n)
	switch {
	case tier == Portable:
		return expSubGo(dst, x, s, m)
	case n > span:
		h := half(n)
		return expSub(dst[:h], x[:h], s, m) + expSub(dst[h:], x[h:], s, m)
	case tier == AVX512:
		return expSubAVX512(ptr(dst), ptr(x), n, s, m)
	}
	return expSubAVX2(ptr(dst), ptr(x), n, s, m)
}

func swiglu(dst, gate, up []float32) {
	n := len(gate)
	dst, up = cut(dst, n), cut(up, n)
	switch {
	case tier == Portable:
		swigluGo(dst, gate, up)
	case n > span:
		h := half(n)
		swiglu(dst[:h], gate[:h], up[:h])
		swiglu(dst[h:], gate[h:], up[h:])
	case tier == AVX512:
		swigluAVX512(ptr(dst), ptr(gate), ptr(up), n)
	default:
		swigluAVX2(ptr(dst), ptr(gate), ptr(up), n)
	}
}

func swigluGrad(act, dgate, dup, dout, gate, up []float32) {
	n := len(gate)
	act, dgate, dup, dout, up = cut(act, n), cut(dgate, n), cut(dup, n), cut(dout, n), cut(up, n)
	switch {
	case tier == Portable:
		swigluGradGo(act, dgate, dup, dout, gate, up)
	case n > span:
		h := half(n)
		swigluGrad(act[:h], dgate[:h], dup[:h], dout[:h], gate[:h], up[:h])
		swigluGrad(act[h:], dgate[h:], dup[h:], dout[h:], gate[h:], up[h:])
	case tier == AVX512:
		swigluGradAVX512(ptr(act), ptr(dgate), ptr(dup), ptr(dout), ptr(gate), ptr(up), n)
	default:
		swigluGradAVX2(ptr(act), ptr(dgate), ptr(dup), ptr(dout), ptr(gate), ptr(up), n)
	}
}

// matrixRows returns how many rows of n floats one call takes, in fours, after
// checking that m rows at stride lda lie inside a.
func matrixRows(a []float32, lda, m, n int) int {
	if lda < 0 {
		panic("simd: negative row stride")
	}
	_ = a[(m-1)*lda : (m-1)*lda+n : len(a)]
	return max(4, span/max(n, 1)&^3)
}

func matVec(dst, a []float32, lda int, x []float32) {
	m, n := len(dst), len(x)
	if tier == Portable || m == 0 {
		matVecGo(dst, a, lda, x)
		return
	}
	rows := matrixRows(a, lda, m, n)
	for i := 0; i < m; i += rows {
		d := dst[i:min(i+rows, m)]
		if tier == AVX512 {
			matVecAVX512(ptr(d), ptr(a[i*lda:]), 4*lda, ptr(x), n, len(d))
		} else {
			matVecAVX2(ptr(d), ptr(a[i*lda:]), 4*lda, ptr(x), n, len(d))
		}
	}
}

func vecMat(dst, x, a []float32, lda int) {
	m, n := len(x), len(dst)
	if tier == Portable || m == 0 {
		vecMatGo(dst, x, a, lda)
		return
	}
	rows := matrixRows(a, lda, m, n)
	for i := 0; i < m; i += rows {
		v := x[i:min(i+rows, m)]
		if tier == AVX512 {
			vecMatAVX512(ptr(dst), ptr(v), ptr(a[i*lda:]), 4*lda, n, len(v))
		} else {
			vecMatAVX2(ptr(dst), ptr(v), ptr(a[i*lda:]), 4*lda, n, len(v))
		}
	}
}

// adamWScalars lays the step's numbers out as the kernels read them.
func adamWScalars(s AdamWStep) [10]float32 {
	return [10]float32{s.GradScale, s.Beta1, 1 - s.Beta1, s.Beta2, 1 - s.Beta2, s.Correct1, s.Correct2, s.Eps, s.LR, s.Decay}
}

func adamW(p, g, m, v []float32, s AdamWStep) {
	n := len(p)
	g, m, v = cut(g, n), cut(m, n), cut(v, n)
	if tier == Portable {
		adamWGo(p, g, m, v, s)
		return
	}
	c := adamWScalars(s)
	for i := 0; i < n; i += span {
		k := min(span, n-i)
		if tier == AVX512 {
			adamWAVX512(ptr(p[i:]), ptr(g[i:]), ptr(m[i:]), ptr(v[i:]), k, &c)
		} else {
			adamWAVX2(ptr(p[i:]), ptr(g[i:]), ptr(m[i:]), ptr(v[i:]), k, &c)
		}
	}
}
