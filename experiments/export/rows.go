// Package export writes what a run found in the forms that other tools read:
// TensorBoard event files, CSV and Parquet, and the data sets of TRL and verl.
package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"ra3/experiments"
	"ra3/experiments/store"
)

// Metric is a measure of an update.
type Metric struct {
	Seq       int64   `parquet:"seq"`
	Branch    string  `parquet:"branch,dict"`
	Seed      int64   `parquet:"seed"`
	Lane      string  `parquet:"lane,dict"`
	Phase     string  `parquet:"phase,dict"`
	Iteration int64   `parquet:"iteration"`
	Update    int64   `parquet:"update"`
	Measure   string  `parquet:"measure,dict"`
	Value     float64 `parquet:"value"`
}

// Metrics are the measures of events, a row each, in the order of events and
// then of names.
func Metrics(events []store.Event, names func(store.Measures) []string) []Metric {
	var rows []Metric
	for _, ev := range events {
		for _, name := range names(ev.Measures) {
			rows = append(rows, Metric{ev.Seq, ev.Branch, int64(ev.Seed), ev.Lane, ev.Phase, int64(ev.Iteration), int64(ev.Update), name, ev.Measures[name]})
		}
	}
	return rows
}

// Result is a sample's verdict.
type Result struct {
	Seed    int64  `parquet:"seed"`
	Lane    string `parquet:"lane,dict"`
	Phase   string `parquet:"phase,dict"`
	Family  string `parquet:"family,dict"`
	Problem string `parquet:"problem,dict"`
	Sample  int64  `parquet:"sample"`
	Many    bool   `parquet:"many"`
	Kind    string `parquet:"kind,dict"`
	Reason  string `parquet:"reason"`
	Passed  int64  `parquet:"tests_passed"`
	Total   int64  `parquet:"tests"`
}

// ResultOf is a rollout's verdict as a row.
func ResultOf(r *experiments.Rollout) Result {
	return Result{int64(r.Seed), r.Lane, r.Phase, r.Program.Family, r.SampleRecord.Problem, int64(r.Sample), r.Many, string(r.Verdict.Kind), r.Verdict.Reason, int64(r.Verdict.Passed), int64(r.Verdict.Total)}
}

// ResultsCSV writes results with a heading.
func ResultsCSV(out io.Writer, rows []Result) error {
	w := csv.NewWriter(out)
	w.Write([]string{"seed", "lane", "phase", "family", "problem", "sample", "many", "kind", "reason", "tests_passed", "tests"})
	n := func(i int64) string { return strconv.FormatInt(i, 10) }
	for _, r := range rows {
		w.Write([]string{n(r.Seed), r.Lane, r.Phase, r.Family, r.Problem, n(r.Sample), strconv.FormatBool(r.Many), r.Kind, r.Reason, n(r.Passed), n(r.Total)})
	}
	w.Flush()
	return w.Error()
}

// Parquet writes rows, compressed with Snappy, which every reader knows.
func Parquet[T any](out io.Writer, rows []T) error {
	w := parquet.NewGenericWriter[T](out, parquet.Compression(&parquet.Snappy))
	if _, err := w.Write(rows); err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	return nil
}
