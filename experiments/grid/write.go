package grid

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"ra3/core/checkpoint/durable"
	"ra3/experiments"
)

// Files of the result beside grid.toml and the runs.
const (
	JSONFile = "ablation.json"
	CSVFile  = "ablation.csv"
)

// PlotsDir is the directory for the maps.
func (a *Ablation) PlotsDir() string { return filepath.Join(a.Dir, plotsName) }

// Write replaces ablation.json, ablation.csv and report.md; figures are the
// names of the files in PlotsDir that the report shows.
func (a *Ablation) Write(r *Result, figures []string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", JSONFile, err)
	}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{JSONFile, func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err }},
		{CSVFile, r.CSV},
		{experiments.ReportFile, func(w io.Writer) error { _, err := io.WriteString(w, r.Report(figures)); return err }},
	} {
		if err := durable.Replace(filepath.Join(a.Dir, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}

// CSV writes a row a cell and measure, every seed's value in the last column,
// separated by spaces; what has no value is empty.
func (r *Result) CSV(out io.Writer) error {
	w := csv.NewWriter(out)
	head := []string{"cell"}
	for _, f := range r.Factors {
		head = append(head, f.Field)
	}
	rows := [][]string{append(head, "state", "measure", "family", "mean", "lo", "hi", "n", "by_seed")}
	for i := range r.Cells {
		c := &r.Cells[i]
		add := func(name, family string, m experiments.Measured) {
			row := append([]string{c.Name}, c.values...)
			row = append(row, c.State, name, family, number(m.Mean), number(m.Lo), number(m.Hi), strconv.Itoa(m.N))
			words := make([]string, len(m.BySeed))
			for i, x := range m.BySeed {
				if words[i] = number(x); words[i] == "" {
					words[i] = "-"
				}
			}
			rows = append(rows, append(row, strings.Join(words, " ")))
		}
		for _, pair := range sortedKeys(c.Differences) {
			for _, family := range sortedKeys(c.Differences[pair]) {
				for _, name := range sortedKeys(c.Differences[pair][family]) {
					add(pair+" "+name, family, c.Differences[pair][family][name].Measured)
				}
			}
		}
		for _, m := range measures {
			if x := m.get(c); x != nil && !strings.HasPrefix(m.Name, "ra3-") {
				add(m.Name, "", *x)
			}
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", CSVFile, err)
	}
	return nil
}

// number is the shortest decimal that reads back, empty where there is none.
func number(x experiments.Number) string {
	if x.Text("%g") == "-" {
		return ""
	}
	return strconv.FormatFloat(float64(x), 'g', -1, 64)
}
