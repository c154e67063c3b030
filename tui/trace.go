package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
)

// tracePage is page 2: programs with their latent spans.
type tracePage struct {
	*model
	program int
	line    int
	answer  bool // the hidden intents are shown

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
func (m *tracePage) shot() (v view, instead string) {
	return views[indexOf("latents")], "this page has no chart of its own"
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
		text := "No traces yet: they appear once there is a sampler."
		if !m.heard {
			text = "The engine is getting ready."
		}
		return m.pane("Programs", "", w, h, true, func(w, h int) []string {
			return m.centred(w, h, m.theme.Faint, text, "Start the run with space, or make one phase with S.")
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
