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
	var over []drawn
	for _, b := range m.overlays() {
		key := figureKey{name, b}
		if g, known := m.figures[key]; known && b != branch {
			over = append(over, drawn{key, g})
		}
	}
	return laidOver(f, branch, over), true
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

// laidOver adds other branches' series, dashed; with them each carries the name
// of its branch.
func laidOver(f measure.Figure, branch string, over []drawn) measure.Figure {
	if len(over) == 0 {
		return f
	}
	out := f
	out.Series = nil
	for i, d := range append([]drawn{{figureKey{f.Name, branch}, f}}, over...) {
		for _, s := range d.figure.Series {
			if !s.Thin {
				s.Name, s.Dashed = s.Name+" "+d.branch, s.Dashed || i > 0
			}
			out.Series = append(out.Series, s)
		}
	}
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
