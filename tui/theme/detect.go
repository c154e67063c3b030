// Package theme holds the colours, styles and glyphs of the terminal screens.
// Every distinction it makes in colour it also makes in characters, because
// without colour lipgloss drops bold, underline and reverse as well.
package theme

import "strings"

// Depth is how many colours the terminal shows.
type Depth int

// Colour depths, from none to 24 bits.
const (
	NoColor Depth = iota
	Colors16
	Colors256
	TrueColor
)

// String is the number of colours in words.
func (d Depth) String() string { return [...]string{"none", "16", "256", "24 bit"}[d] }

// GlyphSet names how much of Unicode the terminal's font can be trusted with.
type GlyphSet int

// Glyph sets: ASCII bytes only; box drawing and half blocks as on a Linux
// console; everything including braille.
const (
	ASCII GlyphSet = iota
	Block
	Braille
)

// Options fix a theme. They come from Detect or from the command line.
type Options struct {
	Depth  Depth
	Glyphs GlyphSet
	Dark   bool // the terminal's background is dark
}

// Detect reads the terminal's abilities from environment variables through
// getenv (os.Getenv, or a map in tests). It asks the terminal nothing.
//
// NO_COLOR (any value) removes colour. TERM and COLORTERM give the depth. The
// first of LC_ALL, LC_CTYPE and LANG that is set must name UTF-8, else the
// glyphs are ASCII. COLORFGBG may say that the background is light; dark is
// assumed otherwise.
func Detect(getenv func(string) string) Options {
	term := strings.ToLower(getenv("TERM"))
	return Options{
		Depth:  depth(term, getenv),
		Glyphs: glyphSet(term, getenv),
		Dark:   darkBackground(getenv("COLORFGBG")),
	}
}

func depth(term string, getenv func(string) string) Depth {
	if getenv("NO_COLOR") != "" || term == "" || term == "dumb" {
		return NoColor
	}
	switch strings.ToLower(getenv("COLORTERM")) {
	case "truecolor", "24bit":
		return TrueColor
	}
	for _, name := range []string{"kitty", "ghostty", "wezterm", "alacritty", "foot", "direct"} {
		if strings.Contains(term, name) {
			return TrueColor
		}
	}
	if strings.Contains(term, "256color") {
		return Colors256
	}
	for _, name := range []string{"xterm", "screen", "tmux", "rxvt", "color", "ansi", "linux", "cygwin", "konsole"} {
		if strings.Contains(term, name) {
			return Colors16
		}
	}
	return NoColor
}

func glyphSet(term string, getenv func(string) string) GlyphSet {
	if term == "dumb" || !utf8Locale(getenv) {
		return ASCII
	}
	// The kernel console's fonts have 256 or 512 glyphs and no braille.
	if term == "linux" {
		return Block
	}
	return Braille
}

func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// darkBackground reads rxvt's "foreground;background" pair of ANSI indices.
func darkBackground(colorfgbg string) bool {
	parts := strings.Split(colorfgbg, ";")
	switch parts[len(parts)-1] {
	case "7", "15":
		return false
	}
	return true
}
