package chart

import (
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ra3/tui/theme"
)

// HeatMap is a matrix drawn as cells of growing darkness.
type HeatMap struct {
	Rows, Columns []string    // names, may be empty or too few
	Values        [][]float64 // by row; rows may differ in length
	Lo, Hi        float64     // the ramp's ends; both 0: the data's own
}

// Heat draws one value as a glyph of the ramp from lo to hi. Values that are
// not finite show as the gap glyph.
func Heat(v, lo, hi float64, th theme.Theme) string {
	r, k := heatGlyph(v, extent{lo, hi}, th)
	if k < 0 {
		return th.Faint.Render(string(r))
	}
	return th.Heat[k].Render(string(r))
}

// heatGlyph returns the glyph and its step on the ramp, -1 for a gap.
func heatGlyph(v float64, e extent, th theme.Theme) (rune, int) {
	if !finite(v) || !finite(e.lo) || !finite(e.hi) {
		return th.Glyphs.Gap, -1
	}
	k := 0
	if e.hi > e.lo {
		k = e.opened().cell(v, len(th.Glyphs.Ramp))
	}
	return th.Glyphs.Ramp[k], k
}

// RenderHeat draws the matrix in h lines of w cells: row names, two cells a
// value where there is room, column names above by their first letters. Rows
// and columns that do not fit are cut, which the last cell of the row or line
// shows as an ellipsis.
func RenderHeat(m HeatMap, w, h int, th theme.Theme) string {
	w, h = max(w, 0), max(h, 0)
	if w == 0 || h == 0 {
		return strings.Repeat("\n", max(h-1, 0))
	}
	e := extent{m.Lo, m.Hi}
	if m.Lo == 0 && m.Hi == 0 {
		e.lo, e.hi = Spread(m.Values)
	}
	columns, nameW := 0, 0
	for i, row := range m.Values {
		columns = max(columns, len(row))
		if i < len(m.Rows) {
			nameW = max(nameW, ansi.StringWidth(th.Glyphs.Text(m.Rows[i])))
		}
	}
	if columns == 0 {
		return strings.Join(notice("no data yet", w, h, th), "\n")
	}
	c := newCanvas(w, h, th)
	faint := c.pen(th.Faint)
	nameW = min(nameW, w/3)
	x0 := nameW
	if nameW > 0 {
		x0++
	}
	size := 1
	if 2*columns <= w-x0 {
		size = 2
	}
	y0 := 0
	if len(m.Columns) > 0 && h >= 3 {
		y0 = 1
		for k, name := range m.Columns[:min(len(m.Columns), columns)] {
			if x := x0 + k*size; x < w {
				c.text(x, 0, th.Glyphs.Fit(th.Glyphs.Text(name), min(size, w-x)), faint)
			}
		}
	}
	for i, row := range m.Values {
		y := y0 + i
		if y >= h {
			break
		}
		if y == h-1 && i < len(m.Values)-1 {
			c.put(0, y, th.Glyphs.Ellipsis, faint)
			break
		}
		if i < len(m.Rows) {
			c.text(0, y, th.Glyphs.Fit(th.Glyphs.Text(m.Rows[i]), nameW), 0)
		}
		c.heatRow(row, x0, y, size, e, th)
	}
	return strings.Join(c.rows(), "\n")
}

func (c *canvas) heatRow(row []float64, x0, y, size int, e extent, th theme.Theme) {
	for k, v := range row {
		x := x0 + k*size
		if x >= c.w-1 && k < len(row)-1 {
			c.put(c.w-1, y, c.glyphs.Ellipsis, c.pen(th.Faint))
			return
		}
		r, step := heatGlyph(v, e, th)
		style := th.Faint
		if step >= 0 {
			style = th.Heat[step]
		}
		for d := range size {
			c.put(x+d, y, r, c.pen(style))
		}
	}
}

// Spread is the range of the finite values, NaN where there are none: the
// scale to write beside a heat map.
func Spread(values [][]float64) (lo, hi float64) {
	e := emptyExtent()
	for _, row := range values {
		for _, v := range row {
			e.add(v)
		}
	}
	if e.empty() {
		return math.NaN(), math.NaN()
	}
	return e.lo, e.hi
}
