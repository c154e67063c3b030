package tui

import (
	"slices"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
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
	for _, b := range m.overOf(view{name: name}) {
		if g, known := m.figures[figureKey{name, b}]; known {
			over = append(over, measure.OfBranch{Branch: b, Figure: g})
		}
	}
	return measure.LaidOver(measure.OfBranch{Branch: branch, Figure: f}, over...), true
}

// paper makes a view's figure for paper, as the run stood at VIEW, with the
// branches laid over it. It is for other goroutines: it has copies of all it
// needs.
func (m *model) paper(v view) func() measure.Figure {
	events, summary, c, branch := m.sight.events, m.sight.summary, m.sight.info.Config, m.view().Branch
	type line struct {
		branch  string
		events  []store.Event
		summary *experiments.Summary
		config  experiments.Config
	}
	var over []line
	for _, b := range m.overOf(v) {
		h := m.history()
		info, _ := m.engine.Record().Branch(b)
		over = append(over, line{b, h.Line(b, 0, h.Head(b).Update), m.summaries[b], info.Config})
	}
	return func() measure.Figure {
		var others []measure.OfBranch
		for _, l := range over {
			others = append(others, measure.OfBranch{Branch: l.branch, Figure: v.of(l.events, l.summary, l.config)})
		}
		return measure.LaidOver(measure.OfBranch{Branch: branch, Figure: v.of(events, summary, c)}, others...)
	}
}

// overOf lists the branches laid over a view, none where it is no chart of the
// run.
func (m *model) overOf(v view) []string {
	if !slices.ContainsFunc(m.views, func(w view) bool { return w.name == v.name }) {
		return nil
	}
	branch := m.view().Branch
	return slices.DeleteFunc(m.overlays(), func(b string) bool { return b == branch })
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
