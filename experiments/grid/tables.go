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

// EffectsTableOf names the table of the main effects on a measure.
func EffectsTableOf(measure string) string { return EffectsTable + "-" + measure }

// TableNames lists the tables an ablation may have.
func TableNames() []string {
	names := []string{CellsTable, EffectsTable}
	for _, m := range measures {
		names = append(names, EffectsTableOf(m.Name))
	}
	return names
}

// column is a measure's in tables.
func (m Measure) column(name string, signed bool) measure.Column {
	c := measure.Column{Name: name, Unit: m.Brief, Decimals: 3, Signed: signed}
	switch m.Name {
	case "speed-up", "gate", "horizon", "log-effective":
		c.Decimals = 2
	}
	return c
}

// Tables are the result's: the cells, and main effects where there are several
// factors.
func (r *Result) Tables() []measure.Figure {
	var out []measure.Figure
	basis := fmt.Sprintf("n = %s a cell; brackets: %s, not corrected for their number.", experiments.Plural(len(r.Seeds), "seed"), r.Interval)
	if r.Split != "heldout" {
		basis += " Validation problems."
	}
	if t := r.CellRows(); len(t.Rows) > 0 {
		note := ""
		for _, m := range measures {
			if t.Column(m.Short) >= 0 {
				note += m.Short + ": " + m.Title + ". "
			}
		}
		out = append(out, measure.Figure{Name: CellsTable, Title: "Cells", Kind: measure.Tabular, Tables: []measure.Table{t}, Caption: note + basis})
	}
	all := measure.Figure{Name: EffectsTable, Title: "Main effects", Kind: measure.Tabular,
		Caption: "Means over the other factors' combinations that are finished at every level, paired by seed; change: from the factor's first level. " + basis}
	var each []measure.Figure
	for _, m := range measures {
		t := r.EffectRows(m)
		if len(t.Rows) == 0 {
			continue
		}
		one := all
		one.Name, one.Title, one.Caption = EffectsTableOf(m.Name), "Main effects: "+m.Map, m.Note+" "+all.Caption
		one.Tables = []measure.Table{t}
		each = append(each, one)
		t.Title = m.Map
		all.Tables = append(all.Tables, t)
	}
	if len(each) > 0 {
		out = append(append(out, all), each...)
	}
	return out
}

// CellRows has a row for every cell and a column for every measure that any has.
func (r *Result) CellRows() measure.Table {
	t := measure.Table{Name: "cells"}
	for _, f := range r.Factors {
		t.Columns = append(t.Columns, measure.Column{Name: f.Field, Kind: measure.Words})
	}
	t.Columns = append(t.Columns, measure.Column{Name: "state", Kind: measure.Words})
	var shown []Measure
	for _, m := range measures {
		for i := range r.Cells {
			if m.Of(&r.Cells[i]) != nil {
				shown = append(shown, m)
				t.Columns = append(t.Columns, m.column(m.Short, m.Difference))
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
		for _, m := range shown {
			row = append(row, tableCell(m.Of(c)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// EffectRows are the main effects of every factor on a measure.
func (r *Result) EffectRows(m Measure) measure.Table {
	t := measure.Table{Name: m.Name, Columns: []measure.Column{{Name: "factor", Kind: measure.Words, Group: true}, {Name: "level", Kind: measure.Words}, m.column("mean", m.Difference),
		m.column("change from the first", true), {Name: "reading", Kind: measure.Words}, {Name: "cells"}, {Name: "n"}}}
	for _, e := range r.Effects {
		if e.Measure != m.Name {
			continue
		}
		for _, l := range e.Levels {
			t.Rows = append(t.Rows, []measure.Cell{measure.Text(e.Field), measure.Text(l.Value), tableCell(&l.Mean), tableCell(l.Change), measure.Text(string(m.ReadChange(l.Change))),
				measure.Value(float64(l.Cells)), measure.Value(float64(l.Mean.N))})
		}
	}
	return t
}

func tableCell(m *experiments.Measured) measure.Cell {
	if m == nil {
		return measure.Value(math.NaN())
	}
	return measure.Cell{Y: float64(m.Mean), Lo: float64(m.Lo), Hi: float64(m.Hi), N: m.N}
}
