package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// poller is a page that shows what others may change on disk; while it is on
// the screen it is asked now and then to look.
type poller interface{ poll() tea.Cmd }

// starter is a page with something to do before the first key.
type starter interface{ start() tea.Cmd }

// arriver is a page with something to say once the run is known.
type arriver interface{ arrived() tea.Cmd }

// arrive asks the pages, at the first snapshot.
func (m *model) arrive() tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range m.pages {
		if a, ok := p.(arriver); ok {
			cmds = append(cmds, a.arrived())
		}
	}
	return tea.Batch(cmds...)
}

// pollMsg says that it is time to look.
type pollMsg struct{}

// pollEvery is the time between looks at the disk.
const pollEvery = time.Second

// begin starts what runs beside the keys.
func (m *model) begin() tea.Cmd {
	cmds := []tea.Cmd{await(m.engine, true), m.after(pollEvery, pollMsg{})}
	for _, p := range m.pages {
		if s, ok := p.(starter); ok {
			cmds = append(cmds, s.start())
		}
	}
	return tea.Batch(append(cmds, m.pollPage())...)
}

// pollPage asks the page on the screen to look.
func (m *model) pollPage() tea.Cmd {
	if p, ok := m.page().(poller); ok && !m.quitting {
		return p.poll()
	}
	return nil
}

// turned polls the page on the screen where it was not that before a key.
func (m *model) turned(before int, cmd tea.Cmd) tea.Cmd {
	if m.pageAt() == before {
		return cmd
	}
	return tea.Batch(cmd, m.pollPage())
}
