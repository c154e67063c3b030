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
	case experiments.Stopped:
		return m.marks.paused + " stopped", m.theme.Warn
	case experiments.Paused:
		return m.marks.paused + " paused", m.theme.Warn
	}
	return m.marks.paused + " starting", m.theme.Faint
}

// header is three lines: the run, where it stands, and its timeline.
func (m *model) header(w int) []string {
	t, g := m.theme, m.theme.Glyphs
	var tabs []part
	for i, p := range m.pages {
		text, style := fmt.Sprintf(" %d %s", i+1, p.title()), t.Faint
		if i == m.pageAt() {
			text, style = string(g.Cursor)+text[1:], t.Focus
		}
		tabs = append(tabs, part{text, style, 0})
	}
	right := fitParts(tabs, "  ", w)

	state, style := m.stateWord()
	name := m.plain(m.name)
	if name == "" {
		name = m.config.Preset
	}
	parts := []part{{"ra3", t.Strong, 0}, {g.Fit(name, min(ansi.StringWidth(name), w/3)), t.Text, 3}, {state, style, 0}}
	if m.snap.State == experiments.Running && m.snap.Rate > 0 {
		parts = append(parts, part{chart.Significant(m.snap.Rate, 2) + " updates/s", t.Text, 4})
	}
	left := fitParts(parts, "  ", w-ansi.StringWidth(right)-2)
	first := left + strings.Repeat(" ", max(0, w-ansi.StringWidth(left)-ansi.StringWidth(right))) + right
	return m.block([]string{first, m.position(w), m.timeline(w)}, w, 3)
}

// position says where in the plan the next update stands.
func (m *model) position(w int) string {
	t, s := m.theme, m.snap.Stage
	if !m.heard {
		return t.Faint.Render("the engine is getting ready")
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

// segment is a stage on the timeline; group is the title before it.
type segment struct {
	group  string
	letter string
	lane   string
	bar    int
	index  int // in the plan
}

// segments lists the stages of the seed under way.
func (m *model) segments() []segment {
	var out []segment
	before := ""
	for i, s := range m.plan {
		if s.Seed != m.snap.Stage.Seed && m.heard {
			continue
		}
		seg := segment{letter: phaseOf(s).letter, lane: s.Lane, bar: 1, index: i}
		group := laneName(s.Lane)
		switch s.Phase {
		case experiments.PhaseTune, experiments.PhaseEval, experiments.PhaseRLVR:
			group = s.Phase
		case experiments.PhaseEvalRL:
			group = "after"
		case experiments.PhasePretrain, experiments.PhaseSampler:
			group = "base"
		}
		if group == s.Phase || group == "after" {
			seg.letter = laneName(s.Lane)[:1]
		}
		if group != before {
			seg.group, before = group, group
		}
		out = append(out, seg)
	}
	return out
}

func (s segment) width() int {
	n := 1 + s.bar
	if s.group != "" {
		n += len(s.group) + 2
	}
	return n
}

// timeline draws the seed's stages as letters with bars, the bars as long as
// their updates allow: heavy what is done, light what is not, and the engine's
// mark where it stands. Plans that are too long show the part around it.
func (m *model) timeline(w int) string {
	segs := m.segments()
	if len(segs) == 0 {
		return ""
	}
	used, updates, now := 0, 0, 0
	for i, s := range segs {
		used += s.width()
		updates += m.plan[s.index].Updates
		if s.index <= m.snap.Index {
			now = i
		}
	}
	from, to := 0, len(segs)
	if spare := w - used; spare >= 0 && updates > 0 {
		given, longest := 0, 0
		for i := range segs {
			share := spare * m.plan[segs[i].index].Updates / updates
			segs[i].bar += share
			given += share
			if segs[i].bar > segs[longest].bar {
				longest = i
			}
		}
		segs[longest].bar += spare - given
	} else {
		from, to = now, now+1
		for room := w - 4 - segs[now].width(); ; {
			grown := false
			if to < len(segs) && segs[to].width() <= room {
				room -= segs[to].width()
				to++
				grown = true
			}
			if from > 0 && segs[from-1].width() <= room {
				from--
				room -= segs[from].width()
				grown = true
			}
			if !grown {
				break
			}
		}
	}
	var b strings.Builder
	cut := m.theme.Faint.Render(string(m.theme.Glyphs.Ellipsis))
	if from > 0 {
		b.WriteString(cut + " ")
	}
	for i := from; i < to; i++ {
		m.drawSegment(&b, segs[i], i > from)
	}
	if to < len(segs) {
		b.WriteString(" " + cut)
	}
	return b.String()
}

func (m *model) drawSegment(b *strings.Builder, s segment, gap bool) {
	t, g := m.theme, m.theme.Glyphs
	if s.group != "" {
		if gap {
			b.WriteByte(' ')
		}
		style, _ := t.Lane(strings.ToLower(s.group))
		b.WriteString(style.Render(s.group) + " ")
	}
	light, heavy := g.Border.Top, g.FocusBorder.Top
	switch {
	case s.index < m.snap.Index || m.snap.State == experiments.Finished:
		b.WriteString(t.Text.Render(s.letter + strings.Repeat(heavy, s.bar)))
	case s.index > m.snap.Index:
		b.WriteString(t.Faint.Render(s.letter + strings.Repeat(light, s.bar)))
	default:
		done := 0
		if n := m.plan[s.index].Updates; n > 0 {
			done = min(m.snap.Update*s.bar/n, s.bar-1)
		}
		b.WriteString(t.Focus.Render(s.letter) + t.Text.Render(strings.Repeat(heavy, done)) +
			t.Focus.Render(string(g.Live)) + t.Faint.Render(strings.Repeat(light, s.bar-1-done)))
	}
}
