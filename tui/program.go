package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// tracePage is page 2: programs with their latent spans.
type tracePage struct {
	*model
	program int
	line    int
	answer  bool // the hidden intents are shown
}

func newTrace(m *model) page { return &tracePage{model: m} }

func (m *tracePage) context() keys.Context { return keys.Trace }
func (m *tracePage) title() string         { return "Trace" }
func (m *tracePage) views() []view         { return nil }
func (m *tracePage) shot() (v view, instead string) {
	return views[indexOf("latents")], "this page has no chart of its own"
}

// act selects a program or a line, or shows the answer key.
func (m *tracePage) act(e keys.Event) (tea.Cmd, bool) {
	switch e.Action {
	case keys.Up:
		m.move(-1)
	case keys.Down:
		m.move(1)
	case keys.NextProgram:
		m.turnProgram(1)
	case keys.PrevProgram:
		m.turnProgram(-1)
	case keys.Answer:
		m.answer = !m.answer
	case keys.Back:
		if !m.answer {
			return nil, false
		}
		m.answer = false
	default:
		return nil, false
	}
	return nil, true
}

func (m *tracePage) move(by int) {
	if p := m.current(); p != nil {
		m.line = min(max(m.line+by, 0), len(p.Lines)-1)
	}
}

func (m *tracePage) turnProgram(by int) {
	if m.sight.trace == nil || len(m.sight.trace.Programs) == 0 {
		return
	}
	n := len(m.sight.trace.Programs)
	m.program, m.line = (m.program+by+n)%n, 0
}

// current is the program in view, nil where there is none.
func (m *tracePage) current() *experiments.TraceProgram {
	t := m.sight.trace
	if t == nil || len(t.Programs) == 0 {
		return nil
	}
	return &t.Programs[min(m.program, len(t.Programs)-1)]
}

// draw shows one program with its latent spans and what the sampler and
// the policy say of the selected line: beside it, or below where the screen is
// narrow; and a list of the programs where it is wide.
func (m *tracePage) draw(w, h int) []string {
	p := m.current()
	if p == nil {
		text := "No traces yet: they appear once there is a sampler."
		if !m.heard {
			text = "The engine is getting ready."
		}
		return m.pane("Programs", "", w, h, true, func(w, h int) []string {
			return m.centred(w, h, m.theme.Faint, text, "Start the run with space, or make one phase with S.")
		})
	}
	m.line = min(max(m.line, 0), max(0, len(p.Lines)-1))
	if w < 108 {
		low := min(8, h/2)
		return append(m.programPane(p, w, h-low), m.linePane(p, w, low)...)
	}
	side := min(44, w*2/5)
	if w < 136 {
		return beside(m.programPane(p, w-side-2, h), m.sidePane(p, side, h))
	}
	list := 38
	return beside(m.listPane(list, h), m.programPane(p, w-side-list-4, h), m.sidePane(p, side, h))
}

// letters numbers a program's latents by first appearance: A, B, C.
func letters(p *experiments.TraceProgram) map[int]int {
	out := map[int]int{}
	for _, l := range p.Lines {
		if _, ok := out[l.Latent]; !ok {
			out[l.Latent] = len(out)
		}
	}
	return out
}

// nats writes a log-likelihood or a difference of two.
func nats(v float64) string { return fmt.Sprintf("%.2f", v+0) }

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
	return m.pane("Programs", "nats: code, plain", w, h, false, func(w, h int) []string {
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
	return m.pane(title, note, w, h, true, func(w, h int) []string {
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

// programLines draws the whole program; selected is the row of the cursor.
func (m *tracePage) programLines(p *experiments.TraceProgram, w int) (rows []string, selected int) {
	t, g := m.theme, m.theme.Glyphs
	const gutter = 4 // cursor, letter, blank
	keyW := 0
	if m.answer {
		for _, l := range p.Lines {
			keyW = max(keyW, len(l.Intent)+2)
		}
	}
	textW := w - gutter - 8
	if keyW > 0 {
		textW -= keyW + 2
	}
	for _, line := range strings.Split(strings.TrimRight(p.Prompt, "\n"), "\n") {
		for i, part := range wrap(m.plain(line), w-gutter) {
			indent := ""
			if i > 0 {
				indent = line[:len(line)-len(strings.TrimLeft(line, " "))]
			}
			rows = append(rows, strings.Repeat(" ", gutter)+t.Faint.Render(indent+part))
		}
	}
	head := strings.Repeat(" ", gutter) + g.Fit("", textW) + t.Faint.Render("  gain")
	if keyW > 0 {
		head += "    " + t.Faint.Render("key")
	}
	names := letters(p)
	for i, l := range p.Lines {
		style := t.Latent(names[l.Latent])
		mark := g.AxisV
		if l.Think {
			letter := theme.LatentName(names[l.Latent])
			body := g.Fit("    # "+m.plain(l.Words), textW)
			rows = append(rows, "  "+style.Render(g.Fit(letter, 2)+body))
			if i == 0 {
				rows[len(rows)-1] = "  " + style.Render(g.Fit(letter, 2)+body) + head[gutter+textW:]
			}
		}
		cursor := " "
		if i == m.line {
			cursor, selected = t.Focus.Render(string(g.Cursor)), len(rows)
		}
		row := cursor + " " + style.Render(string(mark)) + " " + python(m.plain(l.Text), textW, i == m.line, t)
		row += m.gainCell(l)
		if keyW > 0 {
			row += "  " + m.keyText(l, keyW)
		}
		rows = append(rows, row)
	}
	return rows, selected
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
