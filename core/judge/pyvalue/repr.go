package pyvalue

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Repr is v as Python's repr prints it, cut after about limit bytes with "...".
// It is for people: of a set the order is the one given.
func Repr(v Value, limit int) string {
	r := repr{limit: limit}
	r.value(v)
	s := r.b.String()
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "..."
}

type repr struct {
	b     strings.Builder
	limit int
}

func (r *repr) full() bool { return r.b.Len() > r.limit }

func (r *repr) value(v Value) {
	if r.full() {
		return
	}
	switch x := v.(type) {
	case None:
		r.b.WriteString("None")
	case Bool:
		if x {
			r.b.WriteString("True")
		} else {
			r.b.WriteString("False")
		}
	case Int:
		// A million digits take long to print, and nobody reads them.
		if x.V.BitLen() > 8*r.limit+64 {
			r.b.WriteString("<int of " + strconv.Itoa(x.V.BitLen()) + " bits>")
			return
		}
		r.b.WriteString(x.V.String())
	case Float:
		r.b.WriteString(floatRepr(float64(x)))
	case Complex:
		re, im := real(complex128(x)), imag(complex128(x))
		imText := complexPart(im) + "j"
		if re == 0 && !math.Signbit(re) {
			r.b.WriteString(imText)
			return
		}
		if !strings.HasPrefix(imText, "-") {
			imText = "+" + imText
		}
		r.b.WriteString("(" + complexPart(re) + imText + ")")
	case Str:
		r.str(string(x))
	case Bytes:
		r.bytes(string(x))
	case List:
		r.items("[", x, "]")
	case Tuple:
		if len(x) == 1 {
			r.items("(", x, ",)")
		} else {
			r.items("(", x, ")")
		}
	case Set:
		if len(x) == 0 {
			r.b.WriteString("set()")
		} else {
			r.items("{", x, "}")
		}
	case FrozenSet:
		if len(x) == 0 {
			r.b.WriteString("frozenset()")
		} else {
			r.items("frozenset({", x, "})")
		}
	case Dict:
		r.b.WriteByte('{')
		for i, it := range x {
			if i > 0 {
				r.b.WriteString(", ")
			}
			r.value(it.Key)
			r.b.WriteString(": ")
			r.value(it.Value)
			if r.full() {
				return
			}
		}
		r.b.WriteByte('}')
	}
}

func (r *repr) items(open string, vs []Value, end string) {
	r.b.WriteString(open)
	for i, v := range vs {
		if i > 0 {
			r.b.WriteString(", ")
		}
		if r.value(v); r.full() {
			return
		}
	}
	r.b.WriteString(end)
}

// complexPart is a float as it stands within a complex: without ".0".
func complexPart(f float64) string { return strings.TrimSuffix(floatRepr(f), ".0") }

// floatRepr prints the shortest digits that give f back, in exponent form from
// 1e16 up and below 1e-4, as CPython does.
func floatRepr(f float64) string {
	switch {
	case f != f:
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func quoteFor(s string) byte {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

func (r *repr) str(s string) {
	q := quoteFor(s)
	r.b.WriteByte(q)
	for i := 0; i < len(s) && !r.full(); {
		c, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			// Half of a surrogate pair: three bytes that are not UTF-8.
			if i+3 <= len(s) && s[i] == 0xED && s[i+1] >= 0xA0 {
				c = 0xD000 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
				r.b.WriteString(`\u` + strconv.FormatInt(int64(c), 16))
				size = 3
			} else {
				r.hex(s[i])
			}
		case c < utf8.RuneSelf:
			r.ascii(byte(c), q)
		case unicode.IsPrint(c):
			r.b.WriteString(s[i : i+size])
		case c < 0x100:
			r.hex(byte(c))
		case c < 0x10000:
			h := strconv.FormatInt(int64(c), 16)
			r.b.WriteString(`\u` + strings.Repeat("0", 4-len(h)) + h)
		default:
			h := strconv.FormatInt(int64(c), 16)
			r.b.WriteString(`\U` + strings.Repeat("0", 8-len(h)) + h)
		}
		i += size
	}
	r.b.WriteByte(q)
}

func (r *repr) bytes(s string) {
	q := quoteFor(s)
	r.b.WriteByte('b')
	r.b.WriteByte(q)
	for i := 0; i < len(s) && !r.full(); i++ {
		if s[i] < utf8.RuneSelf {
			r.ascii(s[i], q)
		} else {
			r.hex(s[i])
		}
	}
	r.b.WriteByte(q)
}

func (r *repr) ascii(c, quote byte) {
	switch {
	case c == quote || c == '\\':
		r.b.WriteByte('\\')
		r.b.WriteByte(c)
	case c == '\n':
		r.b.WriteString(`\n`)
	case c == '\r':
		r.b.WriteString(`\r`)
	case c == '\t':
		r.b.WriteString(`\t`)
	case c < ' ' || c == 0x7f:
		r.hex(c)
	default:
		r.b.WriteByte(c)
	}
}

func (r *repr) hex(c byte) {
	const digits = "0123456789abcdef"
	r.b.WriteString(`\x` + string(digits[c>>4]) + string(digits[c&15]))
}
