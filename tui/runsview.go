package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
)

func (m *runsPage) draw(w, h int) []string {
	if m.compare {
		return m.drawCompare(w, h)
	}
	low := min(8, h/3)
	return append(m.drawRuns(w, h-low), m.drawRun(w, low)...)
}

// drawRuns is the listing.
func (m *runsPage) drawRuns(w, h int) []string {
	rows := m.rows()
	note := runOrders[m.sort].name
	if m.reverse {
		note += ", reversed"
	}
	title := fmt.Sprintf("Runs in %s: %d", m.plain(m.root()), len(rows))
	if m.query != "" {
		title += fmt.Sprintf(" of %d for /%s", len(m.all), m.plain(m.query))
	}
	return m.pane(title, note, w, h, true, func(w, h int) []string {
		switch {
		case !m.looked:
			return m.centred(w, h, m.theme.Faint, "Reading "+m.root())
		case m.wrong != nil:
			return m.centred(w, h, m.theme.Bad, firstLine(m.wrong.Error()))
		case len(m.all) == 0:
			return m.centred(w, h, m.theme.Faint, "No runs here yet.")
		case len(rows) == 0:
			return m.centred(w, h, m.theme.Faint, "The query picks no run; esc drops it.",
				"Terms: a part of the name, or field=value with = != < <= > >= ~ on settings and results.")
		}
		m.row = min(max(0, m.row), len(rows)-1)
		var lines []string
		for columns := 8; columns >= 2; columns-- {
			if lines = m.table(m.runTable(rows, columns)); within(lines, w) {
				break
			}
		}
		top := max(0, m.row-(h-1)+1)
		return append([]string{lines[0]}, window(lines[1:], &top, h-1)...)
	})
}

// runTable has the first columns of all: name, state, gain, preset, seed,
// updates, size, when it was last written.
func (m *runsPage) runTable(rows []storedRun, columns int) [][]cell {
	t := m.theme
	table := [][]cell{m.head(2, []string{"  name", "state", "RA3 - NTP", "preset", "seed", "updates", "size", "written (UTC)"}[:columns]...)}
	for i, r := range rows {
		mark, style := " ", t.Text
		if i == m.row {
			mark, style = string(t.Glyphs.Cursor), t.Focus
		}
		box := " "
		if m.marked[r.Dir] {
			box = "x"
		}
		state, look := m.runState(r)
		gain, apart := m.marks.dot, m.readStyle(gainMeasure.Read(r.gain()))
		if x := r.gain(); x != nil {
			gain = m.signedInterval(*x)
		}
		name := m.plain(r.Name)
		if len(r.notes) > 0 {
			name += " *"
		}
		row := []cell{{mark + box + name, style, false}, {state, look, false}, {gain, apart, true}, m.numberCell(m.plain(r.Manifest.Preset)),
			m.numberCell(fmt.Sprint(r.Manifest.Seed)), m.numberCell(fmt.Sprint(r.Events)), m.numberCell(bytesText(r.Size)), m.numberCell(r.Updated.UTC().Format("01-02 15:04"))}
		table = append(table, row[:columns])
	}
	return table
}

func (m *runsPage) runState(r storedRun) (string, lipgloss.Style) {
	switch r.State {
	case store.Running:
		return m.marks.running + " running", m.theme.Good
	case store.Finished:
		return m.marks.finished + " finished", m.theme.Good
	case store.Stopped:
		return m.marks.paused + " stopped", m.theme.Warn
	}
	return m.marks.failed + " unreadable", m.theme.Bad
}

// drawRun is the selected run: what it was made with, and what was written
// about it.
func (m *runsPage) drawRun(w, h int) []string {
	rows := m.rows()
	if len(rows) == 0 || !m.looked {
		return m.block(nil, w, h)
	}
	r := m.selected()
	t := m.theme
	return m.pane(m.plain(r.Name), m.plain(r.Dir), w, h, false, func(w, h int) []string {
		if r.Problem != "" {
			var lines []string
			for _, l := range wrap(m.plain(r.Problem), w) {
				lines = append(lines, t.Bad.Render(l))
			}
			return lines
		}
		lines := []string{t.Faint.Render(m.plain(fmt.Sprintf("version %s, %s, %s; %d seed(s); lanes %s", r.Manifest.Version, r.Manifest.InstructionSet,
			experiments.PrecisionOf(r.Manifest), r.config.Seeds, strings.Join(r.config.Lanes, " "))))}
		if over, err := r.config.Overrides(); err == nil && len(over) > 0 {
			for _, l := range wrap(m.plain("against its preset: "+strings.Join(over, "  ")), w) {
				lines = append(lines, l)
			}
		}
		for _, n := range slices.Backward(r.notes) {
			where := ""
			if n.Branch != "" {
				where = fmt.Sprintf(" at %s:%d", n.Branch, n.Update)
			}
			lines = append(lines, t.Key.Render("*")+" "+m.plain(n.Text)+t.Faint.Render(m.plain(where+"  "+strings.TrimSuffix(n.At, "Z"))))
		}
		if len(r.notes) == 0 {
			lines = append(lines, t.Faint.Render("no notes: n writes one"))
		}
		return lines[:min(h, len(lines))]
	})
}

// headline is a result of several runs side by side.
type headline struct {
	name string
	get  func(*experiments.Summary) *experiments.Measured
}

// headlines are the results that any of the runs has.
func headlines(runs []storedRun) []headline {
	var names []string
	for _, r := range runs {
		if r.summary != nil {
			for _, f := range families(r.summary.Lanes) {
				if !slices.Contains(names, f) {
					names = append(names, f)
				}
			}
		}
	}
	slices.Sort(names)
	var all []headline
	for _, family := range names {
		for _, lane := range laneOrder {
			of := func(pick func(experiments.FamilySummary) *experiments.Measured) func(*experiments.Summary) *experiments.Measured {
				return func(s *experiments.Summary) *experiments.Measured {
					if f, ok := s.Lanes[lane][family]; ok {
						return pick(f)
					}
					return nil
				}
			}
			all = append(all, headline{family + " " + laneName(lane) + " pass@1", of(func(f experiments.FamilySummary) *experiments.Measured { return &f.Pass1 })},
				headline{family + " " + laneName(lane) + " pass@10", of(func(f experiments.FamilySummary) *experiments.Measured { return &f.Pass10 })})
		}
	}
	for _, lane := range laneOrder {
		all = append(all, headline{laneName(lane) + " RLVR final", func(s *experiments.Summary) *experiments.Measured {
			if r, ok := s.RLVR[lane]; ok {
				return &r.Final
			}
			return nil
		}}, headline{laneName(lane) + " eff. space", func(s *experiments.Summary) *experiments.Measured {
			if p, ok := s.Pruning[lane]; ok {
				return &p.LogEffective
			}
			return nil
		}})
	}
	return slices.DeleteFunc(all, func(x headline) bool {
		return !slices.ContainsFunc(runs, func(r storedRun) bool { return r.summary != nil && x.get(r.summary) != nil })
	})
}

// differingFields are the settings in which the runs are not all alike.
func differingFields(runs []storedRun) []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range runs[min(1, len(runs)):] {
		changes, err := experiments.ConfigDiff(runs[0].config, r.config)
		if err != nil {
			continue
		}
		for _, c := range changes {
			if !seen[c.Field] {
				seen[c.Field] = true
				out = append(out, c.Field)
			}
		}
	}
	slices.Sort(out)
	return out
}

// drawCompare sets the chosen runs side by side: settings that differ, then
// results; h and l move through the runs where not all fit.
func (m *runsPage) drawCompare(w, h int) []string {
	runs := m.chosen()
	m.across = min(m.across, max(0, len(runs)-1))
	what := "all listed; x marks some"
	if len(m.marked) > 0 {
		what = "marked"
	}
	return m.pane(fmt.Sprintf("%d runs side by side (%s)", len(runs), what), "esc back to the list", w, h, true, func(w, h int) []string {
		fields, results := differingFields(runs), headlines(runs)
		var lines []string
		shown := len(runs) - m.across
		for ; shown > 1; shown-- {
			if lines = m.table(m.compareTable(runs[m.across:m.across+shown], fields, results)); within(lines, w) {
				break
			}
		}
		if shown <= 1 {
			lines = m.table(m.compareTable(runs[m.across:min(len(runs), m.across+1)], fields, results))
		}
		if shown < len(runs) {
			lines = append(lines, "", m.theme.Faint.Render(fmt.Sprintf("runs %d to %d of %d: h and l move", m.across+1, m.across+max(1, shown), len(runs))))
		}
		return window(lines, &m.top, h)
	})
}

func (m *runsPage) compareTable(runs []storedRun, fields []string, results []headline) [][]cell {
	t := m.theme
	head := []cell{{"settings that differ", t.Faint, false}}
	for _, r := range runs {
		head = append(head, cell{m.plain(r.Name), t.Strong, true})
	}
	table := [][]cell{head}
	for _, f := range fields {
		row := []cell{{m.plain(f), t.Text, false}}
		for _, r := range runs {
			v, _ := r.values.Get(f)
			row = append(row, m.numberCell(m.plain(v)))
		}
		table = append(table, row)
	}
	if len(fields) == 0 {
		table = append(table, []cell{{"none", t.Faint, false}})
	}
	table = append(table, []cell{{"", t.Text, false}}, []cell{{"results, 95% intervals", t.Faint, false}})
	for _, x := range results {
		row := []cell{{m.plain(x.name), t.Text, false}}
		for _, r := range runs {
			text := m.marks.dot
			if r.summary != nil {
				if v := x.get(r.summary); v != nil {
					text = m.estimate(*v)
				}
			}
			row = append(row, m.numberCell(text))
		}
		table = append(table, row)
	}
	if len(results) == 0 {
		table = append(table, []cell{{"none of them is finished", t.Faint, false}})
	}
	return table
}

// compareFigure is pass@1 of every lane and family by run, for print.
func compareFigure(runs []storedRun) measure.Figure {
	f := measure.Figure{Name: "runs", Title: "Held-out pass@1 by run", XLabel: "family and lane", YLabel: "share of problems solved", Kind: measure.Bars}
	all := slices.DeleteFunc(headlines(runs), func(x headline) bool { return !strings.HasSuffix(x.name, " pass@1") })
	for _, x := range all {
		f.Categories = append(f.Categories, strings.TrimSuffix(x.name, " pass@1"))
	}
	interval := ""
	for _, r := range runs {
		if r.summary == nil {
			continue
		}
		interval = r.summary.Interval
		s := measure.Series{Name: r.Name}
		for i, x := range all {
			if v := x.get(r.summary); v != nil {
				s.X, s.Y = append(s.X, float64(i)), append(s.Y, float64(v.Mean))
				s.Lo, s.Hi, s.N = append(s.Lo, float64(v.Lo)), append(s.Hi, float64(v.Hi)), append(s.N, v.N)
			}
		}
		f.Series = append(f.Series, s)
	}
	f.Caption = fmt.Sprintf("%d runs; whiskers: %s.", len(f.Series), interval)
	return f
}
