package plots

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"ra3/core/measure"
)

// CSV writes f's values in long format, one row per point, with the header
// series,lane,x,y,lo,hi,n. x of a bar or of a heat map's cell is its category's
// label where it has one; the cell's row is its series.
// lo, hi and n are empty where a series has none; a gap's y is NaN. Numbers
// read back as the same float64. Tables are
// written as they stand: see tablesCSV.
func CSV(f measure.Figure, out io.Writer) error {
	if f.Kind == measure.Tabular {
		return tablesCSV(f, out)
	}
	w := csv.NewWriter(out)
	rows := [][]string{{"series", "lane", "x", "y", "lo", "hi", "n"}}
	for i, s := range f.Series {
		if err := checkLengths(s); err != nil {
			return fmt.Errorf("figure %q: series %d %q: %w", f.Name, i, s.Name, err)
		}
		for j := range s.X {
			row := []string{s.Title(), s.Lane, category(f, s.X[j]), number(s.Y[j]), "", "", ""}
			if len(s.Lo) > 0 {
				row[4], row[5] = number(s.Lo[j]), number(s.Hi[j])
			}
			if len(s.N) > 0 {
				row[6] = strconv.Itoa(s.N[j])
			}
			rows = append(rows, row)
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("figure %q: write CSV: %w", f.Name, err)
	}
	return nil
}

// category returns the label of bar or column x, or x itself.
func category(f measure.Figure, x float64) string {
	if f.Kind != measure.Lines && x >= 0 && x < float64(len(f.Categories)) && x == math.Trunc(x) {
		return f.Categories[int(x)]
	}
	return number(x)
}

// number returns the shortest decimal that reads back as v.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
