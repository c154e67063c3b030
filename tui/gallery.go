package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/tui/keys"
)

// gallery is a page's own charts, one of them in focus.
type gallery struct {
	all    []view
	chosen int
	zoomed bool
}

func (g *gallery) focused() view { return g.all[g.chosen] }

// act chooses and enlarges a chart; false for what it does not know.
func (g *gallery) act(e keys.Event) (tea.Cmd, bool) {
	n := len(g.all)
	switch e.Action {
	case keys.NextChart:
		g.chosen = (g.chosen + 1) % n
	case keys.PrevChart:
		g.chosen = (g.chosen + n - 1) % n
	case keys.Zoom:
		g.zoomed = !g.zoomed
	case keys.Back:
		if !g.zoomed && g.chosen == 0 {
			return nil, false
		}
		g.zoomed, g.chosen = false, 0
	default:
		return nil, false
	}
	return nil, true
}

// chart draws the view in focus, with its caption where there is room; focus says
// whether the keys go to it.
func (g *gallery) chart(m *model, w, h int, focus bool) []string {
	v := g.focused()
	return m.chartPane(v, fmt.Sprintf("%s  %s c %d/%d", v.unit, m.marks.dot, g.chosen+1, len(g.all)), w, h, focus, h >= 14)
}

// charts draws the view in focus and, below it where there is room, the chart that
// c comes to next.
func (g *gallery) charts(m *model, w, h int, focus bool) []string {
	next := g.chosen
	for range g.all {
		if next = (next + 1) % len(g.all); g.all[next].figure != nil {
			break
		}
	}
	if h < 28 || next == g.chosen {
		return g.chart(m, w, h, focus)
	}
	top := h * 11 / 20
	v := g.all[next]
	return append(g.chart(m, w, top, focus), m.chartPane(v, v.unit, w, h-top, false, false)...)
}
