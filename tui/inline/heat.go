package inline

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/tui/theme"
)

// Map draws a heat map in exactly w x h cells: a row for every series, its
// values with their intervals where there is room, and a mark whose weight is
// the value's size against the largest. What is beyond h rows is left out.
func Map(f measure.Figure, w, h int, th theme.Theme) []string {
	g := th.Glyphs
	largest := 0.0
	for _, s := range f.Series {
		for _, y := range s.Y {
			if !math.IsNaN(y) && !math.IsInf(y, 0) {
				largest = max(largest, math.Abs(y))
			}
		}
	}
	labelW := min(w/3, max(ansi.StringWidth(g.Text(f.YLabel)), longest(f, g)))
	n := max(1, len(f.Categories))
	cellW := min(28, max(1, (w-labelW-1)/n-1))
	row := func(label string, cells func(i int) string) string {
		line := g.Fit(label, labelW) + " "
		for i := range n {
			line += cells(i) + " "
		}
		return g.Fit(line, w)
	}
	foot := caption(f, w, h/4, th)
	lines := []string{
		th.Faint.Render(g.Fit(g.Text(f.ZLabel)+", by "+g.Text(f.YLabel)+" (rows) and "+g.Text(f.XLabel)+" (columns)", w)),
		row("", func(i int) string {
			if i >= len(f.Categories) {
				return g.Fit("", cellW)
			}
			return th.Strong.Render(g.Fit(g.Text(f.Categories[i]), cellW))
		}),
	}
	for _, s := range f.Series {
		at := map[int]int{} // category to point
		for i, x := range s.X {
			at[int(x)] = i
		}
		first := row(g.Text(s.Name), func(i int) string { return value(s, at, i, cellW, largest, th) })
		second := row("", func(i int) string { return bounds(s, at, i, cellW, th) })
		lines = append(lines, "", first, second)
	}
	out := make([]string, h)
	for i := range out {
		switch {
		case i >= h-len(foot):
			out[i] = foot[i-h+len(foot)]
		case i < len(lines):
			out[i] = g.Fit(lines[i], w)
		default:
			out[i] = strings.Repeat(" ", w)
		}
	}
	return out
}

func longest(f measure.Figure, g theme.Glyphs) int {
	n := 0
	for _, s := range f.Series {
		n = max(n, ansi.StringWidth(g.Text(s.Name)))
	}
	return n
}

// value is a cell's number with its mark, green above zero and red below where
// its interval sets it apart.
func value(s measure.Series, at map[int]int, i, w int, largest float64, th theme.Theme) string {
	g := th.Glyphs
	k, ok := at[i]
	if !ok {
		return th.Faint.Render(g.Fit("not computed", w))
	}
	y := s.Y[k]
	if math.IsNaN(y) || math.IsInf(y, 0) {
		return th.Faint.Render(g.Fit("no value", w))
	}
	ramp := []rune{' ', '░', '▒', '▓', '█'}
	if g.Set == theme.ASCII {
		ramp = []rune{' ', '.', ':', '+', '#'}
	}
	mark := ramp[min(len(ramp)-1, int(math.Abs(y)/max(largest, 1e-300)*float64(len(ramp)-1)+0.5))]
	style := th.Text
	if k < len(s.Lo) && k < len(s.Hi) {
		switch {
		case s.Lo[k] > 0:
			style = th.Good
		case s.Hi[k] < 0:
			style = th.Bad
		}
	}
	return style.Render(g.Fit(fmt.Sprintf("%c%c %+.3f", mark, mark, y), w))
}

func bounds(s measure.Series, at map[int]int, i, w int, th theme.Theme) string {
	k, ok := at[i]
	text := ""
	if ok && k < len(s.Lo) && k < len(s.Hi) && !math.IsNaN(s.Lo[k]) && !math.IsNaN(s.Hi[k]) {
		text = fmt.Sprintf("   [%+.3f, %+.3f]", s.Lo[k], s.Hi[k])
		if len(text) > w {
			text = ""
		}
	}
	return th.Faint.Render(th.Glyphs.Fit(text, w))
}
