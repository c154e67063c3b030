package plots

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"ra3/core/measure"
)

// tablesCSV writes f's tables row by row under a head of their columns' names. A
// column of numbers with intervals has three more, its name followed by lo, hi and
// n; one in which a text stands for some numbers has it under its name and text. No
// value is an empty field. Several tables stand below one another under the names
// of all, with the table's own in the first column.
func tablesCSV(f measure.Figure, out io.Writer) error {
	if err := checkTables(f); err != nil {
		return err
	}
	var head []string
	if len(f.Tables) > 1 {
		head = []string{"table"}
	}
	var rows []map[string]string
	for _, t := range f.Tables {
		parts := make([]parts, len(t.Columns))
		for i, c := range t.Columns {
			parts[i] = partsOf(t, i)
			for _, name := range parts[i].names(c) {
				if !slices.Contains(head, name) {
					head = append(head, name)
				}
			}
		}
		for _, row := range t.Rows {
			values := map[string]string{"table": t.Name}
			for i, c := range t.Columns {
				for k, name := range parts[i].names(c) {
					values[name] = parts[i].values(c, row[i])[k]
				}
			}
			rows = append(rows, values)
		}
	}
	w := csv.NewWriter(out)
	lines := [][]string{head}
	for _, values := range rows {
		line := make([]string, len(head))
		for i, name := range head {
			line[i] = values[name]
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		return fmt.Errorf("table %q: write CSV: %w", f.Name, err)
	}
	return nil
}

// parts says what a column of numbers has beside them.
type parts struct{ bounds, text bool }

func partsOf(t measure.Table, column int) (p parts) {
	numbers := false
	for _, row := range t.Rows {
		x := row[column]
		numbers = numbers || !math.IsNaN(x.Y)
		p.bounds, p.text = p.bounds || x.Bounded(), p.text || x.Text != ""
	}
	if !numbers {
		return parts{text: p.text}
	}
	return p
}

func (p parts) names(c measure.Column) []string {
	if c.Kind != measure.Numbers {
		return []string{c.Name}
	}
	out := []string{c.Name}
	if p.bounds {
		out = append(out, c.Name+" lo", c.Name+" hi", c.Name+" n")
	}
	if p.text {
		out = append(out, c.Name+" text")
	}
	return out
}

// values are a cell's, as many as names.
func (p parts) values(c measure.Column, x measure.Cell) []string {
	if c.Kind != measure.Numbers {
		return []string{x.Text}
	}
	some := func(v float64) string {
		if math.IsNaN(v) {
			return ""
		}
		return number(v)
	}
	out := []string{some(x.Y)}
	if p.bounds {
		out = append(out, some(x.Lo), some(x.Hi), strconv.Itoa(x.N))
	}
	if p.text {
		out = append(out, x.Text)
	}
	return out
}
