package simd

import "math"

// Caches of keys and values in bfloat16: half the memory to read, which is what
// generation waits for.

// MatVec16 is MatVec for rows of bfloat16 numbers: dst[i] = a_i . x with
// a_i = a[i*lda : i*lda+len(x)].
func MatVec16(dst []float32, a []uint16, lda int, x []float32) {
	if len(dst) == 0 || len(x) == 0 {
		clear(dst)
		return
	}
	checkStrided(a, lda, len(dst), len(x))
	matVec16(dst, a, lda, x)
}

// VecMat16 is VecMat for rows of bfloat16 numbers: it adds sum_i x[i]*a_i to dst.
func VecMat16(dst, x []float32, a []uint16, lda int) {
	if len(dst) == 0 || len(x) == 0 {
		return
	}
	checkStrided(a, lda, len(x), len(dst))
	vecMat16(dst, x, a, lda)
}

// RoundTo16 rounds finite numbers to the nearest bfloat16 ones, ties to even, in
// place: what Round16 would make of them, still as float32, with one difference:
// subnormal numbers stay, rounded as all others, where Round16 makes them 0.
func RoundTo16(x []float32) { roundTo16(x) }

func roundTo16Go(x []float32) {
	for i, v := range x {
		u := math.Float32bits(v)
		x[i] = math.Float32frombits((u + 0x7fff + u>>16&1) &^ 0xffff)
	}
}

func matVec16Go(dst []float32, a []uint16, lda int, x []float32) {
	for i := range dst {
		var s float32
		for j, h := range a[i*lda : i*lda+len(x)] {
			s += unbfloat(h) * x[j]
		}
		dst[i] = s
	}
}

func vecMat16Go(dst, x []float32, a []uint16, lda int) {
	for i, v := range x {
		for j, h := range a[i*lda : i*lda+len(dst)] {
			dst[j] += v * unbfloat(h)
		}
	}
}
