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

// Figures are heat maps of the result: the last factor across, the others down.
func (r *Result) Figures() []measure.Figure {
	var out []measure.Figure
	last := len(r.Factors) - 1
	var down []string
	for _, f := range r.Factors[:last] {
		down = append(down, f.Field)
	}
	for _, m := range mapped {
		f := measure.Figure{Name: m.name, Title: m.title, Kind: measure.Heat, XLabel: r.Factors[last].Field, YLabel: strings.Join(down, ", "), ZLabel: m.unit,
			Categories: r.Factors[last].Values, Caption: fmt.Sprintf("%s n = %d seed(s) a cell; brackets: %s; framed where it excludes 0.", m.note, len(r.Seeds), r.Interval)}
		if r.Split != "heldout" && m.name != "gate" {
			f.Caption += " Validation problems."
		}
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
