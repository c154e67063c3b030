package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

const (
	// groupShare is the part of a category's width its bars take.
	groupShare = 0.8
	// maxBar is the width beyond which bars are not stretched.
	maxBar vg.Length = 46
)

// addBars adds f's grouped bars over their categories.
func (s *panel) addBars(f measure.Figure, looks []look, in ink, w, h vg.Length) error {
	names, place, err := categories(f)
	if err != nil {
		return fmt.Errorf("figure %q: %w", f.Name, err)
	}
	g := &groups{place: place, count: len(names), in: in}
	for i, series := range f.Series {
		g.add(member{series: series, look: looks[i]})
		if !series.Thin {
			s.entries = append(s.entries, entry{name: legendName(series), thumb: swatch{looks[i], in}})
		}
	}
	p := s.plot
	p.X.Min, p.X.Max = -0.5, float64(len(names))-0.5
	// The groups draw the zero line, which is the axis of bars.
	p.X.Tick.Length, p.X.Tick.Width = 0, 0
	p.X.Width = 0
	slot := (w - 45) / vg.Length(len(names))
	labelAxis(&p.X, names, slot)

	_, by := dataBounds(f.Series)
	by.add(0)
	below, above := 0.0, 0.05
	if by.lo < 0 {
		below = 0.05
	}
	if by.hi == 0 && by.lo < 0 {
		above = 0
	}
	g.labelled = g.labelsFit(slot)
	p.Y.Min, p.Y.Max = widen(by, below, above)
	p.Y.Tick.Marker = roundTicks{target: max(2, min(8, int(h/32)))}
	p.Add(g)
	return nil
}

// member is one series of a grouped bar chart.
type member struct {
	series measure.Series
	look   look
}

// groups draws all series' bars, one group per category.
type groups struct {
	bars, thin []member
	place      func(x float64) int
	count      int
	labelled   bool
	in         ink
}

func (g *groups) add(m member) {
	if m.series.Thin {
		g.thin = append(g.thin, m)
	} else {
		g.bars = append(g.bars, m)
	}
}

// barWidth returns the width of one bar where categories are slot apart.
func (g *groups) barWidth(slot vg.Length) vg.Length {
	return min(maxBar, slot*groupShare/vg.Length(max(1, len(g.bars))))
}

// centre returns the middle of bar k of the group at x.
func (g *groups) centre(x vg.Length, k int, width vg.Length) vg.Length {
	return x + (vg.Length(k)-vg.Length(len(g.bars)-1)/2)*width
}

// valueFormat returns one notation for all value labels of the figure.
func (g *groups) valueFormat() func(float64) string {
	size := 0.0
	for _, m := range g.bars {
		for i, y := range m.series.Y {
			if finite(m.series.X[i]) && finite(y) {
				size = max(size, math.Abs(y))
			}
		}
	}
	digits := 2
	switch {
	case size >= 1e6, size > 0 && size < 1e-3:
		return func(v float64) string { return minus(compactExponent(strconv.FormatFloat(v, 'e', 1, 64))) }
	case size >= 100:
		digits = 0
	case size >= 10:
		digits = 1
	case size < 0.1:
		digits = 3
	}
	return func(v float64) string { return minus(strconv.FormatFloat(v, 'f', digits, 64)) }
}

// labelsFit reports whether every value label is narrower than its bar.
func (g *groups) labelsFit(slot vg.Length) bool {
	sty, format := g.in.text(valueSize, regular), g.valueFormat()
	width := g.barWidth(slot)
	for _, m := range g.bars {
		for i, y := range m.series.Y {
			if finite(m.series.X[i]) && finite(y) && sty.Width(format(y)) > width-1 {
				return false
			}
		}
	}
	return true
}

// GlyphBoxes keeps room above and below the data for value labels.
func (g *groups) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	if !g.labelled {
		return nil
	}
	var boxes []plot.GlyphBox
	for _, m := range g.bars {
		for i, y := range m.series.Y {
			if !finite(m.series.X[i]) || !finite(y) {
				continue
			}
			lo, hi, ok := interval(m.series, i)
			if !ok {
				lo, hi = y, y
			}
			r := vg.Rectangle{Max: vg.Point{Y: valueSize + 4}}
			end := max(hi, y, 0)
			if y < 0 {
				r = vg.Rectangle{Min: vg.Point{Y: -valueSize - 4}}
				end = min(lo, y)
			}
			boxes = append(boxes, plot.GlyphBox{Y: p.Y.Norm(end), Rectangle: r})
		}
	}
	return boxes
}

func (g *groups) Plot(cv draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&cv)
	width := g.barWidth((cv.Max.X - cv.Min.X) / vg.Length(g.count))
	zero := trY(0)
	label, format := g.in.text(valueSize, regular), g.valueFormat()
	label.XAlign = draw.XCenter
	for k, m := range g.bars {
		for i, y := range m.series.Y {
			if !finite(m.series.X[i]) || !finite(y) {
				continue
			}
			x := g.centre(trX(float64(g.place(m.series.X[i]))), k, width)
			top := trY(y)
			gap := min(1, width*0.06)
			fillBar(&cv, g.in, m.look, vg.Rectangle{
				Min: vg.Point{X: x - width/2 + gap, Y: min(zero, top)},
				Max: vg.Point{X: x + width/2 - gap, Y: max(zero, top)},
			})
			lower, upper := top, top
			if lo, hi, ok := interval(m.series, i); ok {
				lower, upper = trY(lo), trY(hi)
				errorBar(&cv, g.in.colour(textColour), x, lower, upper)
			}
			if !g.labelled {
				continue
			}
			at := vg.Point{X: x, Y: max(upper, top, zero) + 4}
			if y < 0 {
				at.Y = min(lower, top) - valueSize - 1
			}
			cv.FillText(label, at, format(y))
		}
	}
	g.plotThin(&cv, p, width)
	cv.StrokeLine2(draw.LineStyle{Color: g.in.colour(axisColour), Width: 0.6}, cv.Min.X, zero, cv.Max.X, zero)
}

// plotThin draws single seeds as dots on their lane's bar, beside its whisker
// and spread so that equal values stay visible.
func (g *groups) plotThin(cv *draw.Canvas, p *plot.Plot, width vg.Length) {
	trX, trY := p.Transforms(cv)
	nth := map[int]int{}
	for _, m := range g.thin {
		k := slices.IndexFunc(g.bars, func(b member) bool { return measure.LaneOf(b.series) == measure.LaneOf(m.series) })
		spread := width * (0.2 + 0.06*vg.Length(nth[k]%4))
		nth[k]++
		for i, y := range m.series.Y {
			if !finite(m.series.X[i]) || !finite(y) {
				continue
			}
			x := trX(float64(g.place(m.series.X[i])))
			if k >= 0 {
				x = g.centre(x, k, width)
			}
			pt := vg.Point{X: x + spread, Y: trY(y)}
			cv.SetColor(g.in.colour(alpha(white, 0xC0)))
			cv.Fill(glyph{}.outline(pt, 1.7))
			cv.SetColor(g.in.colour(alpha(black, 0x80)))
			cv.Fill(glyph{}.outline(pt, 1.1))
		}
	}
}

// swatch is a bar's legend sample.
type swatch struct {
	look look
	in   ink
}

// Thumbnail draws a small bar.
func (s swatch) Thumbnail(cv *draw.Canvas) {
	y := cv.Center().Y
	fillBar(cv, s.in, s.look, vg.Rectangle{
		Min: vg.Point{X: cv.Min.X + 0.5, Y: y - 4},
		Max: vg.Point{X: cv.Max.X - 2, Y: y + 4},
	})
}
