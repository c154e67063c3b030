package tui

import (
	"fmt"

	"ra3/experiments"
)

// climbs reads the records of post-training up to VIEW, of every lane.
func (m *rlvrPage) climbs() []experiments.Climb {
	if m.climbsAt == m.sight.Position && m.climbsSeq == m.sight.Event.Seq && m.laneClimbs != nil {
		return m.laneClimbs
	}
	m.climbsAt, m.climbsSeq = m.sight.Position, m.sight.Event.Seq
	c := m.sight.info.Config.RLVR
	m.laneClimbs = append([]experiments.Climb{}, experiments.Climbs(m.sight.events, c.Threshold, c.EvalSamples)...)
	return m.laneClimbs
}

// climbPane shows where post-training of every lane stands.
func (m *rlvrPage) climbPane(w, h int, focus bool) []string {
	note := ""
	for _, c := range m.climbs() {
		if c.Problems > 0 {
			note = fmt.Sprintf("n = %s, %.0f held-out problems", experiments.ClimbSeeds(m.climbs(), m.sight.info.Config.Seeds), c.Problems)
		}
	}
	rows, left := m.climbRows(w)
	lines := m.pane("Convergence", note, w, h, focus, func(w, h int) []string {
		if len(m.climbs()) == 0 {
			return m.centred(w, h, m.theme.Faint, "No lane is post-trained at this point.", m.awaited(views[indexOf("rlvr")]))
		}
		return m.table(rows)
	})
	return m.lacking(lines, "Convergence", note, w, focus, left)
}

// climbHeight is the height of the pane.
func (m *rlvrPage) climbHeight(w int) int {
	rows, _ := m.climbRows(w)
	return len(rows) + 1
}

// climbRows has a row for each lane, as many columns as fit, and says how many do
// not.
func (m *rlvrPage) climbRows(w int) (rows [][]cell, left int) {
	threshold := m.sight.info.Config.RLVR.Threshold
	all := m.climbs()
	if len(all) == 0 {
		return make([][]cell, 4), 0
	}
	t := experiments.ConvergenceRows(all, threshold)
	many := t.Columns[3].Name
	most := 0
	for level := range 3 {
		picks := []pick{{column: "lane", title: "lane"}, {column: "start", title: "start", interval: true}, {column: "now", title: "now", interval: true}}
		if level < 2 {
			picks = append(picks, pick{column: many, title: many, interval: true}, pick{column: "reward", title: "reward", interval: true})
		}
		for i, what := range []string{"updates", "tokens"} {
			picks = append(picks, pick{column: t.Columns[5+i].Name, title: what + " to " + number(threshold), si: true})
		}
		if level == 0 {
			picks = append(picks, pick{column: "updates made", title: "updates made"}, pick{column: "tokens sampled", title: "sampled", si: true})
		}
		rows = m.tableRows(t, picks...)
		most = max(most, len(picks))
		left = most - len(picks)
		if fits(m.table(rows), w) {
			break
		}
	}
	return rows, left
}
