// Package inline shows pictures in a terminal: as pixels where it speaks the
// kitty graphics protocol with Unicode placeholders, in half blocks where it
// has colours. Both are ordinary lines of cells, which a screen that redraws
// line by line can clip and overwrite.
package inline

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/kitty"

	"ra3/tui/theme"
)

// Way is how a terminal shows pictures.
type Way int

// The ways, from none.
const (
	None Way = iota
	Blocks
	Kitty
)

// String names a way as the command line does.
func (w Way) String() string { return [...]string{"none", "blocks", "kitty"}[w] }

// Detect says how pictures can be shown, from the environment alone: asking the
// terminal would race with its keys. Kitty and Ghostty draw placeholders; a
// multiplexer between does not pass the picture on.
func Detect(getenv func(string) string, o theme.Options) Way {
	direct := getenv("TMUX") == "" && getenv("STY") == "" && getenv("ZELLIJ") == ""
	term := strings.ToLower(getenv("TERM") + " " + getenv("TERM_PROGRAM"))
	switch {
	case o.Depth == theme.NoColor || o.Glyphs == theme.ASCII:
		return None
	case direct && o.Depth == theme.TrueColor && (strings.Contains(term, "kitty") || strings.Contains(term, "ghostty")):
		return Kitty
	}
	return Blocks
}

// ErrNoRoom says that a picture needs more cells, or colours.
var ErrNoRoom = errors.New("a picture needs colours and at least 24 x 8 cells")

// Largest sides of a picture in cells: the protocol numbers rows and columns
// by a table of 297 combining marks.
const largest = 297

// Upload is what the terminal must be sent once, outside any line, before the
// lines of Placeholders show img; id is 1 to 255 and names it. The picture is
// scaled to columns x rows cells. An id sent again replaces its picture.
func Upload(img image.Image, id, columns, rows int) (string, error) {
	var b bytes.Buffer
	err := kitty.EncodeGraphics(&b, img, &kitty.Options{
		Action: kitty.TransmitAndPut, Transmission: kitty.Direct, Format: kitty.PNG, Quite: 2,
		ID: id, Columns: columns, Rows: rows, VirtualPlacement: true, Chunk: true,
	})
	if err != nil {
		return "", fmt.Errorf("picture for the terminal: %w", err)
	}
	return b.String(), nil
}

// Forget frees what Upload left with the terminal.
func Forget(id int) string {
	return ansi.KittyGraphics(nil, "a=d", "d=I", fmt.Sprintf("i=%d", id), "q=2")
}

// Placeholders are the lines that stand for picture id, w cells wide and h
// high: every cell names its row and column, so lines may be clipped.
func Placeholders(id, w, h int) []string {
	w, h = min(w, largest), min(h, largest)
	lines := make([]string, max(0, h))
	for y := range lines {
		var b strings.Builder
		fmt.Fprintf(&b, "\x1b[38;5;%dm", id)
		for x := range max(0, w) {
			b.WriteRune(kitty.Placeholder)
			b.WriteRune(kitty.Diacritic(y))
			b.WriteRune(kitty.Diacritic(x))
		}
		b.WriteString("\x1b[39m")
		lines[y] = b.String()
	}
	return lines
}
