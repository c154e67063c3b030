package inline

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/tui/theme"
)

func picture(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x * 9), uint8(y * 7), uint8(x * y), 255})
		}
	}
	return img
}

func TestDetect(t *testing.T) {
	full := theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille}
	for _, c := range []struct {
		name string
		env  map[string]string
		o    theme.Options
		want Way
	}{
		{"kitty", map[string]string{"TERM": "xterm-kitty"}, full, Kitty},
		{"ghostty", map[string]string{"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, full, Kitty},
		{"kitty in tmux", map[string]string{"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, full, Blocks},
		{"xterm", map[string]string{"TERM": "xterm-256color"}, full, Blocks},
		{"no colour", map[string]string{"TERM": "xterm-kitty"}, theme.Options{Depth: theme.NoColor, Glyphs: theme.Braille}, None},
		{"ascii", map[string]string{"TERM": "xterm-kitty"}, theme.Options{Depth: theme.TrueColor, Glyphs: theme.ASCII}, None},
	} {
		if got := Detect(func(k string) string { return c.env[k] }, c.o); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// What is uploaded is the picture, whole, and names what the lines name.
func TestUploadAndPlaceholders(t *testing.T) {
	img := picture(120, 90)
	text, err := Upload(img, 7, 30, 12)
	if err != nil {
		t.Fatal(err)
	}
	if n := ansi.StringWidth(text); n != 0 {
		t.Errorf("the upload is %d cells wide", n)
	}
	if !strings.Contains(text, "i=7") || !strings.Contains(text, "U=1") || !strings.Contains(text, "c=30") || !strings.Contains(text, "r=12") {
		t.Errorf("options of %.60q", text)
	}
	var payload strings.Builder
	for _, chunk := range regexp.MustCompile(`\x1b_G[^;]*;([^\x1b]*)\x1b\\`).FindAllStringSubmatch(text, -1) {
		payload.WriteString(chunk[1])
	}
	raw, err := base64.StdEncoding.DecodeString(payload.String())
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(raw))
	if err != nil || back.Bounds() != img.Bounds() || back.At(17, 33) != color.Color(img.RGBAAt(17, 33)) {
		t.Errorf("decoded %v %v", back.Bounds(), err)
	}
	lines := Placeholders(7, 30, 12)
	if len(lines) != 12 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines {
		if ansi.StringWidth(l) != 30 || ansi.StringWidth(ansi.Truncate(l, 11, "")) != 11 || !strings.Contains(l, "38;5;7m") {
			t.Fatalf("line %q", l)
		}
	}
	if len(Placeholders(1, 500, 500)) != largest || len(Placeholders(1, 3, -1)) != 0 {
		t.Error("sizes beyond the table")
	}
	if ansi.StringWidth(Forget(7)) != 0 {
		t.Error("forgetting shows")
	}
}

func TestHalfBlocksKeepPixels(t *testing.T) {
	img := picture(9, 5)
	lines := HalfBlocks(img, theme.TrueColor)
	if len(lines) != 3 {
		t.Fatalf("%d lines of 5 rows", len(lines))
	}
	for _, l := range lines {
		if ansi.StringWidth(l) != 9 || ansi.Strip(l) != strings.Repeat("▀", 9) {
			t.Errorf("line %q", l)
		}
	}
	if !strings.HasPrefix(lines[1], "\x1b[38;2;0;14;0;48;2;0;21;0m▀") || !strings.Contains(lines[2], ";49m") {
		t.Errorf("colours of %q and %q", lines[1][:30], lines[2][:30])
	}
	for _, d := range []theme.Depth{theme.Colors16, theme.Colors256} {
		if got := HalfBlocks(img, d); len(got) != 3 || ansi.StringWidth(got[0]) != 9 || strings.Contains(got[0], "38;2") {
			t.Errorf("depth %v: %q", d, got)
		}
	}
	if HalfBlocks(img, theme.NoColor) != nil {
		t.Error("blocks without colour")
	}
}

// Whatever the data and the size: exactly as many cells as asked for.
func TestFigureIsExact(t *testing.T) {
	nan := math.NaN()
	figures := []measure.Figure{
		{Kind: measure.Lines, YLabel: "nats", XLabel: "tokens", Caption: strings.Repeat("n = 3 seeds. ", 20), Series: []measure.Series{
			{Name: "NTP", Lane: "ntp", X: []float64{0, 1, 2, 3}, Y: []float64{1, nan, math.Inf(1), 2}, Lo: []float64{0, 0, 0, 1}, Hi: []float64{2, 2, 2, 3}},
			{Name: "漢字", X: []float64{0, 3}, Y: []float64{1e300, -1e300}}}},
		{Kind: measure.Bars, Categories: []string{"doc @1", "ask @1"}, Series: []measure.Series{{Name: "RA3", Lane: "ra3", X: []float64{0, 1}, Y: []float64{0.2, 0.4}}}},
		{Kind: measure.Lines, Series: []measure.Series{{Name: "one", X: []float64{5}, Y: []float64{5}}}},
	}
	for i, f := range figures {
		for w := 24; w < 130; w += 31 {
			for h := 8; h < 45; h += 15 {
				for _, d := range []theme.Depth{theme.Colors16, theme.TrueColor} {
					lines, err := Figure(f, w, h, theme.New(theme.Options{Depth: d, Glyphs: theme.Braille}))
					if err != nil || len(lines) != h {
						t.Fatalf("figure %d at %dx%d: %d lines, %v", i, w, h, len(lines), err)
					}
					for _, l := range lines {
						if ansi.StringWidth(l) != w {
							t.Fatalf("figure %d at %dx%d: %d wide: %q", i, w, h, ansi.StringWidth(l), l)
						}
					}
				}
			}
		}
	}
	if _, err := Figure(figures[0], 23, 40, theme.New(theme.Options{Depth: theme.TrueColor})); err == nil {
		t.Error("too narrow, and drawn")
	}
}
