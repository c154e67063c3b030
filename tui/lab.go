package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
)

// labPage is page 1: charts, findings and events of the whole run.
type labPage struct {
	*model
	chosen   int // index of views; -1 follows the phase
	zoomed   bool
	scroll   int // of events
	foundTop int // of findings
}

func newLab(m *model) page { return &labPage{model: m, chosen: -1} }

func (m *labPage) context() keys.Context { return keys.Lab }
func (m *labPage) title() string         { return "Lab" }
func (m *labPage) views() []view         { return views }

// shot is the chart in focus, or the table of findings.
func (m *labPage) shot() (v view, instead string) {
	if v = views[m.shown()]; v.figure != nil {
		return v, ""
	}
	if s := m.sight.summary; s == nil || len(s.Lanes) == 0 {
		return m.tableView(experiments.LossTable, v.title), ""
	}
	return m.tableView(experiments.FoundTable, v.title), ""
}

// act scrolls, or chooses and enlarges a chart.
func (m *labPage) act(e keys.Event) (tea.Cmd, bool) {
	switch e.Action {
	case keys.Up:
		m.move(-1)
	case keys.Down:
		m.move(1)
	case keys.NextChart:
		m.choose(1)
	case keys.PrevChart:
		m.choose(-1)
	case keys.Zoom:
		m.zoomed = !m.zoomed
	case keys.Back:
		if m.zoomed {
			m.zoomed = false
		} else {
			m.chosen, m.scroll, m.foundTop = -1, 0, 0
		}
	default:
		return nil, false
	}
	return nil, true
}

// move scrolls the findings where they are in focus, else the events; panes
// clip what goes too far.
func (m *labPage) move(by int) {
	if views[m.shown()].figure == nil {
		m.foundTop = max(0, m.foundTop+by)
	} else {
		m.scroll = max(0, m.scroll+by)
	}
}

func (m *labPage) choose(by int) {
	m.chosen = (m.shown() + by + len(views)) % len(views)
	m.foundTop = 0
}

// draw lays out charts, findings and events for the room there is: charts
// above and the rest below, or at the right where the screen is wide.
func (m *labPage) draw(w, h int) []string {
	focus := m.shown()
	found := views[focus].figure == nil
	if m.zoomed {
		return m.viewPane(focus, w, h, true, true)
	}
	if w >= 140 && h >= 30 {
		side := min(72, w*3/8)
		left := m.charts(w-side-2, h)
		lines, _ := m.findings(side)
		top := min(h*11/20, max(8, len(lines)+2))
		right := append(m.foundPane(side, top, found), m.eventsPane(side, h-top)...)
		return beside(left, right)
	}
	if w < 76 {
		// Findings are one press of c away.
		low := max(4, h/3)
		return append(m.charts(w, h-low), m.eventsPane(w, low)...)
	}
	low := min(max(8, h*2/5), 17)
	top := m.charts(w, h-low)
	if found && !m.manyCharts(w, h-low) {
		return append(top, m.eventsPane(w, low)...)
	}
	half := min(w*9/16, 70)
	return append(top, beside(m.foundPane(half, low, found), m.eventsPane(w-half-2, low))...)
}

// chartGrid says how many columns and rows of charts fit.
func chartGrid(w, h int) (columns, rows int) {
	columns = 1
	if w >= 84 {
		columns = 2
	}
	n := len(views) - 1
	rows = min(max(1, h/10), (n+columns-1)/columns)
	return columns, rows
}

func (m *labPage) manyCharts(w, h int) bool {
	columns, rows := chartGrid(w, h)
	return columns*rows > 1
}

// charts draws as many charts as fit; the one in focus is always among them.
func (m *labPage) charts(w, h int) []string {
	columns, rows := chartGrid(w, h)
	focus := m.shown()
	slots := columns * rows
	if slots == 1 {
		return m.viewPane(focus, w, h, true, false)
	}
	var order []int
	for i, v := range views {
		if v.figure != nil {
			order = append(order, i)
		}
	}
	// A focus beyond the last slot takes it.
	if slots < len(order) {
		for _, i := range order[slots:] {
			if i == focus {
				order[slots-1] = i
			}
		}
		order = order[:slots]
	}
	var out []string
	for r := range rows {
		// The last row's charts share its width.
		row := order[r*columns : min((r+1)*columns, len(order))]
		top, bottom := h*r/rows, h*(r+1)/rows
		var blocks [][]string
		x := 0
		for k, i := range row {
			end := (w + 2) * (k + 1) / len(row)
			blocks = append(blocks, m.viewPane(i, end-x-2, bottom-top, i == focus, false))
			x = end
		}
		out = append(out, beside(blocks...)...)
	}
	return out
}

// viewPane draws one view with its rule; full adds the caption.
func (m *labPage) viewPane(i, w, h int, focus, full bool) []string {
	v := views[i]
	if v.figure == nil {
		return m.foundPane(w, h, focus)
	}
	note := v.unit
	if focus {
		note += fmt.Sprintf("  %s c %d/%d", m.marks.dot, i+1, len(views))
	}
	return m.chartPane(v, note, w, h, focus, full)
}
