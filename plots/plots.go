// Package plots draws measure.Figure values for print: curves with intervals,
// grouped bars and heat maps, in the Okabe-Ito colours, told apart by dash,
// marker, hatch and number as well as by colour, and tables, as PNG, SVG or PDF.
// The same values are written as CSV.
package plots

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

// Sizes of a figure whose title, legend and caption take the usual room.
const (
	defaultWidth  = 16 * vg.Centimeter
	defaultHeight = 10 * vg.Centimeter
)

// entry is one line of a legend.
type entry struct {
	name  string
	thumb plot.Thumbnailer
}

// panel is the data area of a figure with its axes, and what its legend says.
type panel struct {
	plot    *plot.Plot
	entries []entry
}

// newPanel draws f's data and axes for an area of about w by h, which decides
// how many ticks fit and how labels are wrapped.
func newPanel(f measure.Figure, in ink, w, h vg.Length) (*panel, error) {
	if err := check(f); err != nil {
		return nil, err
	}
	p := plot.New()
	p.TextHandler = in.handler
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Scale = halvedScale{}
		a.Label.TextStyle = in.text(axisSize, regular)
		a.Label.TextStyle.XAlign = draw.XCenter
		a.Label.TextStyle.YAlign = draw.YBottom
		a.Label.Padding = 3
		a.Color, a.Width = in.colour(axisColour), 0.6
		a.Padding = 3
		a.Tick.Color, a.Tick.Width, a.Tick.Length = in.colour(axisColour), 0.6, 3
		label := in.text(tickSize, regular)
		label.XAlign, label.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = label
	}
	p.X.Label.Text = joinWrapped(p.X.Label.TextStyle, f.XLabel, w*0.85)

	f = f.Drawn()
	s := &panel{plot: p}
	switch f.Kind {
	case measure.Heat:
		if err := s.addHeat(f, in, w, h); err != nil {
			return nil, err
		}
	case measure.Bars:
		p.Add(horizontals(in))
		if err := s.addBars(f, assignLooks(f.Series), in, w, h); err != nil {
			return nil, err
		}
	default:
		p.Add(horizontals(in))
		s.addLines(f, assignLooks(f.Series), in, w, h)
	}
	// The label is wrapped last: the data area's height depends on the rest.
	data := p.DataCanvas(draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: w, Y: h}}})
	p.Y.Label.Text = joinWrapped(p.Y.Label.TextStyle, f.YLabel, data.Size().Y)
	return s, nil
}

// horizontals is the grid behind curves and bars.
func horizontals(in ink) *plotter.Grid {
	grid := plotter.NewGrid()
	grid.Vertical.Color = nil
	grid.Horizontal.Color = in.colour(gridColour)
	grid.Horizontal.Width = 0.4
	return grid
}

// legendName is a series' legend text; a series without a drawable point says so.
func legendName(s measure.Series) string {
	name := clean(s.Title())
	if name == "" {
		name = s.Lane
	}
	for i := range s.X {
		if finite(s.X[i]) && finite(s.Y[i]) {
			return name
		}
	}
	return name + " (no data)"
}
