package chart

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"ra3/tui/theme"
)

// pen is a style as the escapes before and after its text, so that a row costs
// two strings for each run of cells and not a Render for each cell.
type pen struct{ open, shut string }

func penOf(s lipgloss.Style) pen {
	open, shut, _ := strings.Cut(s.Render("x"), "x")
	return pen{open, shut}
}

// Layers of a canvas, from back to front. A cell shows its front layer alone:
// a line is not thickened by the band behind it.
const (
	layerNone uint8 = iota
	layerBand
	layerThin
	layerLine
	layerText
)

type cell struct {
	r     rune // of layerText
	pen   int
	bits  uint8 // dots set, bit row*dx+col
	layer uint8
}

// canvas is w x h cells of dx x dy dots each, or of one character.
type canvas struct {
	w, h   int
	dx, dy int
	cells  []cell
	pens   []pen
	glyphs theme.Glyphs
	// merge lets lines of one layer share a cell's dots. With colours they do
	// not: the cell has one colour and the older dots would change theirs.
	merge bool
}

func newCanvas(w, h int, th theme.Theme) *canvas {
	c := &canvas{
		w: w, h: h, dx: 1, dy: 3, cells: make([]cell, w*h), pens: []pen{{}},
		glyphs: th.Glyphs, merge: th.Options.Depth == theme.NoColor,
	}
	switch th.Glyphs.Set {
	case theme.Braille:
		c.dx, c.dy = 2, 4
	case theme.Block:
		c.dy = 2
	}
	return c
}

// pen registers a style and returns its number. Number 0 is unstyled.
func (c *canvas) pen(s lipgloss.Style) int {
	p := penOf(s)
	for i, q := range c.pens {
		if p == q {
			return i
		}
	}
	c.pens = append(c.pens, p)
	return len(c.pens) - 1
}

// dot sets the dot x from the left and y from the top; others are ignored.
func (c *canvas) dot(x, y, pen int, layer uint8) {
	if x < 0 || y < 0 || x >= c.w*c.dx || y >= c.h*c.dy {
		return
	}
	at := &c.cells[y/c.dy*c.w+x/c.dx]
	if layer < at.layer {
		return
	}
	if layer > at.layer || (pen != at.pen && !c.merge) {
		at.bits = 0
	}
	at.bits |= 1 << (y%c.dy*c.dx + x%c.dx)
	at.pen, at.layer = pen, layer
}

// put writes one character in front of all dots.
func (c *canvas) put(x, y int, r rune, pen int) {
	if x >= 0 && y >= 0 && x < c.w && y < c.h {
		c.cells[y*c.w+x] = cell{r: r, pen: pen, layer: layerText}
	}
}

// joined marks the right half of a wide character.
const joined rune = -1

// text writes characters from a cell on. A wide character takes two cells and
// is a blank where only one is left.
func (c *canvas) text(x, y int, s string, pen int) {
	for _, r := range s {
		switch {
		case r < 0x300 || ansi.StringWidth(string(r)) < 2:
			c.put(x, y, r, pen)
			x++
		case x+1 < c.w:
			c.put(x, y, r, pen)
			c.put(x+1, y, joined, pen)
			x += 2
		default:
			c.put(x, y, ' ', pen)
			x++
		}
	}
}

// free says whether a cell exists and holds no character.
func (c *canvas) free(x, y int) bool {
	return x >= 0 && y >= 0 && x < c.w && y < c.h && c.cells[y*c.w+x].layer != layerText
}

// brailleBits gives the bit of U+2800 for each dot, row by row.
var brailleBits = [8]rune{0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80}

var (
	halfBlocks = [4]rune{' ', '▀', '▄', '█'}
	// Dots in thirds of a cell's height; more than one is a steep stroke.
	asciiDots = [8]rune{' ', '\'', '-', '|', '_', '|', '|', '|'}
)

func (c *canvas) glyph(at cell) rune {
	switch {
	case at.layer == layerNone:
		return ' '
	case at.layer == layerText:
		return at.r
	case c.glyphs.Set == theme.Braille:
		r := rune(0x2800)
		for i, bit := range brailleBits {
			if at.bits&(1<<i) != 0 {
				r |= bit
			}
		}
		return r
	case at.layer == layerBand:
		return c.glyphs.Shade
	case c.glyphs.Set == theme.Block:
		return halfBlocks[at.bits&3]
	case at.layer == layerThin:
		return '.'
	}
	return asciiDots[at.bits&7]
}

// row renders one line of cells, with escapes only where the pen changes.
func (c *canvas) row(y int) string {
	var b strings.Builder
	b.Grow(c.w * 4)
	current := 0
	for _, at := range c.cells[y*c.w : (y+1)*c.w] {
		r := c.glyph(at)
		if r == joined {
			continue
		}
		// A blank looks the same in any pen.
		if r != ' ' && at.pen != current {
			b.WriteString(c.pens[current].shut)
			b.WriteString(c.pens[at.pen].open)
			current = at.pen
		}
		b.WriteRune(r)
	}
	b.WriteString(c.pens[current].shut)
	return b.String()
}

func (c *canvas) rows() []string {
	rows := make([]string, c.h)
	for y := range rows {
		rows[y] = c.row(y)
	}
	return rows
}
