package tui

import (
	"fmt"

	"ra3/experiments"
	"ra3/experiments/store"
)

// eventsPane tells the log, the newest first: the updates of the stage under
// way, and the last one of each stage before.
func (m *labPage) eventsPane(w, h int) []string {
	note := ""
	if n := len(m.sight.events); n > 0 {
		note = fmt.Sprintf("%d so far", n)
		if m.cursor.held {
			note = fmt.Sprintf("%d up to VIEW", n)
		}
	}
	return m.pane("Events", note, w, h, false, func(w, h int) []string {
		if len(m.sight.events) == 0 {
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
	if len(m.sight.events) == 0 {
		return nil
	}
	now := stageOf(m.sight.events[len(m.sight.events)-1])
	before := now
	for i := len(m.sight.events) - 1; i >= 0 && len(out) < n; i-- {
		e := m.sight.events[i]
		s := stageOf(e)
		if (s == now && i >= len(m.sight.events)-max(3, n/2)) || s != before {
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
func (m *model) updatesOf(e store.Event) int { return stageUpdates(m.sight.info.Plan, e) }

func stageUpdates(plan []experiments.Stage, e store.Event) int {
	want := stageOf(e)
	for _, s := range plan {
		n := s.Updates
		s.Updates = 0
		if s == want {
			return n
		}
	}
	return e.Update
}
