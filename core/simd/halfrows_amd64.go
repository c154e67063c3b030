package simd

func matVec16(dst []float32, a []uint16, lda int, x []float32) {
	if tier != AVX512 {
		matVec16Go(dst, a, lda, x)
		return
	}
	rows := max(4, span/len(x)&^3)
	for i := 0; i < len(dst); i += rows {
		d := dst[i:min(i+rows, len(dst))]
		matVec16AVX512(ptr(d), &a[i*lda], 2*lda, ptr(x), len(x), len(d))
	}
}

func vecMat16(dst, x []float32, a []uint16, lda int) {
	if tier != AVX512 {
		vecMat16Go(dst, x, a, lda)
		return
	}
	rows := max(4, span/len(dst)&^3)
	for i := 0; i < len(x); i += rows {
		v := x[i:min(i+rows, len(x))]
		vecMat16AVX512(ptr(dst), ptr(v), &a[i*lda], 2*lda, len(dst), len(v))
	}
}

func roundTo16(x []float32) {
	if tier != AVX512 {
		roundTo16Go(x)
		return
	}
	for i := 0; i < len(x); i += span {
		v := x[i:min(i+span, len(x))]
		roundTo16AVX512(ptr(v), len(v))
	}
}
