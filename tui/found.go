package tui

import (
	"fmt"
	"slices"

	"ra3/experiments"
)

var laneOrder = experiments.LaneNames()

// foundPane is the table of what the run has found so far; wider panes get the
// intervals of more columns.
func (m *labPage) foundPane(w, h int, focus bool) []string {
	note := ""
	if s := m.sight.summary; s != nil && len(s.Lanes) > 0 {
		note = s.Interval
	}
	const title = "Found so far"
	lines, left := m.findings(w)
	out := m.pane(title, note, w, h, focus, func(w, h int) []string {
		if len(lines) == 0 {
			if !m.heard {
				return nil
			}
			return m.centred(w, h, m.theme.Faint, "Nothing is measured yet.", m.awaited(views[indexOf("passk")]))
		}
		if len(lines) <= h {
			m.foundTop = 0
			return lines
		}
		if !focus {
			return append(slices.Clone(lines[:h-1]), m.theme.Faint.Render(fmt.Sprintf("%d more lines: c brings them up", len(lines)-h+1)))
		}
		shown := slices.Clone(window(lines, &m.foundTop, h-1))
		return append(shown, m.theme.Faint.Render(fmt.Sprintf("j k scroll: %d to %d of %d", m.foundTop+1, m.foundTop+len(shown), len(lines))))
	})
	return m.lacking(out, title, note, w, focus, left)
}

// findings lists the sections that have numbers, and how many columns of one had no
// room.
func (m *model) findings(w int) (lines []string, left int) {
	out := sections{m: m, w: w}
	add := out.add
	s := m.sight.summary
	if s == nil || len(s.Lanes) == 0 {
		add(2, m.soFar)
	}
	if s == nil {
		return out.lines, out.left
	}
	add(5, func(level int) [][]cell { return m.passRows("held out", s, false, level) })
	add(2, func(level int) [][]cell { return m.differenceRows(s, level) })
	add(5, func(level int) [][]cell { return m.passRows("after RLVR", s, true, level) })
	add(4, func(level int) [][]cell { return m.pruningRows(s, level) })
	add(3, func(level int) [][]cell { return m.convergenceRows(s, level) })
	add(2, func(level int) [][]cell { return m.latentRows(s, level) })
	return out.lines, out.left
}

// sections are tables below one another, a blank line between.
type sections struct {
	m     *model
	w     int
	lines []string
	left  int // the most columns that one left out
}

// add adds the fullest form of a table that fits; forms are the levels, each
// shorter than the one before, from 0.
func (s *sections) add(forms int, form func(level int) [][]cell) {
	all := 0
	for level := range forms {
		rows := form(level)
		if len(rows) < 2 {
			return
		}
		all = max(all, len(rows[0]))
		table := s.m.table(rows)
		if level < forms-1 && !fits(table, s.w) {
			continue
		}
		if s.lines != nil {
			s.lines = append(s.lines, "")
		}
		s.lines, s.left = append(s.lines, table...), max(s.left, all-len(rows[0]))
		return
	}
}

func fits(lines []string, w int) bool {
	return !slices.ContainsFunc(lines, func(l string) bool { return width(l) > w })
}

// head makes a table's first row; the first left columns are left-aligned.
func (m *model) head(left int, names ...string) []cell {
	var row []cell
	for i, n := range names {
		row = append(row, cell{m.theme.Glyphs.Text(n), m.theme.Faint, i >= left})
	}
	return row
}

func (m *model) laneCell(lane string) cell {
	style, _ := m.theme.Lane(lane)
	return cell{laneName(lane), style, false}
}

func (m *model) numberCell(x string) cell { return cell{m.theme.Glyphs.Text(x), m.theme.Text, true} }

// soFar is the newest value of each lane's training measures, before any
// evaluation.
func (m *model) soFar(level int) [][]cell {
	titles := []string{"nats/token", "nats/program", "eff. space"}
	if level > 0 {
		titles = []string{"/token", "/program", "space"}
	}
	t := experiments.LossRows(m.sight.events)
	return m.tableRows(t, pick{column: "lane", title: "nats"}, pick{column: "loss on code", title: titles[0]}, pick{column: "validation nats", title: titles[1]},
		pick{column: "effective space", title: titles[2]}, pick{column: "bound", title: "bound"})
}

// passRows is pass@k and nats per program by family and lane. Levels: all
// intervals, that of pass@1 alone, without n, without pass@5, without nats.
func (m *model) passRows(title string, s *experiments.Summary, after bool, level int) [][]cell {
	if level > 1 {
		title = ""
	}
	picks := []pick{{column: "family", title: title}, {column: "lane", title: "lane"}, {column: "pass@1", title: "pass@1", interval: true}}
	add := func(show bool, name string) {
		if show {
			picks = append(picks, pick{column: name, title: name, interval: level == 0 && name != "nats"})
		}
	}
	add(level < 3, "pass@5")
	add(true, "pass@10")
	add(level < 4, "nats")
	add(level < 2, "n")
	return m.tableRows(experiments.PassRows(s, after), picks...)
}

// differenceRows are the paired differences of pass@1.
func (m *model) differenceRows(s *experiments.Summary, level int) [][]cell {
	titles := []string{"paired", "family"}
	if level > 0 {
		titles = []string{"", ""}
	}
	rows := m.tableRows(experiments.DifferenceRows(s, false).Where("k", 1), pick{column: "lanes", title: titles[0]}, pick{column: "family", title: titles[1]},
		pick{column: "difference of pass@k", title: "pass@1", interval: true}, pick{column: "verdict", title: "verdict"})
	m.verdicts(rows, 3)
	for _, row := range rows[1:] {
		if level > 0 && row[3].text == "not distinguishable" {
			row[3].text = "unclear"
		}
	}
	return rows
}

// pruningRows is the effective decision space and the horizon. Levels: with
// intervals, means, without tau, with short names.
func (m *model) pruningRows(s *experiments.Summary, level int) [][]cell {
	titles := []string{"pruning", "eff. space"}
	if level > 2 {
		titles = []string{"", "space"}
	}
	picks := []pick{{column: "lane", title: titles[0]}, {column: "log n95", title: titles[1], interval: level == 0}, {column: "of log all", title: "of"},
		{column: "recall", title: "recall"}, {column: "horizon", title: "horizon", interval: level == 0}, {column: "tau", title: "tau"}}
	if level > 1 {
		picks = picks[:5]
	}
	return m.tableRows(experiments.PruningRows(s), picks...)
}

func (m *model) convergenceRows(s *experiments.Summary, level int) [][]cell {
	t := experiments.RLVRRows(s)
	reach, title := t.Columns[len(t.Columns)-1].Name, "tokens to threshold"
	for _, r := range s.RLVR {
		title = "tokens to " + number(r.Threshold)
	}
	picks := []pick{{column: "lane", title: "RLVR"}, {column: "start", title: "start"}, {column: "final", title: "final", interval: level == 0},
		{column: "area", title: "area"}, {column: reach, title: title, si: true}}
	if level > 1 {
		picks = slices.Delete(picks, 3, 4)
	}
	return m.tableRows(t, picks...)
}

func (m *model) latentRows(s *experiments.Summary, level int) [][]cell {
	titles := []string{"boundary recall", "programs right", "think rate"}
	if level > 0 {
		titles = []string{"boundary", "right", "think"}
	}
	rows := m.tableRows(experiments.LatentRows(s), pick{column: "EM iteration", title: "latents"}, pick{column: "NMI", title: "NMI"}, pick{column: "boundary recall", title: titles[0]},
		pick{column: "programs right", title: titles[1]}, pick{column: "think rate", title: titles[2]})
	rows[0][0].right = false
	for i, row := range rows[1:] {
		row[0] = cell{fmt.Sprintf("EM %d", i), m.theme.Text, false}
		if i == 0 {
			row[0].text = "at start"
		}
	}
	return rows
}
