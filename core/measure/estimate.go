package measure

import (
	"math"
	"strconv"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a mean with its interval. N is the number of observations that
// entered it: NaN observations are gaps, left out and not counted. Lo and Hi are
// NaN where the data cannot bound the mean. Interval names the method and the
// level, as figures must quote it.
type Estimate struct {
	Mean, Lo, Hi float64
	N            int
	Interval     string
}

// TInterval is the mean of values (one per seed) with Student's interval
// mean +- t_{(1+level)/2, n-1} s / sqrt(n), s the sample deviation (n-1 in the
// denominator). One value, or a level outside (0, 1), leaves Lo and Hi NaN.
//
// Source: Student 1908, "The probable error of a mean", Biometrika 6(1).
func TInterval(values []float64, level float64) Estimate {
	values = observed(values)
	e := unbounded(values, intervalName(level, "t over seeds"))
	if e.N < 2 || !validLevel(level) || !isFinite(e.Mean) {
		return e
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(e.N - 1)}.Quantile((1 + level) / 2)
	half := t * stat.StdDev(values, nil) / math.Sqrt(float64(e.N))
	e.Lo, e.Hi = e.Mean-half, e.Mean+half
	return e
}

// ErrorInterval is Student's interval about a mean of which its standard error
// over n observations is known: what TInterval is when only those were kept.
// Fewer than two observations, or an error that is not positive and finite, leave
// Lo and Hi NaN.
func ErrorInterval(mean, se float64, n int, level float64) Estimate {
	e := Estimate{Mean: mean, Lo: math.NaN(), Hi: math.NaN(), N: n, Interval: intervalName(level, "t")}
	if n < 2 || !(se > 0) || !isFinite(se) || !isFinite(mean) || !validLevel(level) {
		return e
	}
	half := se * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile((1+level)/2)
	e.Lo, e.Hi = mean-half, mean+half
	return e
}

// unbounded is an Estimate of values' mean whose bounds are yet unknown.
func unbounded(values []float64, interval string) Estimate {
	e := Estimate{Mean: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: len(values), Interval: interval}
	if len(values) > 0 {
		e.Mean = stat.Mean(values, nil)
	}
	return e
}

func intervalName(level float64, method string) string {
	return strconv.FormatFloat(100*level, 'g', 6, 64) + "% " + method
}

// observed returns values without the NaN ones, in order. It copies only when
// something has to go.
func observed(values []float64) []float64 {
	for i, v := range values {
		if !math.IsNaN(v) {
			continue
		}
		kept := append([]float64(nil), values[:i]...)
		for _, w := range values[i+1:] {
			if !math.IsNaN(w) {
				kept = append(kept, w)
			}
		}
		return kept
	}
	return values
}

func validLevel(level float64) bool { return level > 0 && level < 1 }

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
