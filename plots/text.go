package plots

import (
	"image/color"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Type sizes in points.
const (
	titleSize   = 11
	axisSize    = 9
	tickSize    = 8.5
	legendSize  = 8.5
	captionSize = 7.5
	valueSize   = 7
)

// maxText is the number of characters of one text that are drawn.
const maxText = 1200

const (
	regular = false
	bold    = true
)

// ink makes text styles and colours for one output format.
type ink struct {
	pdf     bool
	coarse  bool // pixels are too large for markers on curves
	handler text.Handler
}

// newInk returns the ink of a format: "png", "svg", "pdf" or "" for any.
func newInk(format string) ink {
	pdf := format == "pdf"
	return ink{pdf: pdf, handler: lettering{Plain: text.Plain{Fonts: font.DefaultCache}, pdf: pdf}}
}

// text returns the style of upright left-aligned text of size points.
func (in ink) text(size vg.Length, heavy bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if heavy {
		f.Weight = stdfont.WeightBold
	}
	return in.style(f)
}

// code returns the style of text whose characters are all equally wide.
func (in ink) code(size vg.Length) text.Style {
	return in.style(font.Font{Typeface: "Liberation", Variant: "Mono", Size: size})
}

func (in ink) style(f font.Font) text.Style {
	return text.Style{Color: in.colour(textColour), Font: f, XAlign: draw.XLeft, YAlign: draw.YBottom, Handler: in.handler}
}

// colour returns c as the format's canvas expects it.
func (in ink) colour(c color.NRGBA) color.Color {
	if in.pdf {
		return straightAlpha(c)
	}
	return c
}

// straightAlpha reports its components not multiplied by alpha, against the
// contract of color.Color: gonum's PDF canvas writes them beside the alpha
// unchanged, which would darken every translucent colour.
type straightAlpha color.NRGBA

func (s straightAlpha) RGBA() (r, g, b, a uint32) {
	return uint32(s.R) * 0x101, uint32(s.G) * 0x101, uint32(s.B) * 0x101, uint32(s.A) * 0x101
}

// lettering is the plain text handler with PDF text that is right beyond
// ASCII: the PDF canvas takes bytes of code page 1252 for text, so strings are
// given in it. Strings it cannot express are drawn as glyph outlines, and so are
// bold type and code, because the canvas embeds only one face per document.
type lettering struct {
	text.Plain
	pdf bool
}

func (l lettering) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	if !l.pdf {
		l.Plain.Draw(c, txt, sty, pt)
		return
	}
	face := l.Fonts.Lookup(sty.Font, sty.Font.Size)
	lines := l.Lines(txt)
	c.SetColor(sty.Color)
	c.Push()
	defer c.Pop()
	c.Rotate(sty.Rotation)
	sin, cos := math.Sincos(sty.Rotation)
	// The same placement as text.Plain: pt seen in the rotated frame.
	pt = vg.Point{
		X: pt.Y*vg.Length(sin) + pt.X*vg.Length(cos),
		Y: pt.Y*vg.Length(cos) - pt.X*vg.Length(sin),
	}
	pt.Y += sty.Height(txt)*vg.Length(sty.YAlign) - face.Extents().Ascent
	for i, line := range lines {
		at := pt.Add(vg.Point{
			X: vg.Length(sty.XAlign) * face.Width(line),
			Y: vg.Length(len(lines)-i) * sty.Font.Size,
		})
		if coded, ok := codePage1252(line); ok && sty.Font.Weight == stdfont.WeightNormal && sty.Font.Variant == "Sans" {
			c.FillString(face, at, coded)
		} else {
			fillOutlines(c, face, at, line)
		}
	}
}

// codePage1252 encodes s for a PDF core encoding, or reports that it cannot.
func codePage1252(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 0x20 && r < 0x7f, r >= 0xa0 && r <= 0xff:
			b.WriteByte(byte(r))
		case r == '–':
			b.WriteByte(0x96)
		case r == '—':
			b.WriteByte(0x97)
		case r == '…':
			b.WriteByte(0x85)
		case r == '’':
			b.WriteByte(0x92)
		case r == '“':
			b.WriteByte(0x93)
		case r == '”':
			b.WriteByte(0x94)
		default:
			return "", false
		}
	}
	return b.String(), true
}

// fillOutlines draws s as filled glyph outlines with its baseline at pt.
func fillOutlines(c vg.Canvas, face font.Face, pt vg.Point, s string) {
	var buf sfnt.Buffer
	em := face.Face.UnitsPerEm()
	ppem := fixed.I(int(em))
	scale := face.Font.Size / vg.Length(em) / 64
	at := func(p fixed.Point26_6) vg.Point {
		return vg.Point{X: pt.X + vg.Length(p.X)*scale, Y: pt.Y - vg.Length(p.Y)*scale}
	}
	for _, r := range s {
		glyph := string(r)
		idx, err := face.Face.GlyphIndex(&buf, r)
		if err != nil {
			continue // a rune the font cannot look up has no outline
		}
		segments, err := face.Face.LoadGlyph(&buf, idx, ppem, nil)
		if err != nil {
			continue // likewise
		}
		var path vg.Path
		for i, seg := range segments {
			switch seg.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					path.Close()
				}
				path.Move(at(seg.Args[0]))
			case sfnt.SegmentOpLineTo:
				path.Line(at(seg.Args[0]))
			case sfnt.SegmentOpQuadTo:
				path.QuadTo(at(seg.Args[0]), at(seg.Args[1]))
			case sfnt.SegmentOpCubeTo:
				path.CubeTo(at(seg.Args[0]), at(seg.Args[1]), at(seg.Args[2]))
			}
		}
		if len(path) > 0 {
			path.Close()
			c.Fill(path)
		}
		pt.X += face.Width(glyph)
	}
}

// clean makes s one line of printable text: canvases draw control characters
// as boxes, and SVG forbids them.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxText {
		s = string(r[:maxText-1]) + "…"
	}
	return s
}

// wrap breaks s at spaces into lines no wider than width, and a word wider
// than that between its characters. An empty s has no lines.
func wrap(sty text.Style, s string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(clean(s)) {
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		if sty.Width(joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; sty.Width(line) > width; {
			head := fitting(sty, line, width)
			lines = append(lines, line[:head])
			line = line[head:]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// fitting returns the length in bytes of the longest prefix of s that fits
// width, at least one character.
func fitting(sty text.Style, s string, width vg.Length) int {
	end := 0
	for i, r := range s {
		next := i + utf8.RuneLen(r)
		if end > 0 && sty.Width(s[:next]) > width {
			break
		}
		end = next
	}
	return end
}

// joinWrapped is wrap as one string with line breaks, in lines of about the
// same length.
func joinWrapped(sty text.Style, s string, width vg.Length) string {
	lines := wrap(sty, s, width)
	// Below a point every line is one character, and no narrower width has more.
	for even := lines; len(even) == len(lines) && len(lines) > 1 && width > 1; {
		lines = even
		width *= 0.97
		even = wrap(sty, s, width)
	}
	return strings.Join(lines, "\n")
}
