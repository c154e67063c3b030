package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
)

// finder asks for a text below the page and goes to the lines that have it.
type finder struct {
	m    *tracePage
	text edit
}

func (f *finder) keys() []keys.Entry {
	return []keys.Entry{{Keys: "enter", Help: "find; a number goes to that program"}, {Keys: "esc", Help: "close"}}
}

func (f *finder) press(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		text := strings.TrimSpace(f.text.String())
		if n, err := strconv.Atoi(text); err == nil && f.m.current() != nil {
			if n < 1 || n > len(f.m.sight.trace.Programs) {
				return f.m.complain(fmt.Sprintf("there are programs 1 to %d", len(f.m.sight.trace.Programs))), true
			}
			f.m.program, f.m.line = n-1, 0
			return nil, true
		}
		f.m.finding = text
		return f.m.find(1), true
	}
	f.text.press(k)
	return nil, false
}

func (f *finder) draw(w, h int) []string {
	t := f.m.theme
	lines := f.m.block(f.m.draw(w, h-1), w, h-1)
	room := max(1, w-30)
	return append(lines, t.Focus.Render("/ ")+f.text.draw(f.m.model, room, true)+t.Faint.Render("  in "+count(f.m.matches(f.text.String()), "line")))
}

// has says whether a line, its rationale or, for the first line, the prompt
// contains a text; small letters stand for both cases.
func has(p *experiments.TraceProgram, line int, text string) bool {
	l := p.Lines[line]
	contains := func(s string) bool {
		if strings.ToLower(text) == text {
			s = strings.ToLower(s)
		}
		return strings.Contains(s, text)
	}
	return contains(l.Text) || l.Think && contains("# "+l.Words) || line == 0 && (contains(p.Prompt) || contains(p.ID))
}

func (m *tracePage) matches(text string) int {
	n := 0
	if m.current() == nil || text == "" {
		return 0
	}
	for i := range m.sight.trace.Programs {
		p := &m.sight.trace.Programs[i]
		for j := range p.Lines {
			if has(p, j, text) {
				n++
			}
		}
	}
	return n
}

// find goes to the next line with what was looked for.
func (m *tracePage) find(by int) tea.Cmd {
	if m.finding == "" {
		return m.complain("nothing is looked for yet: / asks")
	}
	return m.seek(by, fmt.Sprintf("no line has %q", m.finding), func(p *experiments.TraceProgram, line int) bool { return has(p, line, m.finding) })
}
