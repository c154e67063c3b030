package tui

import (
	"fmt"
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
)

// labPage lays out charts, findings and events for the room there is: charts
// above and the rest below, or at the right where the screen is wide.
func (m *model) labPage(w, h int) []string {
	focus := m.shown()
	found := views[focus].figure == nil
	if m.zoomed {
		return m.viewPane(focus, w, h, true, true)
	}
	if w >= 140 && h >= 30 {
		side := min(72, w*3/8)
		left := m.charts(w-side-2, h)
		top := min(h*11/20, max(8, len(m.findings(side))+2))
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
	half := min(w*11/20, 66)
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

func (m *model) manyCharts(w, h int) bool {
	columns, rows := chartGrid(w, h)
	return columns*rows > 1
}

// charts draws as many charts as fit; the one in focus is always among them.
func (m *model) charts(w, h int) []string {
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
func (m *model) viewPane(i, w, h int, focus, full bool) []string {
	v := views[i]
	if v.figure == nil {
		return m.foundPane(w, h, focus)
	}
	note := v.unit
	if focus {
		note += fmt.Sprintf("  %s c %d/%d", m.marks.dot, i+1, len(views))
	}
	return m.pane(v.title, note, w, h, focus, func(w, h int) []string {
		f, ok := m.figures[v.name]
		empty := true
		for _, s := range f.Series {
			empty = empty && len(s.X) == 0
		}
		if !ok || empty {
			if m.snap.State == "" {
				return nil
			}
			return m.centred(w, h, m.theme.Faint, v.stands, m.awaited(v))
		}
		return m.at(v.name, m.drawn[v.name], w, h, func() []string {
			var caption []string
			if full {
				caption = wrap(m.plain(f.Caption), w)
				if len(caption) > h/4 {
					caption = nil
				}
			}
			if f.Kind == measure.Bars {
				f = fewerBars(f, h-len(caption)-1)
			}
			// The rule has the title already, and the caption's place is below.
			f.Title, f.Caption, f.XLabel = "", "", v.x
			lines := strings.Split(chart.Render(f, w, h-len(caption), m.theme), "\n")
			for _, c := range caption {
				lines = append(lines, m.theme.Faint.Render(c))
			}
			return lines
		})
	})
}

// fewerBars keeps whole values of k where not all bars fit into h rows: the
// smallest, and the largest as well if there is room.
func fewerBars(f measure.Figure, h int) measure.Figure {
	const ks = 3 // pass@1, 5 and 10 in each family
	families := len(f.Categories) / ks
	rows := families * len(f.Series)
	keep := []int{0, 1, 2}
	switch {
	case ks*rows <= h || families == 0:
		return f
	case 2*rows <= h:
		keep = []int{0, 2}
	default:
		keep = []int{0}
	}
	out := f
	out.Categories, out.Series = nil, nil
	for family := range families {
		for _, k := range keep {
			out.Categories = append(out.Categories, f.Categories[ks*family+k])
		}
	}
	for _, s := range f.Series {
		t := s
		t.X, t.Y, t.Lo, t.Hi = nil, nil, nil, nil
		for i, x := range s.X {
			family, k := int(x)/ks, slices.Index(keep, int(x)%ks)
			if k < 0 || i >= len(s.Y) || i >= len(s.Lo) || i >= len(s.Hi) {
				continue
			}
			t.X, t.Y = append(t.X, float64(family*len(keep)+k)), append(t.Y, s.Y[i])
			t.Lo, t.Hi = append(t.Lo, s.Lo[i]), append(t.Hi, s.Hi[i])
		}
		out.Series = append(out.Series, t)
	}
	return out
}

// eventsPane tells the log, the newest first: the updates of the stage under
// way, and the last one of each stage before.
func (m *model) eventsPane(w, h int) []string {
	note := ""
	if n := len(m.events); n > 0 {
		note = fmt.Sprintf("%d so far", n)
	}
	return m.pane("Events", note, w, h, false, func(w, h int) []string {
		if len(m.events) == 0 {
			if !m.heard {
				return nil
			}
			return m.centred(w, h, m.theme.Faint, "Nothing has happened yet.", "space runs the plan, s makes one update.")
		}
		chosen := m.tellable(h + m.scroll)
		m.scroll = min(m.scroll, max(0, len(chosen)-h))
		var lines []string
		for i, e := range chosen[m.scroll:min(len(chosen), m.scroll+h)] {
			t := tell(e, m.updatesOf(e))
			text := m.theme.Glyphs.Text(t.fit(w))
			style := m.theme.Text
			switch {
			case t.alarm:
				style = m.theme.Bad
			case i+m.scroll > 0:
				style = m.theme.Faint
			}
			lines = append(lines, style.Render(text))
		}
		return lines
	})
}

// tellable picks up to n events, the newest first.
func (m *model) tellable(n int) []store.Event {
	var out []store.Event
	if len(m.events) == 0 {
		return nil
	}
	now := stageOf(m.events[len(m.events)-1])
	before := now
	for i := len(m.events) - 1; i >= 0 && len(out) < n; i-- {
		e := m.events[i]
		s := stageOf(e)
		if (s == now && i >= len(m.events)-max(3, n/2)) || s != before {
			out = append(out, e)
		}
		before = s
	}
	return out
}

func stageOf(e store.Event) experiments.Stage {
	return experiments.Stage{Seed: e.Seed, Lane: e.Lane, Phase: e.Phase, Iteration: e.Iteration}
}

// updatesOf is the number of updates planned for an event's stage.
func (m *model) updatesOf(e store.Event) int {
	want := stageOf(e)
	for _, s := range m.plan {
		n := s.Updates
		s.Updates = 0
		if s == want {
			return n
		}
	}
	return e.Update
}
