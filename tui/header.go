package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"ra3/experiments"
	"ra3/tui/chart"
)

// part is a piece of a line; where room is short, those of the highest rank
// are left out whole.
type part struct {
	text  string
	style lipgloss.Style
	rank  int
}

// fitParts joins parts by sep within w cells.
func fitParts(parts []part, sep string, w int) string {
	for {
		width, worst := -len(sep), 0
		for i, p := range parts {
			width += ansi.StringWidth(p.text) + len(sep)
			if p.rank >= parts[worst].rank {
				worst = i
			}
		}
		if width <= w || len(parts) <= 1 {
			break
		}
		parts = append(append([]part(nil), parts[:worst]...), parts[worst+1:]...)
	}
	var out []string
	for _, p := range parts {
		out = append(out, p.style.Render(p.text))
	}
	return strings.Join(out, sep)
}

// stateWord is the engine's state with its character.
func (m *model) stateWord() (string, lipgloss.Style) {
	switch m.snap.State {
	case experiments.Running:
		return m.marks.running + " running", m.theme.Good
	case experiments.Finished:
		return m.marks.finished + " finished", m.theme.Good
	case experiments.Failed:
		return m.marks.failed + " failed", m.theme.Bad
	case experiments.Following:
		return m.marks.running + " read only, written elsewhere", m.theme.Good
	case experiments.Viewing:
		return m.marks.paused + " read only", m.theme.Warn
	case experiments.Stopped:
		return m.marks.paused + " stopped", m.theme.Warn
	case experiments.Paused:
		return m.marks.paused + " paused", m.theme.Warn
	}
	return m.marks.paused + " starting", m.theme.Faint
}

// header is three lines: the run, where the eye and the engine stand, and the
// timeline.
func (m *model) header(w int) []string {
	t, g := m.theme, m.theme.Glyphs
	state, style := m.stateWord()
	name := m.plain(m.name)
	if name == "" {
		name = m.config.Preset
	}
	parts := []part{{"ra3", t.Strong, 0}, {g.Fit(name, min(ansi.StringWidth(name), w/3)), t.Text, 3}, {state, style, 0}}
	if m.snap.State == experiments.Running && m.snap.Rate > 0 {
		parts = append(parts, part{chart.Significant(m.snap.Rate, 2) + " updates/s", t.Text, 4})
	}
	// Where there is no room for everything, the other pages' names go first.
	all := fitParts(parts, "  ", 1<<20)
	right := m.tabs(w, true)
	if ansi.StringWidth(all)+2+ansi.StringWidth(right) > w {
		right = m.tabs(w, false)
	}
	left := fitParts(parts, "  ", w-ansi.StringWidth(right)-2)
	first := left + strings.Repeat(" ", max(0, w-ansi.StringWidth(left)-ansi.StringWidth(right))) + right
	return m.block([]string{first, m.position(w), m.timelineRow(w)}, w, 3)
}

// tabs are the pages' numbers and names, or but for the page shown the numbers
// alone.
func (m *model) tabs(w int, names bool) string {
	var tabs []part
	for i, p := range m.pages {
		text, style := fmt.Sprintf(" %d", i+1), m.theme.Faint
		shown := i == m.pageAt()
		if names || shown {
			text += " " + p.title()
		}
		if shown {
			text, style = string(m.theme.Glyphs.Cursor)+text[1:], m.theme.Focus
		}
		tabs = append(tabs, part{text, style, 0})
	}
	sep := "  "
	if !names {
		sep = " "
	}
	return fitParts(tabs, sep, w)
}

// position says where in the plan the next update stands.
func (m *model) position(w int) string {
	t, s := m.theme, m.snap.Stage
	switch {
	case !m.heard:
		return t.Faint.Render("the engine is getting ready")
	case m.cursor.held:
		return m.viewing(w)
	}
	lane, _ := t.Lane(s.Lane)
	seed := fmt.Sprintf("seed %d", s.Seed)
	if n := m.config.Seeds; n > 1 {
		seed += fmt.Sprintf(" (%d of %d)", s.Seed-m.config.Seed+1, n)
	}
	p := phaseOf(s)
	parts := []part{{seed, t.Text, 4}, {"lane " + laneName(s.Lane), lane, 2}}
	if n := m.config.RA3.Iterations; s.Lane == "ra3" && n > 0 && (s.Iteration > 0 || s.Phase == experiments.PhaseM || s.Phase == experiments.PhaseAnnotate) {
		parts = append(parts, part{fmt.Sprintf("EM %d/%d", s.Iteration, n), t.Text, 3})
	}
	at := len(parts)
	parts = append(parts, part{p.name, t.Strong, 0}, part{fmt.Sprintf("update %d/%d", m.snap.Update, s.Updates), t.Text, 1})
	room := w + 2
	for _, x := range parts {
		room -= ansi.StringWidth(x.text) + 2
	}
	if long := phaseName(s); len(long)-len(p.name) <= room {
		parts[at].text = long
	}
	return fitParts(append(parts, part{fmt.Sprintf("%d/%d in all", m.snap.Made, m.snap.Total), t.Faint, 6}), "  ", w)
}
