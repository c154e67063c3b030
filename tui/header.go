package tui

import (
	"fmt"
	"strconv"
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
		if dir, _ := m.desk.latest(); m.desk.at(dir) && inside(m.engine.Dir(), dir) {
			return m.marks.running + " read only, at work here", m.theme.Good
		}
		return m.marks.running + " read only, open elsewhere", m.theme.Good
	case experiments.Viewing:
		if m.snap.Total > 0 && m.snap.Made == m.snap.Total {
			return m.marks.finished + " finished, read only", m.theme.Good
		}
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
		parts = append(parts, part{chart.Significant(m.snap.Rate, 2) + paceUnit, t.Text, paceRank})
	}
	if m.desk.busy() {
		_, st := m.desk.latest()
		done, cells, _ := counted(st.Tasks)
		parts = append(parts, part{fmt.Sprintf("%s ablation %d/%d cells", m.marks.running, done, cells), t.Good, 5})
	}
	parts = m.beforeTabs(parts, w-ansi.StringWidth(m.tabsAs(tabsClose))-2)
	left := fitParts(parts, "  ", w)
	right := m.tabs(w - ansi.StringWidth(left) - 2)
	left = fitParts(parts, "  ", w-ansi.StringWidth(right)-2)
	first := left + strings.Repeat(" ", max(0, w-ansi.StringWidth(left)-ansi.StringWidth(right))) + right
	return m.block([]string{first, m.position(w), m.timelineRow(w)}, w, 3)
}

// leastName is how short a run's name may be cut for the pages' names.
const leastName = 6

// beforeTabs makes the header's parts, of which the second is the run's name, give
// way to the pages' names where that is enough: the pace is written shorter, the
// name is cut, or left out.
func (m *model) beforeTabs(parts []part, w int) []part {
	const name = 1
	room := func() int {
		n := w + 2
		for i, p := range parts {
			if i != name {
				n -= ansi.StringWidth(p.text) + 2
			}
		}
		return n - 2
	}
	if room() < leastName {
		for i := range parts {
			if parts[i].rank == paceRank {
				parts[i].text = strings.TrimSuffix(parts[i].text, paceUnit) + "/s"
			}
		}
	}
	switch r := room(); {
	case r >= ansi.StringWidth(parts[name].text):
	case r >= leastName:
		parts[name].text = m.theme.Glyphs.Fit(m.plain(parts[name].text), r)
	case r+2 >= 0:
		return append(parts[:name:name], parts[name+1:]...)
	}
	return parts
}

// The engine's pace in the header.
const (
	paceUnit = " updates/s"
	paceRank = 4
)

// Forms of the pages' list, the longest first: all by name, closer together, the
// others by number alone.
const (
	tabsWide = iota
	tabsClose
	tabsNumbered
)

// tabs names the pages in w cells, in the longest form that fits.
func (m *model) tabs(w int) string {
	for form := tabsWide; form < tabsNumbered; form++ {
		if out := m.tabsAs(form); ansi.StringWidth(out) <= w {
			return out
		}
	}
	return m.tabsAs(tabsNumbered)
}

func (m *model) tabsAs(form int) string {
	var tabs []string
	for i, p := range m.pages {
		text := fmt.Sprintf("%d %s", i+1, p.title())
		switch {
		case i == m.pageAt():
			tabs = append(tabs, m.theme.Focus.Render(string(m.theme.Glyphs.Cursor)+text))
			continue
		case form == tabsWide:
			text = " " + text
		case form == tabsNumbered:
			text = strconv.Itoa(i + 1)
		}
		tabs = append(tabs, m.theme.Faint.Render(text))
	}
	if form == tabsWide {
		return strings.Join(tabs, "  ")
	}
	return strings.Join(tabs, " ")
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
	if len(m.history().Branches()) > 1 {
		parts = append([]part{{"branch " + m.tip.Branch, t.Text, 2}}, parts...)
		if len(m.sight.info.Mixed) > 0 {
			parts = append([]part{parts[0], {"lanes mixed", t.Warn, 3}}, parts[1:]...)
		}
	}
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
