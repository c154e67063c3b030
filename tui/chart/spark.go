package chart

import (
	"math"
	"strings"

	"ra3/tui/theme"
)

// Sparkline draws the values in one line of w cells, from their smallest to
// their largest. Longer histories are averaged in equal groups; shorter ones
// leave blanks at the right. A cell without a finite value is blank.
func Sparkline(values []float64, w int, th theme.Theme) string {
	w = max(w, 0)
	cells := make([]float64, min(w, len(values)))
	e := emptyExtent()
	for i := range cells {
		cells[i] = meanFinite(values[i*len(values)/len(cells) : (i+1)*len(values)/len(cells)])
		e.add(cells[i])
	}
	rise := th.Glyphs.Rise
	var b strings.Builder
	for _, v := range cells {
		switch {
		case math.IsNaN(v):
			b.WriteRune(' ')
		case e.hi-e.lo <= 1e-9*math.Max(math.Abs(e.lo), math.Abs(e.hi)):
			b.WriteRune(rise[len(rise)/2])
		default:
			// The lowest value still shows: a blank would be a gap.
			b.WriteRune(rise[1+e.cell(v, len(rise)-1)])
		}
	}
	b.WriteString(strings.Repeat(" ", w-len(cells)))
	return b.String()
}

// meanFinite is the mean of the finite values, NaN where there are none.
func meanFinite(values []float64) float64 {
	mean, n := 0.0, 0.0
	for _, v := range values {
		if finite(v) {
			n++
			mean += v/n - mean/n // no overflow of a sum
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return mean
}

// Gauge draws a progress bar of w cells for a fraction 0..1 (clipped), with the
// percentage behind it from ten cells on. NaN is progress not known.
func Gauge(fraction float64, w int, th theme.Theme) string {
	w = max(w, 0)
	label := ""
	if w >= 10 {
		label = "  --%"
		if !math.IsNaN(fraction) {
			// Rounded down: 100% means done.
			label = padLeft(fixed(math.Floor(100*min(max(fraction, 0), 1)+1e-9), 0), 4) + "%"
		}
	}
	n := w - len(label)
	done := 0
	if !math.IsNaN(fraction) {
		done = int(math.Floor(min(max(fraction, 0), 1)*float64(n) + 1e-9))
	}
	return strings.Repeat(string(th.Glyphs.Fill), done) + strings.Repeat(string(th.Glyphs.Rest), n-done) + label
}
