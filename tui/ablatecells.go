package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/tui/chart"
)

// barW is the width of a cell's gauge.
const barW = 10

// drawCells is the table of cells; it has as many measures as fit, with their
// intervals as long as they have room.
func (m *ablatePage) drawCells(w, h int) []string {
	t := m.theme
	rows := m.rows()
	m.row = min(max(0, m.row), max(0, len(rows)-1))
	m.seed = min(m.seed, m.seeds())
	left := 0
	lines := m.pane(m.cellsTitle(), m.cellsNote(), w, h, true, func(w, h int) []string {
		if len(rows) == 0 {
			return m.centred(w, h, t.Faint, "No cell matches the filter; esc drops it.")
		}
		detail := m.cellDetail(rows[m.row], w, min(h/2, h-2-min(len(rows), 6)))
		heads := 1
		if h-len(detail) > 4 {
			heads = 2
		}
		room := max(1, h-heads-len(detail))
		// Only what is seen is laid out: grids have up to a thousand cells.
		top := max(0, m.row-room+1)
		var out []string
		out, left = m.fitted(rows[top:min(len(rows), top+room)], m.row-top, w, heads > 1)
		if len(out)+len(detail) < h {
			out = append(out, "")
		}
		out = append(out[:max(1, min(len(out), h-len(detail)))], detail...)
		if m.seed > 0 || m.shown.result == nil {
			return out
		}
		f, ok := m.shown.result.Bars(m.measure())
		return append(out, m.drawBars(f, ok, m.measure().Short+" of the cells", w, h-len(out)-1)...)
	})
	return m.lacking(lines, m.cellsTitle(), m.cellsNote(), w, true, left)
}

// drawBars is a figure of bars in the h lines below a blank one; nothing where
// they are too few.
func (m *ablatePage) drawBars(f measure.Figure, ok bool, title string, w, h int) []string {
	if !ok || h < len(f.Categories)+4 {
		return nil
	}
	out := []string{"", m.rule(title, m.shown.result.Interval, w, false)}
	f.Title, f.Caption = "", ""
	return append(out, strings.Split(chart.Render(f, w, min(h-1, len(f.Categories)+4), m.theme), "\n")...)
}

func (m *ablatePage) cellsTitle() string {
	order := "in the grid's order"
	if m.sort > 0 {
		order = "by " + m.measure().Short + ", the best first"
	}
	if m.reverse {
		order = strings.Replace(order, "best", "worst", 1)
		if m.sort == 0 {
			order += ", reversed"
		}
	}
	title := "Cells " + order
	if m.filter != "" {
		title += " /" + m.plain(m.filter)
	}
	return title
}

func (m *ablatePage) cellsNote() string {
	r := m.shown.result
	switch {
	case r == nil:
		return ""
	case m.seed > 0 && m.seed <= len(r.Seeds):
		return fmt.Sprintf("seed %d alone: no intervals", r.Seeds[m.seed-1])
	case len(r.Seeds) == 1:
		return "1 seed, " + r.Interval
	}
	return fmt.Sprintf("n = %d seeds, %s", len(r.Seeds), r.Interval)
}

// fitted is the table in w cells: first all measures with intervals and gauges,
// then fewer of the intervals, then fewer measures, then no gauges.
// It says how many measures have no room.
func (m *ablatePage) fitted(rows []grid.Progress, at, w int, units bool) (lines []string, left int) {
	n := len(grid.Measures())
	gauges := slices.ContainsFunc(rows, func(p grid.Progress) bool { return p.State == grid.Running || p.State == grid.Begun })
	for intervals := n; intervals > 0; intervals-- {
		if lines = m.table(m.cellTable(rows, at, n, intervals, gauges, units)); within(lines, w) {
			return lines, 0
		}
	}
	for _, g := range []bool{gauges, false} {
		for columns := n - 1; columns >= 0; columns-- {
			left = max(0, len(m.shown.measures())-columns)
			if lines = m.table(m.cellTable(rows, at, columns, 1, g, units)); within(lines, w) && (columns > 0 || !g) {
				return lines, left
			}
		}
	}
	return lines, left
}

// cellTable has the cursor at the row at, and units below the heads where there is
// room for them.
func (m *ablatePage) cellTable(rows []grid.Progress, at, columns, intervals int, gauges, units bool) [][]cell {
	t := m.theme
	head := []cell{{"  ", t.Faint, false}}
	for _, f := range m.shown.factors() {
		head = append(head, cell{m.plain(lastPart(f.Field)), t.Faint, false})
	}
	head = append(head, cell{"state", t.Faint, false})
	shown := m.columns(columns)
	for _, x := range shown {
		head = append(head, cell{x.Short + " " + m.betterMark(x.Better) + " ", t.Faint, true})
	}
	table := [][]cell{head}
	if units {
		below := make([]cell, len(head))
		for k, x := range shown {
			below[len(head)-len(shown)+k] = cell{x.Brief + "  ", t.Faint, true}
		}
		table = append(table, below)
	}
	for i, p := range rows {
		mark, style := "  ", t.Text
		if i == at {
			mark, style = string(t.Glyphs.Cursor)+" ", t.Focus
		}
		row := []cell{{mark, style, false}}
		for _, v := range p.Values {
			row = append(row, cell{m.plain(v), style, false})
		}
		row = append(row, m.stateCell(p, gauges))
		for k, x := range shown {
			row = append(row, m.valueCell(p, x, k < intervals))
		}
		table = append(table, row)
	}
	return table
}

// valueCell is a measure with what its interval says, by colour and by mark.
func (m *ablatePage) valueCell(p grid.Progress, x grid.Measure, interval bool) cell {
	v := m.ofSeed(p, x)
	if v == nil {
		return cell{m.marks.dot + "  ", m.theme.Faint, true}
	}
	one := *v
	if !interval {
		one.Lo, one.Hi = experiments.Number(math.NaN()), experiments.Number(math.NaN())
	}
	r := x.Read(v)
	return cell{m.measured(x, one) + " " + m.readMark(r), m.readStyle(r), true}
}

// stateCell is a cell's state with its character, and how far it has come.
func (m *ablatePage) stateCell(p grid.Progress, gauge bool) cell {
	t := m.theme
	progress := fmt.Sprintf("%d/%d", p.Made, p.Total)
	if gauge && p.Total > 0 {
		done := min(max(0, p.Made*barW/p.Total), barW)
		rest := "."
		if t.Glyphs.Lines() {
			rest = string(t.Glyphs.Shade)
		}
		progress = strings.Repeat(string(t.Glyphs.Fill), done) + strings.Repeat(rest, barW-done) + " " + progress
	}
	if p.State == grid.Running && m.here(p) && !m.following() {
		return cell{m.marks.paused + " " + progress + " on the screen", t.Warn, false}
	}
	switch p.State {
	case grid.Finished:
		return cell{m.marks.finished + " done", t.Good, false}
	case grid.Running:
		return cell{m.marks.running + " " + progress, t.Good, false}
	case grid.Begun:
		return cell{m.marks.paused + " " + progress, t.Warn, false}
	case grid.Failed:
		return cell{m.marks.failed + " failed", t.Bad, false}
	case grid.Skipped:
		return cell{"- skipped", t.Faint, false}
	}
	if g, ok := m.shown.gate(p); ok && g.State == grid.Running {
		return cell{fmt.Sprintf("%s gate %d/%d", m.marks.running, g.Made, g.Total), t.Good, false}
	}
	return cell{m.marks.dot + " waiting", t.Faint, false}
}

// columns are the first n measures, and the one that is sorted by among them.
func (m *ablatePage) columns(n int) []grid.Measure {
	var out []grid.Measure
	sorted := m.sort > 0
	for _, x := range m.shown.measures() {
		if len(out) < n {
			out = append(out, x)
			sorted = sorted && x.Name != m.measure().Name
		}
	}
	if sorted && n > 0 {
		out = append(out[:max(0, len(out)-1)], m.measure())
	}
	return out
}
