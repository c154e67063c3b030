package theme

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// Glyphs are the characters a screen is drawn with. Every rune is one cell
// wide.
type Glyphs struct {
	Set GlyphSet

	Border      lipgloss.Border // a pane at rest
	FocusBorder lipgloss.Border // the pane with the focus: differs without colour too

	Run   []rune // lengths of a bar's last cell, from nothing to full
	Fill  rune   // the done part of a gauge
	Shade rune   // inside an interval band, where there are no dots to set

	Cursor   rune // the selected line
	Live     rune // where the engine is
	View     rune // where the eye is, when that is elsewhere
	Kept     rune // a state is stored here
	Differs  rune // a line that is not as it was
	Ellipsis rune // text was cut

	AxisV, AxisH, AxisCorner     rune
	TickV, TickH                 rune
	WhiskerL, WhiskerH, WhiskerR rune // an interval's ends and its middle
	Estimate                     rune // the value inside its interval

	PlusMinus string
}

// GlyphsFor returns the glyphs of a set.
func GlyphsFor(set GlyphSet) Glyphs {
	if set == ASCII {
		rest := lipgloss.Border{
			Top: "-", Bottom: "-", Left: "|", Right: "|",
			TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
			MiddleLeft: "+", MiddleRight: "+", Middle: "+", MiddleTop: "+", MiddleBottom: "+",
		}
		focus := rest
		focus.Top, focus.Bottom, focus.Left, focus.Right = "=", "=", "#", "#"
		focus.TopLeft, focus.TopRight, focus.BottomLeft, focus.BottomRight = "#", "#", "#", "#"
		return Glyphs{
			Set: ASCII, Border: rest, FocusBorder: focus,
			Run:  []rune(" #"),
			Fill: '#', Shade: ':',
			Cursor: '>', Live: '*', View: '@', Kept: '+', Differs: '!', Ellipsis: '~',
			AxisV: '|', AxisH: '-', AxisCorner: '+', TickV: '+', TickH: '+',
			WhiskerL: '[', WhiskerH: '-', WhiskerR: ']', Estimate: '+',
			PlusMinus: "+-",
		}
	}
	g := Glyphs{
		Set: set, Border: lipgloss.NormalBorder(), FocusBorder: lipgloss.ThickBorder(),
		Run:  []rune(" ▏▎▍▌▋▊▉█"),
		Fill: '█', Shade: '░',
		Cursor: '▸', Live: '●', View: '◆', Kept: '┿', Differs: '≠', Ellipsis: '…',
		AxisV: '│', AxisH: '─', AxisCorner: '└', TickV: '┤', TickH: '┬',
		WhiskerL: '├', WhiskerH: '─', WhiskerR: '┤', Estimate: '┼',
		PlusMinus: "±",
	}
	if set == Block {
		// Console fonts follow code page 437: halves and shades, no eighths,
		// no heavy lines.
		g.FocusBorder = lipgloss.DoubleBorder()
		g.Run = []rune(" ▌█")
		g.Cursor, g.Live, g.View, g.Kept, g.Differs, g.Ellipsis = '►', '■', '♦', '╪', '!', '~'
	}
	return g
}

// Lines says whether there are box drawing characters.
func (g Glyphs) Lines() bool { return g.Set != ASCII }

// spelled gives ASCII readings of the marks that titles and captions use.
var spelled = strings.NewReplacer(
	"±", "+-", "…", "...", "·", ".", "×", "x", "→", "->", "←", "<-", "↑", "^", "↓", "v",
	"–", "-", "—", "-", "−", "-", "≥", ">=", "≤", "<=", "≈", "~", "Δ", "d", "‘", "'", "’", "'",
	"“", "\"", "”", "\"", "π", "pi", "θ", "theta", "φ", "phi", "τ", "tau", "ρ", "rho", "λ", "lambda",
)

// Text makes outside text safe to draw in one line of cells: escape sequences
// are removed, control characters become spaces, characters that would join
// their neighbour in a cell (combining marks, flags) are dropped, and in the
// ASCII set common marks are spelled out and other characters become '?'.
func (g Glyphs) Text(s string) string {
	s = ansi.Strip(strings.ToValidUTF8(s, "?"))
	if g.Set == ASCII {
		s = spelled.Replace(s)
	}
	var out strings.Builder
	last, lastWidth := ' ', 1
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			r = ' '
		case unicode.IsControl(r):
			continue
		case r > unicode.MaxASCII && g.Set == ASCII:
			r = '?'
		}
		width := 1
		if r > unicode.MaxASCII {
			width = ansi.StringWidth(string(r))
			if width == 0 || ansi.StringWidth(string([]rune{last, r})) != lastWidth+width {
				continue
			}
		}
		out.WriteRune(r)
		last, lastWidth = r, width
	}
	return out.String()
}

// Fit cuts or pads text to exactly w cells. Styled text keeps its escapes.
func (g Glyphs) Fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := ansi.StringWidth(s)
	if n > w {
		s = ansi.Truncate(s, w, string(g.Ellipsis))
		n = ansi.StringWidth(s)
	}
	return s + strings.Repeat(" ", max(w-n, 0))
}
