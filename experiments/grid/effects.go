package grid

import (
	"slices"
	"strings"

	"ra3/experiments"
)

// Effect is the main effect of a factor on a measure: its mean at every value of
// the factor, averaged over the other factors' combinations that were computed
// at all of its values, so that levels compare like with like.
type Effect struct {
	Field   string  `json:"field"`
	Measure string  `json:"measure"`
	Levels  []Level `json:"levels"`
}

// Level is a measure at one value of a factor, averaged over cells seed by seed.
type Level struct {
	Value string               `json:"value"`
	Cells int                  `json:"cells"`
	Mean  experiments.Measured `json:"mean"`
	// Change from the factor's first value, paired by seed and cell; absent there.
	Change *experiments.Measured `json:"change,omitempty"`
}

// effects averages every measure over the other factors; nothing of one factor,
// whose effect is the cells themselves.
func effects(factors []Factor, cells []CellResult) []Effect {
	if len(factors) < 2 {
		return nil
	}
	var out []Effect
	for f, factor := range factors {
		for _, m := range measures {
			// rows[rest][level] is a cell's measure.
			rows := map[string][]*experiments.Measured{}
			for i := range cells {
				c := &cells[i]
				x := m.get(c)
				if x == nil || x.N != len(x.BySeed) || x.N == 0 {
					continue // every seed, or the average would be over others than beside it
				}
				rest := strings.Join(slices.Delete(slices.Clone(c.values), f, f+1), "\n")
				if rows[rest] == nil {
					rows[rest] = make([]*experiments.Measured, len(factor.Values))
				}
				rows[rest][slices.Index(factor.Values, c.values[f])] = x
			}
			if e, ok := effect(factor, rows); ok {
				e.Measure = m.Name
				out = append(out, e)
			}
		}
	}
	return out
}

// effect averages the complete rows, level by level.
func effect(factor Factor, rows map[string][]*experiments.Measured) (Effect, bool) {
	e := Effect{Field: factor.Field}
	var sums [][]float64 // by level and seed
	n := 0
	// In a fixed order: sums of floats depend on theirs.
	for _, key := range sortedKeys(rows) {
		row := rows[key]
		if slices.Contains(row, nil) {
			continue
		}
		if sums == nil {
			sums = make([][]float64, len(row))
			for i := range sums {
				sums[i] = make([]float64, len(row[0].BySeed))
			}
		}
		n++
		for level, x := range row {
			for seed, v := range x.BySeed {
				sums[level][seed] += float64(v)
			}
		}
	}
	if n == 0 {
		return e, false
	}
	for level, bySeed := range sums {
		for seed := range bySeed {
			bySeed[seed] /= float64(n)
		}
		l := Level{Value: factor.Values[level], Cells: n, Mean: experiments.OverSeeds(bySeed)}
		if level > 0 {
			change := l.Mean.Minus(e.Levels[0].Mean)
			l.Change = &change
		}
		e.Levels = append(e.Levels, l)
	}
	return e, true
}
