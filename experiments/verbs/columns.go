package verbs

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"ra3/experiments"
)

// columns aligns cells; the layout has one letter a column, l or r. Columns
// are two spaces apart and lines end without spaces.
type columns struct {
	layout string
	rows   [][]string
}

func (c *columns) row(cells ...string) { c.rows = append(c.rows, cells) }

func (c *columns) String() string {
	widths := make([]int, len(c.layout))
	for _, r := range c.rows {
		for i, cell := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, r := range c.rows {
		line := ""
		for i, cell := range r {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if c.layout[i] == 'r' {
				cell = pad + cell
			} else {
				cell += pad
			}
			line += cell + "  "
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// number prints x with a format, and - where there is no number.
func number(format string, x experiments.Number) string {
	if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return "-"
	}
	return fmt.Sprintf(format, float64(x))
}

// interval prints a mean with its interval, where it has one.
func interval(format string, m experiments.Measured) string {
	text := number(format, m.Mean)
	if lo, hi := number(format, m.Lo), number(format, m.Hi); lo != "-" && hi != "-" {
		text += " [" + lo + ", " + hi + "]"
	}
	return text
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// inOrder lists the keys of m, those of order first and in its order.
func inOrder[V any](m map[string]V, order ...string) []string {
	var keys []string
	for _, k := range order {
		if _, ok := m[k]; ok {
			keys = append(keys, k)
		}
	}
	for _, k := range sortedKeys(m) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

func lanesOf[V any](m map[string]V) []string { return inOrder(m, experiments.LaneNames()...) }

func familiesOf[V any](m map[string]V) []string {
	return inOrder(m, experiments.Tasks...)
}

// bytesText is a size for reading.
func bytesText(n int64) string {
	const units = "kMGT"
	x, unit := float64(n), -1
	for x >= 1000 && unit < len(units)-1 {
		x, unit = x/1000, unit+1
	}
	if unit < 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %cB", x, units[unit])
}
