package judge

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ra3/core/judge/pyvalue"
)

// verdict compares what a program did with what was wanted.
func verdict(out outcome, want []any) Verdict {
	v := Verdict{Kind: Passed, Total: len(want)}
	for i, r := range out {
		kind, reason := r.kind, r.reason
		if kind == "" {
			if i < len(want) && equal(r.value, want[i]) {
				v.Passed++
				continue
			}
			kind = Wrong
			if i < len(want) {
				reason = "want " + show(want[i]) + ", got " + show(r.value)
			}
		}
		if v.Kind != Passed {
			continue
		}
		v.Kind, v.Reason = kind, reason
		if (kind == Error || kind == Wrong) && len(want) > 1 && len(out) == len(want) {
			v.Reason = fmt.Sprintf("test %d: %s", i+1, reason)
		}
	}
	switch {
	case v.Kind == Memory:
		// Whether the process or the count of bytes stopped it is chance near
		// the bound, and only one of them knows the tests before.
		v.Passed = 0
	case v.Kind == Passed && len(out) < len(want):
		v.Kind, v.Reason = Crashed, "worker answered too few tests"
	}
	return v
}

// equal compares value and type exactly: bool is not int, int is not float. A
// wanted NaN is matched by NaN, which == would make impossible to satisfy.
func equal(got, want any) bool {
	switch w := want.(type) {
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !equal(g[i], w[i]) {
				return false
			}
		}
		return true
	case float64:
		g, ok := got.(float64)
		return ok && (g == w || math.IsNaN(g) && math.IsNaN(w))
	case nil, bool, int64, string:
		return got == want
	}
	return false
}

// show writes a value as Python would, cut to a length a reason can hold.
func show(v any) string {
	const width = 48
	var b strings.Builder
	write(&b, v, width)
	return clean(b.String(), width)
}

func write(b *strings.Builder, v any, width int) {
	if b.Len() > width {
		return
	}
	switch v := v.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		b.WriteString(map[bool]string{true: "True", false: "False"}[v])
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		b.WriteString(floatRepr(v))
	case string:
		b.WriteString(stringRepr(cutString(v, width+1)))
	case opaque:
		b.WriteString("<" + string(v) + ">")
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if b.Len() > width {
				break
			}
			if i > 0 {
				b.WriteString(", ")
			}
			write(b, e, width)
		}
		b.WriteByte(']')
	}
}

// floatRepr and stringRepr are Python's repr, uncut.
func floatRepr(f float64) string { return pyvalue.Repr(pyvalue.Float(f), math.MaxInt) }
func stringRepr(s string) string { return pyvalue.Repr(pyvalue.Str(s), math.MaxInt) }

// clean makes text fit for a reason: one line, printable, at most width bytes
// and an ellipsis.
func clean(s string, width int) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, cutString(s, width+1))
	if len(s) > width {
		s = cutString(s, width) + "..."
	}
	return s
}

// cutString is s, or its first width bytes without a rune cut in two.
func cutString(s string, width int) string {
	if len(s) <= width {
		return s
	}
	for width > 0 && !utf8.RuneStart(s[width]) {
		width--
	}
	return s[:width]
}
