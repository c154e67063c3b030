package tui

import (
	"strings"

	"ra3/tui/theme"
)

// keyword says whether a word is Python's own.
func keyword(word string) bool {
	switch word {
	case "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except", "False", "finally", "for", "from",
		"if", "import", "in", "is", "lambda", "None", "not", "or", "pass", "raise", "return", "True", "try", "while", "with", "yield":
		return true
	}
	return false
}

// python draws a line of code in exactly w cells with its keywords marked;
// colours are left to the latents.
func python(text string, w int, strong bool, t theme.Theme) string {
	text = t.Glyphs.Fit(text, w)
	if strong {
		return t.Strong.Render(text)
	}
	var b strings.Builder
	for len(text) > 0 {
		n := strings.IndexFunc(text, func(r rune) bool { return !letter(r) })
		switch {
		case n < 0:
			n = len(text)
			fallthrough
		case n > 0:
			if word := text[:n]; keyword(word) {
				b.WriteString(t.Key.Render(word))
			} else {
				b.WriteString(word)
			}
			text = text[n:]
		default:
			n = strings.IndexFunc(text, letter)
			if n < 0 {
				n = len(text)
			}
			b.WriteString(text[:n])
			text = text[n:]
		}
	}
	return b.String()
}

func letter(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
