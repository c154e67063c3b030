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
	laneClimbs []experiments.Climb
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
		{name: experiments.ConvergenceTable, title: "Convergence"},
		{name: experiments.AfterTable, title: "pass@k and differences"}}}}
}

func (m *rlvrPage) context() keys.Context { return keys.RLVR }
func (m *rlvrPage) title() string         { return "RLVR" }
func (m *rlvrPage) views() []view         { return m.all }

// shot is the chart or the table in focus.
func (m *rlvrPage) shot() (v view, instead string) {
	if v = m.focused(); v.figure == nil {
		return m.tableView(v.name, v.title), ""
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
	focused := m.focused()
	tables, climbs := focused.name == experiments.AfterTable, focused.name == experiments.ConvergenceTable
	climb := m.climbHeight(w)
	// Where tables stand on the screen as well, the first chart is beside them.
	charts := m.gallery
	if tables || climbs {
		charts.chosen = 0
	}
	switch {
	case m.zoomed && tables:
		return m.tablesPane(w, h, true)
	case m.zoomed && climbs:
		return m.climbPane(w, h, true)
	case m.zoomed:
		return m.gallery.chart(m.model, w, h, true)
	case w >= 124:
		side := min(max(66, w*9/20), 84)
		low := m.climbHeight(side)
		right := append(m.climbPane(side, low, climbs), m.tablesPane(side, h-low, tables)...)
		return beside(charts.charts(m.model, w-side-2, h, !tables && !climbs), right)
	case h >= 30:
		top := (h - climb) * 9 / 20
		out := append(charts.chart(m.model, w, top, !tables && !climbs), m.climbPane(w, climb, climbs)...)
		return append(out, m.tablesPane(w, h-top-climb, tables)...)
	case tables:
		return append(m.climbPane(w, climb, false), m.tablesPane(w, h-climb, true)...)
	}
	return append(charts.chart(m.model, w, h-climb, !climbs), m.climbPane(w, climb, climbs)...)
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
	const title = "pass@k and paired differences"
	lines, left := m.tables(w)
	out := m.pane(title, note, w, h, focus, func(w, h int) []string {
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
	return m.lacking(out, title, note, w, focus, left)
}

// tables are the lines of the tables' pane, and how many columns of one had no room.
func (m *rlvrPage) tables(w int) (lines []string, left int) {
	s := m.sight.summary
	if s == nil || len(s.Lanes) == 0 {
		return nil, 0
	}
	out := sections{m: m.model, w: w}
	out.add(5, func(level int) [][]cell { return m.passRows("after RLVR", s, true, level) })
	out.add(5, func(level int) [][]cell { return m.passRows("before it", s, false, level) })
	out.add(2, func(level int) [][]cell { return m.pairRows("after RLVR", s, true, level) })
	out.add(2, func(level int) [][]cell { return m.pairRows("before it", s, false, level) })
	out.add(2, func(level int) [][]cell { return m.speedRows(s, level) })
	return out.lines, out.left
}

// pairRows are paired differences of every k, with what may be said of each.
// Levels: with n, without.
func (m *model) pairRows(title string, s *experiments.Summary, after bool, level int) [][]cell {
	picks := []pick{{column: "lanes", title: title}, {column: "family", title: "family"}, {column: "k", title: "k"},
		{column: "difference of pass@k", title: "difference", interval: true}, {column: "n", title: "n"}, {column: "verdict", title: "verdict"}}
	if level > 0 {
		picks = slices.Delete(picks, 4, 5)
	}
	rows := m.tableRows(experiments.DifferenceRows(s, after), picks...)
	m.verdicts(rows, len(picks)-1)
	return rows
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
	picks := []pick{{column: "lane", title: "against NTP"}, {column: "log2 of tokens saved", title: "log2 of tokens saved", interval: true}, {column: "area", title: "area", interval: true},
		{column: "verdict on the area", title: "verdict"}, {column: "final", title: "final", interval: true}, {column: "verdict on the final level", title: "verdict"}}
	if level > 0 {
		picks = picks[:4]
	}
	rows := m.tableRows(experiments.SpeedRows(s), picks...)
	for i := 3; i < len(picks); i += 2 {
		m.verdicts(rows, i)
	}
	return rows
}
