package grid

import (
	"math"
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

// effects averages every measure over the other factors. Of a single factor the
// means are the cells themselves, and the changes are what is new.
func effects(factors []Factor, cells []CellResult) []Effect {
	var out []Effect
	for f, factor := range factors {
		for _, m := range measures {
			if e, ok := effect(factor, m, rowsOf(factors, cells, f, m)); ok {
				out = append(out, e)
			}
		}
	}
	return out
}

// rowsOf has, for every combination of the factors but the f-th, the cells by
// value of that one; nil where a cell lacks the measure of some seed.
func rowsOf(factors []Factor, cells []CellResult, f int, m Measure) map[string][]*CellResult {
	rows := map[string][]*CellResult{}
	for i := range cells {
		c := &cells[i]
		x := m.get(c)
		if x == nil || x.N == 0 || slices.ContainsFunc(x.BySeed, func(v experiments.Number) bool { return math.IsNaN(float64(v)) }) {
			continue // every seed, or the average would be over others than beside it
		}
		rest := strings.Join(slices.Delete(slices.Clone(c.values), f, f+1), "\n")
		if rows[rest] == nil {
			rows[rest] = make([]*CellResult, len(factors[f].Values))
		}
		rows[rest][slices.Index(factors[f].Values, c.values[f])] = c
	}
	for rest, row := range rows {
		if slices.Contains(row, nil) {
			delete(rows, rest)
		}
	}
	return rows
}

// Averaged are the cells that a level of an effect is the mean of, in the order
// of their names.
func (r *Result) Averaged(e Effect, level int) []*CellResult {
	m, ok := MeasureNamed(e.Measure)
	f := slices.IndexFunc(r.Factors, func(f Factor) bool { return f.Field == e.Field })
	if !ok || f < 0 || level < 0 || level >= len(r.Factors[f].Values) {
		return nil
	}
	var out []*CellResult
	for _, row := range rowsOf(r.Factors, r.Cells, f, m) {
		out = append(out, row[level])
	}
	slices.SortFunc(out, func(a, b *CellResult) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// effect averages rows of cells, level by level.
func effect(factor Factor, m Measure, rows map[string][]*CellResult) (Effect, bool) {
	e := Effect{Field: factor.Field, Measure: m.Name}
	var sums [][]float64 // by level and seed
	// In a fixed order: sums of floats depend on theirs.
	for _, key := range sortedKeys(rows) {
		row := rows[key]
		if sums == nil {
			sums = make([][]float64, len(row))
			for i := range sums {
				sums[i] = make([]float64, len(m.get(row[0]).BySeed))
			}
		}
		for level, c := range row {
			for seed, v := range m.get(c).BySeed {
				sums[level][seed] += float64(v)
			}
		}
	}
	n := len(rows)
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
