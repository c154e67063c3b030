package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"ra3/experiments"
)

// segment is a stage on the timeline; group is the title before it.
type segment struct {
	experiments.StageMark
	group  string
	letter string
	bar    int // cells, the letter's apart
}

// segments lists the stages of the seed in view, on VIEW's branch.
func (m *model) segments() []segment {
	marks := m.timelineOf(m.view().Branch)
	seed := m.snap.Stage.Seed
	if m.cursor.held || !m.heard {
		seed = m.sight.stage.Seed
	}
	var out []segment
	before := ""
	for _, mark := range marks {
		if mark.Seed != seed && m.heard {
			continue
		}
		s := segment{StageMark: mark, letter: phaseOf(mark.Stage).letter, bar: 1}
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
			s.letter = laneName(s.Lane)[:1]
		}
		if group != before {
			s.group, before = group, group
		}
		out = append(out, s)
	}
	return out
}

// timelineOf is a branch's plan with what is kept of it, asked for anew only
// when something may have changed.
func (m *model) timelineOf(branch string) []experiments.StageMark {
	if key := (timelineKey{branch, m.tip, m.snap.Index}); m.marked != key || m.timeline == nil {
		m.timeline, m.marked = m.engine.Record().Timeline(branch), key
	}
	return m.timeline
}

type timelineKey struct {
	branch string
	tip    experiments.Position
	index  int
}

func (s segment) width() int {
	n := 1 + s.bar
	if s.group != "" {
		n += len(s.group) + 2
	}
	return n
}

// timelineRow draws the seed's stages as letters with bars, the bars as long as
// their updates allow: heavy what is done, light what is not, marks where states
// are kept, and VIEW and LIVE where they stand. Plans that are too long show the
// part around VIEW.
func (m *model) timelineRow(w int) string {
	segs := m.segments()
	if len(segs) == 0 {
		return ""
	}
	used, updates, now := 0, 0, 0
	for i, s := range segs {
		used += s.width()
		updates += s.Updates
		if m.cursor.held && s.From < m.view().Update || !m.cursor.held && s.Index <= m.snap.Index {
			now = i
		}
	}
	from, to := 0, len(segs)
	if spare := w - used; spare >= 0 && updates > 0 {
		given, longest := 0, 0
		for i := range segs {
			share := spare * segs[i].Updates / updates
			segs[i].bar += share
			given += share
			if segs[i].bar > segs[longest].bar {
				longest = i
			}
		}
		segs[longest].bar += spare - given
	} else {
		from, to = around(segs, now, w-4)
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

// around is the longest stretch of segments about one of them that fits.
func around(segs []segment, now, w int) (from, to int) {
	from, to = now, now+1
	for room := w - segs[now].width(); ; {
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
			return from, to
		}
	}
}

// at is the cell of a segment's bar in which update n of its line is made, and
// whether it is one of the segment's.
func (s segment) at(n int) (cell int, within bool) {
	if n <= s.From || n > s.To {
		return 0, false
	}
	return (n - s.From - 1) * s.bar / max(1, s.Updates), true
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
	here := !m.cursor.held || m.view().Branch == m.tip.Branch
	underWay := here && s.Index == m.snap.Index && m.snap.State != experiments.Finished
	type cell struct {
		text  string
		style lipgloss.Style
	}
	cells := make([]cell, 1+s.bar)
	for i := range cells {
		cells[i] = cell{g.Border.Top, t.Faint}
		if s.Updates > 0 && i-1 < s.Made*s.bar/s.Updates || s.Made == s.Updates {
			cells[i] = cell{g.FocusBorder.Top, t.Text}
		}
	}
	cells[0].text = s.letter
	if underWay {
		cells[0].style = t.Focus
	}
	if s.State {
		cells[s.bar] = cell{string(g.Kept), t.Text}
	}
	if underWay {
		// LIVE stands at the update that is made next.
		cells[1+min(s.Made*s.bar/max(1, s.Updates), s.bar-1)] = cell{string(g.Live), t.Focus}
	}
	if at, ok := s.at(m.view().Update); ok && m.cursor.held {
		cells[1+at] = cell{string(g.View), t.View}
	}
	for _, c := range cells {
		b.WriteString(c.style.Render(c.text))
	}
}

// viewing says in words that VIEW is not LIVE: a line that cannot be missed,
// with colours or without.
func (m *model) viewing(w int) string {
	t, g, s := m.theme, m.theme.Glyphs, &m.sight
	at, live := m.view(), m.live()
	place := func(p experiments.Position) string {
		if len(m.history().Branches()) > 1 {
			return p.String()
		}
		return fmt.Sprint(p.Update)
	}
	text := []part{{fmt.Sprintf("%c VIEW %s", g.View, place(at)), t.Text, 0}}
	if s.Event.Seq == 0 {
		text = append(text, part{"the beginning", t.Text, 2})
	} else {
		text = append(text, part{fmt.Sprintf("seed %d", s.stage.Seed), t.Text, 5}, part{laneName(s.stage.Lane), t.Text, 3})
		if s.stage.Iteration > 0 {
			text = append(text, part{fmt.Sprintf("EM %d", s.stage.Iteration), t.Text, 3})
		}
		text = append(text, part{fmt.Sprintf("%s %d/%d", phaseOf(s.stage).name, s.update, s.stage.Updates), t.Text, 2})
	}
	far := fmt.Sprintf("is not %c LIVE %s", g.Live, place(live))
	text = append(text, part{far, t.Text, 0}, part{"L goes there", t.Text, 1})
	line := fitParts(text, "  ", w)
	return t.View.Render(g.Fit(line, w))
}
