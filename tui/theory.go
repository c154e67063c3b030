package tui

import (
	"fmt"
	"path/filepath"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/core/theory"
	"ra3/core/theory/family"
	"ra3/tui/keys"
)

// theoryPage is the theory lab: settings of a finite family of tasks as sliders,
// and what follows from them exactly, computed anew at every change.
type theoryPage struct {
	*model
	settings theory.Settings
	at, top  int // of the sliders; the first is the family
	chosen   int // of theoryViews
	zoomed   bool
	task     int // of the fresh ones
	space    int // decision space kept
	option   int // whose way is shown; -1 for the best policy's

	lab     lab
	work    *work // under way, nil
	version int   // counts changes of what is drawn
}

// theoryViews are the page's charts in the order c goes through them, with the
// part of the report that each comes from.
var theoryViews = []struct{ name, title, unit, part string }{
	{"scene", "World", "", ""},
	{"bound", "Union bound and measurement", "share of tasks losing over epsilon", "pruning"},
	{"decomposition", "Regret = pruning + planning error", "value lost", "decomposition"},
	{"pruning", "Pruning error on fresh tasks", "value lost", "pruning"},
	{"planning", "Planning error by iterations", "value lost", "convergence"},
	{"values", "Error of values, contraction bounds", "largest error", "convergence"},
	{"qlearning", "Regret by episodes of Q-learning", "value lost", "Q-learning"},
	{"kept", "Total regret by options kept", "value lost", "trade-off"},
	{"duration", "Iterations to epsilon by duration", "iterations", "trade-off"},
	{"discount", "Iterations to epsilon by discount", "iterations", "trade-off"},
	{"gain", "What options change at a fixed budget", "regret less that without options", "trade-off"},
	{"where", "Effective horizon; where the run stands", "decisions", "convergence"},
	{"learned", "Latents learned against planted options", "agreement", "learned abstractions"},
}

func newTheory(m *model) page {
	return &theoryPage{model: m, settings: theory.Default(), option: -1, chosen: 1}
}

func (m *theoryPage) context() keys.Context { return keys.Theory }
func (m *theoryPage) title() string         { return "Theory" }
func (m *theoryPage) views() []view         { return nil }

// origin says what the page's numbers are computed from.
func (m *theoryPage) origin(string, measure.Cell) string {
	s := m.lab.report.Settings
	return fmt.Sprintf("computed here from the family %s, seed %d; exact but for drawn tasks, demonstrations and exploration, which carry 95%% t-intervals", s.Family, s.Seed)
}

// figureOf is a figure of the lab; false while it is not computed.
func (m *theoryPage) figureOf(name string) (measure.Figure, bool) {
	f, ok := m.lab.figures[name]
	return f, ok
}

// open begins the first computation when the page is first shown.
func (m *theoryPage) open() tea.Cmd {
	if m.work != nil || m.lab.world != nil || m.lab.fault != "" {
		return nil
	}
	return m.compute()
}

func (m *theoryPage) act(e keys.Event) (tea.Cmd, bool) {
	rows := 1 + len(theory.Fields())
	switch e.Action {
	case keys.Down:
		m.at = (m.at + 1) % rows
	case keys.Up:
		m.at = (m.at + rows - 1) % rows
	case keys.More:
		return m.slide(1), true
	case keys.Less:
		return m.slide(-1), true
	case keys.Reset:
		if m.settings != theory.Default() {
			m.settings = theory.Default()
			return m.compute(), true
		}
	case keys.NextChart:
		return m.turnTo(m.chosen + 1), true
	case keys.PrevChart:
		return m.turnTo(m.chosen - 1), true
	case keys.Zoom:
		m.zoomed = !m.zoomed
	case keys.NextOption:
		m.option++
		return m.stage(), true
	case keys.PrevOption:
		m.option--
		return m.stage(), true
	case keys.NextTask:
		m.task++
		return m.stage(), true
	case keys.PrevTask:
		m.task--
		return m.stage(), true
	case keys.NextSpace:
		m.space++
		return m.stage(), true
	case keys.Picture:
		v, _ := m.shot()
		return m.writePicture(v, filepath.Join(m.target(), v.name+".png")), true
	case keys.Back:
		if !m.zoomed {
			return nil, false
		}
		m.zoomed = false
	default:
		return nil, false
	}
	return nil, true
}

// turnTo brings another chart into focus; what it needs is computed next.
func (m *theoryPage) turnTo(i int) tea.Cmd {
	n := len(theoryViews)
	m.chosen = ((i % n) + n) % n
	return nil
}

// slide moves the setting in focus and computes anew.
func (m *theoryPage) slide(way int) tea.Cmd {
	before := m.settings
	if m.at == 0 {
		kinds := family.Kinds()
		for i, k := range kinds {
			if string(k) == before.Family {
				m.settings.Family = string(kinds[(i+way+len(kinds))%len(kinds)])
			}
		}
	} else {
		f := theory.Fields()[m.at-1]
		if err := f.Put(&m.settings, f.Step(f.Get(&m.settings), way)); err != nil {
			return m.complain(err.Error())
		}
	}
	if m.settings == before {
		return nil
	}
	return m.compute()
}

// markers are where the run stands at VIEW.
func (m *theoryPage) markers() []theory.Marker { return m.sight.Moment.Markers() }

// note words what a chart belongs to where it is not the settings on the screen.
func (m *theoryPage) note(part string) string {
	switch {
	case m.lab.fault != "":
		return "of the settings before"
	case m.work != nil && m.lab.world != nil && m.lab.report.Settings != m.settings:
		return "of the settings before" + m.dots()
	case m.work != nil && part != "" && !m.lab.fresh[part]:
		return "of the settings before" + m.dots()
	}
	return ""
}

func (m *theoryPage) dots() string { return " " + string(m.theme.Glyphs.Ellipsis) }
