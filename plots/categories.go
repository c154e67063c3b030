package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

// maxCategories is how many groups of bars a figure can show at all.
const maxCategories = 200

// categories returns the labels of f's groups and the group of each x: an
// index into f.Categories, or, without them, the rank of x among all values.
func categories(f measure.Figure) (names []string, place func(x float64) int, err error) {
	var xs []float64
	for _, s := range f.Series {
		seen := map[float64]bool{}
		for i, x := range s.X {
			if !finite(x) || !finite(s.Y[i]) {
				continue
			}
			if seen[x] && !s.Thin {
				return nil, nil, fmt.Errorf("series %q has two bars at x = %g; give each category one value", s.Name, x)
			}
			seen[x] = true
			if n := len(f.Categories); n > 0 && (x != math.Trunc(x) || x < 0 || x >= float64(n)) {
				return nil, nil, fmt.Errorf("series %q: x = %g is no index of its %d categories", s.Name, x, n)
			}
			xs = append(xs, x)
		}
	}
	if len(f.Categories) > 0 {
		names = slices.Clone(f.Categories)
		place = func(x float64) int { return int(x) }
	} else {
		slices.Sort(xs)
		xs = slices.Compact(xs)
		for _, x := range xs {
			names = append(names, minus(strconv.FormatFloat(x, 'g', 6, 64)))
		}
		place = func(x float64) int { i, _ := slices.BinarySearch(xs, x); return i }
	}
	if len(names) > maxCategories {
		return nil, nil, fmt.Errorf("%d categories of bars, at most %d can be told apart; draw lines instead", len(names), maxCategories)
	}
	return names, place, nil
}

// labelAxis labels categories slot apart: wrapped if they fit so, else in
// smaller type, else upright and, where even that is too dense, only some.
func labelAxis(a *plot.Axis, names []string, slot vg.Length) {
	sty := a.Tick.Label
	for _, size := range []vg.Length{tickSize, 7.5, 6.5} {
		sty.Font.Size = size
		if labels, ok := wrapLabels(sty, names, slot-4); ok {
			a.Tick.Label = sty
			a.Tick.Marker = nominal(labels, 1)
			return
		}
	}
	a.Padding += 2 // upright text reaches further up than level text
	sty.Rotation = math.Pi / 2
	sty.XAlign, sty.YAlign = draw.XRight, draw.YCenter
	a.Tick.Label = sty
	labels := make([]string, len(names))
	for i, n := range names {
		labels[i] = shorten(sty, clean(n), 90)
	}
	every := int(math.Ceil(float64(sty.Font.Size * 1.15 / slot)))
	a.Tick.Marker = nominal(labels, max(1, every))
}

// nominal returns ticks at 0, 1, ... with every nth label shown.
func nominal(labels []string, nth int) plot.Ticker {
	var ticks plot.ConstantTicks
	for i := 0; i < len(labels); i += nth {
		if labels[i] != "" {
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: labels[i]})
		}
	}
	return ticks
}

// wrapLabels wraps names to width in at most three lines without splitting
// words, all to the same number of lines so that their first lines align.
func wrapLabels(sty text.Style, names []string, width vg.Length) ([]string, bool) {
	wrapped := make([][]string, len(names))
	rows := 1
	for i, n := range names {
		for word := range strings.FieldsSeq(clean(n)) {
			if sty.Width(word) > width {
				return nil, false
			}
		}
		wrapped[i] = wrap(sty, n, width)
		rows = max(rows, len(wrapped[i]))
	}
	if rows > 3 {
		return nil, false
	}
	labels := make([]string, len(names))
	for i, lines := range wrapped {
		if len(lines) == 0 {
			continue
		}
		for len(lines) < rows {
			lines = append(lines, " ")
		}
		labels[i] = strings.Join(lines, "\n")
	}
	return labels, true
}

// shorten cuts s to width, marking the cut.
func shorten(sty text.Style, s string, width vg.Length) string {
	if s == "" || sty.Width(s) <= width {
		return s
	}
	return strings.TrimSpace(s[:fitting(sty, s, width-sty.Width("…"))]) + "…"
}
