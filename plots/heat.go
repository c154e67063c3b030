package plots

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

// Measures of a heat map in points.
const (
	rowHeightMax  vg.Length = 42
	rowHeightMin  vg.Length = 24
	rowLabelWidth vg.Length = 120
	valueSizeMin  vg.Length = 5
	intervalSize  vg.Length = 6
	frameWidth    vg.Length = 1.6
)

// state tells what a cell of a heat map shows.
type state int

const (
	notComputed state = iota // hatched
	noValue                  // a dash on white
	computed                 // its value on its colour
	apart                    // computed, and its interval excludes zero: framed
)

// cell is one value of a heat map.
type cell struct {
	state  state
	value  float64
	lo, hi float64 // NaN without an interval
	n      int     // observations; 0: not said
}

// matrix arranges the points of f by row (series) and column (category).
func matrix(f measure.Figure) (rows, columns []string, cells [][]cell, err error) {
	columns, place, err := categories(f)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, s := range f.Series {
		row := make([]cell, len(columns))
		for i, x := range s.X {
			if !finite(s.Y[i]) {
				// categories passed this point over.
				if len(f.Categories) > 0 && x >= 0 && x < float64(len(columns)) && x == math.Trunc(x) {
					row[int(x)].state = noValue
				}
				continue
			}
			c := cell{state: computed, value: s.Y[i], lo: math.NaN(), hi: math.NaN()}
			if lo, hi, ok := interval(s, i); ok {
				c.lo, c.hi = lo, hi
				if lo > 0 || hi < 0 {
					c.state = apart
				}
			}
			if len(s.N) > 0 {
				c.n = s.N[i]
			}
			row[place(x)] = c
		}
		rows, cells = append(rows, s.Title()), append(cells, row)
	}
	return rows, columns, cells, nil
}

// addHeat adds f's map of cells, the first series on top.
func (s *panel) addHeat(f measure.Figure, in ink, w, h vg.Length) error {
	rows, columns, cells, err := matrix(f)
	if err != nil {
		return fmt.Errorf("figure %q: %w", f.Name, err)
	}
	m := &heat{cells: cells, in: in}
	has := map[state]bool{}
	for _, row := range cells {
		for _, c := range row {
			has[c.state] = true
			if c.state >= computed {
				m.extent = max(m.extent, math.Abs(c.value))
			}
			m.most = max(m.most, c.n)
		}
	}
	m.format = signedFormat(m.extent)
	p := s.plot
	p.X.Min, p.X.Max = -0.5, float64(len(columns))-0.5
	p.Y.Min, p.Y.Max = -0.5, float64(len(rows))-0.5
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Tick.Length, a.Tick.Width, a.Width = 0, 0, 0
	}
	sty := p.Y.Tick.Label
	labels := make([]string, len(rows))
	wide := vg.Length(0)
	for i, name := range rows {
		labels[len(rows)-1-i] = joinWrapped(sty, shorten(sty, clean(name), 3*rowLabelWidth), rowLabelWidth)
		wide = max(wide, sty.Width(labels[len(rows)-1-i]))
	}
	p.Y.Tick.Marker = nominal(labels, 1)
	labelAxis(&p.X, columns, (w-wide-20)/vg.Length(len(columns)))
	p.Add(m)

	if has[computed] || has[apart] {
		scale := fmt.Sprintf("%s to %s, white is 0", m.format(-m.extent), m.format(m.extent))
		if f.ZLabel != "" {
			scale = f.ZLabel + ": " + scale
		}
		s.entries = append(s.entries, entry{scale, scaleThumb{in}})
	}
	if has[apart] {
		s.entries = append(s.entries, entry{"interval excludes 0", cellThumb{cell{state: apart}, in}})
	}
	if has[noValue] {
		s.entries = append(s.entries, entry{"no value", cellThumb{cell{state: noValue}, in}})
	}
	if has[notComputed] {
		s.entries = append(s.entries, entry{"not computed", cellThumb{cell{}, in}})
	}
	return nil
}

// heatHeight is the height of a page whose rows can be read.
func heatHeight(f measure.Figure) vg.Length {
	n := vg.Length(max(1, len(f.Series)))
	rows := n * min(rowHeightMax, max(rowHeightMin, defaultHeight*0.6/n))
	return max(minPanel, rows+50) + usualFurnish
}

// heat draws the cells.
type heat struct {
	cells  [][]cell
	extent float64 // largest magnitude, the end of the colour scale
	most   int     // largest n
	format func(float64) string
	in     ink
}

func (m *heat) Plot(cv draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&cv)
	var framed []vg.Rectangle
	for i, row := range m.cells {
		y := float64(len(m.cells) - 1 - i)
		for j, c := range row {
			r := vg.Rectangle{Min: vg.Point{X: trX(float64(j) - 0.5), Y: trY(y - 0.5)}, Max: vg.Point{X: trX(float64(j) + 0.5), Y: trY(y + 0.5)}}
			fillCell(&cv, m.in, c, shade(c.value, m.extent), r)
			m.write(&cv, c, r)
			if c.state == apart {
				framed = append(framed, r)
			}
		}
	}
	// Frames last: neighbours must not paint over them.
	for _, r := range framed {
		frame(&cv, m.in, r)
	}
}

// write prints a cell's value, below it what fits of its interval, and its n
// where fewer observations are behind it than behind others.
func (m *heat) write(cv *draw.Canvas, c cell, r vg.Rectangle) {
	if c.state == notComputed {
		return
	}
	value := m.in.text(tickSize, c.state == apart)
	value.XAlign = draw.XCenter
	value.Color = m.in.colour(contrasting(shade(c.value, m.extent)))
	text, below := "–", ""
	if c.state != noValue {
		text = m.format(c.value)
		if finite(c.lo) && finite(c.hi) {
			below = fmt.Sprintf("[%s, %s]", m.format(c.lo), m.format(c.hi))
		}
		if c.n > 0 && c.n < m.most {
			below = strings.TrimSpace(fmt.Sprintf("%s n=%d", below, c.n))
		}
	}
	size := r.Size()
	for value.Font.Size > valueSizeMin && value.Width(text) > size.X-2*frameWidth-4 {
		value.Font.Size -= 0.5
	}
	note := value
	note.Font = m.in.text(intervalSize, regular).Font
	x, y := (r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2
	if below == "" || note.Width(below) > size.X-4 || size.Y < tickSize+intervalSize+6 {
		cv.FillText(value, vg.Point{X: x, Y: baseline(value, y+lineHeight(value.Font.Size)/2, value.Font.Size)}, text)
		return
	}
	top := y + (lineHeight(value.Font.Size)+lineHeight(intervalSize))/2
	cv.FillText(value, vg.Point{X: x, Y: baseline(value, top, value.Font.Size)}, text)
	cv.FillText(note, vg.Point{X: x, Y: baseline(note, top-lineHeight(value.Font.Size), intervalSize)}, below)
}

// shade is the colour of a value: white at zero, blue towards +extent, orange
// towards -extent. In grey the two ends differ too, blue being the darker.
func shade(value, extent float64) color.NRGBA {
	if extent == 0 || !finite(value) {
		return white
	}
	end := blue
	if value < 0 {
		end = orange
	}
	t := min(1, math.Abs(value)/extent)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(white.R, end.R), mix(white.G, end.G), mix(white.B, end.B), 0xFF}
}

// contrasting is the better readable of dark and white text on c, by relative
// luminance (WCAG 2.1).
func contrasting(c color.NRGBA) color.NRGBA {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
	if 0.2126*linear(c.R)+0.7152*linear(c.G)+0.0722*linear(c.B) < 0.2 {
		return white
	}
	return textColour
}

// signedFormat is one notation for all values up to size, with their sign.
func signedFormat(size float64) func(float64) string {
	digits := 3
	switch {
	case size >= 1e5, size > 0 && size < 1e-4:
		return func(v float64) string { return minus(fmt.Sprintf("%+.1e", v)) }
	case size >= 100:
		digits = 0
	case size >= 10:
		digits = 1
	case size >= 1:
		digits = 2
	case size < 0.01:
		digits = 5
	}
	return func(v float64) string {
		text := fmt.Sprintf("%+.*f", digits, v)
		if strings.Trim(text, "+-0.") == "" {
			text = text[1:] // zero has no sign
		}
		return minus(text)
	}
}
