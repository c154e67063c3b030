package inline

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"github.com/lucasb-eyer/go-colorful"
	"github.com/muesli/termenv"

	"ra3/tui/theme"
)

// half is the upper half of a cell: its ink is the upper pixel, its ground the
// lower one.
const half = '▀'

// HalfBlocks draws img in lines of cells, two pixels a cell: a line for every
// two rows, an odd last row over the terminal's own ground. Colours are the
// nearest that the depth has; without colours there are no lines.
func HalfBlocks(img image.Image, depth theme.Depth) []string {
	if depth == theme.NoColor {
		return nil
	}
	nearest := map[color.RGBA][2]string{}
	code := func(x, y int) [2]string {
		r, g, b, _ := img.At(x, y).RGBA()
		c := color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
		s, ok := nearest[c]
		if !ok {
			s = sequences(c, depth)
			nearest[c] = s
		}
		return s
	}
	var lines []string
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 2 {
		var line strings.Builder
		last := ""
		for x := b.Min.X; x < b.Max.X; x++ {
			ink, ground := code(x, y)[0], "49"
			if y+1 < b.Max.Y {
				ground = code(x, y+1)[1]
			}
			if style := ink + ";" + ground; style != last {
				line.WriteString("\x1b[" + style + "m")
				last = style
			}
			line.WriteRune(half)
		}
		line.WriteString("\x1b[0m")
		lines = append(lines, line.String())
	}
	return lines
}

// sequences are the parameters that set c as ink and as ground.
func sequences(c color.RGBA, depth theme.Depth) [2]string {
	if depth == theme.TrueColor {
		rgb := fmt.Sprintf("8;2;%d;%d;%d", c.R, c.G, c.B)
		return [2]string{"3" + rgb, "4" + rgb}
	}
	if depth == theme.Colors256 {
		x := termenv.ANSI256.FromColor(c)
		return [2]string{x.Sequence(false), x.Sequence(true)}
	}
	x := nearest16(c)
	return [2]string{x.Sequence(false), x.Sequence(true)}
}

// nearest16 is the nearest of the sixteen colours by what the eye sees.
func nearest16(c color.RGBA) termenv.Color {
	want := colorful.Color{R: float64(c.R) / 255, G: float64(c.G) / 255, B: float64(c.B) / 255}
	best, at := 9.0, 0
	for i := range 16 {
		if d := want.DistanceLab(termenv.ConvertToRGB(termenv.ANSIColor(i))); d < best {
			best, at = d, i
		}
	}
	return termenv.ANSIColor(at)
}

// Ink is the escape that writes in c, or "" without colours.
func Ink(c color.Color, depth theme.Depth) string {
	if depth == theme.NoColor {
		return ""
	}
	r, g, b, _ := c.RGBA()
	return "\x1b[" + sequences(color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}, depth)[0] + "m"
}
