package plots

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

// number3 is a number as it is set: its value, its bounds, or a text instead.
type number3 struct{ main, lo, hi, instead string }

// noNumber stands where there is no value.
const noNumber = "–"

// fillNumbers sets a column's numbers in one notation.
func (g *grid) fillNumbers(i int) {
	c := g.columns[i]
	sty := g.in.text(cellSize, regular)
	c.numbers = make([]number3, len(g.table.Rows))
	c.main, c.lo, c.hi = 0, 0, 0
	instead := vg.Length(0)
	for r, row := range g.table.Rows {
		x := row[i]
		var n number3
		switch {
		case x.Text != "":
			n.instead = minus(clean(x.Text))
		case math.IsNaN(x.Y):
			n.instead = noNumber
		default:
			n.main = fixedText(x.Y, c.Decimals, c.Signed)
		}
		if x.Text == "" && x.Bounded() {
			n.lo, n.hi = fixedText(x.Lo, c.Decimals, c.Signed), fixedText(x.Hi, c.Decimals, c.Signed)
		}
		c.numbers[r] = n
		c.main, c.lo, c.hi = max(c.main, sty.Width(n.main)), max(c.lo, sty.Width(n.lo)), max(c.hi, sty.Width(n.hi))
		instead = max(instead, sty.Width(n.instead))
	}
	c.block = c.main
	if c.lo > 0 {
		c.block += boundGap + sty.Width("[, ]") + c.lo + c.hi
	}
	if c.block = max(c.block, instead); c.lo == 0 {
		c.main = c.block // without intervals texts end where numbers do
	}
	c.width = c.block
	g.fillHead(c)
}

// fixedText writes a number with fixed decimals, a difference with its sign.
func fixedText(v float64, decimals int, signed bool) string {
	switch {
	case math.IsInf(v, 0):
		return map[bool]string{true: "∞", false: "−∞"}[v > 0]
	case math.Abs(v) >= 1e15:
		return minus(fmt.Sprintf("%.3g", v))
	}
	s := fmt.Sprintf("%.*f", decimals, v)
	if signed {
		s = fmt.Sprintf("%+.*f", decimals, v)
	}
	if strings.Trim(s, "+-0.") == "" {
		s = strings.TrimLeft(s, "+-") // zero has no sign
	}
	return minus(s)
}

// drawTables draws the page's tables from top down, with rules of one width, and
// returns where they end.
func (pg *page) drawTables(cv *draw.Canvas, top vg.Length) vg.Length {
	width := vg.Length(0)
	for _, g := range pg.tables {
		width = max(width, g.width())
	}
	for i, g := range pg.tables {
		if i > 0 {
			top -= tableGap
		}
		top = g.draw(cv, cv.Min.X+margin, top, width)
	}
	return top
}

// Widths of the rules.
const (
	outerRule vg.Length = 0.9
	innerRule vg.Length = 0.5
)

// draw draws the table with its upper left corner at left and top and rules as
// wide as full.
func (g *grid) draw(cv *draw.Canvas, left, top, full vg.Length) vg.Length {
	in := g.in
	heading := in.text(panelSize, bold)
	for _, l := range g.title {
		cv.FillText(heading, vg.Point{X: left, Y: baseline(heading, top, panelSize)}, l)
		top -= lineHeight(panelSize)
	}
	if len(g.title) > 0 {
		top -= 3
	}
	rule := func(y, width vg.Length) {
		cv.StrokeLine2(draw.LineStyle{Color: in.colour(textColour), Width: width}, left, y, left+full, y)
	}
	rule(top, outerRule)
	g.drawHead(cv, left, top)
	top -= g.headHeight()
	rule(top, innerRule)
	top -= 2
	for r := range g.table.Rows {
		top -= g.gaps[r]
		g.drawGround(cv, left, top, r)
		for i, c := range g.columns {
			if c.Kind == measure.Numbers {
				g.drawNumber(cv, left+c.x, top-rowPad, c, r)
			} else {
				g.drawWords(cv, left+c.x, top-rowPad, i, r)
			}
		}
		top -= g.heights[r]
	}
	top -= 2
	rule(top, outerRule)
	return top
}

// drawHead sets names, with their last lines in one row, and units below.
func (g *grid) drawHead(cv *draw.Canvas, left, top vg.Length) {
	sty, unit := g.in.text(cellSize, regular), g.in.text(unitSize, regular)
	unit.Color = g.in.colour(captionColour)
	for _, c := range g.columns {
		y := top - rowPad - 1 - vg.Length(g.heads-len(c.head))*lineHeight(cellSize)
		for _, l := range c.head {
			g.headLine(cv, sty, left, y, cellSize, c, l)
			y -= lineHeight(cellSize)
		}
		if c.Unit != "" {
			g.headLine(cv, unit, left, y, unitSize, c, clean(c.Unit))
		}
	}
}

// headLine sets a line over its column: words at the left, numbers in the middle.
func (g *grid) headLine(cv *draw.Canvas, sty text.Style, left, y, size vg.Length, c *gridColumn, line string) {
	x := left + c.x
	if c.Kind == measure.Numbers {
		x += (c.width - sty.Width(line)) / 2
	}
	cv.FillText(sty, vg.Point{X: x, Y: baseline(sty, y, size)}, line)
}

// drawGround fills the ground of a row's tinted cells up to the middle of the gaps,
// neighbours of one tint, and the row below, without a seam.
func (g *grid) drawGround(cv *draw.Canvas, left, top vg.Length, r int) {
	row := g.table.Rows[r]
	for i := 0; i < len(row); i++ {
		tint, from := row[i].Tint, i
		if tint <= 0 {
			continue
		}
		for i+1 < len(row) && row[i+1].Tint == tint {
			i++
		}
		bottom := top - g.heights[r]
		if r+1 < len(g.table.Rows) && g.table.Rows[r+1][from].Tint == tint && g.gaps[r+1] == 0 {
			bottom -= 0.5
		}
		last := g.columns[i]
		box := vg.Rectangle{Min: vg.Point{X: left + g.columns[from].x - columnGap/2, Y: bottom}, Max: vg.Point{X: left + last.x + last.width + columnGap/2, Y: top}}
		if from == 0 {
			box.Min.X = left
		}
		cv.FillPolygon(g.in.colour(tintOf(tint)), corner(box))
	}
}

// tintOf is a pale colour of the palette; texts stay readable on it.
func tintOf(i int) color.NRGBA {
	c := hues[measure.LatentHues[(i-1)%len(measure.LatentHues)]]
	pale := func(v uint8) uint8 { return uint8(255 - (255-int(v))*28/100) }
	return color.NRGBA{pale(c.R), pale(c.G), pale(c.B), 0xFF}
}

func (g *grid) drawWords(cv *draw.Canvas, x, top vg.Length, i, r int) {
	c := g.columns[i]
	if c.blank[r] {
		return
	}
	sty, size := g.in.text(cellSize, regular), cellSize
	if c.Kind == measure.Code {
		sty, size = g.in.code(codeSize), codeSize
	}
	if c.lanes {
		if l, ok := lanes[strings.ToLower(g.table.Rows[r][i].Lane)]; ok {
			y := top - lineHeight(cellSize)/2
			box := vg.Rectangle{Min: vg.Point{X: x, Y: y - square/2}, Max: vg.Point{X: x + square, Y: y + square/2}}
			cv.FillPolygon(g.in.colour(l.colour), corner(box))
		}
		x += square + squareGap
	}
	for _, l := range c.lines[r] {
		y := top - (lineHeight(cellSize)-lineHeight(size))/2
		cv.FillText(sty, vg.Point{X: x, Y: baseline(sty, y, size)}, l)
		top -= lineHeight(cellSize)
	}
}

func (g *grid) drawNumber(cv *draw.Canvas, x, top vg.Length, c *gridColumn, r int) {
	sty := g.in.text(cellSize, regular)
	y := baseline(sty, top, cellSize)
	x += (c.width - c.block) / 2
	put := func(right vg.Length, s string) {
		if whole, decimals, ok := strings.Cut(s, "."); ok { // pairs of ones are set closer
			right -= sty.Width("."+strings.Repeat("0", len(decimals))) + sty.Width(whole) - sty.Width(s)
		}
		cv.FillText(sty, vg.Point{X: right - sty.Width(s), Y: y}, s)
	}
	n := c.numbers[r]
	if n.instead != "" {
		cv.FillText(sty, vg.Point{X: x + max(0, c.main-sty.Width(n.instead)), Y: y}, n.instead)
		return
	}
	put(x+c.main, n.main)
	if n.lo == "" {
		return
	}
	at := x + c.main + boundGap
	cv.FillText(sty, vg.Point{X: at, Y: y}, "[")
	at += sty.Width("[") + c.lo
	put(at, n.lo)
	cv.FillText(sty, vg.Point{X: at, Y: y}, ", ")
	at += sty.Width(", ") + c.hi
	put(at, n.hi)
	cv.FillText(sty, vg.Point{X: at, Y: y}, "]")
}

// CellText is a cell's text in a column's notation, in ASCII where the cell is: for
// tables that are written and not drawn.
func CellText(c measure.Column, x measure.Cell) string {
	switch {
	case c.Kind != measure.Numbers || x.Text != "":
		return x.Text
	case math.IsNaN(x.Y):
		return "-"
	}
	text := fixedText(x.Y, c.Decimals, c.Signed)
	if x.Bounded() {
		text += " [" + fixedText(x.Lo, c.Decimals, c.Signed) + ", " + fixedText(x.Hi, c.Decimals, c.Signed) + "]"
	}
	return strings.NewReplacer("−", "-", "∞", "inf").Replace(text)
}
