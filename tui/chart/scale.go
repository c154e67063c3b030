package chart

import (
	"math"
	"strings"
)

// Values beyond limit would overflow the arithmetic of ranges; they are drawn
// as gaps, like NaN. Below tiny in size, everything is zero.
const (
	limit = 1e300
	tiny  = 1e-200
)

func finite(v float64) bool { return v >= -limit && v <= limit }

// extent is a closed range of data, empty while lo > hi.
type extent struct{ lo, hi float64 }

func emptyExtent() extent { return extent{math.Inf(1), math.Inf(-1)} }

func (e *extent) add(v float64) {
	if finite(v) {
		e.lo, e.hi = math.Min(e.lo, v), math.Max(e.hi, v)
	}
}

func (e extent) empty() bool { return e.lo > e.hi }

// opened widens a range that is too narrow to divide, such as that of a
// constant series, so that its value lies in the middle.
func (e extent) opened() extent {
	size := math.Max(math.Abs(e.lo), math.Abs(e.hi))
	if size < tiny {
		return extent{-1, 1}
	}
	if e.hi-e.lo > 1e-9*size {
		return e
	}
	return extent{e.lo - size/2, e.hi + size/2}
}

// at is the position of v in the range, 0 at lo and 1 at hi.
func (e extent) at(v float64) float64 { return (v - e.lo) / (e.hi - e.lo) }

// cell maps v to 0..n-1.
func (e extent) cell(v float64, n int) int {
	return min(max(int(math.Round(e.at(v)*float64(n-1))), 0), n-1)
}

// roundSteps lists the tick distances tried in a decade.
var roundSteps = []float64{1, 2, 2.5, 5, 10, 20, 25, 50}

// ticks returns the multiples of the smallest round step (1, 2, 2.5 or 5 times
// a power of ten) of which at most most lie in the range. The range must be
// opened.
func (e extent) ticks(most int) (values []float64, step float64) {
	if most < 1 {
		return nil, 0
	}
	decade := math.Pow(10, math.Floor(math.Log10((e.hi-e.lo)/float64(most))))
	for _, m := range roundSteps {
		step = m * decade
		// The slack keeps an end that is a multiple but for its last bits.
		first, last := math.Ceil(e.lo/step-1e-6), math.Floor(e.hi/step+1e-6)
		if last-first+1 > float64(most) {
			continue
		}
		for k := first; k <= last; k++ {
			values = append(values, k*step)
		}
		return values, step
	}
	return nil, 0
}

// mostTicks is how many ticks a y axis has at most.
const mostTicks = 6

// inRows is a range for a y axis of so many rows of so many dots each: ticks at
// every kth row, k at least 2, in the middle of it, so that they are equally far
// apart on the screen as well. Of the ranges that hold e it is the tightest,
// or one with more ticks that is hardly wider.
func (e extent) inRows(rows, dots int) (out extent, values []float64, step float64) {
	unit, apart := math.Inf(1), 0 // a row's share of y, rows from tick to tick
	least := max(2, (rows+mostTicks-1)/mostTicks)
	for k := least; k <= max(least, rows/2); k++ {
		decade := math.Pow(10, math.Floor(math.Log10((e.hi-e.lo)*float64(k)/float64(rows))))
		for _, m := range roundSteps {
			if u := m * decade / float64(k); u < 0.9*unit && row(e.hi, u)-row(e.lo, u) < float64(rows) {
				unit, apart, step = u, k, m*decade
				break
			}
		}
	}
	if apart == 0 {
		return e, nil, 0
	}
	first, last := row(e.lo, unit), row(e.hi, unit)
	spare := math.Floor((float64(rows) - (last - first + 1)) / 2)
	if first >= 0 {
		spare = math.Min(spare, first) // no values below zero where the data have none
	}
	first -= spare
	dot := unit / float64(dots)
	out.lo = (first-0.5)*unit + dot/2
	out.hi = out.lo + float64(rows*dots-1)*dot
	for n := math.Ceil(first / float64(apart)); n*float64(apart) < first+float64(rows); n++ {
		values = append(values, n*step)
	}
	return out, values, step
}

// row is the number of the row about v, rows being unit high and about the
// multiples of it.
func row(v, unit float64) float64 { return math.Floor(v/unit + 0.5) }

// decimalsFor is how many decimals a multiple of step needs.
func decimalsFor(step float64) int {
	for d := 0; d < 9; d++ {
		x := step * math.Pow(10, float64(d))
		if math.Abs(x-math.Round(x)) < 1e-6*x {
			return d
		}
	}
	return 9
}

// tickLabels writes multiples of step with one unit and equal decimals, and
// no more digits than tell them apart.
func tickLabels(values []float64, step float64) []string {
	size := math.Abs(step)
	for _, v := range values {
		size = math.Max(size, math.Abs(v))
	}
	write := func(v float64) string { return fixed(v, decimalsFor(step)) }
	switch {
	case size >= 1e15 || size < 1e-3:
		digits := int(math.Ceil(math.Log10(size/step))) + decimalsFor(step/math.Pow(10, math.Floor(math.Log10(step))))
		write = func(v float64) string { return exponent(v, min(max(digits, 0), 15)) }
	case size >= 1e4 && step >= 1:
		i := min(int(math.Floor(math.Log10(size)))/3, len(prefixes)-1)
		unit := math.Pow(1000, float64(i))
		write = func(v float64) string { return fixed(v/unit, decimalsFor(step/unit)) + prefixes[i] }
	}
	labels := make([]string, len(values))
	for i, v := range values {
		if math.Abs(v) < step/2 {
			labels[i] = "0"
			continue
		}
		labels[i] = write(v)
	}
	return labels
}

func widest(labels []string) int {
	n := 0
	for _, l := range labels {
		n = max(n, len(l)) // numbers are ASCII
	}
	return n
}

// padLeft right-aligns an ASCII label.
func padLeft(s string, w int) string {
	return strings.Repeat(" ", max(w-len(s), 0)) + s
}
