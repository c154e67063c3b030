package simd

// The kernels over many rows take all of them in one call, up to rowsPerCall.

// rowsPerCall is how many rows of n floats one call may take. A row wider than
// span is a call by itself: cutting it would need a second path for the sums.
func rowsPerCall(n int) int { return max(1, span/max(n, 1)) }

func rmsNormRows(dst []float32, ldd int, x []float32, ldx int, w, inv []float32, eps float32) {
	if tier == Portable {
		rmsNormRowsGo(dst, ldd, x, ldx, w, inv, eps)
		return
	}
	n := len(w)
	step := rowsPerCall(n)
	for i := 0; i < len(inv); i += step {
		v := inv[i:min(i+step, len(inv))]
		if tier == AVX512 {
			rmsNormRowsAVX512(ptr(dst[i*ldd:]), 4*ldd, ptr(x[i*ldx:]), 4*ldx, ptr(w), ptr(v), n, len(v), eps)
		} else {
			rmsNormRowsAVX2(ptr(dst[i*ldd:]), 4*ldd, ptr(x[i*ldx:]), 4*ldx, ptr(w), ptr(v), n, len(v), eps)
		}
	}
}

func rmsNormGradRows(dx []float32, ldx int, dw, dout []float32, ldo int, x []float32, ldxx int, w, inv []float32) {
	if tier == Portable {
		rmsNormGradRowsGo(dx, ldx, dw, dout, ldo, x, ldxx, w, inv)
		return
	}
	n := len(w)
	step := rowsPerCall(n)
	for i := 0; i < len(inv); i += step {
		v := inv[i:min(i+step, len(inv))]
		a, b, c := ptr(dx[i*ldx:]), ptr(dout[i*ldo:]), ptr(x[i*ldxx:])
		if tier == AVX512 {
			rmsNormGradRowsAVX512(a, 4*ldx, ptr(dw), b, 4*ldo, c, 4*ldxx, ptr(w), ptr(v), n, len(v))
		} else {
			rmsNormGradRowsAVX2(a, 4*ldx, ptr(dw), b, 4*ldo, c, 4*ldxx, ptr(w), ptr(v), n, len(v))
		}
	}
}

func rowDots(dst, x []float32, ldx int, y []float32, ldy, n int) {
	if tier == Portable {
		rowDotsGo(dst, x, ldx, y, ldy, n)
		return
	}
	step := rowsPerCall(n)
	for i := 0; i < len(dst); i += step {
		d := dst[i:min(i+step, len(dst))]
		if tier == AVX512 {
			rowDotsAVX512(ptr(d), ptr(x[i*ldx:]), 4*ldx, ptr(y[i*ldy:]), 4*ldy, n, len(d))
		} else {
			rowDotsAVX2(ptr(d), ptr(x[i*ldx:]), 4*ldx, ptr(y[i*ldy:]), 4*ldy, n, len(d))
		}
	}
}

func rotateRows(x []float32, ldx, heads, hd int, cos, sin []float32, positions []int32, sign float32) {
	if tier == Portable {
		rotateRowsGo(x, ldx, heads, hd, cos, sin, positions, sign)
		return
	}
	step := rowsPerCall(heads * hd)
	for i := 0; i < len(positions); i += step {
		p := positions[i:min(i+step, len(positions))]
		if tier == AVX512 {
			rotateRowsAVX512(ptr(x[i*ldx:]), 4*ldx, heads, 4*hd, hd/2, ptr(cos), ptr(sin), &p[0], len(p), sign)
		} else {
			rotateRowsAVX2(ptr(x[i*ldx:]), 4*ldx, heads, 4*hd, hd/2, ptr(cos), ptr(sin), &p[0], len(p), sign)
		}
	}
}

func causalSoftmax(s []float32, ld, rows, first int, scale float32, lse []float32, stride int) {
	if tier == Portable {
		causalSoftmaxGo(s, ld, rows, first, scale, lse, stride)
		return
	}
	var sums [64]float32
	step := min(rowsPerCall(ld), len(sums))
	for i := 0; i < rows; i += step {
		k := min(step, rows-i)
		if tier == AVX512 {
			causalSoftmaxAVX512(ptr(s[i*ld:]), 4*ld, k, first+i+1, scale, 1, ptr(lse[i*stride:]), 4*stride, &sums[0])
		} else {
			causalSoftmaxAVX2(ptr(s[i*ld:]), 4*ld, k, first+i+1, scale, 1, ptr(lse[i*stride:]), 4*stride, &sums[0])
		}
		if tier == AVX512 {
			lnAVX512(&sums[0], k)
		} else {
			lnAVX2(&sums[0], k)
		}
		for j, v := range sums[:k] {
			lse[(i+j)*stride] += v
		}
	}
}

func causalSoftmaxGrad(s, dp []float32, ld, rows, first int, scale float32, lse []float32, stride int, dot []float32) {
	if tier == Portable {
		causalSoftmaxGradGo(s, dp, ld, rows, first, scale, lse, stride, dot)
		return
	}
	step := rowsPerCall(ld)
	for i := 0; i < rows; i += step {
		k := min(step, rows-i)
		if tier == AVX512 {
			causalSoftmaxGradAVX512(ptr(s[i*ld:]), ptr(dp[i*ld:]), 4*ld, k, first+i+1, scale, ptr(lse[i*stride:]), 4*stride, &dot[i])
		} else {
			causalSoftmaxGradAVX2(ptr(s[i*ld:]), ptr(dp[i*ld:]), 4*ld, k, first+i+1, scale, ptr(lse[i*stride:]), 4*stride, &dot[i])
		}
	}
}

func softmaxRow(x []float32, scale, weight float32) (top, sum float32) {
	n := len(x)
	switch {
	case tier == Portable || n > span:
		return softmaxInParts(x, scale, weight)
	case tier == AVX512:
		softmaxRowAVX512(ptr(x), n, scale, weight, &top, &sum)
	default:
		softmaxRowAVX2(ptr(x), n, scale, weight, &top, &sum)
	}
	return top, sum
}

// peak runs 24 FMAs of a vector a round.
func peak(n int) float64 {
	if tier == Portable {
		return peakGo(n)
	}
	for left := n; left > 0; left -= span {
		if tier == AVX512 {
			peakAVX512(min(left, span))
		} else {
			peakAVX2(min(left, span))
		}
	}
	lanes := 8
	if tier == AVX512 {
		lanes = 16
	}
	return 2 * 24 * float64(lanes) * float64(n)
}
