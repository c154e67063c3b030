package tui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ra3/core/measure"
	"ra3/core/theory"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/keys"
)

// shot is the chart in focus, of the settings that it was computed with.
func (m *theoryPage) shot() (view, string) {
	v := theoryViews[m.chosen]
	f, _ := m.figureOf(v.name)
	name := v.name
	if name == "scene" {
		name += fmt.Sprintf("-task%d-kept%d", m.task+1, m.space+1)
		if m.option >= 0 {
			name += fmt.Sprintf("-option%d", m.option+1)
		}
	}
	return view{name: name, title: v.title, figure: func([]store.Event, *experiments.Summary) measure.Figure { return f }}, ""
}

// unable says why there is no picture of a chart that is not computed yet.
func (m *theoryPage) unable(a keys.Action) string {
	if a != keys.Picture && a != keys.Show {
		return ""
	}
	v := theoryViews[m.chosen]
	if _, ok := m.figureOf(v.name); ok && (v.part == "" || m.lab.fresh[v.part]) {
		return ""
	}
	if m.lab.fault != "" {
		return "this chart cannot be computed: " + m.lab.fault
	}
	return "this chart is being computed: press again once it is there"
}

// of is what the charts are of: the settings computed last, those on the screen
// before any are.
func (m *theoryPage) of() theory.Settings {
	if m.lab.world == nil {
		return m.settings
	}
	return m.lab.report.Settings
}

// changed lists the settings that are not the default's.
func (m *theoryPage) changed(write func(name, value string)) {
	s, d := m.of(), theory.Default()
	for _, f := range theory.Fields() {
		if v := f.Get(&s); v != f.Get(&d) {
			write(f.Name, strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
}

// beside says whether the chart in focus has the run's markers.
func (m *theoryPage) beside() bool {
	return theoryViews[m.chosen].name == "where" && m.engine.Dir() != "" && len(m.markers()) > 0
}

// target is the directory of the charts of these settings, which it is named
// after. They are of no run, and so in the directory of runs.
func (m *theoryPage) target() string {
	name := m.of().Family
	m.changed(func(field, value string) { name += "-" + field + value })
	if at := m.view(); m.beside() {
		name += fmt.Sprintf("-with-%s-%s-%d", filepath.Base(filepath.Clean(m.engine.Dir())), at.Branch, at.Update)
	}
	return filepath.Join(m.root(), "theory", name)
}

// regenerate computes the chart in focus anew and writes it where w does.
func (m *theoryPage) regenerate() string {
	words := []string{"ra3", "theory"}
	if s := m.of(); s.Family != theory.Default().Family {
		words = append(words, "--set", "family="+s.Family)
	}
	m.changed(func(field, value string) { words = append(words, "--set", field+"="+value) })
	if name := theoryViews[m.chosen].name; slices.Contains(theory.FigureNames, name) {
		if m.beside() {
			words = append(words, "--run", m.engine.Dir())
		}
		words = append(words, "--figure", name, "--out", m.target())
	}
	for i, w := range words {
		words[i] = experiments.ShellWord(w)
	}
	return strings.Join(words, " ")
}
