package grid

import (
	"fmt"
	"math"

	"ra3/core/measure"
	"ra3/experiments"
)

// Names of an ablation's tables: its cells, and the main effects on every measure
// or, with a measure's name after it, on that one.
const (
	CellsTable   = "table-cells"
	EffectsTable = "table-effects"
)

// columns are the measures of tables, the most telling first.
var columns = []struct {
	name, title, unit string
	decimals          int
}{
	{"ra3-ntp", "RA3 - NTP", "", 3}, {"ra3-base", "RA3 - Base", "", 3}, {"speed-up", "log2 speed-up", "", 2}, {"gate", "gate", "nats", 2},
	{"horizon", "horizon", "decisions", 2}, {"log-effective", "log n95", "nats", 2}, {"exact-gap", "exact gap", "share", 3},
}

// TableNames lists the tables an ablation may have.
func TableNames() []string {
	names := []string{CellsTable, EffectsTable}
	for _, c := range columns {
		names = append(names, EffectsTable+"-"+c.name)
	}
	return names
}

const tableCaption = "RA3 - NTP and RA3 - Base: mean of pass@1, 5, 10 and of the families, paired by seed and problem; speed-up: tokens NTP needs to its own final RLVR level over RA3's; " +
	"gate: NTP's validation nats minus the oracle's; horizon, log n95: RA3 minus NTP. n = %d seed(s); brackets: %s, not corrected for their number."

// Tables are the result's: the cells, and main effects where there are several
// factors.
func (r *Result) Tables() []measure.Figure {
	var out []measure.Figure
	caption := fmt.Sprintf(tableCaption, len(r.Seeds), r.Interval)
	if r.Split != "heldout" {
		caption += " Validation problems."
	}
	if t := r.CellRows(); len(t.Rows) > 0 {
		out = append(out, measure.Figure{Name: CellsTable, Title: "Cells", Kind: measure.Tabular, Tables: []measure.Table{t}, Caption: caption})
	}
	all := measure.Figure{Name: EffectsTable, Title: "Main effects", Kind: measure.Tabular,
		Caption: "Averaged over the other factors' combinations finished at every level of the factor, paired by seed; change: from the factor's first level. " + caption}
	var each []measure.Figure
	for _, c := range columns {
		t := r.EffectRows(c.name)
		if len(t.Rows) == 0 {
			continue
		}
		one := all
		one.Name, one.Title = EffectsTable+"-"+c.name, "Main effects on "+c.title
		one.Tables = []measure.Table{t}
		each = append(each, one)
		t.Title = "On " + c.title
		all.Tables = append(all.Tables, t)
	}
	if len(each) > 0 {
		out = append(append(out, all), each...)
	}
	return out
}

// CellRows has a row for every cell, whose measures are those that any cell has.
func (r *Result) CellRows() measure.Table {
	t := measure.Table{Name: "cells"}
	for _, f := range r.Factors {
		t.Columns = append(t.Columns, measure.Column{Name: f.Field, Kind: measure.Words})
	}
	t.Columns = append(t.Columns, measure.Column{Name: "state", Kind: measure.Words})
	var shown []int
	for k, c := range columns {
		for i := range r.Cells {
			if Value(c.name, &r.Cells[i]) != nil {
				shown = append(shown, k)
				t.Columns = append(t.Columns, measure.Column{Name: c.title, Unit: c.unit, Decimals: c.decimals, Signed: c.name != "exact-gap"})
				break
			}
		}
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		var row []measure.Cell
		for _, f := range r.Factors {
			row = append(row, measure.Text(c.Values[f.Field]))
		}
		row = append(row, measure.Text(c.State))
		for _, k := range shown {
			row = append(row, cellOf(Value(columns[k].name, c)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// EffectRows are the main effects of every factor on a measure.
func (r *Result) EffectRows(name string) measure.Table {
	decimals, signed := 3, true
	for _, c := range columns {
		if c.name == name {
			decimals, signed = c.decimals, c.name != "exact-gap"
		}
	}
	t := measure.Table{Name: name, Columns: []measure.Column{{Name: "factor", Kind: measure.Words, Group: true}, {Name: "level", Kind: measure.Words}, {Name: "mean", Decimals: decimals, Signed: signed},
		{Name: "change from the first", Decimals: decimals, Signed: true}, {Name: "cells"}, {Name: "n"}}}
	for _, e := range r.Effects {
		if e.Measure != name {
			continue
		}
		for _, l := range e.Levels {
			t.Rows = append(t.Rows, []measure.Cell{measure.Text(e.Field), measure.Text(l.Value), cellOf(&l.Mean), cellOf(l.Change), measure.Value(float64(l.Cells)), measure.Value(float64(l.Mean.N))})
		}
	}
	return t
}

func cellOf(m *experiments.Measured) measure.Cell {
	if m == nil {
		return measure.Value(math.NaN())
	}
	return measure.Cell{Y: float64(m.Mean), Lo: float64(m.Lo), Hi: float64(m.Hi), N: m.N}
}
