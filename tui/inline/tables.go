package inline

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/plots"
	"ra3/tui/theme"
)

// Tables writes a figure's tables in exactly w x h cells as they are on paper: the
// same digits, rules and order. What is beyond h lines is left out, and said.
func Tables(f measure.Figure, w, h int, th theme.Theme) []string {
	var lines []string
	for i, t := range f.Tables {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, table(t, w, th)...)
	}
	foot := caption(f, w, h/4, th)
	room := max(0, h-len(foot))
	if over := len(lines) - room; over > 0 && room > 0 {
		lines = append(lines[:room-1:room-1], th.Faint.Render(th.Glyphs.Fit("more than fits: w writes all of it", w)))
	}
	out := make([]string, h)
	for i := range out {
		switch {
		case i >= h-len(foot):
			out[i] = foot[i-h+len(foot)]
		case i < len(lines):
			out[i] = lines[i]
		default:
			out[i] = strings.Repeat(" ", w)
		}
	}
	return out
}

// table is one table's lines, w cells wide.
func table(t measure.Table, w int, th theme.Theme) []string {
	g := th.Glyphs
	widths := make([]int, len(t.Columns))
	texts := make([][]string, len(t.Rows))
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = g.Text(c.Name)
		if c.Unit != "" {
			heads[i] += " (" + g.Text(c.Unit) + ")"
		}
		widths[i] = ansi.StringWidth(heads[i])
	}
	for r, row := range t.Rows {
		for i, c := range t.Columns {
			text := plots.CellText(c, row[i])
			if c.Kind == measure.Code { // its blanks are kept
				indent := len(text) - len(strings.TrimLeft(text, " "))
				text = strings.Repeat(" ", indent) + g.Text(text[indent:])
			} else {
				text = g.Text(text)
			}
			texts[r] = append(texts[r], text)
			widths[i] = max(widths[i], ansi.StringWidth(text))
		}
	}
	line := func(cells []string) string {
		var b strings.Builder
		for i, text := range cells {
			pad := strings.Repeat(" ", widths[i]-ansi.StringWidth(text))
			if i > 0 {
				b.WriteString("  ")
			}
			if t.Columns[i].Kind == measure.Numbers {
				b.WriteString(pad + text)
			} else {
				b.WriteString(text + pad)
			}
		}
		return g.Fit(strings.TrimRight(b.String(), " "), w)
	}
	rule := th.Faint.Render(g.Fit(strings.Repeat(g.Border.Top, min(w, total(widths))), w))
	var out []string
	if t.Title != "" {
		out = append(out, th.Strong.Render(g.Fit(g.Text(t.Title), w)))
	}
	out = append(out, rule, th.Faint.Render(line(heads)), rule)
	for _, row := range texts {
		out = append(out, line(row))
	}
	return append(out, rule)
}

func total(widths []int) int {
	n := max(0, 2*(len(widths)-1))
	for _, w := range widths {
		n += w
	}
	return n
}
