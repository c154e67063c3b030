package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/tui/keys"
)

// field is a line of a form. What is written in it is judged at every key.
type field struct {
	edit
	label   string
	choices []string                          // left and right go through them; nothing is typed
	offers  func(text string) []string        // what tab completes, the best first; nil for none
	judge   func(text string) (string, error) // what the text means, or what is wrong with it
	picked  func(before, now string)          // what taking an offer brings with it; nil for nothing
}

// form is a sheet of fields; enter carries it out where nothing is wrong.
type form struct {
	m      *model
	title  string
	fields []*field
	at     int
	top    int
	help   string                  // one line above the fields
	below  func(w int) []string    // what would come of it; nil for nothing
	fault  func() error            // of the fields together; nil for none
	submit func() (tea.Cmd, error) // an error keeps the form open
	failed string                  // why the last submit failed
	stray  bool                    // text was typed into a field of choices
}

func (f *form) keys() []keys.Entry {
	out := []keys.Entry{{Keys: "enter", Help: "do it"}, {Keys: "up down", Help: "field"}}
	if f.fields[f.at].choices != nil {
		out = append(out, keys.Entry{Keys: "left right", Help: "choose"})
	}
	if f.fields[f.at].offers != nil {
		out = append(out, keys.Entry{Keys: "tab", Help: "complete"})
	}
	return append(out, keys.Entry{Keys: "esc", Help: "close"})
}

func (f *form) press(k tea.KeyMsg) (tea.Cmd, bool) {
	in := f.fields[f.at]
	f.failed = ""
	if in.choices != nil && f.astray(k) {
		return nil, false
	}
	switch k.String() {
	case "esc":
		return nil, true
	case "up", "shift+tab":
		f.at = (f.at + len(f.fields) - 1) % len(f.fields)
	case "down":
		f.at = (f.at + 1) % len(f.fields)
	case "tab":
		if in.offers == nil {
			f.at = (f.at + 1) % len(f.fields)
		} else if all := in.offers(in.String()); len(all) > 0 {
			before := in.String()
			in.set(all[0])
			if in.picked != nil {
				in.picked(before, all[0])
			}
		}
	case "enter":
		if f.wrong() != nil {
			return nil, false
		}
		cmd, err := f.submit()
		if err != nil {
			f.failed = firstLine(err.Error())
			return nil, false
		}
		return cmd, true
	case "left", "right":
		if in.choices != nil {
			in.step(k.String() == "right")
			return nil, false
		}
		in.press(k)
	case " ":
		if in.choices != nil {
			in.step(true)
			return nil, false
		}
		in.press(k)
	default:
		if in.choices == nil {
			in.press(k)
		}
	}
	return nil, false
}

// astray takes text that was meant for another field: it chooses nothing, nor do
// the spaces in it.
func (f *form) astray(k tea.KeyMsg) bool {
	text := k.Type == tea.KeyRunes || k.Type == tea.KeySpace
	f.stray = text && (f.stray || k.String() != " ")
	return f.stray
}

// step goes to the next or the previous choice.
func (f *field) step(on bool) {
	at := 0
	for i, c := range f.choices {
		if c == f.String() {
			at = i
		}
	}
	by := len(f.choices) - 1
	if on {
		by = 1
	}
	f.set(f.choices[(at+by)%len(f.choices)])
}

// wrong is what keeps the form from being carried out.
func (f *form) wrong() error {
	for _, in := range f.fields {
		if in.judge == nil {
			continue
		}
		if _, err := in.judge(in.String()); err != nil {
			return err
		}
	}
	if f.fault != nil {
		return f.fault()
	}
	return nil
}

func (f *form) draw(w, h int) []string {
	t, g := f.m.theme, f.m.theme.Glyphs
	return f.m.pane(f.title, "", w, h, true, func(w, h int) []string {
		labelW := 0
		for _, in := range f.fields {
			labelW = max(labelW, width(in.label))
		}
		var lines []string
		for _, l := range wrap(f.help, w) {
			lines = append(lines, t.Faint.Render(l))
		}
		lines = append(lines, "")
		if h < 24 {
			lines = nil // the fields say enough
		}
		focus := 0
		for i, in := range f.fields {
			mark, style := "  ", t.Text
			if i == f.at {
				mark, style, focus = string(g.Cursor)+" ", t.Focus, len(lines)
			}
			room := max(1, w-labelW-4)
			text := in.draw(f.m, room, i == f.at)
			if in.choices != nil {
				text = in.drawChoices(f.m, i == f.at)
			}
			lines = append(lines, t.Focus.Render(mark)+style.Render(g.Fit(in.label, labelW))+"  "+text)
			indent := strings.Repeat(" ", labelW+4)
			if i == f.at && f.stray {
				lines = append(lines, indent+t.Bad.Render(g.Fit(f.m.marks.failed+" left and right choose here; nothing is written", room)))
			}
			if in.judge == nil {
				continue
			}
			says, err := in.judge(in.String())
			if err != nil {
				for _, l := range wrap(f.m.marks.failed+" "+f.m.plain(firstLine(err.Error())), room) {
					lines = append(lines, indent+t.Bad.Render(l))
				}
			} else if says != "" && (i == f.at || h >= 24) { // where there is room for all
				for _, l := range wrap(f.m.plain(says), room) {
					lines = append(lines, indent+t.Faint.Render(l))
				}
			}
			if i == f.at && in.offers != nil {
				if all := in.offers(in.String()); len(all) > 0 && all[0] != in.String() {
					lines = append(lines, indent+t.Faint.Render(g.Fit("tab: "+f.m.plain(strings.Join(all[:min(len(all), 12)], "  ")), room)))
				}
			}
		}
		if f.fault != nil {
			if err := f.fault(); err != nil && f.wrongField() == nil {
				lines = append(lines, "")
				for _, l := range wrap(f.m.marks.failed+" "+f.m.plain(firstLine(err.Error())), w) {
					lines = append(lines, t.Bad.Render(l))
				}
			}
		}
		if f.failed != "" {
			lines = append(lines, "", t.Bad.Render(g.Fit(f.m.marks.failed+" "+f.m.plain(f.failed), w)))
		}
		// What would come of it stays in sight while the fields scroll.
		var below []string
		if f.below != nil {
			below = f.below(w)
		}
		room := h - len(below)
		if room < 7 || len(lines)+1+len(below) <= h {
			lines, below, room = append(append(lines, ""), below...), nil, h
		}
		f.top = min(f.top, focus)
		if focus-f.top > room-4 {
			f.top = focus - room + 4
		}
		return append(slices.Clone(window(lines, &f.top, room)), below...)
	})
}

func (f *form) wrongField() error {
	g := *f
	g.fault = nil
	return g.wrong()
}

// drawChoices shows all choices, the one taken in brackets.
func (f *field) drawChoices(m *model, focus bool) string {
	var parts []string
	for _, c := range f.choices {
		switch {
		case c != f.String():
			parts = append(parts, m.theme.Faint.Render(" "+c+" "))
		case focus:
			parts = append(parts, m.theme.Focus.Render("["+c+"]"))
		default:
			parts = append(parts, m.theme.Strong.Render("["+c+"]"))
		}
	}
	return strings.Join(parts, " ")
}
