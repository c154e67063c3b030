package plots

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"ra3/core/checkpoint/durable"
	"ra3/core/measure"
)

// pngDPI is the resolution of PNG files in pixels per inch.
const pngDPI = 200

// Save writes f to path as PNG (200 dpi), SVG or PDF by the extension, w by h
// large, or of DefaultSize where both are 0. The file is written aside and
// renamed: on failure path is what it was. It fails on another extension, on
// a size too small for the texts, a figure whose slices
// differ in length, whose kind is unknown or that has no finite point
// (ErrEmpty), and on a path that
// cannot be written.
func Save(f measure.Figure, path string, w, h vg.Length) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	switch format {
	case "png", "svg", "pdf":
	default:
		return fmt.Errorf("save figure %q: cannot tell the format of %q; end it in .png, .svg or .pdf", f.Name, path)
	}
	if w == 0 && h == 0 {
		w, h = DefaultSize(f)
	}
	data, err := render(f, format, w, h)
	if err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	err = durable.Replace(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("save figure %q: no directory %s; make it first: %w", f.Name, filepath.Dir(path), err)
	case err != nil:
		return fmt.Errorf("save figure %q: put the figure in place: %w", f.Name, err)
	}
	return nil
}

// render returns f as a file of the format. gonum's canvases panic on some
// failures, such as a full directory for temporary files: those become errors.
func render(f measure.Figure, format string, w, h vg.Length) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			data, err = nil, fmt.Errorf("figure %q: drawing as %s failed: %v", f.Name, format, r)
		}
	}()
	pg, err := layOut(f, newInk(format), w, h)
	if err != nil {
		return nil, err
	}
	var cv vg.CanvasWriterTo
	switch format {
	case "png":
		cv = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(pngDPI))}
	case "svg":
		cv = vgsvg.New(w, h)
	case "pdf":
		cv = vgpdf.New(w, h)
	default:
		return nil, fmt.Errorf("unknown format %q", format)
	}
	pg.draw(draw.New(cv))
	var buf bytes.Buffer
	if _, err := cv.WriteTo(&buf); err != nil {
		return nil, fmt.Errorf("encode as %s: %w", format, err)
	}
	switch format {
	case "svg":
		return fallbackFonts(buf.Bytes()), nil
	case "png":
		return withResolution(buf.Bytes()), nil
	}
	return buf.Bytes(), nil
}

// fallbackFonts names, after the Liberation fonts, families of the same metrics,
// so that an SVG file keeps its layout where Liberation is not installed.
func fallbackFonts(svg []byte) []byte {
	svg = bytes.ReplaceAll(svg,
		[]byte("font-family:Liberation Mono;"),
		[]byte("font-family:'Liberation Mono',Cousine,'Courier New',monospace;"))
	return bytes.ReplaceAll(svg,
		[]byte("font-family:Liberation Sans;"),
		[]byte("font-family:'Liberation Sans',Arimo,Helvetica,Arial,sans-serif;"))
}

// withResolution inserts into a PNG file, after its header, the pHYs chunk that
// states its pixels per metre (PNG specification, 11.3.4.3), so that it prints
// at the size it was drawn for.
func withResolution(png []byte) []byte {
	const header = 8 + 4 + 4 + 13 + 4 // signature, then IHDR: length, type, data, CRC
	const perMetre = pngDPI * 10000 / 254
	chunk := binary.BigEndian.AppendUint32(nil, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // the unit is the metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Concat(png[:header], chunk, png[header:])
}
