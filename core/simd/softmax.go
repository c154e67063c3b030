package simd

import "math"

// CausalSoftmax turns rows x ld attention scores s into probabilities in place.
// Row i may see its first first+i+1 columns, at most ld, which is a multiple of
// 16: there p = exp(scale*s)/sum_j exp(scale*s_j), and exactly 0 in the columns
// after them. lse[i*stride] becomes the natural log of that sum. scale > 0.
func CausalSoftmax(s []float32, ld, rows, first int, scale float32, lse []float32, stride int) {
	if rows <= 0 {
		return
	}
	checkCausal(s, ld, rows, first)
	checkInside(lse, stride, rows, 1)
	causalSoftmax(s, ld, rows, first, scale, lse, stride)
}

// CausalSoftmaxGrad takes the scores s, rows x ld, and the gradients dp of their
// softmax's result. With lse as CausalSoftmax left it and dot[i] the sum of p*dp
// over row i, it sets s to p = exp(scale*s - lse) and dp to the gradient of the
// scores, p*(dp - dot)*scale; both are exactly 0 after the visible columns.
func CausalSoftmaxGrad(s, dp []float32, ld, rows, first int, scale float32, lse []float32, stride int, dot []float32) {
	if rows <= 0 {
		return
	}
	checkCausal(s, ld, rows, first)
	checkCausal(dp, ld, rows, first)
	checkInside(lse, stride, rows, 1)
	causalSoftmaxGrad(s, dp, ld, rows, first, scale, lse, stride, cut(dot, rows))
}

func checkCausal(s []float32, ld, rows, first int) {
	if ld%16 != 0 || first < 0 || first+rows > ld {
		panic("simd: causal rows of a wrong length")
	}
	_ = s[: rows*ld : len(s)]
}

// CrossEntropy replaces logits by the gradient of -weight*log p[target], where
// p = softmax(inv*logits), and returns log p[target]. Logits of -1e30 or -Inf
// are forbidden: their p is 0. inv > 0.
func CrossEntropy(logits []float32, inv float32, target int, weight float32) (logp float32) {
	goal := inv * logits[target]
	top, sum := softmaxRow(logits, inv, weight*inv)
	logits[target] -= weight * inv
	return goal - top - float32(math.Log(float64(sum)))
}

// softmaxInParts replaces x by weight*softmax(s*x), and returns top = s*max(x)
// and the sum of exp(s*x - top).
func softmaxInParts(x []float32, s, weight float32) (top, sum float32) {
	top = s * largest(x)
	sum = expSub(x, x, s, top)
	scale(weight/sum, x)
	return top, sum
}
