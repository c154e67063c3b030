package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
)

// branchSheet is the tree of branches: what each changes, how far it has come,
// and which are laid over the charts.
type branchSheet struct {
	m   *model
	at  int
	top int
}

// twig is a branch in the tree's order.
type twig struct {
	experiments.BranchInfo
	lead string // the tree's lines before its name
}

func (m *model) branchTree() *branchSheet {
	s := &branchSheet{m: m}
	for i, t := range s.tree() {
		if t.Name == m.view().Branch {
			s.at = i
		}
	}
	return s
}

// tree lists the branches, each after its parent and its parent's earlier ones.
func (s *branchSheet) tree() []twig {
	all := s.m.engine.Record().Branches()
	kids := map[string][]experiments.BranchInfo{}
	var out []twig
	for _, b := range all {
		if b.Parent != "" {
			kids[b.Parent] = append(kids[b.Parent], b)
		}
	}
	corner, fork, bar := "└ ", "├ ", "│ "
	if !s.m.theme.Glyphs.Lines() {
		corner, fork, bar = "`-", "|-", "| "
	}
	var add func(b experiments.BranchInfo, lead, under string)
	add = func(b experiments.BranchInfo, lead, under string) {
		out = append(out, twig{b, lead})
		for i, k := range kids[b.Name] {
			if i == len(kids[b.Name])-1 {
				add(k, under+corner, under+"  ")
			} else {
				add(k, under+fork, under+bar)
			}
		}
	}
	for _, b := range all {
		if b.Parent == "" {
			add(b, "", "")
		}
	}
	return out
}

func (s *branchSheet) keys() []keys.Entry {
	look, drive, leave := []keys.Entry{{Keys: "enter", Help: "VIEW it"}, {Keys: "o", Help: "lay over charts"}}, []keys.Entry{{Keys: "g", Help: "engine goes on there"}, {Keys: "F", Help: "fork"}}, keys.Entry{Keys: "esc", Help: "close"}
	if s.m.following() {
		return append(look, leave)
	}
	return append(append(look, drive...), leave)
}

func (s *branchSheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	all := s.tree()
	s.at = min(max(s.at, 0), len(all)-1)
	b := all[s.at]
	m := s.m
	switch k.String() {
	case "esc", "T", "q":
		return nil, true
	case "up", "k":
		s.at = max(0, s.at-1)
	case "down", "j":
		s.at = min(len(all)-1, s.at+1)
	case "o", " ":
		if m.over[b.Name] {
			delete(m.over, b.Name)
		} else {
			m.over[b.Name] = true
		}
		m.redrawn++
		return m.want(b.Name), false
	case "enter":
		m.sheet = nil
		if b.Name == m.tip.Branch {
			return m.follow(), false
		}
		return tea.Batch(m.want(b.Name), m.goTo(experiments.Position{Branch: b.Name, Update: b.Made})), false
	case "g":
		m.sheet = nil
		if b.Name == m.tip.Branch {
			return m.follow(), false
		}
		if m.engine.ReadOnly() {
			return m.complain("this run is only viewed; its engine is elsewhere"), false
		}
		return m.ask(experiments.Intent{Kind: experiments.Switch, Branch: b.Name}), false
	case "F":
		if why := m.disabled(keys.Fork); why != "" {
			return m.complain(why), false
		}
		m.sheet = m.forkForm()
	}
	return nil, false
}

func (s *branchSheet) draw(w, h int) []string {
	m, t, g := s.m, s.m.theme, s.m.theme.Glyphs
	all := s.tree()
	note := fmt.Sprintf("%d", len(all))
	return m.pane("Branches of this run", note, w, h, true, func(w, h int) []string {
		nameW := 0
		for _, b := range all {
			nameW = max(nameW, width(b.lead+b.Name))
		}
		nameW = min(nameW, w/3)
		var lines []string
		for i, b := range all {
			mark, style := " ", t.Text
			if i == min(s.at, len(all)-1) {
				mark, style = string(g.Cursor), t.Focus
			}
			over := "[ ]"
			if m.over[b.Name] {
				over = "[x]"
			}
			at := "  "
			switch {
			case b.Name == m.tip.Branch && b.Name == m.view().Branch:
				at = string(g.Live) + " "
			case b.Name == m.tip.Branch:
				at = string(g.Live) + " "
			case b.Name == m.view().Branch:
				at = string(g.View) + " "
			}
			made := fmt.Sprintf("%5d/%d", b.Made, b.Total)
			text := mark + " " + at + t.Faint.Render(b.lead) + style.Render(g.Fit(b.Name, max(1, nameW-width(b.lead)))) + "  " + t.Text.Render(made) + "  " + over + "  " + t.Faint.Render(m.plain(difference(b.BranchInfo)))
			lines = append(lines, g.Fit(text, w))
			if i == min(s.at, len(all)-1) {
				lines = append(lines, m.mixedLines(b.Mixed, w)...)
			}
		}
		legend := fmt.Sprintf("%c LIVE, where the engine is  %c VIEW  [x] laid over the charts, dashed", g.Live, g.View)
		lines = append(lines, "", t.Faint.Render(g.Fit(legend, w)))
		if s.at-s.top > h-3 {
			s.top = s.at - h + 3
		}
		s.top = min(s.top, s.at)
		return window(lines, &s.top, h)
	})
}

// difference words what a branch changes against its parent.
func difference(b experiments.BranchInfo) string {
	if b.Parent == "" {
		return "the run as it began"
	}
	parts := []string{fmt.Sprintf("leaves %s:%d", b.Parent, b.Update)}
	for _, c := range b.Changes {
		parts = append(parts, fmt.Sprintf("%s %s → %s", c.Field, c.From, c.To))
	}
	if b.Random != "common" {
		parts = append(parts, string(b.Random)+" random numbers")
	}
	if b.Note != "" {
		parts = append(parts, b.Note)
	}
	return strings.Join(parts, ", ")
}
