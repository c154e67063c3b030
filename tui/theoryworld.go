package tui

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"ra3/core/theory"
	"ra3/core/theory/family"
	"ra3/tui/chart"
)

// worldPane shows one task: of rooms the map with every cell's value and the way
// of the best policy or of an option; of other families the way in words.
func (m *theoryPage) worldPane(w, h int, focus bool) []string {
	s := m.lab.scene
	title := "World"
	if s.Task != "" {
		title = fmt.Sprintf("Task %d: %s", m.task+1, s.Task)
	}
	note := m.note("")
	if note == "" && s.Kept != "" {
		note = s.Kept
	}
	if focus {
		note += fmt.Sprintf("  %s c 1/%d", m.marks.dot, len(theoryViews))
	}
	return m.pane(title, note, w, h, focus, func(w, h int) []string {
		if m.lab.world == nil {
			text := "Building the world" + m.dots()
			if m.lab.fault != "" {
				text = m.lab.fault
			}
			return m.centred(w, h, m.theme.Faint, text)
		}
		lines := m.sceneHead(s, w)
		if g := m.lab.world.Family.Map; g != nil {
			grid := m.grid(g, s, w, h-len(lines))
			lines = append(lines, grid...)
		}
		if room := h - len(lines); room > 2 {
			lines = append(lines, m.way(s, w, room)...)
		}
		return lines
	})
}

// sceneHead says in two lines what is shown.
func (m *theoryPage) sceneHead(s theory.Scene, w int) []string {
	t, g := m.theme, m.theme.Glyphs
	whose := "best policy's way"
	if s.Option != "" {
		whose = "way of option " + s.Option
	}
	decisions := 0
	for _, x := range s.Way {
		if x.Begins {
			decisions++
		}
	}
	value := s.Values[s.Start]
	return []string{
		t.Strong.Render(g.Fit(m.plain(whose), w)),
		t.Faint.Render(g.Fit(fmt.Sprintf("%d steps, %s; V* %s of %s", len(s.Way), count(decisions, "decision"), chart.Significant(value, 3), chart.Significant(s.Best, 3)), w)),
	}
}

// Marks of the map: where the way begins, what pays, and the way's moves by
// action; an option that is taken anew is written in capitals or doubled.
const (
	startMark = 'S'
	goalMark  = 'G'
)

// grid draws the map: a cell is its value in tenths and, where there is room, what
// the way does there. It is cut to the part about the start where it is larger
// than the room.
func (m *theoryPage) grid(g *family.Map, s theory.Scene, w, h int) []string {
	t := m.theme
	cellW := 2
	if 2*g.W > w {
		cellW = 1
	}
	wall, arrows := '#', []rune("^>v<.")
	if t.Glyphs.Lines() {
		wall = t.Glyphs.Shade
		arrows = []rune("↑→↓←·")
	}
	moves := map[int]rune{}
	taken := map[int]bool{}
	for _, x := range s.Way {
		moves[x.State] = '~'
		if x.Action < len(arrows) {
			moves[x.State] = arrows[x.Action]
		}
		taken[x.State] = taken[x.State] || x.Begins
	}
	pays := map[int]bool{}
	for _, p := range s.Pays {
		pays[p] = true
	}
	at := g.Place[s.Start]
	if len(s.Way) > 0 {
		at = g.Place[s.Way[len(s.Way)/2].State]
	}
	rows, cols := min(g.H, h), min(g.W, w/cellW)
	y0, x0 := clamp(at/g.W-rows/2, 0, g.H-rows), clamp(at%g.W-cols/2, 0, g.W-cols)
	var out []string
	for y := y0; y < y0+rows; y++ {
		var b strings.Builder
		for x := x0; x < x0+cols; x++ {
			st := g.Cell[y*g.W+x]
			if st < 0 {
				b.WriteString(t.Faint.Render(strings.Repeat(string(wall), cellW)))
				continue
			}
			digit := rune('0' + int(math.Min(9, math.Floor(10*s.Values[st]+1e-9))))
			style := m.heatStyle(s.Values[st])
			mark := ' '
			if r, ok := moves[st]; ok {
				mark, style = r, t.Focus
				if !taken[st] {
					style = t.Warn
				}
			}
			switch {
			case pays[st]:
				mark, style = goalMark, t.Good.Bold(true)
			case st == s.Start:
				mark, style = startMark, t.Strong
			}
			text := string(digit) + string(mark)
			if cellW == 1 {
				text = string(digit)
				if mark != ' ' {
					text = string(mark)
				}
			}
			b.WriteString(style.Render(text))
		}
		out = append(out, b.String())
	}
	legend := fmt.Sprintf("digit: value in tenths; S start, G pays, %s way", string(arrows[:4]))
	if rows < g.H || cols < g.W {
		legend = fmt.Sprintf("part of the map, %d of %d rows; ", rows, g.H) + legend
	}
	if len(out)+1 <= h {
		out = append(out, t.Faint.Render(t.Glyphs.Fit(legend, w)))
	}
	return out
}

// heatStyle gives values three steps of colour; the digit says the rest.
func (m *theoryPage) heatStyle(v float64) lipgloss.Style {
	switch {
	case v < 1.0/3:
		return m.theme.Faint
	case v < 2.0/3:
		return m.theme.Text
	}
	return m.theme.Key
}

func clamp(v, lo, hi int) int { return max(lo, min(v, hi)) }

// way lists the decisions of the way: where each was taken, how long it lasts and
// what the state is worth.
func (m *theoryPage) way(s theory.Scene, w, h int) []string {
	t := m.theme
	rows := [][]cell{{{"at", t.Faint, false}, {"decision", t.Faint, false}, {"lasts", t.Faint, true}, {"value", t.Faint, true}}}
	f := m.lab.world.Family
	for i, x := range s.Way {
		if !x.Begins {
			continue
		}
		if len(rows) == h-1 && i < len(s.Way)-1 {
			rows = append(rows, []cell{{string(t.Glyphs.Ellipsis), t.Faint, false}})
			break
		}
		rows = append(rows, []cell{{m.plain(f.Label(x.State)), t.Text, false}, {m.plain(x.Decision), t.Text, false}, {chart.Significant(x.Lasts, 3), t.Text, true}, {chart.Significant(s.Values[x.State], 3), t.Text, true}})
	}
	if len(rows) == 1 {
		return []string{"", t.Faint.Render(t.Glyphs.Fit("the start is the goal, or nothing is kept there", w))}
	}
	return m.table(rows)
}
