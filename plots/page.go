package plots

import (
	"fmt"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

// Measures of the page in points.
const (
	margin        vg.Length = 8
	thumbWidth    vg.Length = 26
	thumbGap      vg.Length = 4
	entryGap      vg.Length = 13
	leading                 = 1.22 // line distance over type size
	captionGap    vg.Length = 5
	minPanel      vg.Length = 90
	minWidth      vg.Length = 150
	usualFurnish  vg.Length = 75 // title, one legend row, two caption lines
	largestLength           = 200 * vg.Centimeter
)

// page is a figure laid out: furniture above and below its panel.
type page struct {
	in      ink
	w, h    vg.Length
	title   []string
	caption []string
	rows    [][]placed
	panel   *panel
	tables  []*grid // instead of a panel
}

// placed is a legend entry at its offset in a row, its name in lines.
type placed struct {
	entry
	x     vg.Length
	lines []string
}

// DefaultSize returns the size at which f is saved if none is given: 16 by
// 10 cm, and higher by what a long title, legend or caption takes more; heat
// maps are as high as their rows need, tables as wide and high as their cells.
func DefaultSize(f measure.Figure) (w, h vg.Length) {
	if f.Kind == measure.Tabular {
		return tableSize(f)
	}
	height := defaultHeight
	if f.Kind == measure.Heat {
		height = heatHeight(f)
	}
	pg, err := layOut(f, newInk(""), defaultWidth, defaultHeight+largestLength/2)
	if err != nil {
		return defaultWidth, height
	}
	return defaultWidth, min(largestLength, height+max(0, pg.above()+pg.below()-usualFurnish))
}

// layOut wraps f's texts to a page of w by h and draws its panel for the rest.
func layOut(f measure.Figure, in ink, w, h vg.Length) (*page, error) {
	if !(w > 0 && h > 0 && w <= largestLength && h <= largestLength) {
		return nil, fmt.Errorf("figure %q: %.4g x %.4g cm is no page size; give lengths up to %g cm",
			f.Name, cm(w), cm(h), cm(largestLength))
	}
	if f.Kind == measure.Tabular {
		f = shortened(f)
	}
	inner := w - 2*margin
	pg := &page{in: in, w: w, h: h}
	if inner < minWidth {
		return nil, pg.tooSmall(f, minWidth+2*margin, h)
	}
	pg.title = wrap(in.text(titleSize, bold), f.Title, inner)
	pg.caption = wrap(in.text(captionSize, regular), f.Caption, inner)
	if f.Kind == measure.Tabular {
		return pg, pg.addTables(f, inner)
	}
	// The panel's height is known only below its legend, whose entries the
	// panel makes: the first pass is for the entries.
	first, err := newPanel(f, in, inner, h)
	if err != nil {
		return nil, err
	}
	pg.rows = flow(in.text(legendSize, regular), first.entries, inner)
	room := h - pg.above() - pg.below()
	if room < minPanel {
		return nil, pg.tooSmall(f, w, h-room+minPanel)
	}
	pg.panel, err = newPanel(f, in, inner, room)
	return pg, err
}

// tooSmall says which size would do.
func (pg *page) tooSmall(f measure.Figure, w, h vg.Length) error {
	return fmt.Errorf("figure %q: %.1f x %.1f cm is too small for its texts; give at least %.1f x %.1f cm",
		f.Name, cm(pg.w), cm(pg.h), cm(w)+0.05, cm(h)+0.05)
}

// cm returns a length in centimetres.
func cm(l vg.Length) float64 { return float64(l / vg.Centimeter) }

// flow places entries in rows no wider than width; an entry wider than a
// whole row is wrapped.
func flow(sty text.Style, entries []entry, width vg.Length) [][]placed {
	var rows [][]placed
	var row []placed
	x := vg.Length(0)
	for _, e := range entries {
		lines := wrap(sty, e.name, width-thumbWidth-thumbGap)
		w := thumbWidth + thumbGap
		for _, l := range lines {
			w = max(w, thumbWidth+thumbGap+sty.Width(l))
		}
		if len(row) > 0 && x+w > width {
			rows = append(rows, row)
			row, x = nil, 0
		}
		row = append(row, placed{entry: e, x: x, lines: lines})
		x += w + entryGap
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	return rows
}

// lineHeight returns the distance of text lines of a size.
func lineHeight(size vg.Length) vg.Length { return size * leading }

// rowHeight returns the height of a legend row.
func rowHeight(row []placed) vg.Length {
	lines := 1
	for _, e := range row {
		lines = max(lines, len(e.lines))
	}
	return vg.Length(lines)*lineHeight(legendSize) + 2
}

// above returns the height of title and legend with the margin.
func (pg *page) above() vg.Length {
	h := margin
	if n := len(pg.title); n > 0 {
		h += vg.Length(n)*lineHeight(titleSize) + 4
	}
	for _, row := range pg.rows {
		h += rowHeight(row)
	}
	if len(pg.rows) > 0 {
		h += 5
	}
	return h
}

// below returns the height of the caption with the margin.
func (pg *page) below() vg.Length {
	h := margin
	if n := len(pg.caption); n > 0 {
		h += vg.Length(n)*lineHeight(captionSize) + captionGap
	}
	return h
}

// draw draws the page on cv, whose size is the page's.
func (pg *page) draw(cv draw.Canvas) {
	cv.SetColor(pg.in.colour(white))
	cv.Fill(cv.Rectangle.Path())

	top := cv.Max.Y - margin
	heading := pg.in.text(titleSize, bold)
	for _, line := range pg.title {
		cv.FillText(heading, vg.Point{X: cv.Min.X + margin, Y: baseline(heading, top, titleSize)}, line)
		top -= lineHeight(titleSize)
	}
	if len(pg.title) > 0 {
		top -= 4
	}
	sty := pg.in.text(legendSize, regular)
	for _, row := range pg.rows {
		pg.drawRow(&cv, sty, row, top)
		top -= rowHeight(row)
	}

	note := pg.in.text(captionSize, regular)
	note.Color = pg.in.colour(captionColour)
	y := cv.Min.Y + margin + vg.Length(len(pg.caption))*lineHeight(captionSize)
	if pg.tables != nil { // the caption follows the last
		y = pg.drawTables(&cv, top) - captionGap
	}
	for _, line := range pg.caption {
		cv.FillText(note, vg.Point{X: cv.Min.X + margin, Y: baseline(note, y, captionSize)}, line)
		y -= lineHeight(captionSize)
	}

	if pg.panel == nil {
		return
	}
	pg.panel.plot.BackgroundColor = nil
	pg.panel.plot.Draw(draw.Crop(cv, margin, -margin, pg.below(), -pg.above()))
}

// drawRow draws one legend row whose upper edge is top.
func (pg *page) drawRow(cv *draw.Canvas, sty text.Style, row []placed, top vg.Length) {
	for _, e := range row {
		x := cv.Min.X + margin + e.x
		sample := draw.Canvas{Canvas: cv.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: top - lineHeight(legendSize)},
			Max: vg.Point{X: x + thumbWidth, Y: top},
		}}
		e.thumb.Thumbnail(&sample)
		y := top
		for _, line := range e.lines {
			cv.FillText(sty, vg.Point{X: x + thumbWidth + thumbGap, Y: baseline(sty, y, legendSize)}, line)
			y -= lineHeight(legendSize)
		}
	}
}

// baseline returns the y at which a line of text whose upper edge is top is
// handed to FillText, which puts the baseline of bottom-aligned text at
// y - ascent + size.
func baseline(sty text.Style, top, size vg.Length) vg.Length {
	e := sty.FontExtents()
	return top - (lineHeight(size)+e.Ascent-e.Descent)/2 + e.Ascent - size
}
