package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/core/theory"
	"ra3/tui/chart"
)

// slidersW is the width of the sliders' pane.
const slidersW = 31

func (m *theoryPage) draw(w, h int) []string {
	if m.zoomed {
		return m.chartOf(m.chosen, w, h, true)
	}
	left := m.sliders(slidersW, h)
	room := w - slidersW - 2
	world := m.chosen == 0
	switch {
	case world:
		return beside(left, m.worldPane(room, h, true))
	case room >= 110:
		side := room * 9 / 20
		return beside(left, m.chartOf(m.chosen, room-side-2, h, true), m.worldPane(side, h, false))
	case h >= 30:
		top := h / 2
		return beside(left, append(m.chartOf(m.chosen, room, top, true), m.worldPane(room, h-top, false)...))
	}
	return beside(left, m.chartOf(m.chosen, room, h, true))
}

// sliders lists the settings, each with its value and where it stands between
// its ends; below is what is being computed.
func (m *theoryPage) sliders(w, h int) []string {
	foot := m.footing(w)
	return append(m.pane("Settings", "left right", w, h-len(foot), true, func(w, h int) []string {
		t, g := m.theme, m.theme.Glyphs
		var lines []string
		line := func(i int, name, value string, share float64) {
			mark, style := " ", t.Text
			if i == m.at {
				mark, style = string(g.Cursor), t.Focus
			}
			const bar = 7
			gauge := ""
			if full := int(math.Round(share * bar)); share >= 0 {
				gauge = t.Key.Render(strings.Repeat(g.FocusBorder.Top, full)) + t.Faint.Render(strings.Repeat(g.Border.Top, bar-full))
			}
			lines = append(lines, t.Focus.Render(mark)+" "+style.Render(g.Fit(name, 10))+" "+style.Render(g.Fit(value, 8))+" "+gauge)
		}
		line(0, "family", m.settings.Family, -1)
		for i, f := range theory.Fields() {
			v := f.Get(&m.settings)
			below := 0
			for _, x := range f.Steps {
				if x <= v {
					below++
				}
			}
			value := chart.Significant(v, 3)
			if f.Whole {
				value = fmt.Sprintf("%.0f", v)
			}
			line(i+1, f.Name, value, float64(below)/float64(len(f.Steps)))
		}
		m.top = min(m.top, m.at)
		if m.at-m.top >= h {
			m.top = m.at - h + 1
		}
		return window(lines, &m.top, h)
	}), foot...)
}

// footing says what the setting in focus is, and what is being computed or what
// is wrong.
func (m *theoryPage) footing(w int) []string {
	t := m.theme
	var out []string
	add := func(text string, most int, render func(...string) string) {
		lines := wrap(m.plain(text), w)
		if len(lines) > most {
			lines = append(lines[:most-1], t.Glyphs.Fit(lines[most-1]+" "+lines[most], w))
		}
		for _, l := range lines {
			out = append(out, render(t.Glyphs.Fit(l, w)))
		}
	}
	help := "family: rooms, phrases or random"
	if m.at > 0 {
		f := theory.Fields()[m.at-1]
		help = f.Name + ": " + f.Help
	}
	add(help, 3, t.Faint.Render)
	switch {
	case m.lab.fault != "":
		add(m.marks.failed+" "+m.lab.fault, 4, t.Bad.Render)
	case m.work != nil:
		add(m.progress(), 2, t.Warn.Render)
	}
	return out
}

// chartOf draws a chart under its rule, with its caption where there is room.
func (m *theoryPage) chartOf(i, w, h int, focus bool) []string {
	v := theoryViews[i]
	if v.name == "scene" {
		return m.worldPane(w, h, focus)
	}
	note := m.note(v.part)
	if note == "" {
		note = v.unit
	}
	note += fmt.Sprintf("  %s c %d/%d", m.marks.dot, i+1, len(theoryViews))
	if v.name == "where" {
		m.mark()
	}
	return m.pane(v.title, note, w, h, focus, func(w, h int) []string {
		f, ok := m.figureOf(v.name)
		if !ok {
			text := "Computing it" + m.dots()
			if m.lab.fault != "" {
				text = m.lab.fault
			}
			return m.centred(w, h, m.theme.Faint, text)
		}
		return m.at2(v.name, w, h, func() []string {
			if v.name != "where" {
				return m.drawn(f, w, h)
			}
			table := m.places()
			if len(table) > h/2 {
				table = table[:h/2]
			}
			return append(m.drawn(f, w, h-len(table)), m.block(table, w, len(table))...)
		})
	})
}

// mark brings the run's markers up to VIEW.
func (m *theoryPage) mark() {
	now := m.markers()
	if !m.lab.fresh["convergence"] || slices.Equal(now, m.lab.report.Run) {
		return
	}
	m.lab.report.Run = now
	m.version++
	for _, f := range m.lab.report.Figures() {
		if f.Name == "where" {
			m.lab.figures[f.Name] = f
		}
	}
}

// places lists what stands on the chart of horizons: the decision spaces of this
// world, and the run's lanes as measured at VIEW.
func (m *theoryPage) places() []string {
	t, r := m.theme, m.lab.report
	rows := [][]cell{{{"", t.Faint, false}, {"actions", t.Faint, true}, {"tau", t.Faint, true}, {"horizon", t.Faint, true}}}
	row := func(name string, style lipgloss.Style, actions string, tau float64) {
		rows = append(rows, []cell{{name, style, false}, {actions, t.Text, true}, {chart.Significant(tau, 3), t.Text, true},
			{chart.Significant(theory.Horizon(r.Settings.Discount, tau), 3), t.Text, true}})
	}
	for _, x := range r.Run {
		style, _ := t.Lane(x.Lane)
		row("run: "+x.Name, style, chart.Significant(float64(x.Actions), 3), float64(x.Duration))
	}
	for i, c := range r.Convergence {
		actions := m.marks.dot
		if i < len(m.lab.kept) {
			actions = fmt.Sprint(m.lab.kept[i].Set.Size())
		}
		row(c.Kept, t.Text, actions, float64(c.Tau.Mean))
	}
	lines := m.table(rows)
	if len(r.Run) == 0 {
		lines = append(lines, t.Faint.Render("the run has measured no decisions yet"))
	}
	return lines
}

// at2 is at, under a name that other pages do not use.
func (m *theoryPage) at2(name string, w, h int, draw func() []string) []string {
	return m.model.at("theory-"+name, m.version, w, h, draw)
}

func (m *theoryPage) drawn(f measure.Figure, w, h int) []string {
	caption := wrap(m.plain(f.Caption), w)
	if len(caption) > h/3 {
		caption = nil
	}
	body := h - len(caption)
	var lines []string
	if f.Kind == measure.Heat {
		lines = m.block(m.heat(f, w), w, body)
	} else {
		f.Title, f.Caption = "", ""
		if w < narrow {
			f = brief(f)
		}
		lines = strings.Split(chart.Render(f, w, body, m.theme), "\n")
	}
	for _, c := range caption {
		lines = append(lines, m.theme.Faint.Render(c))
	}
	return lines
}

// heat writes a map of cells as a table; a star marks an interval without 0.
func (m *theoryPage) heat(f measure.Figure, w int) []string {
	t := m.theme
	rows := [][]cell{{{f.XLabel, t.Faint, false}}}
	head := []cell{{"", t.Faint, false}}
	for _, c := range f.Categories {
		head = append(head, cell{c, t.Strong, true})
	}
	table := [][]cell{head}
	for _, s := range f.Series {
		row := []cell{{s.Name, t.Text, false}}
		for i, y := range s.Y {
			text, style := fmt.Sprintf("%+.3f ", y), t.Faint
			if s.Lo[i] > 0 || s.Hi[i] < 0 {
				text, style = fmt.Sprintf("%+.3f*", y), t.Good
				if y > 0 {
					style = t.Bad
				}
			}
			row = append(row, cell{text, style, true})
		}
		table = append(table, row)
	}
	lines := append(m.model.table(rows), m.model.table(table)...)
	lines = append(lines, "", t.Faint.Render("* its 95% interval excludes 0; negative: abstraction helps"))
	for i, l := range lines {
		if ansi.StringWidth(l) > w {
			lines[i] = t.Glyphs.Fit(l, w)
		}
	}
	return lines
}
