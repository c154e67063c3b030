package experiments

import (
	"fmt"
	"strings"
)

// Plural writes a number of things with the thing in its form: 1 seed, 2 seeds,
// 1 match, 3 matches, 2 queries.
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	stem, y := strings.CutSuffix(thing, "y")
	switch {
	case y && !strings.ContainsAny(stem[max(0, len(stem)-1):], "aeiou"):
		thing = stem + "ies"
	case strings.HasSuffix(thing, "ch") || strings.HasSuffix(thing, "sh") || strings.HasSuffix(thing, "s") || strings.HasSuffix(thing, "x"):
		thing += "es"
	default:
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
