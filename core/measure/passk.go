package measure

import "math"

// Trials counts the programs sampled for one problem and those among them that
// passed all its tests.
type Trials struct {
	N       int `json:"n"`
	Correct int `json:"correct"`
}

// PassAtK estimates, without bias, the probability that at least one of k
// programs passes, from n samples of which c passed:
//
//	1 - C(n-c, k) / C(n, k) = 1 - prod_{i=n-c+1..n} (1 - k/i)
//
// The product form avoids binomials that overflow. It is NaN where the estimator
// does not exist (n < k) and for arguments outside 0 <= c <= n, k >= 1.
//
// Source: Chen et al. 2021, "Evaluating Large Language Models Trained on Code",
// arXiv:2107.03374, section 2.1.
func PassAtK(n, c, k int) float64 {
	if k < 1 || c < 0 || c > n || n < k {
		return math.NaN()
	}
	if n-c < k {
		return 1
	}
	missed := 1.0
	for i := n - c + 1; i <= n; i++ {
		missed *= 1 - float64(k)/float64(i)
	}
	return 1 - missed
}

// MeanPassAtK gives every problem's expected pass@k, the mean over its possible
// k-subsets of samples (PassAtK), in the order of results: the values over which
// Bootstrap then draws problems. Problems with fewer than k samples are NaN.
func MeanPassAtK(results []Trials, k int) []float64 {
	values := make([]float64, len(results))
	for i, r := range results {
		values[i] = PassAtK(r.N, r.Correct, k)
	}
	return values
}
