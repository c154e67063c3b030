package plots

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// fillCell draws a cell's ground: its colour, or a hatch where nothing was
// computed.
func fillCell(cv *draw.Canvas, in ink, c cell, ground color.NRGBA, r vg.Rectangle) {
	if c.state < computed {
		ground = white
	}
	box := corner(r)
	cv.FillPolygon(in.colour(ground), box)
	if c.state == notComputed {
		cv.StrokeLines(draw.LineStyle{Color: in.colour(alpha(grey, 0x80)), Width: 0.6}, hatchLines(r, rising)...)
	}
	cv.StrokeLines(draw.LineStyle{Color: in.colour(gridColour), Width: 0.6}, append(box, box[0]))
}

// frame marks a cell: a dark line with a white one inside, which shows on any
// ground.
func frame(cv *draw.Canvas, in ink, r vg.Rectangle) {
	for _, line := range []struct {
		inset, width vg.Length
		colour       color.NRGBA
	}{{frameWidth / 2, frameWidth, black}, {frameWidth + 0.4, 0.8, white}} {
		inner := vg.Rectangle{Min: r.Min.Add(vg.Point{X: line.inset, Y: line.inset}), Max: r.Max.Sub(vg.Point{X: line.inset, Y: line.inset})}
		box := corner(inner)
		cv.StrokeLines(draw.LineStyle{Color: in.colour(line.colour), Width: line.width}, append(box, box[0], box[1]))
	}
}

func corner(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

// scaleThumb is the legend's sample of the colour scale.
type scaleThumb struct{ in ink }

// Thumbnail draws the scale from its lowest to its highest value.
func (s scaleThumb) Thumbnail(cv *draw.Canvas) {
	const steps = 24
	y, width := cv.Center().Y, (cv.Max.X-cv.Min.X-2)/steps
	for i := range steps {
		x := cv.Min.X + vg.Length(i)*width
		r := vg.Rectangle{Min: vg.Point{X: x, Y: y - 4}, Max: vg.Point{X: x + width, Y: y + 4}}
		cv.FillPolygon(s.in.colour(shade(2*float64(i)/(steps-1)-1, 1)), corner(r))
	}
	box := corner(vg.Rectangle{Min: vg.Point{X: cv.Min.X, Y: y - 4}, Max: vg.Point{X: cv.Min.X + steps*width, Y: y + 4}})
	cv.StrokeLines(draw.LineStyle{Color: s.in.colour(axisColour), Width: 0.4}, append(box, box[0]))
}

// cellThumb is the legend's sample of a cell's state.
type cellThumb struct {
	cell cell
	in   ink
}

// Thumbnail draws a small cell.
func (t cellThumb) Thumbnail(cv *draw.Canvas) {
	y := cv.Center().Y
	r := vg.Rectangle{Min: vg.Point{X: cv.Min.X + 4, Y: y - 4.5}, Max: vg.Point{X: cv.Max.X - 4, Y: y + 4.5}}
	fillCell(cv, t.in, t.cell, white, r)
	switch t.cell.state {
	case apart:
		frame(cv, t.in, r)
	case noValue:
		dash := t.in.text(tickSize, regular)
		dash.XAlign = draw.XCenter
		cv.FillText(dash, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: baseline(dash, y+lineHeight(tickSize)/2, tickSize)}, "–")
	}
}
