package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/theme"
)

// looks are the positions of VIEW's branch at which a look at the example
// traces is stored, of the seed in view, the oldest first.
func (m *tracePage) looks() []experiments.Position {
	at := m.view()
	seed := m.sight.stage.Seed
	var out []experiments.Position
	for _, mark := range m.timelineOf(at.Branch) {
		if mark.View && (mark.Seed == seed || seed == 0) {
			out = append(out, experiments.Position{Branch: at.Branch, Update: mark.To})
		}
	}
	return out
}

// compareWith chooses the look before (-1) or after (1) the one compared with;
// at first the last one before what the page shows.
func (m *tracePage) compareWith(by int) tea.Cmd {
	looks := m.looks()
	from := m.against
	if !m.comparing || m.other == nil || from.Branch != m.view().Branch {
		from, by = m.iterationBefore(), -1
	}
	m.comparing = true
	to := experiments.Position{}
	for _, p := range looks {
		if p == m.shown() {
			continue // what the page shows itself
		}
		if by < 0 && p.Update < from.Update || by > 0 && p.Update > from.Update && to.Branch == "" {
			to = p
		}
	}
	if to.Branch == "" {
		if m.other == nil {
			m.comparing = false
			return m.complain("no other look at these traces is stored on this branch; one is kept at the end of every phase")
		}
		return m.say("there is none further that way")
	}
	return m.readOther(to)
}

// shown is the position of the look that the page shows.
func (m *tracePage) shown() experiments.Position {
	if m.sight.traceAt.Branch != "" {
		return m.sight.traceAt
	}
	return m.view()
}

// iterationBefore is the first position after what is worth comparing with: the
// EM iteration before the one that the page shows, else all that came before.
func (m *tracePage) iterationBefore() experiments.Position {
	at := m.shown()
	newest := 0
	for _, s := range m.history().Spans(at.Branch, experiments.ByPhase) {
		if s.From < at.Update && s.Seed == m.sight.stage.Seed {
			newest = max(newest, s.Iteration)
		}
	}
	for _, s := range m.history().Spans(at.Branch, experiments.ByPhase) {
		if newest > 0 && s.Iteration == newest && s.Seed == m.sight.stage.Seed {
			return experiments.Position{Branch: at.Branch, Update: s.From + 1}
		}
	}
	return at
}

// readOther fetches a stored look.
func (m *tracePage) readOther(at experiments.Position) tea.Cmd {
	m.fetching = true
	record := m.engine.Record()
	return func() tea.Msg {
		v, found, err := record.View(at)
		return effect(func() tea.Cmd {
			m.fetching = false
			switch {
			case err != nil:
				return m.complain(err.Error())
			case v == nil:
				return m.complain("the look at " + at.String() + " is gone")
			}
			m.other, m.against = v, experiments.Position{Branch: at.Branch, Update: found.Update}
			return nil
		})
	}
}

// compared is the program in the other look; nil where there is none or its
// lines are not the same.
func (m *tracePage) compared(p *experiments.TraceProgram) *experiments.TraceProgram {
	if !m.comparing || m.other == nil {
		return nil
	}
	for i := range m.other.Programs {
		if q := &m.other.Programs[i]; q.ID == p.ID && len(q.Lines) == len(p.Lines) {
			return q
		}
	}
	return nil
}

// comparedNote says what stands beside the program, and how much differs.
func (m *tracePage) comparedNote(p *experiments.TraceProgram) string {
	q := m.compared(p)
	if q == nil {
		return "nothing to compare with"
	}
	n := 0
	for i := range p.Lines {
		if p.Lines[i].Latent != q.Lines[i].Latent {
			n++
		}
	}
	against := m.stageAt(m.against)
	if !(experiments.ProgramLook{TraceProgram: p}).Differs(experiments.ProgramLook{TraceProgram: q}) {
		return fmt.Sprintf("against %s: all the same", against)
	}
	return fmt.Sprintf("against %s: %d of %s differ", against, n, count(len(p.Lines), "line"))
}

// stageAt names a position by the phase that ended there.
func (m *model) stageAt(at experiments.Position) string {
	s, _, _ := ended(m.sight.info.Plan, at.Update)
	name := laneName(s.Lane) + " " + phaseOf(s).name
	if s.Iteration > 0 {
		name = fmt.Sprintf("EM %d %s", s.Iteration, phaseOf(s).name)
	}
	return fmt.Sprintf("%s (%d)", name, at.Update)
}

// otherWords is the other look's rationale where it thinks, under its title.
func (m *tracePage) otherWords(l experiments.TraceLine, names map[int]int, first bool, w int) string {
	g := m.theme.Glyphs
	if !l.Think {
		if first {
			return m.theme.Faint.Render(g.Fit("  at "+m.against.String(), w))
		}
		return g.Fit("", w)
	}
	style := m.theme.Latent(names[l.Latent])
	return "  " + style.Render(g.Fit(theme.LatentName(names[l.Latent])+" # "+m.plain(l.Words), w-2))
}

// otherLine is a line's latent in the other look, marked where it differs, with
// the gain it had there.
func (m *tracePage) otherLine(l, other experiments.TraceLine, names map[int]int, w int) string {
	t, g := m.theme, m.theme.Glyphs
	mark := "  "
	if l.Latent != other.Latent {
		mark = t.Warn.Render(string(g.Differs)) + " "
	}
	style := t.Latent(names[other.Latent])
	left := mark + style.Render(g.Fit(theme.LatentName(names[other.Latent]), 1)+string(g.AxisV))
	return left + g.Fit("", w-4-gainW) + m.gainCell(other)
}

// toChange goes to the next line whose latent differs, in later programs too.
func (m *tracePage) toChange(by int) tea.Cmd {
	if m.other == nil || !m.comparing {
		return m.complain("nothing is compared: v sets another iteration beside this one")
	}
	return m.seek(by, "no line's latent differs", func(p *experiments.TraceProgram, line int) bool {
		q := m.compared(p)
		return q != nil && p.Lines[line].Latent != q.Lines[line].Latent
	})
}

// seek goes to the next line that fits, from the cursor on and around the end.
func (m *tracePage) seek(by int, none string, fits func(p *experiments.TraceProgram, line int) bool) tea.Cmd {
	if m.current() == nil {
		return nil
	}
	type place struct{ program, line int }
	var all []place
	at := 0
	programs := m.sight.trace.Programs
	for i := range programs {
		for j := range programs[i].Lines {
			if i == min(m.program, len(programs)-1) && j == m.line {
				at = len(all)
			}
			all = append(all, place{i, j})
		}
	}
	n := len(all)
	for k := 1; k <= n; k++ {
		p := all[((at+by*k)%n+n)%n]
		if fits(&programs[p.program], p.line) {
			m.program, m.line = p.program, p.line
			return nil
		}
	}
	return m.say(none)
}
