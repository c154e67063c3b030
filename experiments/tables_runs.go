package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ra3/core/measure"
)

// Names of the figures of several runs side by side.
const (
	RunsFigure = "runs"       // bars of pass@1
	RunsTable  = "table-runs" // settings that differ, and results
)

// ComparedRun is a run to be set beside others.
type ComparedRun struct {
	Name    string
	Config  Config
	Summary *Summary // nil where it has none yet
}

// RunHeadline is a result of several runs side by side.
type RunHeadline struct {
	Name string
	Path string
	Get  func(*Summary) *Measured
}

// RunHeadlines are the results that any of the runs has.
func RunHeadlines(runs []ComparedRun) []RunHeadline {
	var names []string
	for _, r := range runs {
		if r.Summary == nil {
			continue
		}
		for _, f := range ShownFamilies(r.Summary.Lanes) {
			if !slices.Contains(names, f) {
				names = append(names, f)
			}
		}
	}
	slices.Sort(names)
	var all []RunHeadline
	for _, family := range names {
		for _, lane := range LaneNames() {
			of := func(k string, pick func(FamilySummary) *Measured) {
				all = append(all, RunHeadline{family + " " + LaneTitle(lane) + " " + k, "lanes." + lane + "." + family + "." + k, func(s *Summary) *Measured {
					if f, ok := s.Lanes[lane][family]; ok {
						return pick(f)
					}
					return nil
				}})
			}
			of("pass@1", func(f FamilySummary) *Measured { return &f.Pass1 })
			of("pass@10", func(f FamilySummary) *Measured { return &f.Pass10 })
		}
	}
	for _, lane := range LaneNames() {
		all = append(all, RunHeadline{LaneTitle(lane) + " RLVR final", "rlvr." + lane + ".final", func(s *Summary) *Measured {
			if r, ok := s.RLVR[lane]; ok {
				return &r.Final
			}
			return nil
		}}, RunHeadline{LaneTitle(lane) + " eff. space", "pruning." + lane + ".log_effective", func(s *Summary) *Measured {
			if p, ok := s.Pruning[lane]; ok {
				return &p.LogEffective
			}
			return nil
		}})
	}
	return slices.DeleteFunc(all, func(x RunHeadline) bool {
		return !slices.ContainsFunc(runs, func(r ComparedRun) bool { return r.Summary != nil && x.Get(r.Summary) != nil })
	})
}

// DifferingFields are the settings in which the runs are not all alike.
func DifferingFields(runs []ComparedRun) []string {
	var out []string
	for _, r := range runs[min(1, len(runs)):] {
		changes, err := ConfigDiff(runs[0].Config, r.Config)
		if err != nil {
			continue
		}
		for _, c := range changes {
			if !slices.Contains(out, c.Field) {
				out = append(out, c.Field)
			}
		}
	}
	slices.Sort(out)
	return out
}

// RunSettingRows are the settings that differ, a column a run.
func RunSettingRows(runs []ComparedRun) measure.Table {
	t := measure.Table{Name: "settings", Title: "Settings that differ", Columns: []measure.Column{{Name: "setting", Kind: measure.Words}}}
	values := make([]map[string]any, len(runs))
	for i, r := range runs {
		t.Columns = append(t.Columns, measure.Column{Name: r.Name, Kind: measure.Words})
		values[i], _ = r.Config.settings() // one that does not encode has none
	}
	for _, field := range DifferingFields(runs) {
		row := []measure.Cell{measure.Text(field)}
		for i := range runs {
			text := ""
			if v, ok := values[i][field]; ok {
				text = strings.Trim(tomlValue(v), `"`)
			}
			row = append(row, measure.Text(text))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// RunResultRows are the runs' results, a column a run.
func RunResultRows(runs []ComparedRun) measure.Table {
	t := measure.Table{Name: "results", Title: "Results", Columns: []measure.Column{{Name: "result", Kind: measure.Words}}}
	for _, r := range runs {
		t.Columns = append(t.Columns, measure.Column{Name: r.Name, Decimals: 3})
	}
	for _, x := range RunHeadlines(runs) {
		row := []measure.Cell{measure.Text(x.Name)}
		for _, r := range runs {
			c := measure.Value(math.NaN())
			if r.Summary != nil {
				c = optional(x.Get(r.Summary), x.Path)
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// CompareRuns are the figures of runs side by side.
func CompareRuns(runs []ComparedRun) []measure.Figure {
	table := measure.Figure{Name: RunsTable, Title: Plural(len(runs), "run") + " side by side", Kind: measure.Tabular,
		Tables: withRows([]measure.Table{RunSettingRows(runs), RunResultRows(runs)}), Caption: runsCaption(runs)}
	out := []measure.Figure{passOfRuns(runs), table}
	return slices.DeleteFunc(out, measure.Figure.Empty)
}

// passOfRuns is pass@1 of every lane and family by run.
func passOfRuns(runs []ComparedRun) measure.Figure {
	f := measure.Figure{Name: RunsFigure, Title: "Held-out pass@1 by run", XLabel: "family and lane", YLabel: "share of problems solved", Shares: true, Kind: measure.Bars, Caption: runsCaption(runs)}
	all := slices.DeleteFunc(RunHeadlines(runs), func(x RunHeadline) bool { return !strings.HasSuffix(x.Name, " pass@1") })
	for _, x := range all {
		f.Categories = append(f.Categories, strings.TrimSuffix(x.Name, " pass@1"))
	}
	for _, r := range runs {
		if r.Summary == nil {
			continue
		}
		s := measure.Series{Name: r.Name}
		for i, x := range all {
			if v := x.Get(r.Summary); v != nil {
				s.X, s.Y, s.Path = append(s.X, float64(i)), append(s.Y, float64(v.Mean)), append(s.Path, x.Path)
				s.Lo, s.Hi, s.N = append(s.Lo, float64(v.Lo)), append(s.Hi, float64(v.Hi)), append(s.N, v.N)
			}
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// runsCaption says of each run's numbers how many seeds they are of, and what
// their intervals are.
func runsCaption(runs []ComparedRun) string {
	seeds := make([]string, 0, len(runs))
	var intervals []string
	for _, r := range runs {
		if r.Summary == nil {
			continue
		}
		seeds = append(seeds, fmt.Sprintf("%d (%s)", len(r.Summary.Seeds), r.Name))
		if !slices.Contains(intervals, r.Summary.Interval) {
			intervals = append(intervals, r.Summary.Interval)
		}
	}
	if len(intervals) == 0 {
		return "None of the runs has results yet."
	}
	return fmt.Sprintf("Seeds: n = %s; intervals: %s.", strings.Join(seeds, ", "), strings.Join(intervals, " or "))
}
