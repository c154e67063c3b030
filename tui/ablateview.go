package tui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"ra3/experiments"
	"ra3/experiments/grid"
)

// ablateMeasures are the columns of cells and effects, the most telling first:
// where room is short the last are left out.
var ablateMeasures = []struct{ name, title, short, says string }{
	{"ra3-ntp", "RA3 - NTP", "RA3-NTP", "mean of pass@1, 5, 10 and of the families"},
	{"ra3-base", "RA3 - Base", "RA3-Base", "mean of pass@1, 5, 10 and of the families"},
	{"speed-up", "log2 speed-up", "speed-up", "tokens NTP needs to its own final RLVR level over RA3's"},
	{"gate", "gate, nats", "gate", "NTP's nats a validation program minus the oracle's"},
	{"horizon", "horizon", "horizon", "effective horizon, RA3 minus NTP"},
	{"log-effective", "eff. space", "space", "log effective decision space, RA3 minus NTP"},
	{"exact-gap", "exact gap", "gap", "gap of the E-step's bound to the exact one, as a share"},
}

// measure is the column sorted by, the first without.
func (m *ablatePage) measure() struct{ name, title, short, says string } {
	return ablateMeasures[max(0, m.sort-1)]
}

func (m *ablatePage) draw(w, h int) []string {
	switch {
	case m.desk.ablation == "":
		return m.drawList(w, h)
	case m.shown.err != nil && m.shown.tasks == nil:
		return m.pane("Ablation "+m.plain(filepath.Base(m.desk.ablation)), "", w, h, true, func(w, h int) []string {
			return m.centred(w, h, m.theme.Bad, firstLine(m.shown.err.Error()), "esc goes back to the list.")
		})
	case m.shown.tasks == nil:
		return m.pane("Ablation "+m.plain(filepath.Base(m.desk.ablation)), "", w, h, true, func(w, h int) []string {
			return m.centred(w, h, m.theme.Faint, "Reading "+m.desk.ablation)
		})
	}
	top := m.summaryLines(w)
	lines := append([]string{}, top...)
	if m.effects {
		return append(lines, m.drawEffects(w, h-len(top))...)
	}
	return append(lines, m.drawCells(w, h-len(top))...)
}

// drawList offers the ablations there are.
func (m *ablatePage) drawList(w, h int) []string {
	return m.pane("Ablations in "+m.plain(m.root()), "n new", w, h, true, func(w, h int) []string {
		if !m.looked {
			return m.centred(w, h, m.theme.Faint, "Looking for ablations.")
		}
		if len(m.found) == 0 {
			return m.centred(w, h, m.theme.Faint, "No ablation yet: every combination of some settings, each an ordinary run, and what difference they make.",
				"n chooses factors and levels, and says what it costs before anything starts.")
		}
		m.row = min(m.row, len(m.found)-1)
		var lines []string
		for i, dir := range m.found {
			mark, style := "  ", m.theme.Text
			if i == m.row {
				mark, style = string(m.theme.Glyphs.Cursor)+" ", m.theme.Focus
			}
			text := filepath.Base(dir)
			if m.desk.busy() && dir == m.desk.working {
				text += "  " + m.marks.running + " at work"
			}
			lines = append(lines, style.Render(mark+m.plain(text)))
		}
		top := max(0, m.row-h+1)
		return window(lines, &top, h)
	})
}

// summaryLines are how far it has come, and what its numbers are.
func (m *ablatePage) summaryLines(w int) []string {
	t, a := m.theme, &m.shown
	made, total, left := 0, 0, 0
	states := map[string]int{}
	for _, p := range a.tasks {
		made, total = made+p.Made, total+p.Total
		if p.State == grid.Finished && p.Made < p.Total || p.State == grid.Skipped {
			total -= p.Total - p.Made
		}
		if !p.Gate {
			states[p.State]++
		}
	}
	left = total - made
	cells := len(a.cells())
	state, style := m.marks.paused+" at rest, g goes on", t.Warn
	rate := 0.0
	switch {
	case states[grid.Finished]+states[grid.Skipped] == cells:
		state, style = m.marks.finished+" finished", t.Good
	case m.desk.busy() && m.desk.working == a.dir:
		state, style, rate = m.marks.running+" at work", t.Good, m.desk.state.Rate
	case states[grid.Running] > 0:
		state, style = m.marks.running+" another process is at work", t.Good
	}
	parts := []part{{state, style, 0}, {fmt.Sprintf("%d of %d cells", states[grid.Finished], cells), t.Strong, 0}}
	if n := states[grid.Skipped]; n > 0 {
		parts = append(parts, part{fmt.Sprintf("%d skipped by their gate", n), t.Text, 3})
	}
	parts = append(parts, part{fmt.Sprintf("update %d/%d", made, total), t.Text, 2})
	if rate > 0 && left > 0 {
		parts = append(parts, part{"about " + duration(float64(left)/rate) + " left", t.Text, 1})
	}
	out := []string{fitParts(parts, "  ", w)}
	if a.err != nil {
		out = append(out, t.Bad.Render(t.Glyphs.Fit(m.marks.failed+" "+m.plain(firstLine(a.err.Error())), w)))
	}
	return out
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
	}
	return fmt.Sprintf("%.1f h", seconds/3600)
}

// stateCell is a cell's state with its character.
func (m *ablatePage) stateCell(p grid.Progress) cell {
	t := m.theme
	switch p.State {
	case grid.Finished:
		return cell{m.marks.finished + " done", t.Good, false}
	case grid.Running:
		return cell{fmt.Sprintf("%s %d/%d", m.marks.running, p.Made, p.Total), t.Good, false}
	case grid.Begun:
		return cell{fmt.Sprintf("%s %d/%d", m.marks.paused, p.Made, p.Total), t.Warn, false}
	case grid.Failed:
		return cell{m.marks.failed + " failed", t.Bad, false}
	case grid.Skipped:
		return cell{"- skipped", t.Faint, false}
	}
	return cell{m.marks.dot + " waiting", t.Faint, false}
}

// drawCells is the table of cells; it has as many measures as fit, with their
// intervals as long as two of them have room.
func (m *ablatePage) drawCells(w, h int) []string {
	t := m.theme
	rows := m.rows()
	m.row = min(max(0, m.row), max(0, len(rows)-1))
	order := "in the grid's order"
	if m.sort > 0 {
		order = "by " + m.measure().title
	}
	if m.reverse {
		order += ", reversed"
	}
	title := "Cells " + order
	if m.filter != "" {
		title += " /" + m.plain(m.filter)
	}
	note := ""
	if m.shown.result != nil {
		note = fmt.Sprintf("n = %d seed(s), %s", len(m.shown.result.Seeds), m.shown.result.Interval)
	}
	return m.pane(title, note, w, h, true, func(w, h int) []string {
		if len(rows) == 0 {
			return m.centred(w, h, t.Faint, "No cell matches the filter; esc drops it.")
		}
		var lines []string
		// First all measures with intervals, then only the first with one, then
		// fewer measures.
		lines = m.table(m.cellTable(rows, len(ablateMeasures), len(ablateMeasures)))
		for columns := len(ablateMeasures); columns >= 0 && !within(lines, w); columns-- {
			lines = m.table(m.cellTable(rows, columns, 1))
		}
		body := lines[1:]
		top := max(0, m.row-(h-3)+1)
		out := append([]string{lines[0]}, window(body, &top, max(1, h-3))...)
		// The selected cell in full, where there is room for it.
		detail := m.cellDetail(rows[m.row])
		for len(out) < h-2 {
			out = append(out, "")
		}
		return append(out[:max(1, h-2)], detail...)
	})
}

func within(lines []string, w int) bool {
	for _, l := range lines {
		if width(l) > w {
			return false
		}
	}
	return true
}

func (m *ablatePage) cellTable(rows []grid.Progress, columns, intervals int) [][]cell {
	t := m.theme
	head := []cell{{"  ", t.Faint, false}}
	for _, f := range m.shown.factors {
		head = append(head, cell{m.plain(lastPart(f.Field)), t.Faint, false})
	}
	head = append(head, cell{"state", t.Faint, false})
	shown := m.columns(columns)
	for _, i := range shown {
		head = append(head, cell{ablateMeasures[i].short, t.Faint, true})
	}
	table := [][]cell{head}
	for i, p := range rows {
		mark, style := "  ", t.Text
		if i == m.row {
			mark, style = string(t.Glyphs.Cursor)+" ", t.Focus
		}
		row := []cell{{mark, style, false}}
		for _, v := range p.Values {
			row = append(row, cell{m.plain(v), style, false})
		}
		row = append(row, m.stateCell(p))
		for k, j := range shown {
			x := m.shown.value(p, ablateMeasures[j].name)
			text := m.marks.dot
			if x != nil {
				text = signed(float64(x.Mean))
				if k < intervals {
					text = m.signedInterval(*x)
				}
			}
			row = append(row, cell{text, m.apart(x), true})
		}
		table = append(table, row)
	}
	return table
}

// columns are the first n measures, and the one that is sorted by among them.
func (m *ablatePage) columns(n int) []int {
	var out []int
	for i, x := range ablateMeasures {
		if len(out) < n && m.shown.measured(x.name) {
			out = append(out, i)
		}
	}
	if s := m.sort - 1; s >= 0 && !slices.Contains(out, s) {
		out = append(out[:max(0, len(out)-1)], s)
	}
	return out
}

// measured says whether any cell has a measure.
func (a *ablation) measured(name string) bool {
	for _, p := range a.tasks {
		if !p.Gate && a.value(p, name) != nil {
			return true
		}
	}
	return false
}

// apart colours what an interval sets apart from zero.
func (m *model) apart(x *experiments.Measured) lipgloss.Style {
	switch {
	case x == nil:
		return m.theme.Faint
	case x.Lo > 0:
		return m.theme.Good
	case x.Hi < 0:
		return m.theme.Bad
	}
	return m.theme.Text
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

// cellDetail is two lines about the selected cell: its settings, and the
// measure in full.
func (m *ablatePage) cellDetail(p grid.Progress) []string {
	t := m.theme
	var words []string
	for i, f := range m.shown.factors {
		if i < len(p.Values) {
			words = append(words, f.Field+"="+p.Values[i])
		}
	}
	x := m.shown.value(p, m.measure().name)
	text := "not measured yet"
	if x != nil {
		text = m.signedInterval(*x) + fmt.Sprintf("  n = %d", x.N)
		if x.Lo <= 0 && x.Hi >= 0 {
			text += "  not distinguishable from 0"
		}
	}
	return []string{t.Strong.Render(m.plain(strings.Join(words, "  "))), t.Faint.Render(m.measure().title+", "+m.measure().says+": ") + text}
}

func lastPart(field string) string {
	return field[strings.LastIndexByte(field, '.')+1:]
}

// drawEffects is the main effect of every factor on the measure sorted by.
func (m *ablatePage) drawEffects(w, h int) []string {
	t, x := m.theme, m.measure()
	note := ""
	if m.shown.result != nil {
		note = m.shown.result.Interval
	}
	return m.pane("Main effects on "+x.title, note, w, h, true, func(w, h int) []string {
		table := [][]cell{m.head(2, "factor", "level", "mean", "change from the first", "cells", "n")}
		if m.shown.result != nil {
			for _, e := range m.shown.result.Effects {
				if e.Measure != x.name {
					continue
				}
				name := e.Field
				for _, l := range e.Levels {
					change, style := m.marks.dot, t.Faint
					if l.Change != nil {
						change, style = m.signedInterval(*l.Change), m.apart(l.Change)
					}
					table = append(table, []cell{{m.plain(name), t.Text, false}, {m.plain(l.Value), t.Text, false}, m.numberCell(m.signedInterval(l.Mean)),
						{change, style, true}, m.numberCell(fmt.Sprint(l.Cells)), m.numberCell(fmt.Sprint(l.Mean.N))})
					name = ""
				}
			}
		}
		if len(table) == 1 {
			if len(m.shown.factors) < 2 {
				return m.centred(w, h, t.Faint, "With one factor the cells are its effects.", "e shows them.")
			}
			return m.centred(w, h, t.Faint, "No factor has finished cells at all of its levels yet.", "A main effect averages over the other factors' combinations that are finished at every level, paired by seed.")
		}
		lines := m.table(table)
		if !within(lines, w) {
			for r := range table { // without the means, which the cells show
				table[r] = append(table[r][:2:2], table[r][3:]...)
			}
			lines = m.table(table)
		}
		lines = append(lines, "")
		for _, s := range wrap("Averaged over the other factors' combinations finished at every level of the factor, paired by seed; not corrected for the number of intervals. o takes the next measure.", w) {
			lines = append(lines, t.Faint.Render(s))
		}
		return window(lines, &m.top, h)
	})
}

// eta words the time that updates take at a rate, "" where none is known.
func eta(updates int, rate float64) string {
	if rate <= 0 {
		return ""
	}
	return duration(float64(updates) / rate)
}
