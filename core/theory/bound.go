package theory

import "math"

// Enough is the union bound on demonstrations: with
//
//	n >= (k log|Z| + log(1/delta)) / sigma
//
// independent tasks, with probability at least 1-delta every set of at most k of
// the |Z| decisions that loses at most epsilon on each of them loses more than
// epsilon on less than a share sigma of all tasks. For a set that does so on a
// share sigma or more survives n tasks with probability at most
// (1-sigma)^n <= exp(-sigma n), and there are at most |Z|^k sets of 1 to k.
//
// It assumes that tasks are drawn independently and are tasks like those met
// later, that what a set loses on a demonstrated task is known (the experts are
// optimal), and that k is fixed before the demonstrations are seen. It knows
// nothing of the dynamics.
func Enough(k, decisions int, sigma, delta float64) float64 {
	return (float64(k)*math.Log(float64(decisions)) + math.Log(1/delta)) / sigma
}

// Share is the bound turned round: the share of tasks, at most 1, on which a set
// of at most k decisions consistent with n demonstrations can lose more.
func Share(k, decisions, n int, delta float64) float64 {
	return min(1, (float64(k)*math.Log(float64(decisions))+math.Log(1/delta))/float64(n))
}
