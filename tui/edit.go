package tui

import (
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
)

// maxEdit bounds a line of input, in runes; a longer paste is cut.
const maxEdit = 500

// edit is a line of text being written.
type edit struct {
	text []rune
	at   int // the cursor stands before text[at]
}

func editOf(text string) edit { return edit{text: []rune(text), at: len([]rune(text))} }

func (e *edit) String() string { return string(e.text) }

// set replaces the whole text.
func (e *edit) set(text string) { *e = editOf(text) }

// press takes a key; false where the key is not one of editing.
func (e *edit) press(k tea.KeyMsg) bool {
	switch k.String() {
	case "left", "ctrl+b":
		e.at = max(0, e.at-1)
	case "right", "ctrl+f":
		e.at = min(len(e.text), e.at+1)
	case "home", "ctrl+a":
		e.at = 0
	case "end", "ctrl+e":
		e.at = len(e.text)
	case "backspace", "ctrl+h":
		if e.at > 0 {
			e.text = append(e.text[:e.at-1:e.at-1], e.text[e.at:]...)
			e.at--
		}
	case "delete", "ctrl+d":
		if e.at < len(e.text) {
			e.text = append(e.text[:e.at:e.at], e.text[e.at+1:]...)
		}
	case "ctrl+u":
		e.text, e.at = e.text[e.at:], 0
	case "ctrl+k":
		e.text = e.text[:e.at]
	case "ctrl+w":
		from := len([]rune(strings.TrimRight(string(e.text[:e.at]), " ")))
		for from > 0 && e.text[from-1] != ' ' {
			from--
		}
		e.text, e.at = append(e.text[:from:from], e.text[e.at:]...), from
	default:
		if k.Type != tea.KeyRunes && k.Type != tea.KeySpace || k.Alt {
			return false
		}
		for _, r := range k.Runes {
			if unicode.IsControl(r) {
				r = ' ' // of a paste
			}
			if len(e.text) < maxEdit {
				e.text = append(e.text[:e.at:e.at], append([]rune{r}, e.text[e.at:]...)...)
				e.at++
			}
		}
	}
	return true
}

// draw shows the text in w cells, the cursor as a block or, where there is no
// reverse, as an underscore behind the text before it.
func (e *edit) draw(m *model, w int, focus bool) string {
	t, g := m.theme, m.theme.Glyphs
	text := g.Text(string(e.text))
	if !focus {
		return g.Fit(text, w)
	}
	before, after := g.Text(string(e.text[:e.at])), g.Text(string(e.text[e.at:]))
	if width(before)+1 > w {
		before = string(g.Ellipsis) + tail(before, w-2)
	}
	mark, rest := " ", ""
	if after != "" {
		r := []rune(after)
		mark, rest = string(r[0]), string(r[1:])
	}
	if !t.Coloured() {
		mark, rest = "_", after
	}
	return g.Fit(before+t.Cursor.Render(mark)+rest, w)
}

// tail is the end of a text, at most w cells wide.
func tail(s string, w int) string {
	r := []rune(s)
	for len(r) > 0 && width(string(r)) > w {
		r = r[1:]
	}
	return string(r)
}
