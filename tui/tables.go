package tui

import (
	"fmt"
	"math"
	"strings"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
)

// tableView makes a view of one of a run's tables at VIEW.
func (m *model) tableView(name, title string) view {
	v := view{name: name, title: title, tabled: true}
	c := m.sight.info.Config
	v.figure = func(es []store.Event, s *experiments.Summary) measure.Figure { return v.of(es, s, c) }
	return v
}

// of is the view's figure of a line of updates that was made with settings.
func (v view) of(es []store.Event, s *experiments.Summary, c experiments.Config) measure.Figure {
	if v.tabled {
		return experiments.TableFigure(v.name, es, s, c)
	}
	return v.figure(es, s)
}

// pick is a column of a table as the screen shows it.
type pick struct {
	column, title string
	interval      bool // with it, where there is one
	si            bool // large counts with a decimal prefix
}

// tableRows are the picked columns of a table under their titles. The screen's
// numbers are those of the table: only their form is the screen's.
func (m *model) tableRows(t measure.Table, picks ...pick) [][]cell {
	head := make([]cell, 0, len(picks))
	var at []int
	kept := picks[:0:0]
	for _, p := range picks {
		i := t.Column(p.column)
		if i < 0 {
			continue
		}
		at, kept = append(at, i), append(kept, p)
		head = append(head, cell{m.theme.Glyphs.Text(p.title), m.theme.Faint, t.Columns[i].Kind == measure.Numbers})
	}
	texts := make([][]string, len(at))
	for k, i := range at {
		texts[k] = m.columnTexts(t, i, kept[k])
	}
	rows := [][]cell{head}
	for r, row := range t.Rows {
		out := make([]cell, len(at))
		for k, i := range at {
			out[k] = m.tableCell(t.Columns[i], row[i], kept[k], texts[k][r])
			if t.Columns[i].Group && r > 0 && sameGroup(t, r, i) {
				out[k].text = ""
			}
		}
		rows = append(rows, out)
	}
	return rows
}

// sameGroup tells whether a row has in its grouping columns up to one what the row
// above has.
func sameGroup(t measure.Table, r, column int) bool {
	for i := range column + 1 {
		if t.Columns[i].Group && t.Rows[r][i].Text != t.Rows[r-1][i].Text {
			return false
		}
	}
	return true
}

// columnTexts writes a column's numbers so that their points stand under each other.
func (m *model) columnTexts(t measure.Table, i int, p pick) []string {
	cells := make([]measure.Cell, len(t.Rows))
	for r, row := range t.Rows {
		cells[r] = row[i]
	}
	return m.texts(t.Columns[i], cells, p.interval)
}

// texts writes numbers of one measure with equal decimals.
func (m *model) texts(c measure.Column, cells []measure.Cell, interval bool) []string {
	nan := math.NaN()
	xs := make([]chart.Estimate, len(cells))
	for i, x := range cells {
		switch {
		case x.Text != "":
			xs[i] = chart.Estimate{Y: nan, Lo: nan, Hi: nan}
		case interval:
			xs[i] = chart.Estimate{Y: x.Y, Lo: x.Lo, Hi: x.Hi}
		default:
			xs[i] = chart.Estimate{Y: x.Y, Lo: nan, Hi: nan}
		}
	}
	return chart.Aligned(xs, c.Signed, c.Decimals, m.theme.Glyphs)
}

// tableCell writes a table's cell as panes do, a number as its column's text.
func (m *model) tableCell(c measure.Column, x measure.Cell, p pick, text string) cell {
	switch {
	case c.Kind != measure.Numbers && x.Lane != "":
		return m.laneCell(x.Lane)
	case c.Kind != measure.Numbers:
		return cell{m.plain(x.Text), m.theme.Text, false}
	case x.Text != "":
		if _, of, ok := strings.Cut(x.Text, " ("); ok && p.si {
			return m.numberCell(chart.SI(math.Round(x.Y)) + " (" + of)
		}
		return m.numberCell(x.Text)
	case math.IsNaN(x.Y):
		return m.numberCell(m.marks.dot)
	case p.si:
		return m.numberCell(chart.SI(math.Round(x.Y)))
	case c.Decimals == 0 && x.Y == math.Trunc(x.Y) && math.Abs(x.Y) < 1e15:
		return m.numberCell(fmt.Sprintf("%.0f", x.Y))
	}
	return m.numberCell(text)
}

// verdicts colours a column of verdicts by what they say.
func (m *model) verdicts(rows [][]cell, column int) {
	for _, row := range rows[1:] {
		row[column] = m.verdictCell(row[column].text)
	}
}
