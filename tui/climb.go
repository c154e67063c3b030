package tui

import (
	"fmt"
	"math"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
)

// laneClimb is a lane's post-training up to VIEW, a value a seed.
type laneClimb struct {
	lane                   string
	k                      int // samples of a held-out look
	start, now, many       []float64
	reward                 []float64
	tokens, updates        []float64 // to the threshold; NaN where it is not reached
	sampled, problems, was float64   // was: updates made, of the last seed
}

// climbs reads the records of post-training up to VIEW, of every lane.
func (m *rlvrPage) climbs() []laneClimb {
	if m.climbsAt == m.sight.Position && m.climbsSeq == m.sight.Event.Seq && m.laneClimbs != nil {
		return m.laneClimbs
	}
	m.climbsAt, m.climbsSeq = m.sight.Position, m.sight.Event.Seq
	threshold := m.sight.info.Config.RLVR.Threshold
	k := m.sight.info.Config.RLVR.EvalSamples
	found := map[string]*laneClimb{}
	for _, s := range m.history().Spans(m.sight.Branch, experiments.ByPhase) {
		if s.Phase != experiments.PhaseRLVR || s.From >= m.sight.Update {
			continue
		}
		c := found[s.Lane]
		if c == nil {
			c = &laneClimb{lane: s.Lane, k: k}
			found[s.Lane] = c
		}
		c.add(m.sight.events[s.From:min(s.To, len(m.sight.events))], threshold)
	}
	m.laneClimbs = []laneClimb{}
	for _, lane := range laneOrder {
		if c := found[lane]; c != nil {
			m.laneClimbs = append(m.laneClimbs, *c)
		}
	}
	return m.laneClimbs
}

// add takes one seed's records.
func (c *laneClimb) add(events []store.Event, threshold float64) {
	var x, u, y []float64
	many, reward := math.NaN(), math.NaN()
	for _, e := range events {
		if v, ok := e.Measures["heldout_start"]; ok {
			x, u, y = append(x, 0), append(u, 0), append(y, v)
		}
		if v, ok := e.Measures["heldout_pass@1"]; ok {
			x, u, y = append(x, e.Measures["tokens_sampled"]), append(u, float64(e.Update)), append(y, v)
			c.problems = e.Measures["heldout_problems"]
		}
		if v, ok := e.Measures[fmt.Sprintf("heldout_pass@%d", c.k)]; ok && c.k > 1 {
			many = v
		}
		if v, ok := e.Measures["reward"]; ok {
			reward = v
		}
		c.sampled, c.was = e.Measures["tokens_sampled"], float64(e.Update)
	}
	c.many, c.reward = append(c.many, many), append(c.reward, reward)
	if len(y) == 0 {
		return
	}
	c.start, c.now = append(c.start, y[0]), append(c.now, y[len(y)-1])
	reach := func(x []float64) float64 {
		if at, ok := measure.FirstReach(x, y, threshold, 1); ok {
			return at
		}
		return math.NaN()
	}
	c.tokens, c.updates = append(c.tokens, reach(x)), append(c.updates, reach(u))
}

// climbPane shows where post-training of every lane stands.
func (m *rlvrPage) climbPane(w, h int) []string {
	note := ""
	for _, c := range m.climbs() {
		if c.problems > 0 {
			note = fmt.Sprintf("n = %d seeds, %.0f held-out problems", len(c.start), c.problems)
			if len(c.start) == 1 {
				note = fmt.Sprintf("n = %.0f held-out problems, 1 seed", c.problems)
			}
		}
	}
	return m.pane("Convergence", note, w, h, false, func(w, h int) []string {
		if len(m.climbs()) == 0 {
			return m.centred(w, h, m.theme.Faint, "No lane is post-trained at this point.", m.awaited(views[indexOf("rlvr")]))
		}
		return m.table(m.climbRows(w))
	})
}

// climbRows has a row for each lane, as many columns as fit.
func (m *rlvrPage) climbRows(w int) [][]cell {
	threshold := number(m.sight.info.Config.RLVR.Threshold)
	all := m.climbs()
	if len(all) == 0 {
		return make([][]cell, 4)
	}
	var rows [][]cell
	for level := range 3 {
		names := []string{"lane", "start", "now"}
		if level < 2 {
			names = append(names, fmt.Sprintf("pass@%d", all[0].k), "reward")
		}
		names = append(names, "updates to "+threshold, "tokens to "+threshold)
		if level == 0 {
			names = append(names, "updates made", "sampled")
		}
		rows = [][]cell{m.head(1, names...)}
		for _, c := range all {
			row := []cell{m.laneCell(c.lane), m.numberCell(m.overSeeds(c.start)), m.numberCell(m.overSeeds(c.now))}
			if level < 2 {
				row = append(row, m.numberCell(m.overSeeds(c.many)), m.numberCell(m.overSeeds(c.reward)))
			}
			row = append(row, m.numberCell(reached(c.updates)), m.numberCell(reached(c.tokens)))
			if level == 0 {
				row = append(row, m.numberCell(fmt.Sprintf("%.0f", c.was)), m.numberCell(chart.SI(c.sampled)))
			}
			rows = append(rows, row)
		}
		if fits(m.table(rows), w) {
			break
		}
	}
	return rows
}

// overSeeds writes the mean over seeds with its t-interval where there is one.
func (m *model) overSeeds(bySeed []float64) string {
	e := measure.TInterval(bySeed, 0.95)
	if e.N == 0 {
		return m.marks.dot
	}
	return chart.Interval(e.Mean, e.Lo, e.Hi, m.theme.Glyphs)
}

// reached writes the mean of what the seeds needed that reached the threshold,
// and how many did where not all.
func reached(bySeed []float64) string {
	e := measure.TInterval(bySeed, 0.95) // NaN are gaps
	switch {
	case len(bySeed) == 0:
		return "-"
	case e.N == 0:
		return "not reached"
	case e.N < len(bySeed):
		return fmt.Sprintf("%s (%d of %d)", chart.SI(math.Round(e.Mean)), e.N, len(bySeed))
	}
	return chart.SI(math.Round(e.Mean))
}
