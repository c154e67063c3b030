package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// A pane is a block of lines of equal width: a rule that carries its title,
// and its content. Boxes would cost two lines and two columns more.

// block cuts or pads lines to exactly w x h.
func (m *model) block(lines []string, w, h int) []string {
	out := make([]string, max(h, 0))
	for i := range out {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out[i] = m.theme.Glyphs.Fit(line, w)
	}
	return out
}

// rule is a pane's upper edge: title at the left, note at the right. The pane
// that the keys go to has a cursor and a heavy rule.
func (m *model) rule(title, note string, w int, focus bool) string {
	g := m.theme.Glyphs
	line, lead, style := g.Border.Top, g.Border.Top, m.theme.Strong
	if focus {
		line, lead, style = g.FocusBorder.Top, string(g.Cursor), m.theme.Focus
	}
	title, note = g.Text(title), g.Text(note)
	edge := m.theme.Faint
	room := w - 2 - ansi.StringWidth(title) - 1
	if n := ansi.StringWidth(note); note != "" && n+4 <= room {
		return edge.Render(lead) + " " + style.Render(title) + " " + edge.Render(strings.Repeat(line, room-n-3)+" "+note+" "+line)
	}
	switch {
	case room < 0 && focus && w > 4:
		return edge.Render(lead) + " " + style.Render(g.Fit(title, w-2))
	case room < 0:
		return style.Render(g.Fit(title, w))
	}
	return edge.Render(lead) + " " + style.Render(title) + " " + edge.Render(strings.Repeat(line, room))
}

// pane is a rule over content, exactly w x h.
func (m *model) pane(title, note string, w, h int, focus bool, content func(w, h int) []string) []string {
	if h <= 0 || w <= 0 {
		return nil
	}
	return m.block(append([]string{m.rule(title, note, w, focus)}, content(w, h-1)...), w, h)
}

// lacking tells in the rule of a pane how many columns of its table have no room.
func (m *model) lacking(pane []string, title, note string, w int, focus bool, columns int) []string {
	if columns < 1 {
		return pane
	}
	return m.more(pane, title, note, w, focus, count(columns, "more column"))
}

// more tells in the rule of a pane what has no room in it; what the rule says
// otherwise gives way to that.
func (m *model) more(pane []string, title, note string, w int, focus bool, what string) []string {
	if len(pane) == 0 {
		return pane
	}
	more := fmt.Sprintf("%c %s", m.theme.Glyphs.Ellipsis, what)
	if both := note + "  " + more; note != "" && ansi.StringWidth(m.theme.Glyphs.Text(title+both)) <= w-7 {
		more = both
	}
	return append([]string{m.theme.Glyphs.Fit(m.rule(title, more, w, focus), w)}, pane[1:]...)
}

// beside joins blocks of equal height with two blanks between.
func beside(blocks ...[]string) []string {
	var out []string
	for i := range blocks[0] {
		parts := make([]string, len(blocks))
		for j, b := range blocks {
			parts[j] = b[i]
		}
		out = append(out, strings.Join(parts, "  "))
	}
	return out
}

// wrap breaks text at blanks into lines of at most w cells.
func wrap(text string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(text, w, ""), "\n")
}

// centred puts a wrapped notice into the middle of w x h.
func (m *model) centred(w, h int, style lipgloss.Style, paragraphs ...string) []string {
	var lines []string
	for _, p := range paragraphs {
		lines = append(lines, wrap(m.plain(p), min(w-2, 64))...)
	}
	if len(lines) > h {
		lines = lines[:h]
	}
	out := make([]string, (h-len(lines))/2)
	for _, l := range lines {
		indent := max(0, (w-ansi.StringWidth(l))/2)
		out = append(out, strings.Repeat(" ", indent)+style.Render(l))
	}
	return out
}

// cell is one entry of a table.
type cell struct {
	text  string
	style lipgloss.Style
	right bool
}

// table aligns rows of cells in columns two blanks apart.
func (m *model) table(rows [][]cell) []string {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ansi.StringWidth(c.text))
		}
	}
	out := make([]string, len(rows))
	for k, r := range rows {
		var b strings.Builder
		for i, c := range r {
			if i > 0 {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-ansi.StringWidth(c.text))
			switch {
			case c.right:
				b.WriteString(pad + c.style.Render(c.text))
			case i == len(r)-1:
				b.WriteString(c.style.Render(c.text))
			default:
				b.WriteString(c.style.Render(c.text) + pad)
			}
		}
		out[k] = b.String()
	}
	return out
}

// window returns the h lines from top on, top brought into range.
func window(lines []string, top *int, h int) []string {
	*top = min(max(*top, 0), max(0, len(lines)-h))
	return lines[*top:min(len(lines), *top+max(h, 0))]
}
