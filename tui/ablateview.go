package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
)

func (m *ablatePage) draw(w, h int) []string {
	name := "Ablation " + m.plain(filepath.Base(m.dir))
	switch {
	case m.dir == "":
		return m.drawList(w, h)
	case m.shown.err != nil && m.shown.tasks == nil:
		return m.pane(name, "", w, h, true, func(w, h int) []string {
			return m.centred(w, h, m.theme.Bad, firstLine(m.shown.err.Error()), "esc goes back to the list.")
		})
	case m.shown.tasks == nil:
		return m.pane(name, "", w, h, true, func(w, h int) []string {
			return m.centred(w, h, m.theme.Faint, "Reading "+m.dir)
		})
	}
	top := m.summaryLines(w)
	if h >= 20 {
		top = append(top, m.gridLine(w))
	}
	if m.effects {
		return append(top, m.drawEffects(w, h-len(top))...)
	}
	return append(top, m.drawCells(w, h-len(top))...)
}

// summaryLines are how far it has come, what is being done, and what is wrong.
func (m *ablatePage) summaryLines(w int) []string {
	t, a := m.theme, &m.shown
	made, total := 0, 0
	states := map[string]int{}
	for _, p := range a.tasks {
		made, total = made+p.Made, total+p.Total
		if p.State == grid.Finished || p.State == grid.Skipped {
			total -= p.Total - p.Made
		}
		if !p.Gate {
			states[p.State]++
		}
	}
	cells := len(a.cells())
	state, style := m.marks.paused+" at rest: g goes on", t.Warn
	working := false
	switch {
	case m.desk.at(m.dir):
		state, style, working = m.marks.running+" at work: g stops", t.Good, true
	case a.writer != nil && a.writer.PID != os.Getpid():
		state, style, working = m.marks.running+" "+elsewhere(a.writer)+" is at work, read only here", t.Good, true
	case a.err != nil:
		state, style = m.marks.failed+" failed: g tries again", t.Bad
	case states[grid.Finished]+states[grid.Skipped] == cells:
		state, style = m.marks.finished+" finished", t.Good
	}
	parts := []part{{state, style, 0}, {fmt.Sprintf("%d of %d cells", states[grid.Finished], cells), t.Strong, 0}}
	if n := states[grid.Skipped]; n > 0 {
		parts = append(parts, part{fmt.Sprintf("%d skipped by their gate", n), t.Text, 3})
	}
	parts = append(parts, part{fmt.Sprintf("update %d/%d", made, total), t.Text, 2})
	if working && a.rate > 0 {
		parts = append(parts, part{number(a.rate) + " updates/s", t.Text, 4})
	}
	if working && a.left > 0 {
		parts = append(parts, part{"about " + duration(a.left) + " left", t.Text, 1})
	}
	if working && a.stage.Phase != "" {
		parts = append(parts, part{fmt.Sprintf("seed %d %s %s %d/%d", a.stage.Seed, laneName(a.stage.Lane), phaseOf(a.stage).name, a.update, a.stage.Updates), t.Faint, 5})
	}
	out := []string{fitParts(parts, "  ", w)}
	if a.err != nil {
		// The cause stands at its end, and the cure.
		lines := wrap(m.marks.failed+" "+m.plain(firstLine(a.err.Error())), w)
		for _, l := range lines[:min(len(lines), 3)] {
			out = append(out, t.Bad.Render(t.Glyphs.Fit(l, w)))
		}
	}
	return out
}

// elsewhere names who else makes cells.
func elsewhere(h *store.HeldError) string {
	if h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d", h.PID)
}

// gridLine is what the ablation consists of, in a line.
func (m *ablatePage) gridLine(w int) string {
	a := m.shown.of
	if a == nil {
		return ""
	}
	words := []string{}
	for _, f := range a.Factors {
		words = append(words, fmt.Sprintf("%s (%d)", lastPart(f.Field), len(f.Values)))
	}
	text := fmt.Sprintf("%s of %s, preset %s, %s problems", designName(a.Spec.Design), strings.Join(words, " x "), a.Cells[0].Config.Preset, a.Cells[0].Config.Eval.Split)
	if a.Spec.Gate != grid.NoGate {
		text += ", gate " + string(a.Spec.Gate)
	}
	return m.theme.Faint.Render(m.theme.Glyphs.Fit(m.plain(text), w))
}

// duration words seconds to what is significant.
func duration(seconds float64) string {
	switch {
	case !(seconds >= 0 && seconds < 1e8):
		return "very long"
	case seconds < 90:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 90*60:
		return fmt.Sprintf("%.0f min", seconds/60)
	case seconds < 48*3600:
		return fmt.Sprintf("%.1f h", seconds/3600)
	}
	return fmt.Sprintf("%.0f days", seconds/86400)
}

// readStyle colours what an interval says: only what it sets apart from zero.
func (m *model) readStyle(r grid.Reading) lipgloss.Style {
	switch r {
	case grid.Better:
		return m.theme.Good
	case grid.Worse:
		return m.theme.Bad
	}
	return m.theme.Text
}

// readMark says the same without colour.
func (m *model) readMark(r grid.Reading) string {
	switch r {
	case grid.Better:
		return m.marks.right
	case grid.Worse:
		return m.marks.wrong
	}
	return " "
}

// betterMark points where a measure is better.
func (m *model) betterMark(d grid.Direction) string {
	if d == grid.Lower {
		return m.theme.Glyphs.Text("↓")
	}
	return m.theme.Glyphs.Text("↑")
}

// signed writes a difference with its sign, to three decimals: a column's
// numbers stand under each other.
func signed(v float64) string {
	if v != v {
		return "-"
	}
	if text := fmt.Sprintf("%+.3f", v); text != "-0.000" {
		return text
	}
	return "+0.000"
}

func (m *model) signedInterval(x experiments.Measured) string {
	text := signed(float64(x.Mean))
	if x.Lo == x.Lo && x.Hi == x.Hi {
		text += fmt.Sprintf(" [%s, %s]", signed(float64(x.Lo)), signed(float64(x.Hi)))
	}
	return m.theme.Glyphs.Text(text)
}

// measured is a measure with its interval: levels carry no sign but their own,
// differences always.
func (m *model) measured(x grid.Measure, v experiments.Measured) string {
	text := m.signedInterval(v)
	if !x.Difference {
		text = strings.ReplaceAll(text, "+", "")
	}
	return text
}

func lastPart(field string) string {
	return field[strings.LastIndexByte(field, '.')+1:]
}

func within(lines []string, w int) bool {
	for _, l := range lines {
		if width(l) > w {
			return false
		}
	}
	return true
}
