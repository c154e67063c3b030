package chart

import (
	"math"

	"ra3/core/measure"
	"ra3/plots"
	"ra3/tui/theme"
)

// plot is the part of a canvas where dots are data.
type plot struct {
	*canvas
	x0     int // first column of cells
	pw, ph int // cells
	xs, ys extent
}

// column and line give the dot of a value.
func (p plot) column(x float64) int { return p.xs.cell(x, p.pw*p.dx) }
func (p plot) line(y float64) int   { return p.ph*p.dy - 1 - p.ys.cell(y, p.ph*p.dy) }

// lines draws curves in w x h cells: y labels and axis at the left, x axis and
// its labels below, letters at the ends of the curves.
func lines(f measure.Figure, lanes []lane, w, h int, th theme.Theme) []string {
	if h <= 0 {
		return nil
	}
	xs, ys := emptyExtent(), emptyExtent()
	unit := true
	for _, l := range lanes {
		for i := range l.n {
			if !finite(l.X[i]) {
				continue
			}
			xs.add(l.X[i])
			ys.add(l.Y[i])
			unit = unit && !(finite(l.Y[i]) && (l.Y[i] < 0 || l.Y[i] > 1))
			if lo, hi := l.drawn(i); !math.IsNaN(lo) {
				ys.add(lo)
				ys.add(hi)
			}
		}
	}
	if xs.empty() || ys.empty() {
		return notice("no data yet", w, h, th)
	}
	if unit && plots.IsShare(f.YLabel) {
		ys.lo, ys.hi = plots.ShareRange(ys.lo, ys.hi)
	}
	p := plot{canvas: newCanvas(w, h, th), pw: w, ph: h, xs: xs.opened(), ys: ys.opened()}
	if h >= 5 {
		p.ph = h - 2
	}
	var yTicks []float64
	var yLabels []string
	if p.ph >= 3 && w >= 12 {
		var step float64
		p.ys, yTicks, step = p.ys.inRows(p.ph, p.dy)
		yLabels = tickLabels(yTicks, step)
		p.x0 = widest(yLabels) + 1
	}
	if p.x0 > w/2 {
		p.x0, yTicks, yLabels = 0, nil, nil
	}
	p.pw = w - p.x0
	if p.pw >= 4 {
		p.pw-- // room for the letters
	}

	for _, l := range lanes {
		p.band(l, p.pen(l.style.Faint(true)))
	}
	for _, l := range lanes {
		if l.Thin {
			p.curve(l, p.pen(l.style.Faint(true)), layerThin)
		}
	}
	for _, l := range lanes {
		if !l.Thin {
			p.curve(l, p.pen(l.style), layerLine)
		}
	}
	if p.merge {
		p.lettered(lanes)
	}
	faint := p.pen(th.Faint)
	p.yAxis(yTicks, yLabels, faint)
	if p.ph < h {
		p.xAxis(th.Glyphs.Text(f.XLabel), faint)
	}
	p.endings(lanes)
	return p.rows()
}
