package plots

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// halvedScale is the linear scale computed on halves, so that a range from
// -1e308 to 1e308 does not overflow, and held near the axis, because the
// rasteriser walks without end to coordinates that are far off or not finite.
type halvedScale struct{}

func (halvedScale) Normalize(lo, hi, v float64) float64 {
	t := (v/2 - lo/2) / (hi/2 - lo/2)
	if math.IsNaN(t) {
		return 0
	}
	return max(-1, min(2, t))
}

// widen returns b as an axis range with room: a range without extent grows to
// both sides, others by the fractions below and above.
func widen(b bounds, below, above float64) (lo, hi float64) {
	lo, hi = b.lo, b.hi
	size := max(math.Abs(lo), math.Abs(hi))
	half := hi/2 - lo/2
	if half <= 1e-12*size || size < 1e-290 {
		pad := 0.1 * size
		if pad < 1e-290 {
			pad = 1
		}
		lo, hi = lo-pad, hi+pad
	} else {
		// half is doubled last: twice the largest half overflows, and zero of
		// that would be NaN.
		lo, hi = lo-half*below*2, hi+half*above*2
	}
	return max(lo, -math.MaxFloat64), min(hi, math.MaxFloat64)
}

// roundTicks places ticks at multiples of 1, 2 or 5 times a power of ten,
// about target of them; whole allows no step below 1.
type roundTicks struct {
	target int
	whole  bool
}

func (r roundTicks) Ticks(lo, hi float64) []plot.Tick {
	step := niceStep(lo, hi, r.target)
	if r.whole {
		step = max(step, 1)
	}
	// The slack keeps a tick that rounding puts just outside the range.
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	var values []float64
	for k := 0.0; k <= last-first && k < 64; k++ {
		v := (first + k) * step
		if finite(v) {
			values = append(values, max(lo, min(hi, v)))
		}
	}
	ticks := make([]plot.Tick, len(values))
	format := tickFormat(max(math.Abs(lo), math.Abs(hi)), step)
	for i, v := range values {
		ticks[i] = plot.Tick{Value: v, Label: format(v)}
	}
	return ticks
}

// niceStep returns the smallest round step that puts at most target intervals
// into the range.
func niceStep(lo, hi float64, target int) float64 {
	raw := (hi/2 - lo/2) / float64(target) * 2
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if step := m * power; step >= raw*(1-1e-9) && finite(step) {
			return step
		}
	}
	return raw
}

// tickFormat chooses one notation for all ticks of an axis whose largest
// magnitude is size: plain decimals, k/M/G/T, or powers of ten.
func tickFormat(size, step float64) func(float64) string {
	unit, suffix := 1.0, ""
	for _, u := range []struct {
		v float64
		s string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if size >= u.v && size >= 1e4 {
			unit, suffix = u.v, u.s
			break
		}
	}
	digits := int(max(0, -math.Floor(math.Log10(step/unit)+1e-9)))
	if digits > 5 && unit > 1 {
		unit, suffix = 1, ""
		digits = int(max(0, -math.Floor(math.Log10(step)+1e-9)))
	}
	significant := int(max(1, min(15, math.Ceil(math.Log10(size)-math.Log10(step))+1)))
	return func(v float64) string {
		switch {
		case math.Abs(v) < step*1e-6:
			return "0"
		case size >= 1e15 || digits > 5:
			return minus(compactExponent(strconv.FormatFloat(v, 'g', significant, 64)))
		}
		return minus(strconv.FormatFloat(v/unit, 'f', digits, 64)) + suffix
	}
}

// compactExponent writes 2e+06 as 2e6 and 1e-09 as 1e-9.
func compactExponent(s string) string {
	mantissa, exp, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	sign := ""
	if strings.HasPrefix(exp, "-") {
		sign = "-"
	}
	return mantissa + "e" + sign + strings.TrimLeft(exp, "+-0")
}

// minus sets the typographic minus sign.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }
