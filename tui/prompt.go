package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"ra3/tui/keys"
)

// prompt is a line to write over the page, which shows what it means as it is
// written.
type prompt struct {
	m      *model
	label  string
	in     edit
	before string            // taken back by esc
	live   func(text string) // at every key
	done   func(text string) tea.Cmd
}

// ask opens a prompt; live and done may be nil.
func (m *model) prompt(label, text string, live func(string), done func(string) tea.Cmd) {
	m.sheet = &prompt{m: m, label: label, in: editOf(text), before: text, live: live, done: done}
}

func (p *prompt) keys() []keys.Entry {
	return []keys.Entry{{Keys: "enter", Help: "done"}, {Keys: "esc", Help: "as before"}}
}

func (p *prompt) press(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		if p.live != nil {
			p.live(p.before)
		}
		return nil, true
	case "enter":
		if p.done == nil {
			return nil, true
		}
		p.m.sheet = nil
		return p.done(p.in.String()), false
	}
	if p.in.press(k) && p.live != nil {
		p.live(p.in.String())
	}
	return nil, false
}

func (p *prompt) draw(w, h int) []string {
	line := p.m.theme.Key.Render(p.label) + " " + p.in.draw(p.m, max(1, w-width(p.label)-1), true)
	return append([]string{line}, p.m.page().draw(w, h-1)...)
}
