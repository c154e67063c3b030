package tui

import (
	"math"
	"slices"
	"strings"

	"ra3/experiments"
	"ra3/experiments/grid"
)

// cells are the tasks that are no gates.
func (a *ablation) cells() []grid.Progress {
	return slices.DeleteFunc(slices.Clone(a.tasks), func(p grid.Progress) bool { return p.Gate })
}

// gate is the progress of a cell's gate; false where it has none of its own.
func (a *ablation) gate(p grid.Progress) (grid.Progress, bool) {
	i := slices.IndexFunc(a.tasks, func(t grid.Progress) bool { return t.Gate && t.Index == p.Index })
	if i < 0 {
		return p, false
	}
	return a.tasks[i], true
}

// cell is what a task's cell found; nil where nothing is known of it.
func (a *ablation) cell(p grid.Progress) *grid.CellResult {
	if a.result == nil || p.Index < 1 || p.Index > len(a.result.Cells) {
		return nil
	}
	return &a.result.Cells[p.Index-1]
}

// value is a cell's measure, nil where it has none.
func (a *ablation) value(p grid.Progress, x grid.Measure) *experiments.Measured {
	if c := a.cell(p); c != nil {
		return x.Of(c)
	}
	return nil
}

// measured says whether any cell has a measure.
func (a *ablation) measured(x grid.Measure) bool {
	return slices.ContainsFunc(a.tasks, func(p grid.Progress) bool { return !p.Gate && a.value(p, x) != nil })
}

// measures are those that any cell has.
func (a *ablation) measures() []grid.Measure {
	if a.result != a.knownOf {
		a.known, a.knownOf = nil, a.result
		for _, x := range grid.Measures() {
			if a.measured(x) {
				a.known = append(a.known, x)
			}
		}
	}
	return a.known
}

// factors are those of the grid.
func (a *ablation) factors() []grid.Factor {
	if a.of == nil {
		return nil
	}
	return a.of.Factors
}

// seeds is the number of replicates of every cell.
func (m *ablatePage) seeds() int {
	if m.shown.result == nil {
		return 0
	}
	return len(m.shown.result.Seeds)
}

// ofSeed is a cell's measure as the page shows it: over all seeds, or of the
// one that is shown alone, which has no interval.
func (m *ablatePage) ofSeed(p grid.Progress, x grid.Measure) *experiments.Measured {
	v := m.shown.value(p, x)
	if v == nil || m.seed == 0 {
		return v
	}
	nan := experiments.Number(math.NaN())
	one := experiments.Measured{Mean: nan, Lo: nan, Hi: nan, N: 1}
	if i := m.seed - 1; i < len(v.BySeed) {
		one.Mean, one.BySeed = v.BySeed[i], v.BySeed[i:i+1]
	}
	return &one
}

// nextMeasure is what o sorts by after m.sort: the next that any cell has, then
// the grid's order.
func (m *ablatePage) nextMeasure() int {
	all, from := grid.Measures(), m.sort
	if m.effects {
		from = max(1, from) // without an order they are those of the first
	}
	for i := from + 1; i <= len(all); i++ {
		if m.shown.measured(all[i-1]) {
			return i
		}
	}
	if m.effects { // which have no order but that of measures
		for i := range all {
			if m.shown.measured(all[i]) {
				return i + 1
			}
		}
	}
	return 0
}

// rows are the cells that match the filter, in the order asked for: the best
// first, what has no value last.
func (m *ablatePage) rows() []grid.Progress {
	out := slices.DeleteFunc(m.shown.cells(), func(p grid.Progress) bool { return !m.matches(p) })
	if m.sort > 0 {
		x := m.measure()
		slices.SortStableFunc(out, func(a, b grid.Progress) int {
			va, vb := m.ofSeed(a, x), m.ofSeed(b, x)
			by := compareMeasured(va, vb)
			if known(va) && known(vb) && (x.Better == grid.Lower) != m.reverse {
				return -by
			}
			return by
		})
	} else if m.reverse {
		slices.Reverse(out)
	}
	return out
}

func known(x *experiments.Measured) bool { return x != nil && x.Mean == x.Mean }

// compareMeasured puts the largest mean first and what has none last.
func compareMeasured(a, b *experiments.Measured) int {
	switch {
	case !known(a) && !known(b):
		return 0
	case !known(a):
		return 1
	case !known(b):
		return -1
	}
	switch {
	case a.Mean > b.Mean:
		return -1
	case a.Mean < b.Mean:
		return 1
	}
	return 0
}

func (m *ablatePage) matches(p grid.Progress) bool {
	text := p.State
	for i, f := range m.shown.factors() {
		if i < len(p.Values) {
			text += " " + f.Field + "=" + p.Values[i]
		}
	}
	return m.lets(text)
}

// lets says whether a text has all words of the filter.
func (m *ablatePage) lets(text string) bool {
	for _, word := range strings.Fields(strings.ToLower(m.filter)) {
		if !strings.Contains(strings.ToLower(text), word) {
			return false
		}
	}
	return true
}
