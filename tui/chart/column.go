package chart

import (
	"math"
	"strings"

	"ra3/tui/theme"
)

// Estimate is a value with the ends of its interval, NaN where it has none.
type Estimate struct{ Y, Lo, Hi float64 }

// bounded says whether there is an interval to write.
func (x Estimate) bounded() bool {
	return finite(x.Y) && finite(x.Lo) && finite(x.Hi) && x.Hi > x.Lo
}

// half is half of the interval's width.
func (x Estimate) half() float64 { return x.Hi/2 - x.Lo/2 }

// lopsided says whether the sides of an interval differ at the decimals written:
// one half-width would then be wrong.
func (x Estimate) lopsided(decimals int) bool {
	return math.Abs((x.Hi-x.Y)-(x.Y-x.Lo)) > 0.5*math.Pow(10, -float64(decimals))
}

// plain says whether a number is written without an exponent.
func (x Estimate) plain() bool {
	largest := math.Max(math.Abs(x.Y), math.Max(math.Abs(x.Lo), math.Abs(x.Hi)))
	return largest < 1e6 && magnitude(x.half(), 2) >= -6
}

// Aligned writes a column of one measure: all with the same decimals, and with
// intervals in one form, so that points stand under each other when the texts are
// set at the right. Numbers have their sign where they are differences. Most is how
// many decimals values without intervals get, 0 for as many as three digits need.
func Aligned(xs []Estimate, signed bool, most int, g theme.Glyphs) []string {
	out := make([]string, len(xs))
	decimals, form, ok := columnForm(xs, signed, most)
	if !ok {
		for i, x := range xs {
			if out[i] = Interval(x.Y, x.Lo, x.Hi, g); signed && x.Y > 0 {
				out[i] = "+" + out[i]
			}
		}
		return out
	}
	write := func(v float64) string {
		if !finite(v) {
			return Significant(v, 3)
		}
		text := fixed(v, decimals)
		if signed && v > 0 && strings.Trim(text, "0.") != "" {
			text = "+" + text
		}
		return text
	}
	var widths [3]int
	parts := make([][3]string, len(xs))
	for i, x := range xs {
		parts[i][0] = write(x.Y)
		if x.bounded() && form == inBrackets {
			parts[i][1], parts[i][2] = write(x.Lo), write(x.Hi)
		} else if x.bounded() {
			parts[i][2] = g.PlusMinus + fixed(x.half(), decimals)
		}
		for k, p := range parts[i] {
			widths[k] = max(widths[k], len([]rune(p)))
		}
	}
	right := func(s string, w int) string { return strings.Repeat(" ", max(0, w-len([]rune(s)))) + s }
	for i, p := range parts {
		out[i] = right(p[0], widths[0])
		switch {
		case p[1] != "":
			out[i] += " [" + right(p[1], widths[1]) + ", " + right(p[2], widths[2]) + "]"
		case p[2] != "":
			out[i] += " " + right(p[2], widths[2])
		case widths[1] > 0:
			out[i] += strings.Repeat(" ", widths[1]+widths[2]+5)
		case widths[2] > 0:
			out[i] += strings.Repeat(" ", widths[2]+1)
		}
	}
	return out
}

// The forms of a column's intervals.
const (
	halfWidths = iota
	inBrackets
)

// columnForm chooses a column's decimals and the form of its intervals: the widest
// gets two digits, the narrowest one. False where its numbers need exponents.
func columnForm(xs []Estimate, signed bool, most int) (decimals, form int, ok bool) {
	widest, narrowest := 0.0, math.Inf(1)
	largest, smallest := 0.0, math.Inf(1)
	for _, x := range xs {
		if x.bounded() {
			if !x.plain() {
				return 0, 0, false
			}
			widest, narrowest = math.Max(widest, x.half()), math.Min(narrowest, x.half())
		} else if y := math.Abs(x.Y); finite(y) && y > 0 {
			largest, smallest = math.Max(largest, y), math.Min(smallest, y)
		}
	}
	if largest >= 1e6 {
		return 0, 0, false
	}
	if widest > 0 {
		decimals = min(max(1-magnitude(widest, 2), -magnitude(narrowest, 1), 0), 9)
		if signed {
			decimals = max(decimals, min(decimals+1, most)) // on which side of 0 an end lies must be seen
		}
		for _, x := range xs {
			if x.bounded() && x.lopsided(decimals) {
				form = inBrackets
			}
		}
		return decimals, form, true
	}
	if largest > 0 && smallest < 1e-4 {
		return 0, 0, false
	}
	if largest > 0 {
		decimals = max(2-magnitude(largest, 3), 1-magnitude(smallest, 2), 0)
	}
	if most > 0 {
		decimals = min(decimals, most)
	}
	return decimals, form, true
}
