package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
)

// press reads one key.
func (m *model) press(k tea.KeyMsg) tea.Cmd {
	if k.Paste {
		return nil // pasted text is not a wish
	}
	events, ticket := m.reader.Press(k.String())
	if ticket > 0 {
		return m.after(digitPause, digitsMsg(ticket))
	}
	if m.confirm && (len(events) == 0 || events[0].Action != keys.Quit && events[0].Action != keys.Interrupt) {
		m.confirm = false
	}
	return m.doAll(events)
}

func (m *model) doAll(events []keys.Event) tea.Cmd {
	var cmds []tea.Cmd
	for _, e := range events {
		cmds = append(cmds, m.do(e))
	}
	return tea.Batch(cmds...)
}

// do carries out one action.
func (m *model) do(e keys.Event) tea.Cmd {
	step := func(g experiments.Granularity) tea.Cmd {
		return m.ask(experiments.Intent{Kind: experiments.Step, Granularity: g, Count: e.Count})
	}
	switch e.Action {
	case keys.Run:
		if m.running() {
			return m.ask(experiments.Intent{Kind: experiments.Pause})
		}
		return m.ask(experiments.Intent{Kind: experiments.Run})
	case keys.Update:
		return step(experiments.ByUpdate)
	case keys.Phase:
		return step(experiments.ByPhase)
	case keys.Iteration:
		return step(experiments.ByIteration)
	case keys.Page:
		m.turn(e.Page - 1)
	case keys.NextPage:
		m.turn(m.page() + 1)
	case keys.PrevPage:
		m.turn(m.page() - 1)
	case keys.Up:
		m.move(-1)
	case keys.Down:
		m.move(1)
	case keys.NextChart:
		m.choose(1)
	case keys.PrevChart:
		m.choose(-1)
	case keys.Zoom:
		m.zoomed = !m.zoomed
		m.help = false
	case keys.NextProgram:
		m.turnProgram(1)
	case keys.PrevProgram:
		m.turnProgram(-1)
	case keys.Answer:
		m.answer = !m.answer
	case keys.Picture:
		return m.picture()
	case keys.Help:
		m.help, m.helpScroll = !m.help, 0
	case keys.Back:
		m.back()
	case keys.Suspend:
		m.suspend = m.running()
		if m.suspend {
			// A judge's worker that is stopped as well would run out of time.
			return m.ask(experiments.Intent{Kind: experiments.Pause})
		}
		return tea.Suspend
	case keys.Quit:
		if m.running() && !m.confirm && !m.quitting {
			m.confirm = true
			return nil
		}
		return m.quit()
	case keys.Interrupt:
		if m.quitting {
			m.forced = !m.ended
			return tea.Quit
		}
		return m.quit()
	}
	return nil
}

// running says whether the engine runs or has been asked to.
func (m *model) running() bool {
	if m.asked != nil {
		return m.asked.Kind == experiments.Run || m.asked.Kind == experiments.Step
	}
	return m.snap.State == experiments.Running
}

// ask sends an intent and remembers it until a snapshot shows its effect.
func (m *model) ask(i experiments.Intent) tea.Cmd {
	if m.quitting {
		return nil
	}
	if !m.engine.Send(i) {
		return m.complain("the engine has too many requests waiting; press again in a moment")
	}
	m.asked, m.askedAt, m.notice = &i, m.snap.Made, ""
	m.askedNo++
	no := m.askedNo
	return m.after(settleIn, settleMsg(no))
}

// quit asks the engine to save and stop; the screen ends when it has.
func (m *model) quit() tea.Cmd {
	if m.quitting {
		return nil
	}
	m.quitting, m.confirm, m.asked = true, false, nil
	return tea.Batch(m.sendStop(), m.after(stopWithin, overdueMsg{}))
}

func (m *model) sendStop() tea.Cmd {
	if m.ended || m.engine.Send(experiments.Intent{Kind: experiments.Stop}) {
		return nil
	}
	return m.after(frame, stopMsg{})
}

// stepNote is the engine's note on a step it has taken up.
func stepNote(i experiments.Intent) string { return fmt.Sprintf("%d %s", i.Count, i.Granularity) }

// pending words the intent that is not yet acknowledged; "".
func (m *model) pending() string {
	if m.asked == nil {
		return ""
	}
	switch m.asked.Kind {
	case experiments.Run:
		return "starting"
	case experiments.Pause:
		if m.suspend {
			return "pausing before the shell takes over"
		}
		return "pausing"
	}
	return "asked for " + count(m.asked.Count, string(m.asked.Granularity))
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

func (m *model) page() int {
	for i, c := range keys.Pages() {
		if c == m.reader.Context() {
			return i
		}
	}
	return 0
}

func (m *model) turn(page int) {
	pages := keys.Pages()
	m.reader.Enter(pages[(page+len(pages))%len(pages)])
	m.help = false
}

// back leaves what is nearest: the help, the full chart, the chosen chart.
func (m *model) back() {
	switch {
	case m.help:
		m.help = false
	case m.notice != "":
		m.notice = ""
	case m.reader.Context() == keys.Lab && m.zoomed:
		m.zoomed = false
	case m.reader.Context() == keys.Lab:
		m.chosen, m.scroll, m.foundTop = -1, 0, 0
	case m.answer:
		m.answer = false
	default:
		m.turn(0)
	}
}

// move scrolls or selects one line further; panes clip what goes too far.
func (m *model) move(by int) {
	switch {
	case m.help:
		m.helpScroll = max(0, m.helpScroll+by)
	case m.reader.Context() == keys.Trace:
		if p := m.current(); p != nil {
			m.line = min(max(m.line+by, 0), len(p.Lines)-1)
		}
	case views[m.shown()].figure == nil:
		m.foundTop = max(0, m.foundTop+by)
	default:
		m.scroll = max(0, m.scroll+by)
	}
}

func (m *model) choose(by int) {
	m.chosen = (m.shown() + by + len(views)) % len(views)
	m.help, m.foundTop = false, 0
}

func (m *model) turnProgram(by int) {
	if m.snap.Trace == nil || len(m.snap.Trace.Programs) == 0 {
		return
	}
	n := len(m.snap.Trace.Programs)
	m.program, m.line = (m.program+by+n)%n, 0
	m.help = false
}

// current is the program in view, nil where there is none.
func (m *model) current() *experiments.TraceProgram {
	t := m.snap.Trace
	if t == nil || len(t.Programs) == 0 {
		return nil
	}
	return &t.Programs[min(m.program, len(t.Programs)-1)]
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
