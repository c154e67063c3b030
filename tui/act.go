package tui

import (
	"errors"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
)

// press reads what was typed. Keys that arrive together, from a fast hand or
// over a slow line, come as one message.
func (m *model) press(k tea.KeyMsg) tea.Cmd {
	if k.Type != tea.KeyRunes || k.Paste || len(k.Runes) < 2 {
		return m.pressOne(k)
	}
	var cmds []tea.Cmd
	for _, r := range k.Runes {
		cmds = append(cmds, m.pressOne(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: k.Alt}))
	}
	return tea.Batch(cmds...)
}

// pressOne reads one key.
func (m *model) pressOne(k tea.KeyMsg) tea.Cmd {
	if name := k.String(); m.sheet != nil && name != "ctrl+c" && name != "ctrl+z" {
		cmd, done := m.sheet.press(k)
		if done {
			m.sheet = nil
		}
		return cmd
	}
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
	if p, ok := m.page().(opener); ok && events != nil {
		cmds = append(cmds, p.open())
	}
	return tea.Batch(cmds...)
}

// do carries out one action, the page's own or the workbench's; one that is
// not to be had now says why.
func (m *model) do(e keys.Event) tea.Cmd {
	if why := m.disabled(e.Action); why != "" {
		return m.complain(why)
	}
	if e.Action != keys.Back || m.notice == "" {
		if cmd, taken := m.page().act(e); taken {
			return cmd
		}
	}
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
		m.turn(m.pageAt() + 1)
	case keys.PrevPage:
		m.turn(m.pageAt() - 1)
	case keys.Earlier:
		return m.scrub(experiments.ByUpdate, -e.Count)
	case keys.Later:
		return m.scrub(experiments.ByUpdate, e.Count)
	case keys.IterationBack:
		return m.scrub(experiments.ByIteration, -e.Count)
	case keys.IterationOn:
		return m.scrub(experiments.ByIteration, e.Count)
	case keys.Live:
		return m.follow()
	case keys.Conditions:
		m.sheet = m.conditionForm()
	case keys.Fork:
		m.sheet = m.forkForm()
	case keys.Branches:
		m.sheet = m.branchTree()
	case keys.Picture:
		return m.picture()
	case keys.Help:
		m.sheet = &helpSheet{m: m}
	case keys.Why:
		return m.why()
	case keys.Bookmarks:
		return m.bookmarks()
	case keys.Show:
		return m.show()
	case keys.Copy:
		return m.copyCommand()
	case keys.Palette:
		m.sheet = &palette{m: m}
	case keys.Back:
		m.back()
	case keys.Suspend:
		// A judge's worker that is stopped as well would run out of time.
		m.suspend = true
		var cmd tea.Cmd
		if m.desk.busy() {
			m.desk.stop()
			cmd = m.say("stopping the ablation before the shell takes over; g goes on later")
		}
		if m.running() {
			return tea.Batch(cmd, m.ask(experiments.Intent{Kind: experiments.Pause}))
		}
		return tea.Batch(cmd, m.sleep(m.snap.State))
	case keys.Quit:
		if (m.running() || m.desk.busy()) && !m.confirm && !m.quitting {
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

// sleep gives the terminal back to the shell, if that was asked for and nothing
// is at work any more.
func (m *model) sleep(s experiments.DriverState) tea.Cmd {
	if !m.suspend || s == experiments.Running || m.desk.busy() {
		return nil
	}
	m.suspend = false
	m.rescue.tell(rescueAway)
	return tea.Suspend
}

// running says whether the engine runs or has been asked to.
func (m *model) running() bool {
	if m.asked != nil {
		switch m.asked.Kind {
		case experiments.Run, experiments.Step, experiments.Until:
			return true
		case experiments.Pause, experiments.Fork, experiments.Switch:
			return false
		}
	}
	return m.snap.State == experiments.Running
}

// ask sends an intent and remembers it until a snapshot shows its effect.
func (m *model) ask(i experiments.Intent) tea.Cmd {
	cmd, err := m.send(i)
	if err != nil {
		return m.complain(err.Error())
	}
	return cmd
}

// send is ask for a form, which stays open where an intent is not taken.
func (m *model) send(i experiments.Intent) (tea.Cmd, error) {
	if m.quitting {
		return nil, nil
	}
	if m.engine.ReadOnly() {
		return nil, errors.New("this run is only viewed: ra3 --run DIR drives it")
	}
	if !m.engine.Send(i) {
		return nil, errors.New("the engine has too many requests waiting; press again in a moment")
	}
	m.asked, m.askedAt, m.askedOn, m.notice = &i, m.snap.Made, m.snap.Branch, ""
	m.askedNo++
	no := m.askedNo
	return m.after(settleIn, settleMsg(no)), nil
}

// quit asks the engine to save and stop; the screen ends when it has.
func (m *model) quit() tea.Cmd {
	if m.quitting {
		return nil
	}
	m.quitting, m.confirm, m.asked = true, false, nil
	if m.opened == nil {
		m.desk.leave() // while the run is being saved
	}
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
	switch m.asked.Kind {
	case experiments.Until:
		return "asked to run until " + m.asked.When
	case experiments.Break:
		return "setting breakpoints"
	case experiments.Fork:
		return "making the branch"
	case experiments.Switch:
		return "going to branch " + m.asked.Branch
	}
	return "asked for " + count(m.asked.Count, string(m.asked.Granularity))
}

func count(n int, thing string) string { return experiments.Plural(n, thing) }

// back leaves what is nearest that is no page's own: a notice, the page itself.
func (m *model) back() {
	switch {
	case m.notice != "":
		m.notice = ""
	default:
		m.turn(0)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
