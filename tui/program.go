package tui

import (
	"fmt"
	"strings"

	"ra3/experiments"
	"ra3/tui/theme"
)

// letters numbers a program's latents by first appearance: A, B, C; then those
// that only other looks at it have, so that a letter means one latent in all.
func letters(looks ...*experiments.TraceProgram) map[int]int {
	out := map[int]int{}
	for _, q := range looks {
		if q == nil {
			continue
		}
		for _, l := range q.Lines {
			if _, ok := out[l.Latent]; !ok {
				out[l.Latent] = len(out)
			}
		}
	}
	return out
}

// nats writes a log-likelihood or a difference of two.
func nats(v float64) string {
	if s := fmt.Sprintf("%.2f", v); s != "-0.00" {
		return s
	}
	return "0.00"
}

func gain(v float64) string {
	s := fmt.Sprintf("%+.2f", v)
	if s == "-0.00" {
		return "+0.00"
	}
	return s
}

// right says whether a line's latent words its hidden intent; known is false
// where the key is not at hand.
func (m *model) right(l experiments.TraceLine) (ok, known bool) {
	if l.Latent < 0 || l.Latent >= len(m.intent) || l.Intent == "" {
		return false, false
	}
	return m.intent[l.Latent] == l.Intent, true
}

// agreement counts the lines whose latent is right.
func (m *model) agreement(p *experiments.TraceProgram) string {
	n, of := 0, 0
	for _, l := range p.Lines {
		if ok, known := m.right(l); known {
			of++
			if ok {
				n++
			}
		}
	}
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", n, of)
}

func (m *tracePage) listPane(w, h int) []string {
	return m.pane("Programs", "nats: code, plain", w, h, traceFigures[m.focus].name == experiments.TraceTable, func(w, h int) []string {
		var rows [][]cell
		for i, p := range m.sight.trace.Programs {
			style, mark := m.theme.Faint, " "
			if i == min(m.program, len(m.sight.trace.Programs)-1) {
				style, mark = m.theme.Focus, string(m.theme.Glyphs.Cursor)
			}
			rows = append(rows, []cell{{mark + m.theme.Glyphs.Fit(m.plain(p.ID), 21), style, false}, {nats(p.With), style, true}, {nats(p.Without), style, true}})
		}
		top := max(0, m.program-h+1)
		return window(m.table(rows), &top, h)
	})
}

// programPane shows the prompt and the lines; a span begins with its letter
// and rationale, further lines of it have a thin mark.
func (m *tracePage) programPane(p *experiments.TraceProgram, w, h int) []string {
	n := min(m.program, len(m.sight.trace.Programs)-1) + 1
	title := fmt.Sprintf("Program %d/%d", n, len(m.sight.trace.Programs))
	note := fmt.Sprintf("nats: code %s + rationales %s, written plainly %s", nats(p.With), nats(p.Rationale), nats(p.Without))
	if w < 84 {
		note = fmt.Sprintf("nats: %s + %s rationales, %s plain", nats(p.With), nats(p.Rationale), nats(p.Without))
	}
	if w < 72 {
		note = fmt.Sprintf("nats: %s + %s, %s plain", nats(p.With), nats(p.Rationale), nats(p.Without))
	}
	switch {
	case m.comparing:
		note = m.comparedNote(p)
	case m.cursor.held && m.sight.traceAt.Branch != "":
		title += " as of " + m.stageAt(m.sight.traceAt)
	}
	return m.pane(title, note, w, h, m.focus == 0, func(w, h int) []string {
		lines, selected := m.programLines(p, w)
		// The selected line stays two lines from the edge where it can.
		top := max(0, selected-h+3)
		if selected < h-2 {
			top = 0
		}
		shown := window(lines, &top, h)
		if top+len(shown) < len(lines) && len(shown) > 0 {
			shown = append([]string(nil), shown...)
			shown[len(shown)-1] = m.theme.Faint.Render(fmt.Sprintf("      %c %d more lines", m.theme.Glyphs.Ellipsis, len(lines)-top-len(shown)+1))
		}
		return shown
	})
}

// columns of a program's rows, in cells: the gutter holds the cursor and the
// latent's letter, the others stand at the right where they are shown.
type columns struct{ text, key, other int }

const (
	gutterW = 4
	gainW   = 8
)

func (m *tracePage) columns(p *experiments.TraceProgram, w int) columns {
	c := columns{text: w - gutterW - gainW}
	if m.answer {
		for _, l := range p.Lines {
			c.key = max(c.key, len(l.Intent)+2)
		}
		c.text -= c.key + 2
	}
	if m.compared(p) != nil {
		c.other = min(max(24, w/4), 40)
		c.text -= c.other + 2
	}
	return c
}

// programLines draws the whole program; selected is the row of the cursor.
func (m *tracePage) programLines(p *experiments.TraceProgram, w int) (rows []string, selected int) {
	t, g := m.theme, m.theme.Glyphs
	c := m.columns(p, w)
	for _, line := range strings.Split(strings.TrimRight(p.Prompt, "\n"), "\n") {
		for i, part := range wrap(m.plain(line), w-gutterW) {
			indent := ""
			if i > 0 {
				indent = line[:len(line)-len(strings.TrimLeft(line, " "))]
			}
			rows = append(rows, strings.Repeat(" ", gutterW)+t.Faint.Render(indent+part))
		}
	}
	other := m.compared(p)
	names := letters(p, other)
	for i, l := range p.Lines {
		style := t.Latent(names[l.Latent])
		letter := style.Render(g.Fit(theme.LatentName(names[l.Latent]), 1))
		if l.Think || i == 0 || other != nil && other.Lines[i].Think {
			row := strings.Repeat(" ", gutterW+c.text)
			if l.Think {
				row = " " + letter + "  " + style.Render(g.Fit("    # "+m.plain(l.Words), c.text))
			}
			if i == 0 {
				row += m.columnHeads(c)
			} else if other != nil {
				row += strings.Repeat(" ", gainW) + g.Fit("", c.keyed())
			}
			if other != nil {
				row += "  " + m.otherWords(other.Lines[i], names, i == 0, c.other)
			}
			rows = append(rows, row)
		}
		cursor := " "
		if i == m.line {
			cursor, selected = t.Focus.Render(string(g.Cursor)), len(rows)
		}
		row := cursor + letter + style.Render(string(g.AxisV)) + " " + python(m.plain(l.Text), c.text, i == m.line, t) + m.gainCell(l)
		if c.key > 0 {
			row += "  " + m.keyText(l, c.key)
		}
		if other != nil {
			row += "  " + m.otherLine(l, other.Lines[i], names, c.other)
		}
		rows = append(rows, row)
	}
	return rows, selected
}

// keyed is the width of the answer key's column with the blanks before it.
func (c columns) keyed() int {
	if c.key == 0 {
		return 0
	}
	return c.key + 2
}

func (m *tracePage) columnHeads(c columns) string {
	head := m.theme.Faint.Render(fmt.Sprintf("%*s", gainW, "gain"))
	if c.key > 0 {
		head += "  " + m.theme.Faint.Render(m.theme.Glyphs.Fit("key", c.key))
	}
	return head
}

// gainCell is what the latents so far add to a line's log-likelihood, in nats.
func (m *model) gainCell(l experiments.TraceLine) string {
	d := l.With - l.Without
	style := m.theme.Faint
	switch {
	case d > 0.5:
		style = m.theme.Good
	case d < -0.5:
		style = m.theme.Bad
	}
	return style.Render(fmt.Sprintf("%8s", gain(d)))
}

func (m *model) keyText(l experiments.TraceLine, w int) string {
	ok, known := m.right(l)
	switch {
	case !known:
		return m.theme.Faint.Render(m.plain(l.Intent))
	case ok:
		return m.theme.Good.Render(m.theme.Glyphs.Fit(m.marks.right+" "+m.plain(l.Intent), w))
	}
	return m.theme.Bad.Render(m.theme.Glyphs.Fit(m.marks.wrong+" "+m.plain(l.Intent), w))
}
