package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

// Okabe and Ito's palette (Color Universal Design, 2008), with a grey for the base
// lane; its yellow, which fades on white, is a ground only.
var (
	grey       = color.NRGBA{0x5A, 0x5A, 0x5A, 0xFF}
	black      = color.NRGBA{0x00, 0x00, 0x00, 0xFF}
	blue       = color.NRGBA{0x00, 0x72, 0xB2, 0xFF}
	vermillion = color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}
	green      = color.NRGBA{0x00, 0x9E, 0x73, 0xFF}
	purple     = color.NRGBA{0xCC, 0x79, 0xA7, 0xFF}
	orange     = color.NRGBA{0xE6, 0x9F, 0x00, 0xFF}
	yellow     = color.NRGBA{0xF0, 0xE4, 0x42, 0xFF}
	skyBlue    = color.NRGBA{0x56, 0xB4, 0xE9, 0xFF}
)

// Colours of everything that is not data.
var (
	textColour    = color.NRGBA{0x1A, 0x1A, 0x1A, 0xFF}
	captionColour = color.NRGBA{0x4A, 0x4A, 0x4A, 0xFF}
	axisColour    = color.NRGBA{0x40, 0x40, 0x40, 0xFF}
	gridColour    = color.NRGBA{0xE2, 0xE2, 0xE2, 0xFF}
	white         = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
)

// lanes are the lanes with a colour and a slot of their own in every figure.
var lanes = map[string]struct {
	colour color.NRGBA
	slot   int
}{
	"ra3":  {vermillion, 0},
	"ntp":  {blue, 1},
	"base": {grey, 2},
}

// hues are the colours of series that are no lane's, and of latents.
var hues = map[measure.Hue]color.NRGBA{measure.PaleHue: grey, measure.Green: green, measure.Purple: purple, measure.SkyBlue: skyBlue, measure.Ink: black,
	measure.Orange: orange, measure.Blue: blue, measure.Vermillion: vermillion, measure.Yellow: yellow}

// look is how one series is drawn. slot numbers what tells series apart
// without colour: the dash pattern, the marker and the hatch.
type look struct {
	colour color.NRGBA
	slot   int
	dashed bool
}

// assignLooks gives every series its look. Series of a named lane share its
// colour; no two series outside the thin ones share slot and dashing.
func assignLooks(ss []measure.Series) []look {
	type mark struct {
		slot   int
		dashed bool
	}
	reserved := map[int]bool{}
	for _, s := range ss {
		if l, ok := lanes[measure.LaneOf(s)]; ok {
			reserved[l.slot] = true
		}
	}
	used := map[mark]bool{}
	free := 0
	looks := make([]look, len(ss))
	for i, hue := range measure.Hues(ss) {
		s := ss[i]
		l, known := lanes[measure.LaneOf(s)]
		c, slot := l.colour, l.slot
		if !known {
			c, slot = hues[hue], -1
		}
		if !s.Thin {
			if slot < 0 || used[mark{slot, s.Dashed}] {
				for reserved[free] {
					free++
				}
				slot = free
				free++
			}
			used[mark{slot, s.Dashed}] = true
		}
		looks[i] = look{colour: c, slot: max(slot, 0), dashed: s.Dashed}
	}
	return looks
}

// dashes are the line patterns by slot, lengths in points of dash and gap.
var dashes = [][]vg.Length{
	nil,
	{6, 2.5},
	{7, 2, 1.5, 2},
	{4, 1.5},
	{9, 2, 1.5, 2, 1.5, 2},
	{1.5, 1.5},
}

// line returns the stroke of a curve.
func (l look) line(in ink) draw.LineStyle {
	pattern := dashes[l.slot%len(dashes)]
	width := vg.Length(1.4)
	if l.dashed {
		pattern, width = []vg.Length{2.4, 2}, 1.2
	}
	return draw.LineStyle{Color: in.colour(l.colour), Width: width, Dashes: pattern}
}

// faint returns the stroke of a thin series.
func (l look) faint(in ink) draw.LineStyle {
	return draw.LineStyle{Color: in.colour(alpha(l.colour, 0x66)), Width: 0.5}
}

// marker returns the glyph of a curve's points: filled, or hollow if dashed.
func (l look) marker(in ink) draw.GlyphStyle {
	return draw.GlyphStyle{
		Color:  in.colour(l.colour),
		Radius: 2.7,
		Shape:  glyph{slot: l.slot, hollow: l.dashed || l.slot >= len(corners), in: in},
	}
}

// alpha returns c at opacity a of 255.
func alpha(c color.NRGBA, a uint8) color.NRGBA {
	c.A = a
	return c
}

// corners are the markers by slot as polygons, in radii; the first is a circle.
var corners = [][]vg.Point{
	nil,
	{{X: -0.9, Y: -0.9}, {X: 0.9, Y: -0.9}, {X: 0.9, Y: 0.9}, {X: -0.9, Y: 0.9}},
	{{X: 0, Y: 1.25}, {X: -1.1, Y: -0.75}, {X: 1.1, Y: -0.75}},
	{{X: 0, Y: 1.3}, {X: -1.3, Y: 0}, {X: 0, Y: -1.3}, {X: 1.3, Y: 0}},
	{{X: 0, Y: -1.25}, {X: -1.1, Y: 0.75}, {X: 1.1, Y: 0.75}},
	{{X: -0.4, Y: 1.2}, {X: -0.4, Y: 0.4}, {X: -1.2, Y: 0.4}, {X: -1.2, Y: -0.4}, {X: -0.4, Y: -0.4}, {X: -0.4, Y: -1.2},
		{X: 0.4, Y: -1.2}, {X: 0.4, Y: -0.4}, {X: 1.2, Y: -0.4}, {X: 1.2, Y: 0.4}, {X: 0.4, Y: 0.4}, {X: 0.4, Y: 1.2}},
}

// glyph is a marker on a white rim, which keeps crossing lines apart.
type glyph struct {
	slot   int
	hollow bool
	in     ink
}

func (g glyph) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	c.SetColor(g.in.colour(white))
	c.Fill(g.outline(pt, sty.Radius+0.7))
	c.SetColor(sty.Color)
	c.Fill(g.outline(pt, sty.Radius))
	if g.hollow {
		c.SetColor(g.in.colour(white))
		c.Fill(g.outline(pt, sty.Radius-1.1))
	}
}

// outline returns the marker's closed path around pt.
func (g glyph) outline(pt vg.Point, r vg.Length) vg.Path {
	var p vg.Path
	polygon := corners[g.slot%len(corners)]
	if polygon == nil {
		p.Move(vg.Point{X: pt.X + r, Y: pt.Y})
		p.Arc(pt, r, 0, 2*math.Pi)
		p.Close()
		return p
	}
	for i, q := range polygon {
		q = pt.Add(q.Scale(r))
		if i == 0 {
			p.Move(q)
		} else {
			p.Line(q)
		}
	}
	p.Close()
	return p
}
