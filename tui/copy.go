package tui

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
)

// commander is a page that another command than ra3 plot regenerates.
type commander interface{ regenerate() string }

// command is the headless line that regenerates what the page shows, at the
// position in view.
func (m *model) command() string {
	if p, ok := m.page().(commander); ok {
		return p.regenerate()
	}
	v, _ := m.page().shot()
	return m.plotCommand(v)
}

// plotCommand draws a view of the run, as w writes it.
func (m *model) plotCommand(v view) string {
	words := append([]string{"ra3", "plot", "--run", m.engine.Dir(), "--figure", v.name}, v.flags...)
	words = append(words, "--at", m.view().String())
	for _, b := range m.overOf(v) {
		words = append(words, "--at", m.history().Head(b).String())
	}
	words = append(words, "--out", m.fileName(v)+".png")
	for i, w := range words {
		words[i] = experiments.ShellWord(w)
	}
	return strings.Join(words, " ")
}

// copyCommand puts the page's command on the clipboard, by the terminal: that
// works over ssh as well, and where the terminal does not know it nothing
// happens, so the command is shown too.
func (m *model) copyCommand() tea.Cmd {
	return m.copyText(m.command())
}

func (m *model) copyText(text string) tea.Cmd {
	return tea.Batch(m.say("copied: "+text), m.clip(text))
}

// clip sends text to the clipboard.
func (m *model) clip(text string) tea.Cmd {
	raw, mux := m.raw, m.mux
	if raw == nil {
		return nil
	}
	return func() tea.Msg {
		seq := osc52.New(text)
		switch mux {
		case "tmux":
			seq = seq.Tmux()
		case "screen":
			seq = seq.Screen()
		}
		if err := raw(seq.String()); err != nil {
			return writtenMsg{err: fmt.Errorf("not copied: %w", err)}
		}
		return nil
	}
}
