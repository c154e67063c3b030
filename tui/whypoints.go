package tui

import (
	"fmt"
	"math"
	"strings"

	"ra3/core/measure"
	"ra3/experiments"
)

// whySeries are the numbers along a curve, a group of bars, a map's row or a
// table's column.
type whySeries struct {
	name, unit, along string
	branch            string // whose, where several are laid over each other
	points            []whyPoint
}

type whyPoint struct {
	label string
	cell  measure.Cell
	why   func() []experiments.Why // the records behind it; nil without
}

// whyCurves are the series of a chart that are no single seed's part of a mean.
func whyCurves(f measure.Figure, h *experiments.History) []whySeries {
	var out []whySeries
	for i, x := range f.Series {
		if x.Thin {
			continue
		}
		s := whySeries{name: x.Title(), unit: f.YLabel, along: f.XLabel, branch: x.Branch}
		if f.Kind == measure.Heat {
			s.unit = f.ZLabel
		}
		for k := range x.X {
			p := whyPoint{label: wholeOr(x.X[k]), cell: measure.Value(x.Y[k]), why: func() []experiments.Why { return h.WhyPoint(f, i, k) }}
			if c := int(x.X[k]); f.Kind != measure.Lines && c >= 0 && c < len(f.Categories) {
				p.label = f.Categories[c]
			}
			if k < len(x.Lo) && k < len(x.Hi) {
				p.cell.Lo, p.cell.Hi = x.Lo[k], x.Hi[k]
			}
			if k < len(x.N) {
				p.cell.N = x.N[k]
			}
			if k < len(x.Path) {
				p.cell.Path = x.Path[k]
			}
			s.points = append(s.points, p)
		}
		if len(s.points) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// whyColumns are the columns of numbers of tables, whose rows are the points.
func whyColumns(f measure.Figure, h *experiments.History) []whySeries {
	var out []whySeries
	for _, t := range f.Tables {
		for i, c := range t.Columns {
			if c.Kind != measure.Numbers {
				continue
			}
			s := whySeries{name: c.Name, unit: c.Unit, along: "row"}
			if t.Title != "" {
				s.name = t.Title + ": " + c.Name
			}
			for _, row := range t.Rows {
				x := row[i]
				if math.IsNaN(x.Y) || x.Path == "" && x.Measure == "" && c.Decimals == 0 {
					continue // counts and keys say what they are
				}
				var words []string
				for k, y := range row {
					switch {
					case t.Columns[k].Kind != measure.Numbers && y.Text != "" && t.Columns[k].Name != "verdict" && len(words) < 3:
						words = append(words, y.Text)
					case t.Columns[k].Kind == measure.Numbers && k < i && t.Columns[k].Decimals == 0 && !math.IsNaN(y.Y):
						words = append(words, fmt.Sprintf("%s %.0f", t.Columns[k].Name, y.Y))
					}
				}
				s.points = append(s.points, whyPoint{strings.Join(words, ", "), x, func() []experiments.Why { return h.WhyRecords(x.Seq, x.Measure) }})
			}
			if len(s.points) > 0 {
				out = append(out, s)
			}
		}
	}
	return out
}
