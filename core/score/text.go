package score

import (
	"math"
	"strconv"
	"strings"

	"ra3/core/tasks"
)

// sameText compares what a program printed with what was expected.
func sameText(how tasks.Compare, got, want string) bool {
	if how == tasks.Tokens {
		return sameTokens(strings.Fields(got), strings.Fields(want))
	}
	return sameLines(got, want)
}

// sameLines compares line by line, without the blanks around: equal, or word by
// word equal as decimal numbers. (LiveCodeBench, lcb_runner/evaluation.)
func sameLines(got, want string) bool {
	g := strings.Split(strings.TrimSpace(got), "\n")
	w := strings.Split(strings.TrimSpace(want), "\n")
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		x, y := strings.TrimSpace(g[i]), strings.TrimSpace(w[i])
		if x != y && !sameDecimals(strings.Fields(x), strings.Fields(y)) {
			return false
		}
	}
	return true
}

func sameDecimals(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		x, ok := parseDecimal(got[i])
		y, yok := parseDecimal(want[i])
		if !ok || !yok || x.nan || y.nan || x != y {
			return false
		}
	}
	return true
}

// decimal is a decimal number in the one form that equal numbers share: digits
// without zeros at either end, and the power of ten of the last one. It is never
// written out, so that 1e999999999 costs nothing.
type decimal struct {
	negative bool
	digits   string // "" is zero
	exponent int64
	inf, nan bool
}

// parseDecimal reads what Python's Decimal reads.
func parseDecimal(s string) (d decimal, ok bool) {
	s = strings.ReplaceAll(s, "_", "")
	if rest, minus := strings.CutPrefix(s, "-"); minus {
		d.negative, s = true, rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	switch low := strings.ToLower(s); {
	case low == "inf" || low == "infinity":
		d.inf = true
		return d, true
	case strings.HasPrefix(low, "nan") || strings.HasPrefix(low, "snan"):
		d.nan = true
		return d, strings.Trim(strings.TrimPrefix(low, "s")[3:], "0123456789") == ""
	}
	mantissa, power := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, power = s[:i], s[i+1:]
		var err error
		if d.exponent, err = strconv.ParseInt(power, 10, 64); err != nil || d.exponent > math.MaxInt32 || d.exponent < math.MinInt32 {
			return d, false
		}
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	d.digits = whole + part
	if d.digits == "" || strings.Trim(d.digits, "0123456789") != "" {
		return d, false
	}
	d.exponent -= int64(len(part))
	d.digits = strings.TrimLeft(d.digits, "0")
	short := strings.TrimRight(d.digits, "0")
	d.exponent += int64(len(d.digits) - len(short))
	if d.digits = short; short == "" {
		d.exponent, d.negative = 0, false
	}
	return d, true
}

// tokenTolerance is how far a float may be off, absolutely or relatively.
const tokenTolerance = 1e-6

// sameTokens compares words. Only where a float is expected is there a
// tolerance: an integer, a word or a very large number is to be exact.
func sameTokens(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] == want[i] {
			continue
		}
		if !looksFloat(want[i]) {
			return false
		}
		x, err := strconv.ParseFloat(got[i], 64)
		y, yerr := strconv.ParseFloat(want[i], 64)
		if err != nil || yerr != nil || math.IsNaN(x) || math.IsInf(x, 0) || strings.ContainsAny(got[i], "xXpP_") {
			return false
		}
		if math.Abs(x-y) > tokenTolerance*math.Max(1, math.Abs(y)) {
			return false
		}
	}
	return true
}

// looksFloat tells digits with a point or an exponent, and nothing else.
func looksFloat(s string) bool {
	if !strings.ContainsAny(s, ".eE") || strings.Trim(s, "+-.eE0123456789") != "" {
		return false
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && !math.IsInf(f, 0)
}
