package shot

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	img, err := Render("\x1b[38;2;213;94;0m█\x1b[0m \x1b[48;5;21m \x1b[0m\n⣿▀─", true)
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 3*cellW+2*margin || b.Dy() != 2*cellH+2*margin {
		t.Errorf("size %v", b)
	}
	for _, c := range []struct {
		what string
		x, y int
		want color.RGBA
	}{
		{"a full block", margin + 4, margin + 9, color.RGBA{213, 94, 0, 255}},
		{"nothing", margin + cellW + 4, margin + 9, darkPaper},
		{"a ground of 256 colours", margin + 2*cellW + 4, margin + 9, color.RGBA{0, 0, 255, 255}},
		{"a dot of braille", margin + 2, margin + cellH + 2, darkInk},
		{"the upper half", margin + cellW + 4, margin + cellH + 2, darkInk},
		{"the lower half", margin + cellW + 4, margin + 2*cellH - 2, darkPaper},
		{"a line at its edge", margin + 3*cellW - 1, margin + cellH + cellH/2, darkInk},
	} {
		if got := img.RGBAAt(c.x, c.y); got != c.want {
			t.Errorf("%s at %d,%d: %v, want %v", c.what, c.x, c.y, got, c.want)
		}
	}
}

// Everything that the screen draws with leaves ink in its cell.
func TestEveryGlyphShows(t *testing.T) {
	for _, r := range "▸●┿‖✓✗◇◆·…±─│┌└├┤┬┼━┃▏▎▍▌▋▊▉█░▒▓▀→≥−#AgZ⠁⡇" {
		img, err := Render(string(r), false)
		if err != nil {
			t.Fatal(err)
		}
		ink := 0
		for i := 0; i < len(img.Pix); i += 4 {
			if img.Pix[i] < 0xf0 {
				ink++
			}
		}
		if ink == 0 {
			t.Errorf("%q leaves nothing", r)
		}
	}
}

func TestSaveIsSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	frame := strings.Repeat(strings.Repeat("\x1b[32mmid-train \x1b[1mM⣿⡇\x1b[0m━━", 6)+"\n", 30)
	if err := Save(path, frame, true); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := png.Decode(file); err != nil {
		t.Fatal(err)
	}
	if info, err := file.Stat(); err != nil || info.Size() > 150_000 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	if _, err := Render("", true); err == nil {
		t.Error("no frame, and a picture")
	}
}
