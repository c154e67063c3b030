package tui

import (
	"fmt"
	"strings"

	"ra3/experiments/grid"
)

// cellDetail is about the selected cell, in at most h lines: its settings, what
// enter does, and its measures in full.
func (m *ablatePage) cellDetail(p grid.Progress, w, h int) []string {
	t := m.theme
	var words []string
	for i, f := range m.shown.factors() {
		if i < len(p.Values) {
			words = append(words, f.Field+"="+p.Values[i])
		}
	}
	title := fmt.Sprintf("Cell %d of %d: %s", p.Index, len(m.shown.cells()), m.plain(strings.Join(words, "  ")))
	x := m.measure()
	v := m.ofSeed(p, x)
	if h < 4 {
		text := "not measured yet"
		if v != nil {
			text = m.measured(x, *v) + "  " + reads(x, v)
		}
		return []string{t.Strong.Render(t.Glyphs.Fit(title, w)), t.Faint.Render(x.Short+": ") + text}
	}
	lines := []string{m.rule(title, m.detailNote(), w, false), t.Faint.Render(t.Glyphs.Fit(m.plain(m.says(p)), w))}
	for columns := 5; columns >= 3; columns-- { // without units, then without seeds
		table := m.table(m.measureTable(p, columns))
		if within(table, w) || columns == 3 {
			lines = append(lines, table...)
			break
		}
	}
	return lines[:min(len(lines), h)]
}

// detailNote says that every measure has its interval here.
func (m *ablatePage) detailNote() string {
	if m.seed > 0 {
		return ""
	}
	return "every interval"
}

// measureTable has a cell's measures in full, in the first of its columns.
func (m *ablatePage) measureTable(p grid.Progress, columns int) [][]cell {
	t := m.theme
	var table [][]cell
	for _, x := range grid.Measures() {
		if v := m.ofSeed(p, x); v != nil {
			row := []cell{{m.plain(x.Short) + " " + m.betterMark(x.Better), t.Text, false}, m.valueCell(p, x, true), {reads(x, v), m.readStyle(x.Read(v)), false},
				{m.seedsText(x, *v), t.Faint, false}, {x.Unit + ", " + x.Better.String(), t.Faint, false}}
			table = append(table, row[:columns])
		}
	}
	return table
}

// says is what the state of a cell means, and what enter does with it.
func (m *ablatePage) says(p grid.Progress) string {
	switch {
	case m.here(p):
		return "this is the run on the screen: 1 shows it"
	case p.State == grid.Finished:
		return "finished: enter looks at it as at any run, x explains the number"
	case p.State == grid.Running:
		return fmt.Sprintf("being made, update %d of %d: enter looks on", p.Made, p.Total)
	case p.State == grid.Begun && m.desk.busy():
		return fmt.Sprintf("begun, update %d of %d: enter looks at it", p.Made, p.Total)
	case p.State == grid.Begun:
		return fmt.Sprintf("begun, update %d of %d: g goes on with the grid; enter opens this cell, to step it by hand", p.Made, p.Total)
	case p.State == grid.Skipped:
		return "not made: its gate failed, and the gate of this grid is skip"
	case p.Problem != "":
		return "cannot be read: " + p.Problem
	case p.State == grid.Failed:
		return "failed as said above; what was made before is saved: enter looks at it, g tries again"
	}
	if g, ok := m.shown.gate(p); ok && g.State == grid.Running {
		return fmt.Sprintf("its gate is being made, update %d of %d; the cell follows after all gates", g.Made, g.Total)
	}
	return fmt.Sprintf("not begun, %d updates: g makes the cells that are left, in their order", p.Total)
}
