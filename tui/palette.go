package tui

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/sahilm/fuzzy"

	"ra3/tui/keys"
)

// palette lists all that can be done here, by name; typing keeps what matches
// fuzzily, the best first, and a number before a name is its count.
type palette struct {
	m      *model
	text   string
	chosen int
}

// command is a line of the palette.
type command struct {
	name  string // what is typed
	keys  string
	event keys.Event
	why   string // it is not to be had now
	hits  []int  // bytes of name that match
}

func (p *palette) keys() []keys.Entry {
	return []keys.Entry{{Keys: "enter", Help: "do it"}, {Keys: "up down", Help: "choose"}, {Keys: "esc", Help: "close"}}
}

func (p *palette) press(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return nil, true
	case "up", "ctrl+k", "shift+tab":
		p.chosen--
	case "down", "ctrl+j", "tab":
		p.chosen++
	case "enter":
		all := p.matching()
		if len(all) == 0 {
			return nil, false
		}
		c := all[min(max(p.chosen, 0), len(all)-1)]
		p.m.sheet = nil // what it does may open another
		return p.m.do(c.event), false
	default:
		p.text, p.chosen = typed(p.text, k), 0
	}
	return nil, false
}

// count is a number typed before a name, at least 1, and the rest.
func (p *palette) count() (n int, rest string) {
	head, rest, _ := strings.Cut(strings.TrimLeft(p.text, " "), " ")
	if n, err := strconv.Atoi(head); err == nil && n >= 1 && n < 100000 {
		return n, rest
	}
	return 1, strings.TrimLeft(p.text, " ")
}

// commands are the pages and the live bindings.
func (p *palette) commands(n int) []command {
	m := p.m
	var out []command
	for _, b := range m.keymap.Live(m.reader.Context()) {
		switch b.Action {
		case keys.Page, keys.Palette, keys.Back, keys.Interrupt:
			continue
		}
		c := command{name: b.Help, event: keys.Event{Action: b.Action, Count: 1}, why: m.disabled(b.Action)}
		for i, key := range b.Keys {
			if i > 0 {
				c.keys += " "
			}
			c.keys += keys.Name(key)
		}
		if b.Counts {
			c.event.Count = n
			c.name = "step " + count(n, b.Help)
		}
		out = append(out, c)
	}
	for i, page := range m.pages {
		out = append(out, command{name: "go to " + page.title(), keys: strconv.Itoa(i + 1), event: keys.Event{Action: keys.Page, Count: 1, Page: i + 1}})
	}
	return out
}

// matching are the commands that fit what is typed, the best first; those not
// to be had now come last.
func (p *palette) matching() []command {
	n, text := p.count()
	all := p.commands(n)
	if text != "" {
		names := make([]string, len(all))
		for i, c := range all {
			names[i] = c.name
		}
		var found []command
		for _, hit := range fuzzy.Find(text, names) {
			c := all[hit.Index]
			c.hits = hit.MatchedIndexes
			found = append(found, c)
		}
		all = found
	}
	var out, not []command
	for _, c := range all {
		if c.why == "" {
			out = append(out, c)
		} else {
			not = append(not, c)
		}
	}
	return append(out, not...)
}

func (p *palette) draw(w, h int) []string {
	m, t, g := p.m, p.m.theme, p.m.theme.Glyphs
	all := p.matching()
	p.chosen = min(max(p.chosen, 0), max(0, len(all)-1))
	return m.pane("Commands", count(len(all), "match"), w, h, true, func(w, h int) []string {
		lines := []string{t.Key.Render(":") + m.plain(p.text) + "_"}
		if len(all) == 0 {
			return append(lines, t.Faint.Render("nothing is called that here; ? lists the keys"))
		}
		nameW := 0
		for _, c := range all {
			nameW = max(nameW, len(c.name))
		}
		var rows []string
		for i, c := range all {
			mark, style := "  ", t.Text
			switch {
			case i == p.chosen:
				mark, style = string(g.Cursor)+" ", t.Focus
			case c.why != "":
				style = t.Faint
			}
			row := style.Render(mark) + highlight(c, style.Render, t.Key.Render) + strings.Repeat(" ", nameW-len(c.name)+2) + t.Key.Render(g.Fit(c.keys, 12))
			if c.why != "" {
				row += t.Faint.Render(" not now: " + c.why)
			}
			rows = append(rows, row)
		}
		top := max(0, p.chosen-(h-2)+1)
		return append(lines, window(rows, &top, h-1)...)
	})
}

// highlight writes a command's name with its matching letters in another style.
func highlight(c command, plain, hit func(...string) string) string {
	var b strings.Builder
	at := 0
	for _, i := range c.hits {
		if i < at || i >= len(c.name) {
			continue
		}
		if i > at {
			b.WriteString(plain(c.name[at:i]))
		}
		b.WriteString(hit(c.name[i : i+1]))
		at = i + 1
	}
	if at < len(c.name) {
		b.WriteString(plain(c.name[at:]))
	}
	return b.String()
}
