package tui

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/keys"
)

// bookmarkSheet lists what was written about this run, positions first of all:
// enter goes there, a adds one at VIEW.
type bookmarkSheet struct {
	m      *model
	notes  []store.Note
	read   bool
	chosen int
}

func (s *bookmarkSheet) keys() []keys.Entry {
	return []keys.Entry{{Keys: "enter", Help: "go there"}, {Keys: "a", Help: "bookmark VIEW"}, {Keys: "D", Help: "take away"}, {Keys: "esc", Help: "close"}}
}

// bookmarks opens the sheet.
func (m *model) bookmarks() tea.Cmd {
	s := &bookmarkSheet{m: m}
	m.sheet = s
	return s.load()
}

func (s *bookmarkSheet) load() tea.Cmd {
	dir := s.m.engine.Dir()
	return func() tea.Msg {
		notes, _, err := store.Notes(dir)
		return effect(func() tea.Cmd {
			s.notes, s.read = notes, true
			if err != nil {
				return s.m.complain(err.Error())
			}
			return nil
		})
	}
}

// append writes a line and reads them all again.
func (s *bookmarkSheet) append(n store.Note, says string) tea.Cmd {
	dir := s.m.engine.Dir()
	n.At = time.Now().UTC().Format(time.RFC3339)
	return func() tea.Msg {
		if err := store.AppendNote(dir, n); err != nil {
			return writtenMsg{err: err}
		}
		return effect(func() tea.Cmd { return tea.Batch(s.m.say(says), s.load()) })
	}
}

func (s *bookmarkSheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	m := s.m
	s.chosen = min(max(0, s.chosen), max(0, len(s.notes)-1))
	switch k.String() {
	case "esc", "q", "m":
		return nil, true
	case "j", "down":
		s.chosen++
	case "k", "up":
		s.chosen--
	case "a":
		at := m.view()
		m.prompt("bookmark "+at.String()+":", "", nil, func(text string) tea.Cmd {
			m.sheet = s
			return s.append(store.Note{Branch: at.Branch, Update: at.Update, Text: text, Mark: true}, "bookmarked "+at.String())
		})
	case "D":
		if len(s.notes) > 0 {
			return s.append(store.Note{Drops: s.notes[s.chosen].ID}, "taken away"), false
		}
	case "enter":
		if len(s.notes) > 0 && s.notes[s.chosen].Branch != "" {
			n := s.notes[s.chosen]
			return m.goTo(experiments.Position{Branch: n.Branch, Update: n.Update}), true
		}
		return m.say("this note is about the run as a whole"), false
	}
	return nil, false
}

func (s *bookmarkSheet) draw(w, h int) []string {
	m, t := s.m, s.m.theme
	return m.pane("Bookmarks and notes", fmt.Sprintf("%d", len(s.notes)), w, h, true, func(w, h int) []string {
		if len(s.notes) == 0 {
			text := "None yet: a bookmarks " + m.view().String() + ", where VIEW is."
			if !s.read {
				text = "reading"
			}
			return m.centred(w, h, t.Faint, text)
		}
		s.chosen = min(max(0, s.chosen), len(s.notes)-1)
		table := [][]cell{m.head(3, "", "where", "text", "written")}
		for i, n := range s.notes {
			mark, style := " ", t.Text
			if i == s.chosen {
				mark, style = string(t.Glyphs.Cursor), t.Focus
			}
			where := "the run"
			if n.Branch != "" {
				where = fmt.Sprintf("%s:%d", n.Branch, n.Update)
			}
			table = append(table, []cell{{mark, style, false}, {m.plain(where), style, false}, {t.Glyphs.Fit(m.plain(n.Text), max(8, w-40)), style, false}, {m.plain(n.At), t.Faint, false}})
		}
		top := max(0, s.chosen-h+2)
		lines := m.table(table)
		return append([]string{lines[0]}, window(lines[1:], &top, h-1)...)
	})
}
