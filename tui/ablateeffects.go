package tui

import (
	"fmt"
	"slices"
	"strings"

	"ra3/experiments"
	"ra3/experiments/grid"
)

// effectLevel is a row of the effects: a level of a factor.
type effectLevel struct {
	effect grid.Effect
	at     int
}

func (l effectLevel) level() grid.Level { return l.effect.Levels[l.at] }

// levels are the rows of the effects on the measure sorted by: those that the
// filter lets through, by factor, or where the order is turned round by their
// change, the best first.
func (m *ablatePage) levels() []effectLevel {
	if m.shown.result == nil {
		return nil
	}
	var out []effectLevel
	for _, e := range m.shown.result.Effects {
		if e.Measure != m.measure().Name {
			continue
		}
		for i, l := range e.Levels {
			text := e.Field + "=" + l.Value
			if l.Change != nil {
				text += " " + string(m.measure().ReadChange(l.Change))
			}
			if m.lets(text) {
				out = append(out, effectLevel{e, i})
			}
		}
	}
	if m.reverse {
		lower := m.measure().Better == grid.Lower
		slices.SortStableFunc(out, func(a, b effectLevel) int {
			x, y := a.level().Change, b.level().Change
			if known(x) && known(y) && lower {
				x, y = y, x
			}
			return compareMeasured(x, y)
		})
	}
	return out
}

// drawEffects is the main effect of every factor on the measure sorted by.
func (m *ablatePage) drawEffects(w, h int) []string {
	t, x := m.theme, m.measure()
	note := ""
	if m.shown.result != nil {
		note = fmt.Sprintf("n = %d seeds, %s", m.seeds(), m.shown.result.Interval)
		if m.seeds() == 1 {
			note = "1 seed: no intervals"
		}
	}
	title := "Main effects on " + x.Short + " " + m.betterMark(x.Better) + ", " + x.Brief
	if m.reverse {
		title += ", the best change first"
	}
	if m.filter != "" {
		title += " /" + m.plain(m.filter)
	}
	left := 0
	lines := m.pane(title, note, w, h, true, func(w, h int) []string {
		levels := m.levels()
		if len(levels) == 0 && m.filter != "" {
			return m.centred(w, h, t.Faint, "No level matches the filter; esc drops it.")
		}
		if len(levels) == 0 {
			return m.centred(w, h, t.Faint, "No factor has finished cells at all of its levels yet.", "A main effect averages over the other factors' combinations that are finished at every level, paired by seed. o takes the next measure.")
		}
		m.level = min(max(0, m.level), len(levels)-1)
		// What has no room is left out: the means, which the cells show, then the
		// numbers of cells and of seeds, which enter tells.
		var lines []string
		for _, without := range [][]int{nil, {3}, {3, 5}, {3, 5, 6}} {
			left = len(without)
			if lines = m.table(m.effectTable(levels, without)); within(lines, w) {
				break
			}
		}
		var below []string
		for _, s := range wrap(m.plain(x.Title+": "+x.Better.String()+". Means are over the other factors' combinations finished at every level of the factor; changes are from its first level, paired by seed, not corrected for their number. o takes the next measure, enter explains a row."), w) {
			below = append(below, t.Faint.Render(s))
		}
		if h < len(below)+4 {
			below = nil
		}
		room := max(1, h-1-len(below))
		m.top = min(m.top, m.level)
		if m.level-m.top >= room {
			m.top = m.level - room + 1
		}
		out := append([]string{lines[0]}, window(lines[1:], &m.top, room)...)
		if len(out)+len(below) < h && below != nil {
			out = append(out, "")
		}
		out = append(out, below...)
		f, ok := m.shown.result.EffectFigure(x)
		return append(out, m.drawBars(f, ok, x.Short+" at the levels", w, h-len(out)-1)...)
	})
	return m.lacking(lines, title, note, w, true, left)
}

// effectTable leaves out the columns of the numbers given.
func (m *ablatePage) effectTable(levels []effectLevel, without []int) [][]cell {
	t, x := m.theme, m.measure()
	head := m.head(3, "  ", "factor", "level", "mean", "change from the first", "cells", "n")
	head = append(head, cell{"reads", t.Faint, false})
	table := [][]cell{head}
	for i, l := range levels {
		mark, style := "  ", t.Text
		if i == m.level {
			mark, style = string(t.Glyphs.Cursor)+" ", t.Focus
		}
		name := ""
		if l.at == 0 || i == 0 || levels[i-1].effect.Field != l.effect.Field || m.reverse {
			name = l.effect.Field
		}
		v := l.level()
		change, read := cell{m.marks.dot + "  ", t.Faint, true}, cell{"compared with", t.Faint, false}
		if v.Change != nil {
			r := x.ReadChange(v.Change)
			change = cell{m.signedInterval(*v.Change) + " " + m.readMark(r), m.readStyle(r), true}
			read = cell{readsChange(x, v.Change), m.readStyle(r), false}
		}
		table = append(table, []cell{{mark, style, false}, {m.plain(name), style, false}, {m.plain(v.Value), style, false}, m.numberCell(m.measured(x, v.Mean)),
			change, m.numberCell(fmt.Sprint(v.Cells)), m.numberCell(fmt.Sprint(v.Mean.N)), read})
	}
	for r, row := range table {
		table[r] = nil
		for i, c := range row {
			if !slices.Contains(without, i) {
				table[r] = append(table[r], c)
			}
		}
	}
	return table
}

// reads words what a cell's value says.
func reads(x grid.Measure, v *experiments.Measured) string {
	if !x.Difference {
		return ""
	}
	return readsChange(x, v)
}

// readsChange words what a difference says, or why it says nothing.
func readsChange(x grid.Measure, v *experiments.Measured) string {
	switch r := x.ReadChange(v); {
	case v == nil || v.N == 0 || v.Mean != v.Mean:
		return "no value"
	case r == grid.NoReading:
		return "no interval"
	default:
		return string(r)
	}
}

// speaks explains the columns, in the words of reports and maps.
func (m *ablatePage) speaks() []meaning {
	out := []meaning{{"grid", "cells are combinations of factors' levels (cross: all; star: one factor at a time), each an ordinary run of some seeds. g makes those that are left, in order, and stops; the same as ra3 ablate --resume."},
		{"reads", m.marks.right + " better, " + m.marks.wrong + " worse: the 95% interval of the difference excludes 0; without a mark it is not distinguishable, or has no interval; identical: the same in every seed. Not corrected for the number of intervals."},
		{"main effect", "a measure's mean at a level of a factor over the other factors' combinations, and its change from the first level, paired by seed."}}
	for _, x := range grid.Measures() {
		out = append(out, meaning{m.plain(x.Short) + " " + m.betterMark(x.Better), x.Title + ". " + x.Note + " " + x.Better.String() + "."})
	}
	return out
}

// seedsText is every seed's own value.
func (m *model) seedsText(x grid.Measure, v experiments.Measured) string {
	if len(v.BySeed) < 2 {
		return ""
	}
	words := make([]string, len(v.BySeed))
	for i, y := range v.BySeed {
		words[i] = signed(float64(y))
		if !x.Difference {
			words[i] = strings.TrimPrefix(words[i], "+")
		}
	}
	return "by seed " + strings.Join(words, " ")
}
