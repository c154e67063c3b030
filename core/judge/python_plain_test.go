package judge

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// pythonPlain writes a value as the Python harness does.
func pythonPlain(v any) any {
	switch v := v.(type) {
	case int64:
		return map[string]any{"i": strconv.FormatInt(v, 10)}
	case float64:
		return map[string]any{"f": pythonHex(v)}
	case opaque:
		return map[string]any{"o": 1}
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = pythonPlain(e)
		}
		return list
	}
	return v
}

// pythonHex is float.hex: 13 hexadecimal digits, exponent without padding.
func pythonHex(f float64) string {
	if f == 0 {
		if math.Signbit(f) {
			return "-0x0.0p+0"
		}
		return "0x0.0p+0"
	}
	s := strconv.FormatFloat(f, 'x', 13, 64)
	mantissa, exp, _ := strings.Cut(s, "p")
	n, err := strconv.Atoi(exp)
	if err != nil {
		return s
	}
	return fmt.Sprintf("%sp%+d", mantissa, n)
}
