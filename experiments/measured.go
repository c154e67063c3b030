package experiments

import (
	"fmt"
	"math"
	"strings"
)

// OverSeeds is the mean of a value by seed with its t-interval.
func OverSeeds(bySeed []float64) Measured { return estimate(bySeed, nil, "") }

// Minus is m minus b, paired by seed; nothing where their seeds are not the same
// in number.
func (m Measured) Minus(b Measured) Measured {
	if len(m.BySeed) != len(b.BySeed) {
		return Measured{}
	}
	d := make([]float64, len(m.BySeed))
	for i := range d {
		d[i] = float64(m.BySeed[i] - b.BySeed[i])
	}
	return OverSeeds(d)
}

// Text prints x, and a dash where there is no number.
func (x Number) Text(format string) string {
	if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return "-"
	}
	return fmt.Sprintf(format, float64(x))
}

// Text prints a mean with its interval, where it has one.
func (m Measured) Text(format string) string {
	text := m.Mean.Text(format)
	if lo, hi := m.Lo.Text(format), m.Hi.Text(format); lo != "-" && hi != "-" {
		text += " [" + lo + ", " + hi + "]"
	}
	return text
}

// BySeedText prints every seed's value, a dash where there is none.
func (m Measured) BySeedText(format string) string {
	words := make([]string, len(m.BySeed))
	for i, x := range m.BySeed {
		words[i] = x.Text(format)
	}
	return strings.Join(words, ", ")
}
