package tui

import (
	"ra3/core/measure"
)

// figure is what a view shows: the line of VIEW's branch, the part after VIEW
// faintly, and the lines of branches that are laid over it, dashed.
func (m *model) figure(name string) (f measure.Figure, ok bool) {
	branch := m.view().Branch
	f, ok = m.figures[figureKey{name, branch}]
	if !ok {
		return f, false
	}
	if m.cursor.held {
		before, known := m.pastFigures[name]
		if !known {
			return f, true // it comes with the next frame
		}
		f = upTo(before, f)
	}
	var over []measure.OfBranch
	for _, b := range m.overlays() {
		if g, known := m.figures[figureKey{name, b}]; known && b != branch {
			over = append(over, measure.OfBranch{Branch: b, Figure: g})
		}
	}
	return measure.LaidOver(measure.OfBranch{Branch: branch, Figure: f}, over...), true
}

// upTo is a figure as it stood at VIEW, with the curves of the whole line faint
// behind it, so that its scales stay while VIEW moves. Bars have no later part.
func upTo(at, whole measure.Figure) measure.Figure {
	if at.Kind != measure.Lines {
		return at
	}
	out := at
	out.Series = nil
	for _, s := range whole.Series {
		s.Thin, s.Lo, s.Hi = true, nil, nil
		out.Series = append(out.Series, s)
	}
	out.Series = append(out.Series, at.Series...)
	return out
}

// overlays lists the branches laid over the charts, in the order of their making.
func (m *model) overlays() []string {
	var out []string
	if len(m.over) == 0 {
		return nil
	}
	for _, b := range m.history().Branches() {
		if m.over[b.Name] {
			out = append(out, b.Name)
		}
	}
	return out
}
