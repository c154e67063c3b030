package tui

import (
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/tui/chart"
)

// chartPane draws a view's figure under its rule; full adds the caption. Where
// there is no data it says what will stand there, and when.
func (m *model) chartPane(v view, note string, w, h int, focus, full bool) []string {
	return m.pane(v.title, note, w, h, focus, func(w, h int) []string {
		f, ok := m.figure(v.name)
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
		return m.at(v.name, m.redrawn, w, h, func() []string {
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
