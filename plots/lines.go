package plots

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

const (
	// pixel is the width of the columns within which long curves are thinned,
	// one pixel of the PNG.
	pixel = vg.Inch / pngDPI
	// fewMarkers is up to how many points of a curve all get a marker.
	fewMarkers = 24
	// markerGap is the distance between the markers of longer curves.
	markerGap vg.Length = 56
)

// addLines adds f's curves: thin ones behind, then bands, then lines.
func (s *panel) addLines(f measure.Figure, looks []look, in ink, w, h vg.Length) {
	p := s.plot
	bx, by := dataBounds(f.Series)
	if IsShare(f.YLabel) && withinUnit(f.Series) {
		by.lo, by.hi = ShareRange(by.lo, by.hi)
	}
	p.X.Min, p.X.Max = widen(bx, 0, 0)
	below, above := 0.04, 0.05
	if by.lo >= 0 && by.lo <= 0.4*by.hi {
		by.lo, below = 0, 0
	}
	p.Y.Min, p.Y.Max = widen(by, below, above)
	p.X.Tick.Marker = roundTicks{target: max(2, int(w/55)), whole: wholeX(f.Series)}
	p.Y.Tick.Marker = roundTicks{target: max(2, min(8, int(h/32)))}

	// An edge of a band among thin lines would read as one of them.
	anyThin := slices.ContainsFunc(f.Series, func(s measure.Series) bool { return s.Thin })
	var thin, bands, lines []plot.Plotter
	for i, series := range f.Series {
		c := curve{series: series, look: looks[i], in: in}
		if series.Thin {
			thin = append(thin, thinCurve(c))
			continue
		}
		bands = append(bands, band{curve: c, edged: !anyThin})
		lines = append(lines, c)
		s.entries = append(s.entries, entry{name: legendName(series), thumb: c})
	}
	p.Add(thin...)
	p.Add(bands...)
	p.Add(lines...)
}

// wholeX reports whether every x is a whole number, as update counts are.
func wholeX(ss []measure.Series) bool {
	for _, s := range ss {
		for _, x := range s.X {
			if finite(x) && (x > 1e15 || x < -1e15 || x != float64(int64(x))) {
				return false
			}
		}
	}
	return true
}

// curve draws one series' line and markers.
type curve struct {
	series measure.Series
	look   look
	in     ink
}

// runs returns the index ranges [from, to) of consecutive drawable points.
func (c curve) runs(drawable func(i int) bool) [][2]int {
	var out [][2]int
	for i := 0; i < len(c.series.X); i++ {
		if !drawable(i) {
			continue
		}
		from := i
		for i < len(c.series.X) && drawable(i) {
			i++
		}
		out = append(out, [2]int{from, i})
	}
	return out
}

// hasPoint reports whether point i is finite.
func (c curve) hasPoint(i int) bool { return finite(c.series.X[i]) && finite(c.series.Y[i]) }

// hasInterval reports whether point i and its bounds are finite.
func (c curve) hasInterval(i int) bool {
	_, _, ok := interval(c.series, i)
	return ok && c.hasPoint(i)
}

// points returns the run's points on the canvas.
func (c curve) points(cv *draw.Canvas, p *plot.Plot, run [2]int) []vg.Point {
	trX, trY := p.Transforms(cv)
	pts := make([]vg.Point, 0, run[1]-run[0])
	for i := run[0]; i < run[1]; i++ {
		pts = append(pts, vg.Point{X: trX(c.series.X[i]), Y: trY(c.series.Y[i])})
	}
	return pts
}

func (c curve) Plot(cv draw.Canvas, p *plot.Plot) {
	runs := c.runs(c.hasPoint)
	total := 0
	for _, run := range runs {
		total += run[1] - run[0]
	}
	marker := c.look.marker(c.in)
	// Markers of curves over the same x would cover each other: each slot
	// starts elsewhere.
	travelled := markerGap * vg.Length(0.35+0.29*float64(c.look.slot%4))
	for _, run := range runs {
		pts := c.points(&cv, p, run)
		if len(pts) > 1 {
			cv.StrokeLines(c.look.line(c.in), thinOut(pts))
			if c.in.coarse {
				continue
			}
		}
		for i, pt := range pts {
			if i > 0 {
				travelled += max(pt.X-pts[i-1].X, pts[i-1].X-pt.X)
			}
			if total > fewMarkers && len(pts) > 1 && travelled < markerGap {
				continue
			}
			travelled = 0
			cv.DrawGlyphNoClip(marker, pt)
		}
	}
}

// Thumbnail draws the legend's sample: band, line and marker.
func (c curve) Thumbnail(cv *draw.Canvas) {
	y := cv.Center().Y
	if len(c.series.Lo) > 0 {
		cv.FillPolygon(c.in.colour(alpha(c.look.colour, bandAlpha)), []vg.Point{
			{X: cv.Min.X, Y: y - 3.5}, {X: cv.Max.X, Y: y - 3.5}, {X: cv.Max.X, Y: y + 3.5}, {X: cv.Min.X, Y: y + 3.5},
		})
	}
	cv.StrokeLine2(c.look.line(c.in), cv.Min.X, y, cv.Max.X, y)
	cv.DrawGlyphNoClip(c.look.marker(c.in), cv.Center())
}

// thinCurve draws a series faintly and without markers; a lone point as a dot.
type thinCurve curve

func (t thinCurve) Plot(cv draw.Canvas, p *plot.Plot) {
	c := curve(t)
	for _, run := range c.runs(c.hasPoint) {
		pts := c.points(&cv, p, run)
		if len(pts) > 1 {
			cv.StrokeLines(c.look.faint(c.in), thinOut(pts))
			continue
		}
		cv.SetColor(c.in.colour(alpha(c.look.colour, 0x66)))
		cv.Fill(glyph{}.outline(pts[0], 1.2))
	}
}

// bandAlpha is the opacity of interval bands.
const bandAlpha = 0x2A

// band draws a series' interval as a translucent polygon per run of points,
// and the interval of a lone point as an error bar.
type band struct {
	curve
	edged bool
}

func (b band) Plot(cv draw.Canvas, p *plot.Plot) {
	c := b.curve
	trX, trY := p.Transforms(&cv)
	edge := draw.LineStyle{Color: c.in.colour(alpha(c.look.colour, 0x70)), Width: 0.4}
	for _, run := range c.runs(c.hasInterval) {
		if run[1]-run[0] == 1 {
			lo, hi, _ := interval(c.series, run[0])
			errorBar(&cv, c.in.colour(c.look.colour), trX(c.series.X[run[0]]), trY(lo), trY(hi))
			continue
		}
		var lower, upper []vg.Point
		for i := run[0]; i < run[1]; i++ {
			lo, hi, _ := interval(c.series, i)
			x := trX(c.series.X[i])
			lower = append(lower, vg.Point{X: x, Y: trY(lo)})
			upper = append(upper, vg.Point{X: x, Y: trY(hi)})
		}
		lower = envelope(lower, func(a, b vg.Length) vg.Length { return min(a, b) })
		upper = envelope(upper, func(a, b vg.Length) vg.Length { return max(a, b) })
		polygon := append([]vg.Point{}, lower...)
		for i := len(upper) - 1; i >= 0; i-- {
			polygon = append(polygon, upper[i])
		}
		cv.FillPolygon(c.in.colour(alpha(c.look.colour, bandAlpha)), polygon)
		if b.edged {
			cv.StrokeLines(edge, lower, upper)
		}
	}
}

// errorBar draws a capped vertical interval.
func errorBar(cv *draw.Canvas, colour color.Color, x, lo, hi vg.Length) {
	const whisker = 2.5
	sty := draw.LineStyle{Color: colour, Width: 0.9}
	cv.StrokeLines(sty,
		[]vg.Point{{X: x, Y: lo}, {X: x, Y: hi}},
		[]vg.Point{{X: x - whisker, Y: lo}, {X: x + whisker, Y: lo}},
		[]vg.Point{{X: x - whisker, Y: hi}, {X: x + whisker, Y: hi}})
}

// manyPoints is from how many points on a curve is thinned out.
const manyPoints = 2000

// thinOut keeps of each run of points within one pixel column the first, the
// lowest, the highest and the last, in their order: what is seen stays.
func thinOut(pts []vg.Point) []vg.Point {
	if len(pts) < manyPoints {
		return pts
	}
	var out []vg.Point
	columns(pts, func(from, to int) {
		lowest, highest := from, from
		for i := from; i < to; i++ {
			if pts[i].Y < pts[lowest].Y {
				lowest = i
			}
			if pts[i].Y > pts[highest].Y {
				highest = i
			}
		}
		last := -1
		for _, i := range [...]int{from, min(lowest, highest), max(lowest, highest), to - 1} {
			if i > last {
				out = append(out, pts[i])
				last = i
			}
		}
	})
	return out
}

// envelope thins one edge of a band: per pixel column its outermost value, at
// the column's first and last x.
func envelope(pts []vg.Point, outer func(a, b vg.Length) vg.Length) []vg.Point {
	if len(pts) < manyPoints {
		return pts
	}
	var out []vg.Point
	columns(pts, func(from, to int) {
		y := pts[from].Y
		for i := from + 1; i < to; i++ {
			y = outer(y, pts[i].Y)
		}
		out = append(out, vg.Point{X: pts[from].X, Y: y})
		if to-from > 1 {
			out = append(out, vg.Point{X: pts[to-1].X, Y: y})
		}
	})
	return out
}

// columns calls visit for each run pts[from:to] within one pixel column.
func columns(pts []vg.Point, visit func(from, to int)) {
	column := func(i int) int { return int(pts[i].X / pixel) }
	for from := 0; from < len(pts); {
		to := from + 1
		for to < len(pts) && column(to) == column(from) {
			to++
		}
		visit(from, to)
		from = to
	}
}
