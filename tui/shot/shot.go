// Package shot draws a frame of the terminal as a picture: the cells that its
// escape sequences describe, in Liberation Mono, with lines, blocks and braille
// drawn to the edges of their cells.
package shot

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"maps"
	"slices"
	"strings"

	"codeberg.org/go-fonts/liberation/liberationmonobold"
	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/cellbuf"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"ra3/core/checkpoint/durable"
)

// Measures of a cell in pixels; letters stand on the base line.
const (
	cellW, cellH = 9, 18
	baseline     = 14
	typeSize     = 15 // pixels an em: its advance of 0.6 em is the cell's width
	margin       = 9
	shadeStep    = 51 // between the shades of a letter's edge
)

// Ink and paper of a terminal that is dark or light.
var (
	darkPaper  = color.RGBA{0x16, 0x18, 0x1d, 0xff}
	darkInk    = color.RGBA{0xd8, 0xda, 0xde, 0xff}
	lightPaper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	lightInk   = color.RGBA{0x22, 0x24, 0x28, 0xff}
)

// Save draws a frame and writes it to path as PNG, aside and renamed.
func Save(path, frame string, dark bool) error {
	img, err := Render(frame, dark)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, reduced(img)); err != nil {
		return fmt.Errorf("screenshot %s: %w", path, err)
	}
	return durable.Replace(path, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// Render draws a frame: lines of cells with escape sequences, as View makes.
func Render(frame string, dark bool) (*image.RGBA, error) {
	lines := strings.Split(strings.TrimRight(frame, "\n"), "\n")
	w, h := 0, len(lines)
	for _, l := range lines {
		w = max(w, ansi.StringWidth(l))
	}
	if w < 1 || w > 1000 || h > 1000 {
		return nil, fmt.Errorf("screenshot: a frame of %d x %d cells", w, h)
	}
	d, err := newDrawing(w, h, dark)
	if err != nil {
		return nil, err
	}
	cells := cellbuf.NewBuffer(w, h)
	cellbuf.SetContent(cells, strings.Join(lines, "\n"))
	for y := range h {
		for x := range w {
			if c := cells.Cell(x, y); c != nil && c.Width > 0 {
				d.cell(x, y, c)
			}
		}
	}
	return d.img, nil
}

// drawing is a picture under way.
type drawing struct {
	img           *image.RGBA
	ink, paper    color.RGBA
	regular, bold font.Face
}

func newDrawing(w, h int, dark bool) (*drawing, error) {
	d := &drawing{img: image.NewRGBA(image.Rect(0, 0, w*cellW+2*margin, h*cellH+2*margin)), ink: lightInk, paper: lightPaper}
	if dark {
		d.ink, d.paper = darkInk, darkPaper
	}
	var err error
	if d.regular, d.bold, err = faces(); err != nil {
		return nil, err
	}
	fill(d.img, d.img.Rect, d.paper)
	return d, nil
}

func faces() (regular, bold font.Face, err error) {
	face := func(ttf []byte) (font.Face, error) {
		f, err := opentype.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("screenshot: font: %w", err)
		}
		return opentype.NewFace(f, &opentype.FaceOptions{Size: typeSize, DPI: 72, Hinting: font.HintingFull})
	}
	if regular, err = face(liberationmonoregular.TTF); err == nil {
		bold, err = face(liberationmonobold.TTF)
	}
	return regular, bold, err
}

// cell draws one cell.
func (d *drawing) cell(x, y int, c *cellbuf.Cell) {
	ink, paper := d.ink, d.paper
	if c.Style.Fg != nil {
		ink = rgba(c.Style.Fg)
	}
	if c.Style.Bg != nil {
		paper = rgba(c.Style.Bg)
	}
	if c.Style.Attrs.Contains(cellbuf.ReverseAttr) {
		ink, paper = paper, ink
	}
	if c.Style.Attrs.Contains(cellbuf.FaintAttr) {
		ink = mix(ink, paper, 0.5)
	}
	at := image.Pt(margin+x*cellW, margin+y*cellH)
	box := image.Rectangle{Min: at, Max: at.Add(image.Pt(cellW*c.Width, cellH))}
	if paper != d.paper {
		fill(d.img, box, paper)
	}
	if d.shape(box, c.Rune, ink, paper) || c.Rune == ' ' || c.Rune == 0 {
		return
	}
	face := d.regular
	if c.Style.Attrs.Contains(cellbuf.BoldAttr) {
		face = d.bold
	}
	mask := image.NewAlpha(box)
	dr := font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: fixed.P(at.X, at.Y+baseline)}
	dr.DrawString(c.String())
	for i, a := range mask.Pix { // few shades: 256 colours are then enough for all
		mask.Pix[i] = uint8((int(a) + shadeStep/2) / shadeStep * shadeStep)
	}
	draw.DrawMask(d.img, box, image.NewUniform(ink), image.Point{}, mask, box.Min, draw.Over)
	if c.Style.UlStyle != cellbuf.NoUnderline {
		fill(d.img, image.Rect(box.Min.X, box.Max.Y-2, box.Max.X, box.Max.Y-1), ink)
	}
}

func rgba(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
}

// mix is a with share s of b.
func mix(a, b color.RGBA, s float64) color.RGBA {
	f := func(x, y uint8) uint8 { return uint8(float64(x)*(1-s) + float64(y)*s + 0.5) }
	return color.RGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 0xff}
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	r = r.Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetRGBA(x, y, c)
		}
	}
}

// reduced is img with a palette of its 256 commonest colours, a third of the
// file: the others are shades on the edges of letters and take the nearest.
func reduced(img *image.RGBA) image.Image {
	counts := map[color.RGBA]int{}
	for i := 0; i+3 < len(img.Pix); i += 4 {
		counts[color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 0xff}]++
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	index := map[color.RGBA]uint8{}
	for i, c := range colours {
		if i < 256 {
			palette = append(palette, c)
			index[c] = uint8(i)
		} else {
			index[c] = uint8(palette.Index(c))
		}
	}
	out := image.NewPaletted(img.Rect, palette)
	for i := range out.Pix {
		out.Pix[i] = index[color.RGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], 0xff}]
	}
	return out
}
