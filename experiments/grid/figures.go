package grid

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/experiments"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// FigureNames lists the figures an ablation may have: every measure's map, and
// its main effects.
func FigureNames() []string {
	var names, effects []string
	for _, m := range measures {
		names, effects = append(names, m.Name), append(effects, effectsPrefix+m.Name)
	}
	return append(names, effects...)
}

// Figures are those that are written after every cell.
func (r *Result) Figures() []measure.Figure {
	var out []measure.Figure
	for _, m := range measures {
		if f, ok := r.Map(m); ok && m.always {
			out = append(out, f)
		}
	}
	return out
}

// Every has all the figures that there are values for.
func (r *Result) Every() []measure.Figure {
	var out []measure.Figure
	for _, m := range measures {
		if f, ok := r.Map(m); ok {
			out = append(out, f)
		}
	}
	for _, m := range measures {
		if f, ok := r.EffectFigure(m); ok {
			out = append(out, f)
		}
	}
	return out
}

// Map is a measure over the cells; false where no cell has it.
func (r *Result) Map(m Measure) (measure.Figure, bool) {
	if r.Design == Star {
		return r.Bars(m)
	}
	return r.heat(m)
}

// heat has the last factor across and the others down.
func (r *Result) heat(m Measure) (f measure.Figure, has bool) {
	last := len(r.Factors) - 1
	var down []string
	for _, f := range r.Factors[:last] {
		down = append(down, f.Field)
	}
	f = measure.Figure{Name: m.Name, Title: m.Map, Kind: measure.Heat, XLabel: r.Factors[last].Field, YLabel: strings.Join(down, ", "), ZLabel: m.Unit,
		Categories: r.Factors[last].Values, Caption: r.caption(m, "brackets: %s; framed where it excludes 0.")}
	for i := range r.Cells {
		c := &r.Cells[i]
		column := i % len(f.Categories)
		if column == 0 {
			f.Series = append(f.Series, measure.Series{Name: strings.Join(c.values[:last], ", ")})
		}
		if x := m.get(c); x != nil {
			has = true
			put(&f.Series[len(f.Series)-1], float64(column), *x)
		}
	}
	return f, has
}

// put appends a value with its interval to a series.
func put(s *measure.Series, at float64, x experiments.Measured) {
	s.X, s.Y = append(s.X, at), append(s.Y, float64(x.Mean))
	s.Lo, s.Hi, s.N = append(s.Lo, float64(x.Lo)), append(s.Hi, float64(x.Hi)), append(s.N, x.N)
}

// Bars has a bar for every cell that has the measure; of a star it is the map.
func (r *Result) Bars(m Measure) (f measure.Figure, has bool) {
	f = measure.Figure{Name: m.Name, Title: m.Map, Kind: measure.Bars, YLabel: m.Unit, Shares: m.level(), Caption: r.caption(m, "bars: %s.")}
	series := measure.Series{Name: m.Short, Lane: "ra3"}
	for i := range r.Cells {
		c := &r.Cells[i]
		if x := m.get(c); x != nil {
			put(&series, float64(len(f.Categories)), *x)
			f.Categories = append(f.Categories, r.brief(c))
		}
	}
	f.Series = []measure.Series{series}
	return f, len(f.Categories) > 0
}

const effectsPrefix = "effects-"

// EffectFigure has a bar for every level of every factor: a measure's mean there
// over the other factors; false where there is no effect.
func (r *Result) EffectFigure(m Measure) (f measure.Figure, has bool) {
	f = measure.Figure{Name: effectsPrefix + m.Name, Title: "Main effects: " + m.Map, Kind: measure.Bars, YLabel: m.Unit, Shares: m.level(),
		Caption: r.caption(m, "bars: %s of the mean over the other factors' combinations that are finished at every level, so that levels compare like with like.")}
	series := measure.Series{Name: m.Short, Lane: "ra3"}
	for _, e := range r.Effects {
		if e.Measure != m.Name {
			continue
		}
		for _, l := range e.Levels {
			put(&series, float64(len(f.Categories)), l.Mean)
			f.Categories = append(f.Categories, lastPart(e.Field)+"="+l.Value)
		}
	}
	f.Series = []measure.Series{series}
	return f, len(f.Categories) > 0
}

// brief names a cell: by its values and the ends of the settings' names, or in a
// star by what sets it apart from the centre.
func (r *Result) brief(c *CellResult) string {
	if r.Design == Star {
		return Spec{Design: Star}.short(r.Factors, r.byFactor(&r.Cells[0]), r.byFactor(c))
	}
	words := r.byFactor(c)
	for i, f := range r.Factors {
		words[i] = lastPart(f.Field) + "=" + words[i]
	}
	return strings.Join(words, " ")
}

func lastPart(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }

func (r *Result) byFactor(c *CellResult) []string {
	values := make([]string, len(r.Factors))
	for i, f := range r.Factors {
		values[i] = c.Values[f.Field]
	}
	return values
}

// caption is a figure's, with its intervals in the words of a format.
func (r *Result) caption(m Measure, intervals string) string {
	text := fmt.Sprintf("%s %s. n = %s a cell; "+intervals, m.Note, capital(m.Better.String()), experiments.Plural(len(r.Seeds), "seed"), r.Interval)
	if r.Split != "heldout" && m.Name != "gate" {
		text += " Validation problems."
	}
	return text
}
