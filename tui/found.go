package tui

import (
	"fmt"
	"slices"
	"strings"

	"ra3/experiments"
	"ra3/tui/chart"
)

var laneOrder = experiments.LaneNames()

// foundPane is the table of what the run has found so far; wider panes get the
// intervals of more columns.
func (m *labPage) foundPane(w, h int, focus bool) []string {
	note := ""
	if s := m.sight.summary; s != nil && len(s.Lanes) > 0 {
		note = s.Interval
	}
	title := "Found so far"
	return m.pane(title, note, w, h, focus, func(w, h int) []string {
		lines := m.findings(w)
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
}

// findings lists the sections that have numbers, a blank line between.
func (m *model) findings(w int) []string {
	var out []string
	add := func(forms int, form func(level int) [][]cell) { out = m.section(out, w, forms, form) }
	s := m.sight.summary
	if s == nil || len(s.Lanes) == 0 {
		add(2, m.soFar)
	}
	if s == nil {
		return out
	}
	add(5, func(level int) [][]cell { return m.passRows("held out", s.Lanes, level) })
	add(2, func(level int) [][]cell { return m.differenceRows(s, level) })
	add(5, func(level int) [][]cell { return m.passRows("after RLVR", s.AfterRLVR, level) })
	add(4, func(level int) [][]cell { return m.pruningRows(s, level) })
	add(3, func(level int) [][]cell { return m.convergenceRows(s, level) })
	add(2, func(level int) [][]cell { return m.latentRows(s, level) })
	return out
}

// section adds the fullest form of a table that fits to lines, a blank line
// between; forms are the levels, each shorter than the one before, from 0.
func (m *model) section(lines []string, w, forms int, form func(level int) [][]cell) []string {
	for level := range forms {
		rows := form(level)
		if len(rows) < 2 {
			return lines
		}
		table := m.table(rows)
		if level < forms-1 && !fits(table, w) {
			continue
		}
		if lines != nil {
			lines = append(lines, "")
		}
		return append(lines, table...)
	}
	return lines
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

// estimate writes a measured value with its interval.
func (m *model) estimate(x experiments.Measured) string {
	return chart.Interval(float64(x.Mean), float64(x.Lo), float64(x.Hi), m.theme.Glyphs)
}

func mean(x experiments.Measured) string { return number(float64(x.Mean)) }

// soFar is the newest value of each lane's training measures, before any
// evaluation.
func (m *model) soFar(level int) [][]cell {
	names := []struct{ measure, title string }{
		{"loss_code", "nats/token"}, {"probe_nats", "nats/program"}, {"probe_log_effective", "eff. space"}, {"bound", "bound"},
	}
	if level > 0 {
		names[0].title, names[1].title, names[2].title = "/token", "/program", "space"
	}
	rows := [][]cell{m.head(1, "nats")}
	for _, n := range names {
		rows[0] = append(rows[0], cell{n.title, m.theme.Faint, true})
	}
	for _, lane := range laneOrder {
		row := []cell{m.laneCell(lane)}
		any := false
		for _, n := range names {
			v, ok := m.sight.latest(lane, n.measure)
			any = any || ok
			text := m.marks.dot
			if ok {
				text = number(v)
			}
			row = append(row, m.numberCell(text))
		}
		if any {
			rows = append(rows, row)
		}
	}
	return rows
}

func families(lanes map[string]experiments.LaneSummary) []string {
	var out []string
	for _, f := range lanes {
		for name := range f {
			if !slices.Contains(out, name) && !experiments.IsPlus(name) { // the same samples; no room for them
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// passRows is pass@k and nats per program by family and lane. Levels: all
// intervals, that of pass@1 alone, without n, without pass@5, without nats.
func (m *model) passRows(title string, lanes map[string]experiments.LaneSummary, level int) [][]cell {
	if level > 1 {
		title = ""
	}
	names := []string{title, "lane", "pass@1"}
	column := func(show bool, name string) {
		if show {
			names = append(names, name)
		}
	}
	column(level < 3, "pass@5")
	column(true, "pass@10")
	column(level < 4, "nats")
	column(level < 2, "n")
	rows := [][]cell{m.head(2, names...)}
	for _, family := range families(lanes) {
		label := family
		for _, lane := range laneOrder {
			f, ok := lanes[lane][family]
			if !ok {
				continue
			}
			values := map[string]string{"pass@5": mean(f.Pass5), "pass@10": mean(f.Pass10), "nats": m.marks.dot, "n": fmt.Sprint(f.Pass1.N), "pass@1": m.estimate(f.Pass1)}
			if level == 0 {
				values["pass@5"], values["pass@10"] = m.estimate(f.Pass5), m.estimate(f.Pass10)
			}
			if f.Nats != nil {
				values["nats"] = mean(*f.Nats)
			}
			row := []cell{{m.theme.Glyphs.Text(label), m.theme.Text, false}, m.laneCell(lane)}
			for _, name := range names[2:] {
				row = append(row, m.numberCell(values[name]))
			}
			rows = append(rows, row)
			label = ""
		}
	}
	return rows
}

func (m *model) differenceRows(s *experiments.Summary, level int) [][]cell {
	rows := [][]cell{m.head(2, "paired", "family", "pass@1", "verdict")}
	if level > 0 {
		rows[0][0].text, rows[0][1].text = "", ""
	}
	rows[0][3].right = false
	for _, pair := range experiments.Pairs(laneOrder) {
		label := laneName(pair.A) + " - " + laneName(pair.B)
		for _, family := range experiments.Compared(s.Differences[pair.Key]) {
			d, ok := s.Differences[pair.Key][family]["pass@1"]
			if !ok {
				continue
			}
			style, verdict := m.theme.Faint, m.theme.Glyphs.Text(d.Verdict)
			if level > 0 && verdict == "not distinguishable" {
				verdict = "unclear"
			}
			switch d.Verdict {
			case "higher":
				style = m.theme.Good
			case "lower":
				style = m.theme.Bad
			}
			rows = append(rows, []cell{{label, m.theme.Text, false}, {m.theme.Glyphs.Text(family), m.theme.Text, false},
				m.numberCell(m.signed(d.Measured)), {verdict, style, false}})
			label = ""
		}
	}
	return rows
}

// pruningRows is the effective decision space and the horizon. Levels: with
// intervals, means, without tau, with short names.
func (m *model) pruningRows(s *experiments.Summary, level int) [][]cell {
	rows := [][]cell{m.head(1, "pruning", "eff. space", "of", "recall", "horizon", "tau")}
	if level > 2 {
		rows[0][0].text, rows[0][1].text = "", "space"
	}
	for _, lane := range laneOrder {
		p, ok := s.Pruning[lane]
		if !ok {
			continue
		}
		tau := m.marks.dot
		if p.Tau != nil {
			tau = mean(*p.Tau)
		}
		space, horizon := mean(p.LogEffective), mean(p.Horizon)
		if level == 0 {
			space, horizon = m.estimate(p.LogEffective), m.estimate(p.Horizon)
		}
		rows = append(rows, []cell{m.laneCell(lane), m.numberCell(space), m.numberCell(mean(p.LogAll)),
			m.numberCell(mean(p.Recall)), m.numberCell(horizon), m.numberCell(tau)})
	}
	if level > 1 {
		for i := range rows {
			rows[i] = rows[i][:5]
		}
	}
	return rows
}

func (m *model) convergenceRows(s *experiments.Summary, level int) [][]cell {
	rows := [][]cell{m.head(1, "RLVR", "start", "final", "area", "tokens to threshold")}
	for _, lane := range laneOrder {
		r, ok := s.RLVR[lane]
		if !ok {
			continue
		}
		rows[0][4].text = fmt.Sprintf("tokens to %s", number(r.Threshold))
		final := mean(r.Final)
		if level == 0 {
			final = m.estimate(r.Final)
		}
		var reach []string
		for _, t := range r.TokensToThreshold {
			text := "not reached"
			if t == t { // a number
				text = chart.SI(float64(t))
			}
			reach = append(reach, text)
		}
		if len(reach) > 1 {
			n := len(slices.DeleteFunc(slices.Clone(reach), func(s string) bool { return s == "not reached" }))
			reach = []string{fmt.Sprintf("%d of %d seeds", n, len(reach))}
		}
		rows = append(rows, []cell{m.laneCell(lane), m.numberCell(mean(r.Start)), m.numberCell(final), m.numberCell(mean(r.AUC)), m.numberCell(strings.Join(reach, " "))})
	}
	if level > 1 {
		for i := range rows {
			rows[i] = append(rows[i][:3:3], rows[i][4])
		}
	}
	return rows
}

func (m *model) latentRows(s *experiments.Summary, level int) [][]cell {
	rows := [][]cell{m.head(1, "latents", "NMI", "boundary recall", "programs right", "think rate")}
	if level > 0 {
		rows[0][2].text, rows[0][3].text, rows[0][4].text = "boundary", "right", "think"
	}
	for i, it := range s.Latents.Iterations {
		label := fmt.Sprintf("EM %d", i)
		if i == 0 {
			label = "at start"
		}
		row := []cell{{label, m.theme.Text, false}}
		for _, name := range []string{"nmi", "boundary_recall", "program_accuracy", "think_rate"} {
			text := m.marks.dot
			if x, ok := it[name]; ok {
				text = mean(x)
			}
			row = append(row, m.numberCell(text))
		}
		rows = append(rows, row)
	}
	return rows
}
