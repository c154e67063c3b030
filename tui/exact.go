package tui

import (
	"fmt"
	"math"

	"ra3/experiments"
	"ra3/tui/chart"
)

// exactPane is the gap to the exact reference after each annotation.
func (m *boundPage) exactPane(w, h int, focus bool) []string {
	rows := m.exactRows()
	note := ""
	if n, ok := m.valueIn(experiments.PhaseAnnotate, "exact_programs"); ok {
		note = m.ofSeed(experiments.PhaseAnnotate, "exact_programs") + fmt.Sprintf("n = %.0f validation programs", n)
	} else if len(rows) > 0 {
		note = fmt.Sprintf("n = %d validation programs", m.sight.info.Config.RA3.Exact)
	}
	const title = "Gap to the exact reference"
	out := m.pane(title, note, w, h, focus, func(w, h int) []string {
		if len(rows) == 0 {
			why := m.awaited(exactView)
			if m.sight.info.Config.RA3.Exact == 0 {
				why = "This run computes none: ra3.exact is 0."
			}
			return m.centred(w, h, m.theme.Faint, "The best bound that any posterior could reach under the same policy, found on some validation programs.", why)
		}
		table := m.table(append([][]cell{m.exactHead(w)}, m.fit(rows, w)...))
		// The head stays, and of many iterations the last.
		if len(table) > h && h > 1 {
			table = append(table[:1:1], table[len(table)-h+1:]...)
		}
		return table
	})
	if w < wideExact && len(rows) > 0 {
		return m.lacking(out, title, note, w, focus, 1)
	}
	return out
}

// wideExact is the width from which the intervals have columns of their own.
const wideExact = 72

func (m *boundPage) exactHead(w int) []cell {
	if w < wideExact {
		return m.head(1, "after", "reference", "q's bound", "gap", "of it")
	}
	return m.head(1, "after", "reference", "certified", "q's bound", "gap", "of it")
}

// fit leaves the certified bound out of narrow panes.
func (m *boundPage) fit(rows [][]cell, w int) [][]cell {
	if w >= wideExact {
		return rows
	}
	out := make([][]cell, len(rows))
	for i, r := range rows {
		out[i] = append(r[:2:2], r[3:]...)
	}
	return out
}

// exactRows has a row for each annotation with a reference of the seed in view, the
// last in force.
func (m *boundPage) exactRows() [][]cell {
	var rows [][]cell
	table := experiments.ExactRows(m.sight.events).Where("seed", float64(m.sight.stage.Seed))
	var texts [6][]string
	for i := 2; i < len(texts); i++ {
		texts[i] = m.columnTexts(table, i, pick{interval: true})
	}
	for i, row := range table.Rows {
		name := fmt.Sprintf("EM %.0f", row[1].Y)
		if row[1].Y == 0 {
			name = "start"
		}
		rows = append(rows, []cell{{name, m.theme.Text, false}, m.numberCell(texts[2][i]), m.numberCell(texts[3][i]),
			m.numberCell(texts[4][i]), {m.theme.Glyphs.Text(texts[5][i]), m.theme.Strong, true}, m.numberCell(share(row[6].Y))})
	}
	return rows
}

// share writes a share as a percentage with two digits.
func share(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "nan"
	}
	return chart.Significant(100*v, 2) + "%"
}
