package chart

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// yAxis draws the axis at the left of the plot with its labels.
func (p plot) yAxis(values []float64, labels []string, pen int) {
	if p.x0 == 0 {
		return
	}
	for y := range p.ph {
		p.put(p.x0-1, y, p.glyphs.AxisV, pen)
	}
	used := map[int]bool{}
	for i, v := range values {
		y := p.line(v) / p.dy
		if used[y] {
			continue
		}
		used[y] = true
		p.put(p.x0-1, y, p.glyphs.TickV, pen)
		p.text(0, y, padLeft(labels[i], p.x0-1), pen)
	}
}

// shortened leaves out what a name explains after a bracket or a comma where it is
// wider than w.
func shortened(name string, w int) string {
	for _, from := range []string{"", " (", ", "} {
		if head, _, found := strings.Cut(name, from); from != "" && found && ansi.StringWidth(name) > w {
			name = head
		}
	}
	return name
}

// xAxis draws the axis below the plot, its tick labels, and at the right end
// of their row what x is.
func (p plot) xAxis(name string, pen int) {
	rule, row := p.ph, p.ph+1
	for x := p.x0; x < p.x0+p.pw; x++ {
		p.put(x, rule, p.glyphs.AxisH, pen)
	}
	if p.x0 > 0 {
		p.put(p.x0-1, rule, p.glyphs.AxisCorner, pen)
	}
	end := p.w
	if n := ansi.StringWidth(name); n > 0 && p.w >= 24 {
		name = shortened(name, p.w*2/5)
		n = min(ansi.StringWidth(name), p.w*2/5)
		end = p.w - n
		p.text(end, row, p.glyphs.Fit(name, n), pen)
		end-- // a blank before it
	}
	// Labels need about ten cells each.
	values, step := p.xs.ticks(min(max(p.pw/10, 2), 8))
	labels := tickLabels(values, step)
	from := 0
	for i, v := range values {
		x := p.x0 + p.column(v)/p.dx
		start := min(max(x-len(labels[i])/2, 0), p.w-len(labels[i]))
		if start < from || start+len(labels[i]) > end {
			continue
		}
		p.put(x, rule, p.glyphs.TickH, pen)
		p.text(start, row, labels[i], pen)
		from = start + len(labels[i]) + 1
	}
}
