package tui

import (
	"fmt"
	"path/filepath"
	"strings"

	"ra3/experiments/grid"
)

// foundAblation is a line of the list of ablations.
type foundAblation struct {
	dir         string
	factors     []grid.Factor
	design      grid.Design
	preset      string
	seeds       int
	done, cells int
	made, total int
	written     bool // by some process, now
	problem     string
}

// findAblations lists those in a directory; what was finished is not read again.
func findAblations(root string, known []foundAblation) ([]foundAblation, error) {
	dirs, err := grid.Found(root)
	if err != nil {
		return nil, err
	}
	before := map[string]foundAblation{}
	for _, f := range known {
		before[f.dir] = f
	}
	out := []foundAblation{}
	for _, dir := range dirs {
		if f, ok := before[dir]; ok && f.cells > 0 && f.done == f.cells && !f.written {
			out = append(out, f)
			continue
		}
		out = append(out, lookAtAblation(dir))
	}
	return out, nil
}

func lookAtAblation(dir string) foundAblation {
	f := foundAblation{dir: dir}
	a, err := grid.View(dir)
	if err != nil {
		f.problem = firstLine(err.Error())
		return f
	}
	f.factors, f.design, f.preset, f.seeds = a.Factors, a.Spec.Design, a.Cells[0].Config.Preset, a.Cells[0].Config.Seeds
	tasks, err := a.Progress()
	if err == nil {
		f.done, f.cells, f.made = counted(tasks)
		for _, p := range tasks {
			f.total += p.Total
		}
		w, werr := a.Writer()
		f.written, err = w != nil, werr
	}
	if err != nil {
		f.problem = firstLine(err.Error())
	}
	return f
}

// selectedFound is the ablation under the cursor of the list, empty without.
func (m *ablatePage) selectedFound() foundAblation {
	if len(m.found) == 0 {
		return foundAblation{}
	}
	return m.found[min(max(0, m.row), len(m.found)-1)]
}

// drawList offers the ablations there are.
func (m *ablatePage) drawList(w, h int) []string {
	return m.pane("Ablations in "+m.plain(m.root()), "n makes one, enter opens one", w, h, true, func(w, h int) []string {
		if !m.looked {
			return m.centred(w, h, m.theme.Faint, "Looking for ablations.")
		}
		if len(m.found) == 0 {
			return m.centred(w, h, m.theme.Faint, "No ablation yet: combinations of some settings, each an ordinary run, and what difference they make.",
				"n chooses factors and levels, and says what it costs before anything starts.")
		}
		m.row = min(max(0, m.row), len(m.found)-1)
		table := [][]cell{m.head(3, "  ", "ablation", "state", "cells", "seeds")}
		for i, f := range m.found {
			table = append(table, m.foundRow(f, i == m.row))
		}
		rows := m.table(table)
		below := m.foundDetail(m.found[m.row], w)
		room := max(1, h-len(below)-2)
		top := max(0, m.row-room+1)
		lines := append([]string{rows[0]}, window(rows[1:], &top, room)...)
		if len(lines)+len(below) < h {
			lines = append(lines, "")
		}
		return append(lines[:max(2, min(len(lines), h-len(below)))], below...)
	})
}

func (m *ablatePage) foundRow(f foundAblation, selected bool) []cell {
	t := m.theme
	mark, style := "  ", t.Text
	if selected {
		mark, style = string(t.Glyphs.Cursor)+" ", t.Focus
	}
	state := cell{m.marks.paused + " at rest", t.Warn, false}
	switch {
	case f.problem != "":
		state = cell{m.marks.failed + " unreadable", t.Bad, false}
	case m.desk.at(f.dir):
		state = cell{m.marks.running + " at work here", t.Good, false}
	case f.written:
		state = cell{m.marks.running + " at work elsewhere", t.Good, false}
	case f.done == f.cells:
		state = cell{m.marks.finished + " finished", t.Good, false}
	}
	return []cell{{mark, style, false}, {m.theme.Glyphs.Fit(m.plain(filepath.Base(f.dir)), min(40, width(m.plain(filepath.Base(f.dir))))), style, false}, state,
		m.numberCell(fmt.Sprintf("%d/%d", f.done, f.cells)), m.numberCell(fmt.Sprint(f.seeds))}
}

// foundDetail says what the ablation under the cursor consists of.
func (m *ablatePage) foundDetail(f foundAblation, w int) []string {
	t := m.theme
	lines := []string{m.rule(m.plain(f.dir), "", w, false)}
	if f.problem != "" {
		return append(lines, t.Bad.Render(t.Glyphs.Fit(m.marks.failed+" "+m.plain(f.problem), w)))
	}
	for _, x := range f.factors {
		lines = append(lines, t.Glyphs.Fit(m.plain(x.Field+" = "+strings.Join(x.Values, ", ")), w))
		if len(lines) > 6 {
			lines[6] = t.Faint.Render(fmt.Sprintf("and %d factors more", len(f.factors)-5))
			break
		}
	}
	return append(lines, t.Faint.Render(t.Glyphs.Fit(fmt.Sprintf("%s of preset %s, %s of %s, update %d/%d", designName(f.design), m.plain(f.preset), count(f.cells, "cell"), count(f.seeds, "seed"), f.made, f.total), w)))
}

// designName says which combinations are cells.
func designName(d grid.Design) string {
	if d == grid.Star {
		return "star"
	}
	return "cross"
}
