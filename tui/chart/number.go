package chart

import (
	"math"
	"strconv"
	"strings"

	"ra3/tui/theme"
)

// notFinite spells NaN and the infinities; ok is false for other values.
func notFinite(v float64) (s string, ok bool) {
	switch {
	case math.IsNaN(v):
		return "nan", true
	case math.IsInf(v, 1):
		return "inf", true
	case math.IsInf(v, -1):
		return "-inf", true
	}
	return "", false
}

// exponent writes v with a mantissa of the given decimals and a short
// exponent: 1.5e-7, 2e300.
func exponent(v float64, decimals int) string {
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', decimals, 64), "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	sign := ""
	if exp[0] == '-' {
		sign = "-"
	}
	exp = strings.TrimLeft(exp[1:], "0")
	if exp == "" {
		return mantissa
	}
	return mantissa + "e" + sign + exp
}

// fixed writes v with the given decimals and never "-0".
func fixed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// magnitude is the decimal exponent of v after rounding to the digits shown:
// 9.996 with three digits is 10.0, so 1.
func magnitude(v float64, digits int) int {
	_, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', max(digits-1, 0), 64), "e")
	n, err := strconv.Atoi(exp)
	if err != nil {
		return 0 // unreachable for finite v
	}
	return n
}

// Significant writes v with the given number of significant digits (at least
// one), as a plain decimal from 1e-4 up to 1e6 and with an exponent outside it.
// Trailing zeros of a plain decimal stay: they say how precise it is.
func Significant(v float64, digits int) string {
	if s, ok := notFinite(v); ok {
		return s
	}
	digits = min(max(digits, 1), 17)
	if v == 0 {
		return "0"
	}
	exp := magnitude(v, digits)
	if exp < -4 || exp >= 6 {
		return exponent(v, digits-1)
	}
	return fixed(v, max(digits-1-exp, 0))
}

var prefixes = []string{"", "k", "M", "G", "T", "P"}

// SI writes a count of tokens, updates or bytes with two or three significant
// digits and a decimal prefix: 950, 1.2k, 34k, 3.4M, 120M.
func SI(v float64) string {
	if s, ok := notFinite(v); ok {
		return s
	}
	for i, unit := range prefixes {
		scaled := v / math.Pow(1000, float64(i))
		switch {
		case i == 0 && math.Abs(scaled) < 999.5 && v == math.Trunc(v):
			return fixed(v, 0)
		case math.Abs(scaled) < 9.95:
			return strings.TrimSuffix(fixed(scaled, 1), ".0") + unit
		case math.Abs(scaled) < 999.5:
			return fixed(scaled, 0) + unit
		}
	}
	return exponent(v, 1)
}

// Interval writes a value with its interval: "0.612 ±0.031", or
// "0.61 [0.55, 0.63]" where the sides differ by more than rounding, since one
// half-width would then be wrong. The half-width gets two digits and the value
// as many decimals. Without a finite interval it is the value alone.
func Interval(v, lo, hi float64, g theme.Glyphs) string {
	half := hi/2 - lo/2
	if !finite(v) || !finite(lo) || !finite(hi) || half <= 0 {
		return Significant(v, 3)
	}
	exp := magnitude(half, 2)
	largest := math.Max(math.Abs(v), math.Max(math.Abs(lo), math.Abs(hi)))
	decimals := min(max(1-exp, 0), 9)
	write := func(x float64) string { return fixed(x, decimals) }
	lopsided := Estimate{v, lo, hi}.lopsided(decimals)
	if largest >= 1e6 || exp < -6 {
		lopsided = math.Abs((hi-v)-(v-lo)) > 0.2*half
		digits := min(max(magnitude(largest, 2)-exp+2, 2), 15)
		write = func(x float64) string { return exponent(x, digits-1) }
	}
	if lopsided {
		return write(v) + " [" + write(lo) + ", " + write(hi) + "]"
	}
	if largest >= 1e6 || exp < -6 {
		return write(v) + " " + g.PlusMinus + exponent(half, 1)
	}
	return write(v) + " " + g.PlusMinus + write(half)
}

// Value writes one value of a series whose drawn range is span: three digits
// of the range, so that what the chart resolves can also be read. Large
// values get a decimal prefix.
func Value(v, span float64) string {
	if s, ok := notFinite(v); ok {
		return s
	}
	if math.Abs(v) >= 1e5 {
		return SI(v)
	}
	if v == math.Trunc(v) && span >= 100 {
		return fixed(v, 0)
	}
	if !(span > 0) || span < 1e-6 || (v != 0 && math.Abs(v) < 1e-4) {
		return Significant(v, 3)
	}
	return fixed(v, min(max(2-magnitude(span, 1), 0), 6))
}
