package tui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/keys"
)

// rlvrPage is page 4: how post-training converges from each lane, and pass@k
// before and after it.
type rlvrPage struct {
	*model
	gallery
	top int // of the tables

	climbsAt   experiments.Position // what climbs was computed for
	climbsSeq  int64
	laneClimbs []laneClimb
}

// ofRLVR makes a view of a figure of post-training.
func ofRLVR(name, title, unit, stands string, figure func([]store.Event) measure.Figure) view {
	return view{name: name, title: title, unit: unit, x: "tokens sampled", phases: []string{experiments.PhaseRLVR}, stands: stands,
		figure: func(es []store.Event, _ *experiments.Summary) measure.Figure { return figure(es) }}
}

func newRLVR(m *model) page {
	return &rlvrPage{model: m, gallery: gallery{all: []view{views[indexOf("rlvr")],
		ofRLVR("reward", "Training reward", "share of samples that pass", "The reward of each update's own samples.", experiments.RewardFigure),
		ofRLVR("sharpening", "Held-out pass@k", "share solved", "pass@k beside pass@1 tells sharpening from learning.", experiments.SharpeningFigure),
		ofRLVR("variance", "Groups without variance", "share of groups", "Groups whose samples all pass or all fail teach nothing.", experiments.VarianceFigure),
		ofRLVR("entropy", "Entropy of code", "nats per code token", "How much the policy still varies what it writes.", experiments.EntropyFigure),
		views[indexOf("passk")],
		{name: "tables", title: "pass@k and differences"}}}}
}

func (m *rlvrPage) context() keys.Context { return keys.RLVR }
func (m *rlvrPage) title() string         { return "RLVR" }
func (m *rlvrPage) views() []view         { return m.all }

// shot is the chart in focus; the tables are drawn as the bars of pass@k.
func (m *rlvrPage) shot() (v view, instead string) {
	if v = m.focused(); v.figure == nil {
		return views[indexOf("passk")], "the tables are no chart"
	}
	return v, ""
}

func (m *rlvrPage) act(e keys.Event) (tea.Cmd, bool) {
	switch e.Action {
	case keys.Up:
		m.top = max(0, m.top-1)
		return nil, true
	case keys.Down:
		m.top++
		return nil, true
	}
	return m.gallery.act(e)
}

func (m *rlvrPage) draw(w, h int) []string {
	table := m.focused().figure == nil
	climb := len(m.climbRows(w)) + 1
	switch {
	case m.zoomed && table:
		return m.tablesPane(w, h, true)
	case m.zoomed:
		return m.gallery.chart(m.model, w, h)
	case w >= 124:
		side := min(max(66, w*9/20), 84)
		low := len(m.climbRows(side)) + 1
		left := m.gallery
		if table { // the tables stand at the right already
			left.chosen = 0
		}
		right := append(m.climbPane(side, low), m.tablesPane(side, h-low, table)...)
		return beside(left.charts(m.model, w-side-2, h), right)
	case h >= 30:
		top := (h - climb) * 9 / 20
		left := m.gallery
		if table {
			left.chosen = 0
		}
		out := append(left.chart(m.model, w, top), m.climbPane(w, climb)...)
		return append(out, m.tablesPane(w, h-top-climb, table)...)
	case table:
		return append(m.climbPane(w, climb), m.tablesPane(w, h-climb, true)...)
	}
	return append(m.gallery.chart(m.model, w, h-climb), m.climbPane(w, climb)...)
}

// tablesPane scrolls through pass@k before and after post-training and what the
// lanes differ by.
func (m *rlvrPage) tablesPane(w, h int, focus bool) []string {
	s := m.sight.summary
	note := ""
	if s != nil && len(s.Lanes) > 0 {
		note = s.Interval
		if n := len(s.Seeds); n > 1 {
			note += fmt.Sprintf(", n = %d", n)
		}
	}
	return m.pane("pass@k and paired differences", note, w, h, focus, func(w, h int) []string {
		lines := m.tables(w)
		if len(lines) == 0 {
			return m.centred(w, h, m.theme.Faint, "pass@k on held-out problems with intervals, and the lanes' differences, paired by seed and problem.", m.awaited(views[indexOf("passk")]))
		}
		if len(lines) <= h {
			m.top = 0
			return lines
		}
		shown := slices.Clone(window(lines, &m.top, h-1))
		return append(shown, m.theme.Faint.Render(fmt.Sprintf("j k scroll: %d to %d of %d", m.top+1, m.top+len(shown), len(lines))))
	})
}

func (m *rlvrPage) tables(w int) []string {
	s := m.sight.summary
	if s == nil || len(s.Lanes) == 0 {
		return nil
	}
	var out []string
	out = m.section(out, w, 5, func(level int) [][]cell { return m.passRows("after RLVR", s.AfterRLVR, level) })
	out = m.section(out, w, 5, func(level int) [][]cell { return m.passRows("before it", s.Lanes, level) })
	out = m.section(out, w, 2, func(level int) [][]cell { return m.pairRows("after RLVR", s.DifferencesAfter, level) })
	out = m.section(out, w, 2, func(level int) [][]cell { return m.pairRows("before it", s.Differences, level) })
	return m.section(out, w, 2, func(level int) [][]cell { return m.speedRows(s, level) })
}

// pairRows are paired differences of every k, with what may be said of each.
// Levels: with n, without.
func (m *model) pairRows(title string, of map[string]map[string]map[string]experiments.Comparison, level int) [][]cell {
	names := []string{title, "family", "k", "difference", "n", "verdict"}
	if level > 0 {
		names = slices.Delete(names, 4, 5)
	}
	rows := [][]cell{m.head(2, names...)}
	rows[0][len(names)-1].right = false
	for _, pair := range experiments.Pairs(laneOrder) {
		label := laneName(pair.A) + " - " + laneName(pair.B)
		for _, family := range experiments.Compared(of[pair.Key]) {
			name := family
			for _, k := range []string{"1", "5", "10"} {
				d, ok := of[pair.Key][family]["pass@"+k]
				if !ok {
					continue
				}
				row := []cell{{label, m.theme.Text, false}, {m.plain(name), m.theme.Text, false}, m.numberCell(k), m.numberCell(m.signed(d.Measured))}
				if level == 0 {
					row = append(row, m.numberCell(fmt.Sprint(d.N)))
				}
				rows = append(rows, append(row, m.verdictCell(d.Verdict)))
				label, name = "", ""
			}
		}
	}
	return rows
}

// signed writes a difference with its sign and interval.
func (m *model) signed(x experiments.Measured) string {
	text := m.estimate(x)
	if x.Mean > 0 {
		return "+" + text
	}
	return text
}

// verdictCell says in words what an interval allows to be said.
func (m *model) verdictCell(verdict string) cell {
	style := m.theme.Faint
	switch verdict {
	case "higher":
		style = m.theme.Good
	case "lower":
		style = m.theme.Bad
	}
	return cell{m.theme.Glyphs.Text(verdict), style, false}
}

// speedRows compare how many sampled tokens lanes need to NTP's final level.
func (m *model) speedRows(s *experiments.Summary, level int) [][]cell {
	rows := [][]cell{m.head(1, "against NTP", "log2 of tokens saved", "area", "verdict", "final", "verdict")}
	rows[0][3].right, rows[0][5].right = false, false
	for _, lane := range laneOrder {
		x, ok := s.SpeedUps[lane+"-ntp"]
		if !ok {
			continue
		}
		saved := m.signed(x.Log2)
		switch {
		case x.Log2.N == 0:
			saved = "no ratio"
		case x.AtMost():
			saved = "at most " + saved
		}
		rows = append(rows, []cell{m.laneCell(lane), m.numberCell(saved), m.numberCell(m.signed(x.AUC.Measured)), m.verdictCell(x.AUC.Verdict),
			m.numberCell(m.signed(x.Final.Measured)), m.verdictCell(x.Final.Verdict)})
	}
	if level > 0 {
		for i := range rows {
			rows[i] = rows[i][:4]
		}
	}
	return rows
}
