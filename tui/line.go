package tui

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"ra3/experiments"
	"ra3/tui/theme"
)

// posterior lists the most probable decisions at a line, the one taken marked,
// with how much less probable the others are, in nats, and with bars.
func (m *tracePage) posterior(l experiments.TraceLine, w int) []string {
	t := m.theme
	const numberW = 14
	taken, of := "act", math.NaN()
	if l.Think {
		taken = "think " + l.Words
	}
	for _, d := range l.Top {
		if d.Text == taken {
			of = d.P
		}
	}
	textW := 0
	texts := make([]string, len(l.Top))
	for i, d := range l.Top {
		texts[i] = decision(m.plain(d.Text))
		textW = max(textW, width(texts[i]))
	}
	bars := textW+numberW+5 <= w
	textW = max(1, min(textW, w-numberW-1))
	var out []string
	for i, d := range l.Top {
		room := 0
		if bars {
			room = w - textW - numberW - 2
		}
		done := min(max(int(d.P*float64(room)+0.5), 0), room)
		mark, than := " ", strings.Repeat(" ", 6)
		switch {
		case d.Text == taken:
			mark = string(t.Glyphs.Cursor)
		case of > 0 && d.P > 0:
			than = fmt.Sprintf("%6s", gain(math.Log(d.P/of)))
		}
		out = append(out, t.Focus.Render(mark)+t.Glyphs.Fit(texts[i], textW)+fmt.Sprintf(" %.3f ", d.P)+t.Faint.Render(than)+" "+
			t.Key.Render(strings.Repeat(string(t.Glyphs.Fill), done)))
	}
	return out
}

func posteriorTitle(w int) string {
	const long = "posterior over decisions, nats against the one taken"
	if len(long) <= w {
		return long
	}
	return "posterior over decisions"
}

// decision writes "think keep even" as the rationale that it would insert.
func decision(text string) string {
	if words, ok := strings.CutPrefix(text, "think "); ok {
		return "# " + strings.TrimSpace(words)
	}
	return text
}

// facts are the numbers of the selected line, then of the program.
func (m *tracePage) facts(p *experiments.TraceProgram, l experiments.TraceLine) (line, program [][]cell) {
	row := func(name, value string, style lipgloss.Style) []cell {
		return []cell{{name, m.theme.Faint, false}, {value, style, true}}
	}
	line = [][]cell{
		row("log p given latents", nats(l.With), m.theme.Text),
		row("log p plain, by "+laneName(m.sight.trace.Plain), nats(l.Without), m.theme.Text),
		row("gain on code, nats", gain(l.With-l.Without), m.theme.Strong),
	}
	if m.answer {
		line = append(line, row("hidden intent", strings.TrimSpace(m.keyText(l, len(l.Intent)+2)), lipgloss.NewStyle()))
	} else {
		line = append(line, row("hidden intent", "a shows it", m.theme.Faint))
	}
	program = [][]cell{
		row("nats of the code", nats(p.With), m.theme.Text),
		row("nats of rationales", nats(p.Rationale), m.theme.Text),
		row("nats plain, by "+laneName(m.sight.trace.Plain), nats(p.Without), m.theme.Text),
		row("net gain, nats", gain(p.Without-p.With-p.Rationale), m.theme.Strong),
	}
	if a := m.agreement(p); a != "" {
		program = append(program, row("lines agreeing with the key", a, m.theme.Text))
	}
	return line, append(program, row("policy", laneName(m.sight.trace.Policy), m.theme.Text))
}

// lineTitle names the selected line and the latent in force.
func (m *tracePage) lineTitle(p *experiments.TraceProgram, l experiments.TraceLine) string {
	verb := "act, keeps"
	if l.Think {
		verb = "think, takes"
	}
	return fmt.Sprintf("Line %d/%d: %s %s # %s", m.line+1, len(p.Lines), verb, theme.LatentName(letters(p)[l.Latent]), m.plain(l.Words))
}

// linePane is the selected line below the program: posterior at the left,
// numbers at the right.
func (m *tracePage) linePane(p *experiments.TraceProgram, w, h int) []string {
	if len(p.Lines) == 0 {
		return m.block(nil, w, h)
	}
	l := p.Lines[m.line]
	note := "lines agreeing with the key: " + m.agreement(p)
	return m.pane(m.lineTitle(p, l), note, w, h, m.focus == 1, func(w, h int) []string {
		line, _ := m.facts(p, l)
		right := append(m.table(line), "", m.theme.Faint.Render("program: net gain ")+gain(p.Without-p.With-p.Rationale)+m.theme.Faint.Render(" nats"))
		factsW := min(max(28, width(right[0])), w*3/5)
		left := m.posterior(l, w-factsW-2)
		if h > len(left) {
			left = append([]string{m.theme.Faint.Render(posteriorTitle(w - factsW - 2))}, left...)
		}
		return beside(m.block(left, w-factsW-2, h), m.block(right, factsW, h))
	})
}

// sidePane is the selected line, and the program's totals, beside it.
func (m *tracePage) sidePane(p *experiments.TraceProgram, w, h int) []string {
	if len(p.Lines) == 0 {
		return m.block(nil, w, h)
	}
	l := p.Lines[m.line]
	line, program := m.facts(p, l)
	return m.pane(m.lineTitle(p, l), "", w, h, m.focus == 1, func(w, h int) []string {
		out := []string{m.theme.Faint.Render(posteriorTitle(w))}
		out = append(out, m.posterior(l, w)...)
		out = append(out, "")
		out = append(out, m.table(line)...)
		out = append(out, "", m.rule("Program", m.plain(p.ID), w, false))
		out = append(out, m.table(program)...)
		out = append(out, "")
		for _, s := range wrap("Gain on code is what the rationales so far save against the plain lane; net gain also pays for the rationales, which come from a sampler that has seen the code.", w) {
			out = append(out, m.theme.Faint.Render(s))
		}
		return out
	})
}
