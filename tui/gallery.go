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

// chart draws the view in focus, with its caption where there is room.
func (g *gallery) chart(m *model, w, h int) []string {
	v := g.focused()
	return m.chartPane(v, fmt.Sprintf("%s  %s c %d/%d", v.unit, m.marks.dot, g.chosen+1, len(g.all)), w, h, true, h >= 14)
}

// charts draws the view in focus and, below it where there is room, the one
// that c comes to next.
func (g *gallery) charts(m *model, w, h int) []string {
	if h < 28 || len(g.all) < 2 {
		return g.chart(m, w, h)
	}
	top := h * 11 / 20
	next := g.all[(g.chosen+1)%len(g.all)]
	return append(g.chart(m, w, top), m.chartPane(next, next.unit, w, h-top, false, false)...)
}
