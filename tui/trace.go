package tui

import (
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/keys"
)

// tracePage is page 2: programs with their latent spans.
type tracePage struct {
	*model
	program int
	line    int
	answer  bool // the hidden intents are shown
	focus   int  // of traceFigures: what w, V and y are about

	comparing bool                   // another look stands beside
	against   experiments.Position   // which one
	other     *experiments.TraceView // nil until it is read
	finding   string                 // what n and N look for

	pastLooks map[experiments.Position]*experiments.TraceView // looks that were read; nil: unreadable
	reading   bool                                            // those missing in it
	fetching  bool                                            // the other look
}

func newTrace(m *model) page {
	return &tracePage{model: m, pastLooks: map[experiments.Position]*experiments.TraceView{}}
}

func (m *tracePage) context() keys.Context { return keys.Trace }
func (m *tracePage) title() string         { return "Trace" }
func (m *tracePage) views() []view         { return nil }

// traceFigures are what the page's panes are on paper, in the order of c.
var traceFigures = []struct{ name, title string }{
	{experiments.TracePicture, "the program with its latent spans"}, {experiments.PosteriorTable, "the posterior at the line"},
	{experiments.OverTimeTable, "this program over time"}, {experiments.TraceTable, "the programs in nats"},
}

// shot is the pane in focus, drawn from what it shows.
func (m *tracePage) shot() (v view, instead string) {
	p := m.current()
	if p == nil {
		return v, ""
	}
	x := traceFigures[m.focus]
	v = view{name: x.name, title: x.title, file: x.name + "-" + p.ID}
	q := experiments.LookRequest{Name: x.name, Program: p.ID}
	switch x.name {
	case experiments.TraceTable:
		v.file = x.name
	case experiments.TracePicture:
		v.flags = []string{"--program", p.ID}
		if q.Answer = m.answer; q.Answer {
			v.flags = append(v.flags, "--answer")
		}
	case experiments.PosteriorTable:
		q.Line = m.line + 1
		v.flags = []string{"--program", p.ID, "--line", strconv.Itoa(q.Line)}
		v.file += fmt.Sprintf("-line%d", q.Line)
	}
	if x.name == experiments.OverTimeTable {
		v.flags = []string{"--program", p.ID}
		var looks []experiments.ProgramLook
		for _, l := range m.overTime(p) {
			if l.At.Update <= m.view().Update {
				looks = append(looks, l)
			}
		}
		v.figure = func([]store.Event, *experiments.Summary) measure.Figure { return experiments.OverTimeFigure(looks) }
		return v, ""
	}
	looked, at := m.sight.trace, m.shown()
	v.figure = func([]store.Event, *experiments.Summary) measure.Figure {
		f, err := looked.Figure(q, at)
		if err != nil { // the program and the line are on the screen
			return measure.Figure{Name: q.Name, Kind: measure.Tabular}
		}
		return f
	}
	return v, ""
}

// origin says where the look is stored that the page's numbers come from.
func (m *tracePage) origin(string, measure.Cell) string {
	return fmt.Sprintf("the look at example traces taken at %s", m.shown())
}

// unable says why figures are not to be had.
func (m *tracePage) unable(a keys.Action) string {
	switch a {
	case keys.Picture, keys.Show, keys.Why, keys.Copy, keys.NextChart:
		if m.current() == nil {
			return "there are no traces yet: they appear once there is a sampler"
		}
	}
	return ""
}

// act selects a program or a line, or shows the answer key.
func (m *tracePage) act(e keys.Event) (tea.Cmd, bool) {
	switch e.Action {
	case keys.Up:
		m.move(-1)
	case keys.Down:
		m.move(1)
	case keys.NextProgram:
		m.turnProgram(e.Count)
	case keys.PrevProgram:
		m.turnProgram(-e.Count)
	case keys.NextChart:
		m.focus = (m.focus + 1) % len(traceFigures)
		return m.say("w, V and y are about " + traceFigures[m.focus].title), true
	case keys.Answer:
		m.answer = !m.answer
	case keys.Compare:
		m.comparing = !m.comparing
		if m.comparing {
			return m.compareWith(-1), true
		}
	case keys.CompareEarlier:
		return m.compareWith(-1), true
	case keys.CompareLater:
		return m.compareWith(1), true
	case keys.NextChange:
		return m.toChange(1), true
	case keys.PrevChange:
		return m.toChange(-1), true
	case keys.Find:
		m.sheet = &finder{m: m}
	case keys.FindNext:
		return m.find(1), true
	case keys.FindPrev:
		return m.find(-1), true
	case keys.Latent:
		return m.openLatent(), true
	case keys.Back:
		switch {
		case m.comparing:
			m.comparing = false
		case m.answer:
			m.answer = false
		case m.focus > 0:
			m.focus = 0
		default:
			return nil, false
		}
	default:
		return nil, false
	}
	return nil, true
}

func (m *tracePage) move(by int) {
	if p := m.current(); p != nil {
		m.line = min(max(m.line+by, 0), len(p.Lines)-1)
	}
}

func (m *tracePage) turnProgram(by int) {
	if m.sight.trace == nil || len(m.sight.trace.Programs) == 0 {
		return
	}
	n := len(m.sight.trace.Programs)
	m.program, m.line = ((m.program+by)%n+n)%n, 0
}

// current is the program in view, nil where there is none.
func (m *tracePage) current() *experiments.TraceProgram {
	t := m.sight.trace
	if t == nil || len(t.Programs) == 0 {
		return nil
	}
	return &t.Programs[min(m.program, len(t.Programs)-1)]
}

// draw shows one program with its latent spans and what the sampler and
// the policy say of the selected line: beside it, or below where the screen is
// narrow; and a list of the programs where it is wide.
func (m *tracePage) draw(w, h int) []string {
	p := m.current()
	if p == nil {
		text, next := "No traces yet: they appear once there is a sampler.", "Start the run with space, or make one phase with S."
		switch {
		case !m.heard:
			text = "The engine is getting ready."
		case m.following() || m.cursor.held || m.snap.State == experiments.Finished:
			text, next = "No look at example traces is stored up to this point.", "Looks are stored at the end of every phase, once there is a sampler."
		}
		return m.pane("Programs", "", w, h, true, func(w, h int) []string {
			return m.centred(w, h, m.theme.Faint, text, next)
		})
	}
	m.line = min(max(m.line, 0), max(0, len(p.Lines)-1))
	if w < 108 {
		low := min(8, h/2)
		return append(m.programColumn(p, w, h-low), m.linePane(p, w, low)...)
	}
	side := min(44, w*2/5)
	if w < 136 {
		return beside(m.programColumn(p, w-side-2, h), m.sidePane(p, side, h))
	}
	list := 38
	return beside(m.listPane(list, h), m.programColumn(p, w-side-list-4, h), m.sidePane(p, side, h))
}
