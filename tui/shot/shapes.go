package shot

import (
	"image"
	"image/color"
	"math"
)

// shape draws what must meet its neighbours, lines, blocks and braille, and
// reports whether r is one of them.
func (d *drawing) shape(box image.Rectangle, r rune, ink, paper color.RGBA) bool {
	switch {
	case r >= 0x2800 && r <= 0x28ff:
		d.braille(box, int(r-0x2800), ink)
	case r >= 0x2580 && r <= 0x259f:
		return d.block(box, r, ink, paper)
	case r >= 0x2500 && r <= 0x257f:
		return d.line(box, r, ink)
	default:
		return d.mark(box, r, ink)
	}
	return true
}

// marks are signs that the font lacks, as strokes between points of a cell
// nine wide and eighteen high.
var marks = map[rune][][4]float64{
	'‖': {{3, 4, 3, 14}, {6, 4, 6, 14}},
	'✓': {{1, 9, 3.5, 13}, {3.5, 13, 8, 4}},
	'✗': {{1.5, 5, 7.5, 13}, {7.5, 5, 1.5, 13}},
	'◇': {{4.5, 4.5, 8.5, 9}, {8.5, 9, 4.5, 13.5}, {4.5, 13.5, 0.5, 9}, {0.5, 9, 4.5, 4.5}},
}

// mark draws strokes and filled triangles and diamonds.
func (d *drawing) mark(box image.Rectangle, r rune, ink color.RGBA) bool {
	strokes, ok := marks[r]
	if !ok && r != '▸' && r != '◆' {
		return false
	}
	const fine = 4 // samples a pixel and axis
	for y := range cellH {
		for x := range cellW {
			n := 0
			for i := range fine * fine {
				px, py := float64(x)+(float64(i%fine)+0.5)/fine, float64(y)+(float64(i/fine)+0.5)/fine
				if within(r, strokes, px, py) {
					n++
				}
			}
			if n > 0 {
				p := box.Min.Add(image.Pt(x, y))
				d.img.SetRGBA(p.X, p.Y, mix(d.img.RGBAAt(p.X, p.Y), ink, float64(n)/(fine*fine)))
			}
		}
	}
	return true
}

// within says whether a point of the cell is inked.
func within(r rune, strokes [][4]float64, x, y float64) bool {
	switch r {
	case '▸':
		return x >= 2 && math.Abs(y-9) <= (8-x)*0.75
	case '◆':
		return math.Abs(x-4.5)/4+math.Abs(y-9)/4.5 <= 1
	}
	for _, s := range strokes {
		dx, dy := s[2]-s[0], s[3]-s[1]
		t := max(0, min(1, ((x-s[0])*dx+(y-s[1])*dy)/(dx*dx+dy*dy)))
		if math.Hypot(x-s[0]-t*dx, y-s[1]-t*dy) <= 0.8 {
			return true
		}
	}
	return false
}

// dots are braille's bits by column and row (Unicode, chapter 21).
var dots = [2][4]int{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}

func (d *drawing) braille(box image.Rectangle, bits int, ink color.RGBA) {
	for column := range 2 {
		for row := range 4 {
			if bits&dots[column][row] == 0 {
				continue
			}
			x := box.Min.X + 1 + column*cellW/2
			y := box.Min.Y + 1 + row*cellH/4
			ground := d.img.RGBAAt(x, y)
			fill(d.img, image.Rect(x, y, x+3, y+3), ink)
			// Without its corners a square of this size is a dot.
			for _, p := range []image.Point{{x, y}, {x + 2, y}, {x, y + 2}, {x + 2, y + 2}} {
				d.img.SetRGBA(p.X, p.Y, mix(ink, ground, 0.55))
			}
		}
	}
}

// block draws eighths, halves and shades.
func (d *drawing) block(box image.Rectangle, r rune, ink, paper color.RGBA) bool {
	b := box
	switch {
	case r == '▀':
		b.Max.Y = b.Min.Y + cellH/2
	case r >= '▁' && r <= '█': // lower eighths
		b.Min.Y = b.Max.Y - int(r-'▀')*cellH/8
	case r >= '▉' && r <= '▏': // left eighths
		b.Max.X = b.Min.X + int('▐'-r)*cellW/8
	case r == '▐':
		b.Min.X += cellW / 2
	case r >= '░' && r <= '▓':
		ink = mix(paper, ink, 0.25*float64(r-'░'+1))
	default:
		return false
	}
	fill(d.img, b, ink)
	return true
}

// arms are the strokes of a box-drawing character from its middle: left, up,
// right, down; 1 is light, 2 heavy. These are the
// ones that the screen has.
var arms = map[rune][4]int{
	'─': {1, 0, 1, 0}, '│': {0, 1, 0, 1}, '┌': {0, 0, 1, 1}, '┐': {1, 0, 0, 1}, '└': {0, 1, 1, 0}, '┘': {1, 1, 0, 0},
	'├': {0, 1, 1, 1}, '┤': {1, 1, 0, 1}, '┬': {1, 0, 1, 1}, '┴': {1, 1, 1, 0}, '┼': {1, 1, 1, 1},
	'━': {2, 0, 2, 0}, '┃': {0, 2, 0, 2}, '┏': {0, 0, 2, 2}, '┓': {2, 0, 0, 2}, '┗': {0, 2, 2, 0}, '┛': {2, 2, 0, 0},
	'┣': {0, 2, 2, 2}, '┫': {2, 2, 0, 2}, '┳': {2, 0, 2, 2}, '┻': {2, 2, 2, 0}, '╋': {2, 2, 2, 2},
	'┿': {2, 1, 2, 1}, '╪': {1, 1, 1, 1},
	'╭': {0, 0, 1, 1}, '╮': {1, 0, 0, 1}, '╰': {0, 1, 1, 0}, '╯': {1, 1, 0, 0},
}

func (d *drawing) line(box image.Rectangle, r rune, ink color.RGBA) bool {
	a, ok := arms[r]
	if !ok {
		return false
	}
	x, y := box.Min.X+cellW/2, box.Min.Y+cellH/2
	for i, weight := range a {
		if weight == 0 {
			continue
		}
		lo, hi := 0, 1 // the stroke's width about the middle
		if weight == 2 {
			lo, hi = -1, 2
		}
		stroke := [4]image.Rectangle{
			image.Rect(box.Min.X, y+lo, x+hi, y+hi), image.Rect(x+lo, box.Min.Y, x+hi, y+hi),
			image.Rect(x+lo, y+lo, box.Max.X, y+hi), image.Rect(x+lo, y+lo, x+hi, box.Max.Y),
		}[i]
		fill(d.img, stroke, ink)
	}
	return true
}
