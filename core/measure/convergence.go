package measure

import (
	"math"
	"slices"
)

// AUC is the area under the curve by trapezoids over the range of x: the curve's
// mean height, in y's unit, comparable between curves of one range of x (say, of
// sampled tokens). x must not fall. Points with a NaN are left out and bridged.
// NaN where x falls or has no range. It panics if the lengths differ.
func AUC(x, y []float64) float64 {
	mustPair("AUC", len(x), len(y))
	first, last := -1, -1
	area := 0.0
	for i := range x {
		if math.IsNaN(x[i]) || math.IsNaN(y[i]) {
			continue
		}
		if last < 0 {
			first, last = i, i
			continue
		}
		if x[i] < x[last] {
			return math.NaN()
		}
		area += (x[i] - x[last]) * (y[i] + y[last]) / 2
		last = i
	}
	if first < 0 || x[last] == x[first] {
		return math.NaN()
	}
	return area / (x[last] - x[first])
}

// FirstReach is the first x at which y is at or above level and stays there:
// the mean of the w points that begin with it is at or above level too. So one
// lucky point does not count, and noise about the level afterwards does not
// undo. It is an x of the series, never interpolated. False if there is none,
// also when fewer than w points follow to confirm it; w of 1 or less asks for
// the plain first crossing. Points with a NaN are left out. x is taken in the
// order given. It panics if the lengths differ.
func FirstReach(x, y []float64, level float64, w int) (float64, bool) {
	mustPair("first reach", len(x), len(y))
	w = max(w, 1)
	xs := make([]float64, 0, len(x))
	ys := make([]float64, 0, len(y))
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			xs = append(xs, x[i])
			ys = append(ys, y[i])
		}
	}
	for i := 0; i+w <= len(ys); i++ {
		if ys[i] >= level && windowMean(ys[i:i+w]) >= level {
			return xs[i], true
		}
	}
	return math.NaN(), false
}

// windowMean is the mean of y, which is not empty and has no NaN. It sums
// deviations from the first finite point, so that the mean of equal values is
// that value exactly and not a rounding below it: FirstReach compares such means
// with a level.
func windowMean(y []float64) float64 {
	origin := 0.0
	if i := slices.IndexFunc(y, isFinite); i >= 0 {
		origin = y[i]
	}
	sum := 0.0
	for _, v := range y {
		sum += v - origin
	}
	return origin + sum/float64(len(y))
}
