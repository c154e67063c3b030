package plots

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// hatchGap is the distance between hatch lines.
const hatchGap vg.Length = 4.5

// hatches are the directions of a bar's hatch lines by slot; the first slot is
// solid.
var hatches = [][]direction{
	nil,
	{rising},
	{flat},
	{falling},
	{rising, falling},
	{flat, rising},
}

type direction int

const (
	rising direction = iota
	falling
	flat
)

// fillBar draws one bar: a solid fill, the slot's hatch in white, an edge; a
// dashed series' bar is hollow with a dashed edge.
func fillBar(cv *draw.Canvas, in ink, l look, r vg.Rectangle) {
	box := []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
	edge := draw.LineStyle{Color: in.colour(l.colour), Width: 0.7}
	strokes := in.colour(alpha(white, 0xD8))
	if l.dashed {
		edge.Dashes = []vg.Length{2.4, 1.6}
		cv.FillPolygon(in.colour(alpha(l.colour, bandAlpha)), box)
		strokes = in.colour(l.colour)
	} else {
		cv.FillPolygon(in.colour(l.colour), box)
	}
	for _, d := range hatches[l.slot%len(hatches)] {
		cv.StrokeLines(draw.LineStyle{Color: strokes, Width: 0.9}, hatchLines(r, d)...)
	}
	cv.StrokeLines(edge, append(box, box[0]))
}

// hatchLines returns the lines of direction d that cross r, cut to it.
func hatchLines(r vg.Rectangle, d direction) [][]vg.Point {
	size := r.Size()
	if size.X <= 0 || size.Y <= 0 {
		return nil
	}
	var out [][]vg.Point
	if d == flat {
		for y := hatchGap * 0.6; y < size.Y; y += hatchGap * 0.8 {
			out = append(out, []vg.Point{{X: r.Min.X, Y: r.Min.Y + y}, {X: r.Max.X, Y: r.Min.Y + y}})
		}
		return out
	}
	// Lines x - y = offset of slope 1 in the bar's own coordinates.
	for offset := hatchGap - size.Y; offset < size.X; offset += hatchGap {
		from := vg.Point{X: max(0, offset), Y: max(0, -offset)}
		to := vg.Point{X: min(size.X, offset+size.Y), Y: min(size.Y, size.X-offset)}
		if d == falling {
			from.Y, to.Y = size.Y-from.Y, size.Y-to.Y
		}
		out = append(out, []vg.Point{r.Min.Add(from), r.Min.Add(to)})
	}
	return out
}
