package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"ra3/tui/keys"
)

// dropMotion keeps movements of the mouse from the screen: each would cost a
// frame, and none means anything.
func dropMotion(_ tea.Model, msg tea.Msg) tea.Msg {
	if e, ok := msg.(tea.MouseMsg); ok && e.Action != tea.MouseActionPress {
		return nil
	}
	return msg
}

// click does what a key would: the wheel moves up and down, a click on a tab
// turns to its page. Nothing needs a mouse.
func (m *model) click(e tea.MouseMsg) tea.Cmd {
	key := map[tea.MouseButton]tea.KeyMsg{
		tea.MouseButtonWheelUp:   {Type: tea.KeyUp},
		tea.MouseButtonWheelDown: {Type: tea.KeyDown},
	}
	if k, ok := key[e.Button]; ok {
		return m.press(k)
	}
	if e.Button != tea.MouseButtonLeft || e.Y != 0 || m.sheet != nil || m.w < minW || m.h < minH {
		return nil
	}
	line := ansi.Strip(m.header(m.w - 2)[0])
	for i, p := range m.pages {
		text := fmt.Sprintf("%d %s", i+1, p.title())
		if at := strings.LastIndex(line, text); at >= 0 {
			from := 1 + ansi.StringWidth(line[:at]) // beyond the margin
			if e.X >= from && e.X < from+len(text) {
				return m.do(keys.Event{Action: keys.Page, Count: 1, Page: i + 1})
			}
		}
	}
	return nil
}
