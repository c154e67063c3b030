package plots

import (
	"errors"
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"ra3/core/measure"
)

// screenDPI is the resolution at which a figure's texts are read on a screen.
const screenDPI = 110

// tableDPI is the most at which tables are shown, which are small on a large screen.
const tableDPI = 160

// Picture draws f as Save does, in w by h pixels, for a screen that shows
// pixels. It fails where Save would, and on sizes too small for the texts.
func Picture(f measure.Figure, w, h int) (img image.Image, err error) {
	defer recovered(f, "pixels", &err)
	if w < 1 || h < 1 {
		return nil, fmt.Errorf("figure %q: %d x %d pixels are no picture", f.Name, w, h)
	}
	dpi := screenDPI
	if f.Kind == measure.Tabular { // in its own size, as large as fits
		tw, th := tableSize(f)
		dpi = max(20, min(tableDPI, int(vg.Length(w)*vg.Inch/tw), int(vg.Length(h)*vg.Inch/th)))
	}
	width, height := points(w, dpi), points(h, dpi)
	pg, err := layOut(f, newInk(""), width, height)
	if err != nil {
		return nil, err
	}
	cv := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
	pg.draw(vgdraw.New(cv))
	return cv.Image(), nil
}

func points(pixels, dpi int) vg.Length { return vg.Length(pixels) * vg.Inch / vg.Length(dpi) }

// recovered makes an error of a panic of gonum's canvases.
func recovered(f measure.Figure, format string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("figure %q: drawing as %s failed: %v", f.Name, format, r)
	}
}

// Raster is a figure's data area as pixels, for screens whose pixels are too
// coarse for text: axes and legend are given apart, to be written in cells.
type Raster struct {
	Image  *image.RGBA
	X, Y   []Mark // ticks, ascending; of bars and of maps, the categories
	Legend []Key
}

// Mark is a label at a share of the area's width from the left, or of its
// height from the top.
type Mark struct {
	At    float64
	Label string
}

// Key is a series' name and the colour of its line or bars.
type Key struct {
	Name   string
	Colour color.NRGBA
}

// ErrNoRaster says that a figure of this kind is all text and has no raster.
var ErrNoRaster = errors.New("this figure has no data area without text")

const (
	coarse      = 4  // samples a pixel and axis
	rasterScale = 40 // pixels an inch: a line is a pixel wide
	labelEvery  = 14 // pixels between the labels of x, which is cells as well
)

// DataArea draws the data of f alone in w by h pixels, each the mean of 4 x 4
// samples. Maps, whose cells hold numbers, and tables give ErrNoRaster.
func DataArea(f measure.Figure, w, h int) (r Raster, err error) {
	defer recovered(f, "pixels", &err)
	switch {
	case w < 1 || h < 1 || w > 4000 || h > 4000:
		return r, fmt.Errorf("figure %q: %d x %d pixels are no picture", f.Name, w, h)
	case f.Kind == measure.Heat || f.Kind == measure.Tabular:
		return r, fmt.Errorf("figure %q: %w", f.Name, ErrNoRaster)
	}
	share := IsShare(f.YLabel) // which decides the range
	if f.Title, f.XLabel, f.YLabel, f.Caption = "", "", "", ""; share {
		f.YLabel = "share"
	}
	in := newInk("")
	in.coarse = true
	width, height := points(w, rasterScale), points(h, rasterScale)
	s, err := newPanel(f, in, width, height)
	if err != nil {
		return r, err
	}
	p := s.plot
	if t, ok := p.X.Tick.Marker.(roundTicks); ok { // else categories
		t.target = max(2, w/labelEvery)
		p.X.Tick.Marker = t
	}
	p.Y.Tick.Marker = roundTicks{target: max(2, min(8, h/8))}
	r.X, r.Y = marks(p.X), marks(p.Y)
	for i := range r.Y {
		r.Y[i].At = 1 - r.Y[i].At
	}
	p.HideAxes()
	p.X.Padding, p.Y.Padding, p.BackgroundColor = 0, 0, nil
	cv := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(coarse*rasterScale))
	p.Draw(vgdraw.New(cv))
	cells, ok := cv.Image().(*image.RGBA)
	if !ok || cells.Rect.Dx() != coarse*w || cells.Rect.Dy() != coarse*h {
		return r, fmt.Errorf("figure %q: a canvas of %v for %d x %d pixels (a defect: please report it)", f.Name, cv.Image().Bounds(), w, h)
	}
	r.Image = shrink(cells, coarse)
	for i, l := range assignLooks(f.Series) {
		if !f.Series[i].Thin {
			r.Legend = append(r.Legend, Key{Name: legendName(f.Series[i]), Colour: l.colour})
		}
	}
	return r, nil
}

// marks are an axis' labelled ticks as shares of its range.
func marks(a plot.Axis) []Mark {
	var out []Mark
	for _, t := range a.Tick.Marker.Ticks(a.Min, a.Max) {
		at := a.Scale.Normalize(a.Min, a.Max, t.Value)
		if t.Label != "" && at >= 0 && at <= 1 {
			out = append(out, Mark{At: at, Label: clean(t.Label)})
		}
	}
	return out
}

// shrink averages squares of n x n pixels; both sides are multiples of n.
func shrink(src *image.RGBA, n int) *image.RGBA {
	b := src.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()/n, b.Dy()/n))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [4]int
			for j := range n {
				row := src.Pix[src.PixOffset(x*n, y*n+j):]
				for i := range n {
					for c := range sum {
						sum[c] += int(row[4*i+c])
					}
				}
			}
			at := out.PixOffset(x, y)
			for c, v := range sum {
				out.Pix[at+c] = uint8((v + n*n/2) / (n * n))
			}
		}
	}
	return out
}
