package measure

import "math"

// LogMeanExp is log((1/n) sum exp(x_i)), computed about the largest x_i so that
// nothing overflows. With x_i = log p(a, z_i | x) - log q(z_i | x, a) for
// z_i ~ q it is the importance-weighted estimate of log p(a | x): a lower bound
// in expectation that rises with n from the evidence bound (n = 1) to the
// likelihood. Empty, or any NaN: NaN.
//
// Source: Burda, Grosse and Salakhutdinov 2016, "Importance Weighted
// Autoencoders", arXiv:1509.00519, equation 8.
func LogMeanExp(xs []float64) float64 {
	largest := math.Inf(-1)
	for _, x := range xs {
		largest = max(largest, x) // max carries a NaN on
	}
	if len(xs) == 0 || math.IsNaN(largest) {
		return math.NaN()
	}
	if math.IsInf(largest, 0) {
		return largest
	}
	sum := 0.0
	for _, x := range xs {
		sum += math.Exp(x - largest)
	}
	return largest + math.Log(sum/float64(len(xs)))
}
