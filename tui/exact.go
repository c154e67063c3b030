package tui

import (
	"fmt"
	"math"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
)

// annotations are the last records of the corpus's annotations up to VIEW, of
// the seed in view.
func (m *model) annotations() []store.Event {
	at := m.view()
	var out []store.Event
	for _, s := range m.history().Spans(at.Branch, experiments.ByPhase) {
		if s.To > at.Update {
			break
		}
		if s.Phase == experiments.PhaseAnnotate && s.Seed == m.sight.stage.Seed {
			if e, ok := m.history().Event(experiments.Position{Branch: at.Branch, Update: s.To}); ok {
				out = append(out, e)
			}
		}
	}
	return out
}

// exactPane is the gap to the exact reference after each annotation.
func (m *boundPage) exactPane(w, h int) []string {
	rows := m.exactRows()
	note := ""
	if n, ok := m.valueIn(experiments.PhaseAnnotate, "exact_programs"); ok {
		note = m.ofSeed(experiments.PhaseAnnotate, "exact_programs") + fmt.Sprintf("n = %.0f validation programs", n)
	} else if len(rows) > 0 {
		note = fmt.Sprintf("n = %d validation programs", m.sight.info.Config.RA3.Exact)
	}
	return m.pane("Gap to the exact reference", note, w, h, false, func(w, h int) []string {
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

// exactRows has a row for each annotation with a reference, the last in force.
func (m *boundPage) exactRows() [][]cell {
	var rows [][]cell
	for _, e := range m.annotations() {
		exact, ok := e.Measures["exact_bound"]
		if !ok {
			continue
		}
		with := func(name string) string {
			v := e.Measures[name]
			x := measure.ErrorInterval(v, e.Measures[name+"_se"], int(e.Measures["exact_programs"]), 0.95)
			if math.IsNaN(x.Hi) {
				return nats(v)
			}
			return nats(v) + " " + m.theme.Glyphs.PlusMinus + chart.Significant(x.Hi-x.Mean, 2)
		}
		name := fmt.Sprintf("EM %d", e.Iteration)
		if e.Iteration == 0 {
			name = "start"
		}
		rows = append(rows, []cell{{name, m.theme.Text, false}, m.numberCell(with("exact_bound")), m.numberCell(nats(e.Measures["exact_certified"])),
			m.numberCell(with("q_bound")), {with("exact_gap"), m.theme.Strong, true}, m.numberCell(share(e.Measures["exact_gap"] / math.Abs(exact)))})
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
