package grid

import (
	"fmt"
	"path"
	"strings"

	"ra3/experiments"
)

// Command is what repeats the ablation.
func (a *Ablation) Command() string {
	s := a.Spec
	if s.Document != "" {
		return "ra3 ablate --grid " + gridFile + " --out DIR"
	}
	words := []string{"ra3 ablate --preset " + experiments.ShellWord(s.Preset)}
	for _, x := range s.Set {
		words = append(words, "--set "+experiments.ShellWord(x))
	}
	for _, x := range s.Vary {
		words = append(words, "--vary "+experiments.ShellWord(x))
	}
	if s.Seeds != 0 {
		words = append(words, fmt.Sprintf("--seeds %d", s.Seeds))
	}
	if len(s.Lanes) > 0 {
		words = append(words, "--lanes "+experiments.ShellWord(strings.Join(s.Lanes, ",")))
	}
	if s.Design != Cross {
		words = append(words, "--design "+string(s.Design))
	}
	if s.Gate != NoGate {
		words = append(words, "--gate="+string(s.Gate))
	}
	return strings.Join(append(words, "--out DIR"), " ")
}

// Report is report.md of an ablation: the setting, the maps, every cell's
// numbers and verdicts, and main effects. Figures are file names in plots.
func (r *Result) Report(figures []string) string {
	var b strings.Builder
	var names []string
	for _, f := range r.Factors {
		names = append(names, f.Field)
	}
	fmt.Fprintf(&b, "# RA3 over %s\n\n", strings.Join(names, ", "))
	states := map[string]int{}
	for _, c := range r.Cells {
		states[c.State]++
	}
	t := experiments.Table{Head: []string{"setting", "value"}}
	for _, f := range r.Factors {
		t.Row(f.Field, strings.Join(f.Values, ", "))
	}
	t.Row("cells", fmt.Sprintf("%d: %d finished, %d skipped by their gate, %d waiting", len(r.Cells), states[Finished], states[Skipped], states[Waiting]))
	t.Row("seeds", strings.Trim(fmt.Sprint(r.Seeds), "[]"))
	t.Row("intervals", r.Interval)
	t.Row("split of the problems", r.Split)
	t.Row("precision (auto), instruction set", r.Made.Precision+", "+r.Made.InstructionSet)
	t.Row("version", r.Made.Version)
	t.Write(&b)
	fmt.Fprintf(&b, "\nThis command gives the same results again:\n\n```sh\n%s\n```\n", r.Command)
	r.cautions(&b)
	for _, name := range figures {
		fmt.Fprintf(&b, "\n![%s](%s)\n", strings.TrimSuffix(name, path.Ext(name)), path.Join(plotsName, name))
	}
	for _, m := range measures {
		r.measureTable(&b, m)
	}
	r.verdictTable(&b)
	r.effectTable(&b)
	return b.String()
}

// cautions says what the intervals leave out.
func (r *Result) cautions(b *strings.Builder) {
	if r.Split != "heldout" {
		b.WriteString("\nProblems are of the validation split, on which settings are chosen: no result to be quoted. " +
			"Its compositions are few, and the same for every seed: problems repeat them, and intervals leave out how much compositions differ.\n")
	}
	if r.SharedBase {
		b.WriteString("\nWith base.source=embedded all seeds of a cell, and all such cells, start from one base: intervals leave out how much bases differ.\n")
	}
	if n := r.intervals(); n > 0 {
		fmt.Fprintf(b, "\nThe cells have %d intervals of differences between them, none corrected for their number: "+
			"if every difference were zero, about %.1f of them would exclude zero by chance, at 5%% each. Main effects add to them.\n", n, 0.05*float64(n))
	}
}

// measureTable lists a measure of every cell; nothing where none has it.
func (r *Result) measureTable(b *strings.Builder, m Measure) {
	t := experiments.Table{Head: append(r.fields(), "mean [95% interval]", "n", "by seed")}
	if m.Difference {
		t.Head = append(t.Head, "reads")
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		x := m.get(c)
		if x == nil {
			continue
		}
		row := append(append([]string{}, c.values...), x.Text(m.Format(3)), fmt.Sprint(x.N), x.BySeedText(m.Format(3)))
		if m.Difference {
			row = append(row, string(m.Read(x)))
		}
		if m.Name == "gate" {
			row = append(row, map[bool]string{true: "passed", false: "failed"}[c.Gate.Passed])
		}
		t.Row(row...)
	}
	if m.Name == "gate" {
		t.Head = append(t.Head, "gate")
	}
	if len(t.Rows) > 0 {
		fmt.Fprintf(b, "\n## %s\n\n%s %s.\n\n", capital(m.Title), m.Note, capital(m.Better.String()))
		t.Write(b)
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (r *Result) fields() []string {
	var fields []string
	for _, f := range r.Factors {
		fields = append(fields, f.Field)
	}
	return fields
}

// verdictTable judges the claims in every cell; their reports say on what.
func (r *Result) verdictTable(b *strings.Builder) {
	claims := experiments.Claims(&experiments.Summary{})
	t := experiments.Table{Head: append(r.fields(), "state")}
	for _, c := range claims {
		t.Head = append(t.Head, fmt.Sprint(c.Number))
	}
	t.Head = append(t.Head, "report")
	for _, c := range r.Cells {
		row := append(append([]string{}, c.values...), c.State)
		for _, x := range claims {
			row = append(row, c.Verdicts[x.Number])
		}
		link := ""
		if c.State == Finished {
			link = fmt.Sprintf("[%s](%s)", c.Name, path.Join(cellsName, c.Name, experiments.ReportFile))
		}
		t.Row(append(row, link)...)
	}
	b.WriteString("\n## Claims by cell\n\n" + experiments.VerdictRule + "\n\n")
	for _, c := range claims {
		fmt.Fprintf(b, "%d. %s\n", c.Number, c.Text)
	}
	b.WriteString("\n")
	t.Write(b)
}

// effectTable lists main effects.
func (r *Result) effectTable(b *strings.Builder) {
	t := experiments.Table{Head: []string{"factor", "measure", "value", "mean [95% interval]", "change from the first", "reads", "cells", "n"}}
	for _, e := range r.Effects {
		m, _ := MeasureNamed(e.Measure) // effects are of measures
		for _, l := range e.Levels {
			change := ""
			if l.Change != nil {
				change = l.Change.Text("%+.3f")
			}
			t.Row(e.Field, e.Measure, l.Value, l.Mean.Text(m.Format(3)), change, string(m.ReadChange(l.Change)), fmt.Sprint(l.Cells), fmt.Sprint(l.Mean.N))
		}
	}
	if len(t.Rows) > 0 {
		b.WriteString("\n## Main effects\n\nAveraged over the other factors' combinations that were computed at every value of the factor; paired by seed. A change reads better or worse where its interval excludes 0. " + Directions() + "\n\n")
		t.Write(b)
	}
}
