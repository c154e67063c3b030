package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/theme"
)

// mostLooks is how many looks, the newest ones, are read for the pane of a
// program over time.
const mostLooks = 64

// poll reads the looks that are stored and not yet read.
func (m *tracePage) poll() tea.Cmd {
	if m.reading {
		return nil
	}
	looks := m.looks()
	var missing []experiments.Position
	for _, at := range looks[max(0, len(looks)-mostLooks):] {
		if _, read := m.pastLooks[at]; !read {
			missing = append(missing, at)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	m.reading = true
	record := m.engine.Record()
	return func() tea.Msg {
		read := map[experiments.Position]*experiments.TraceView{}
		for _, at := range missing {
			v, _, err := record.View(at)
			if err != nil {
				v = nil // the page says so where the look itself is in view
			}
			read[at] = v
		}
		return effect(func() tea.Cmd {
			m.reading = false
			for at, v := range read {
				m.pastLooks[at] = v
			}
			return nil
		})
	}
}

// unread says that what the page shows is not here yet.
func (m *tracePage) unread() bool { return m.reading || m.fetching }

// overTime lists the looks at a program on VIEW's line at which something about
// it changed.
func (m *tracePage) overTime(p *experiments.TraceProgram) []experiments.ProgramLook {
	var out []experiments.ProgramLook
	for _, at := range m.looks() {
		v := m.pastLooks[at]
		if v == nil {
			continue
		}
		stage, _, _ := ended(m.sight.info.Plan, at.Update)
		for i := range v.Programs {
			q := experiments.ProgramLook{At: at, Stage: stage, TraceProgram: &v.Programs[i]}
			if q.ID == p.ID && len(q.Lines) == len(p.Lines) && (len(out) == 0 || q.Differs(out[len(out)-1])) {
				out = append(out, q)
			}
		}
	}
	return out
}

// unchanged gives for each moment the last look before the next one: so long the
// program stood as it did then.
func (m *tracePage) unchanged(p *experiments.TraceProgram, moments []experiments.ProgramLook) []int {
	out := make([]int, len(moments))
	at := 0
	for _, look := range m.looks() {
		for at+1 < len(moments) && moments[at+1].At.Update <= look.Update {
			at++
		}
		v := m.pastLooks[look]
		if v == nil || look.Update < moments[at].At.Update {
			continue
		}
		if slices.ContainsFunc(v.Programs, func(q experiments.TraceProgram) bool { return q.ID == p.ID && len(q.Lines) == len(p.Lines) }) {
			out[at] = look.Update
		}
	}
	return out
}

// momentName names a moment by the phase that ended there and the updates from
// which to which nothing changed.
func (m *tracePage) momentName(x experiments.ProgramLook, until int) string {
	name := m.stageAt(x.At)
	if until > x.At.Update {
		name = fmt.Sprintf("%s to %d)", strings.TrimSuffix(name, ")"), until)
	}
	return name
}

// since says from which look on the program has stood as it does now; "" where
// that is the look the page shows.
func (m *tracePage) since(p *experiments.TraceProgram) string {
	from := m.shown().Update
	for _, x := range m.overTime(p) {
		if x.At.Update <= m.shown().Update {
			from = x.At.Update
		}
	}
	if from == m.shown().Update {
		return ""
	}
	return fmt.Sprintf(", unchanged since (%d)", from)
}

// netGain is what the latents save of a program's nats, their own paid.
func netGain(p *experiments.TraceProgram) float64 { return p.Without - p.With - p.Rationale }

// programColumn is the program, and under it, where there is room, how its
// annotation came to be.
func (m *tracePage) programColumn(p *experiments.TraceProgram, w, h int) []string {
	lines, _ := m.programLines(p, w)
	moments := m.overTime(p)
	high := len(lines) + 2
	if len(moments) < 2 || h-high < 5 {
		return m.programPane(p, w, h)
	}
	return append(m.programPane(p, w, high), m.overTimePane(p, moments, w, h-high)...)
}

// overTimePane has a row a look: the latent of each line by its letter, and the
// program's nats then. The look that the page shows is marked, later ones faint.
func (m *tracePage) overTimePane(p *experiments.TraceProgram, moments []experiments.ProgramLook, w, h int) []string {
	t, g := m.theme, m.theme.Glyphs
	all := []*experiments.TraceProgram{p, m.compared(p)}
	for _, x := range moments {
		all = append(all, x.TraceProgram)
	}
	names := letters(all...)
	until := m.unchanged(p, moments)
	shown := 0
	for i, x := range moments {
		if x.At.Update <= m.shown().Update {
			shown = i
		}
	}
	return m.pane("This program over time", "latent of each line; nats", w, h, traceFigures[m.focus].name == experiments.OverTimeTable, func(w, h int) []string {
		top := max(0, min(shown-h/2, len(moments)-(h-1)))
		stage := 0
		for i, x := range moments {
			stage = max(stage, len(m.momentName(x, until[i])))
		}
		stage = min(stage, max(12, w-max(5, len(p.Lines))-31))
		rows := []string{t.Faint.Render(g.Fit("  "+g.Fit("after", stage)+"  "+g.Fit("lines", max(5, len(p.Lines)))+fmt.Sprintf("%9s%9s%9s", "code", "latents", "net gain"), w))}
		for i, x := range moments[top:] {
			mark, text := " ", t.Text
			switch at := top + i; {
			case at == shown:
				mark, text = t.Focus.Render(string(g.Cursor)), t.Strong
			case at > shown:
				text = t.Faint
			}
			var b strings.Builder
			for _, l := range x.Lines {
				b.WriteString(t.Latent(names[l.Latent]).Render(g.Fit(theme.LatentName(names[l.Latent]), 1)))
			}
			b.WriteString(strings.Repeat(" ", max(0, 5-len(x.Lines))))
			rows = append(rows, g.Fit(mark+" "+text.Render(g.Fit(m.momentName(x, until[top+i]), stage))+"  "+b.String()+
				text.Render(fmt.Sprintf("%9s%9s%9s", nats(x.With), nats(x.Rationale), gain(netGain(x.TraceProgram)))), w))
		}
		return rows
	})
}
