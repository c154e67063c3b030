package grid

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ra3/core/measure"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// mapped are the measures with a heat map of their own, and what its title says.
var mapped = []struct{ name, title, unit, note string }{
	{"ra3-ntp", "RA3 minus NTP, mean of pass@1, 5 and 10", "share of problems", "Mean of both families, paired by seed and problem."},
	{"speed-up", "RLVR speed-up of RA3 over NTP", "log2 of the ratio of sampled tokens",
		"Tokens NTP needs to its own final held-out level over those RA3 needs to reach it: +1 is half the tokens. A seed that never reaches it counts with an upper bound, by all that RA3 sampled: no interval of such lies above 0. Where NTP gains nothing there is no ratio; the mean is then of the other seeds and has no interval."},
	{"gate", "Gate: do true intents as latents pay?", "nats a program", "NTP's nats a validation program minus the oracle's, rationale plus code; above 0 the cell passes."},
}

// FigureNames lists the maps an ablation may have.
func FigureNames() []string {
	var names []string
	for _, m := range mapped {
		names = append(names, m.name)
	}
	return names
}

// Figures are the result's: heat maps, the last factor across and the others
// down, or of a star bars.
func (r *Result) Figures() []measure.Figure {
	if r.Design == Star {
		return r.bars()
	}
	var out []measure.Figure
	last := len(r.Factors) - 1
	var down []string
	for _, f := range r.Factors[:last] {
		down = append(down, f.Field)
	}
	for _, m := range mapped {
		f := measure.Figure{Name: m.name, Title: m.title, Kind: measure.Heat, XLabel: r.Factors[last].Field, YLabel: strings.Join(down, ", "), ZLabel: m.unit,
			Categories: r.Factors[last].Values, Caption: r.caption(m.name, m.note, "brackets: %s; framed where it excludes 0.")}
		has := false
		for i := range r.Cells {
			c := &r.Cells[i]
			column := i % len(f.Categories)
			if column == 0 {
				f.Series = append(f.Series, measure.Series{Name: strings.Join(c.values[:last], ", ")})
			}
			x := Value(m.name, c)
			if x == nil {
				continue
			}
			has = true
			row := &f.Series[len(f.Series)-1]
			row.X, row.Y = append(row.X, float64(column)), append(row.Y, float64(x.Mean))
			row.Lo, row.Hi, row.N = append(row.Lo, float64(x.Lo)), append(row.Hi, float64(x.Hi)), append(row.N, x.N)
		}
		if has {
			out = append(out, f)
		}
	}
	return out
}

// bars has a bar for every cell of a star.
func (r *Result) bars() []measure.Figure {
	var out []measure.Figure
	for _, m := range mapped {
		f := measure.Figure{Name: m.name, Title: m.title, Kind: measure.Bars, YLabel: m.unit, Caption: r.caption(m.name, m.note, "bars: %s.")}
		series := measure.Series{Name: m.name}
		for i := range r.Cells {
			c := &r.Cells[i]
			x := Value(m.name, c)
			if x == nil {
				continue
			}
			series.X, series.Y = append(series.X, float64(len(f.Categories))), append(series.Y, float64(x.Mean))
			series.Lo, series.Hi, series.N = append(series.Lo, float64(x.Lo)), append(series.Hi, float64(x.Hi)), append(series.N, x.N)
			f.Categories = append(f.Categories, r.short(c))
		}
		if f.Series = []measure.Series{series}; len(f.Categories) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// short names a cell of a star by what sets it apart from the centre.
func (r *Result) short(c *CellResult) string {
	return Spec{Design: r.Design}.short(r.Factors, r.Cells[0].values, c.values)
}

// caption is a figure's, with its intervals in the words of a format.
func (r *Result) caption(name, note, intervals string) string {
	text := fmt.Sprintf("%s n = %d seed(s) a cell; "+intervals, note, len(r.Seeds), r.Interval)
	if r.Split != "heldout" && name != "gate" {
		text += " Validation problems."
	}
	return text
}
