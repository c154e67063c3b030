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
		case m.fault() != nil:
			var lines []string
			for _, l := range wrap(m.marks.failed+" "+m.plain(firstLine(m.fault().Error())), w) {
				lines = append(lines, m.theme.Bad.Render(l))
			}
			if m.wrong != nil { // else it names them
				for _, l := range wrap("Fields: "+experiments.QueryFields, w) {
					lines = append(lines, m.theme.Faint.Render(l))
				}
			}
			return lines
		case len(m.all) == 0:
			return m.centred(w, h, m.theme.Faint, "No runs here yet.")
		case len(rows) == 0:
			return m.centred(w, h, m.theme.Faint, "The query picks no run; esc drops it.",
				"Terms: a part of the name, or field=value with = != < <= > >= ~ on "+experiments.QueryFields+".")
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
		if !m.following() && sameDir(r.Dir, m.engine.Dir()) {
			return m.stateWord() // it is open here
		}
		return m.marks.running + " open elsewhere", m.theme.Good
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
		lines := []string{t.Faint.Render(m.plain(fmt.Sprintf("version %s, %s, %s; %s; lanes %s", r.Manifest.Version, r.Manifest.InstructionSet,
			experiments.PrecisionOf(r.Manifest), count(r.config.Seeds, "seed"), strings.Join(r.config.Lanes, " "))))}
		over, err := r.config.Overrides()
		// The line above has it: a preset's auto is settled when a run begins.
		over = slices.DeleteFunc(over, func(set string) bool { return strings.HasPrefix(set, "model.precision=") })
		if err == nil && len(over) > 0 {
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

// drawCompare sets the chosen runs side by side: settings that differ, then
// results; h and l move through the runs where not all fit.
func (m *runsPage) drawCompare(w, h int) []string {
	runs := m.chosen()
	m.across = min(m.across, max(0, len(runs)-1))
	what := "all listed; x marks some"
	if len(m.marked) > 0 {
		what = "marked"
	}
	return m.pane(fmt.Sprintf("%s side by side (%s)", count(len(runs), "run"), what), "esc back to the list", w, h, true, func(w, h int) []string {
		all := comparedRuns(runs)
		settings, results := experiments.RunSettingRows(all), experiments.RunResultRows(all)
		var lines []string
		shown := len(runs) - m.across
		for ; shown > 1; shown-- {
			if lines = m.table(m.compareTable(runs, m.across, m.across+shown, settings, results)); within(lines, w) {
				break
			}
		}
		if shown <= 1 {
			lines = m.table(m.compareTable(runs, m.across, min(len(runs), m.across+1), settings, results))
		}
		if shown < len(runs) {
			lines = append(lines, "", m.theme.Faint.Render(fmt.Sprintf("runs %d to %d of %d: h and l move", m.across+1, m.across+max(1, shown), len(runs))))
		}
		return window(lines, &m.top, h)
	})
}

// compareTable has the columns of the runs from one to another.
func (m *runsPage) compareTable(runs []storedRun, from, to int, settings, results measure.Table) [][]cell {
	t := m.theme
	head := []cell{{"settings that differ", t.Faint, false}}
	for _, r := range runs[from:to] {
		head = append(head, cell{m.plain(r.Name), t.Strong, true})
	}
	table := [][]cell{head}
	add := func(of measure.Table) {
		for _, row := range of.Rows {
			out := []cell{{m.plain(row[0].Text), t.Text, false}}
			texts := m.texts(of.Columns[1], row[1:], true)
			for i := from; i < to; i++ {
				x := m.tableCell(of.Columns[1+i], row[1+i], pick{interval: true}, texts[i])
				out = append(out, m.numberCell(strings.TrimSpace(x.text)))
			}
			table = append(table, out)
		}
	}
	add(settings)
	if len(settings.Rows) == 0 {
		table = append(table, []cell{{"none", t.Faint, false}})
	}
	table = append(table, []cell{{"", t.Text, false}}, []cell{{"results, 95% intervals", t.Faint, false}})
	add(results)
	if len(results.Rows) == 0 {
		table = append(table, []cell{{"none of them is finished", t.Faint, false}})
	}
	return table
}

// comparedRuns are runs as they are set side by side.
func comparedRuns(runs []storedRun) []experiments.ComparedRun {
	out := make([]experiments.ComparedRun, len(runs))
	for i, r := range runs {
		out[i] = experiments.ComparedRun{Name: r.Name, Config: r.config, Summary: r.summary}
	}
	return out
}
