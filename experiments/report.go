package experiments

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ra3/core/checkpoint/durable"
	"ra3/experiments/store"
)

// ReportFile is the report's name in its directory.
const ReportFile = "report.md"

// claimSeeds is the least number of seeds that a claim should rest on.
const claimSeeds = 5

// Report writes report.md of a run: setting, claims with their verdicts, tables
// with every seed, and the figures there are. Like all results it is the same
// whenever the run is repeated, so that it says nothing of wall time.
func Report(c Config, m store.Manifest, s *Summary, figures []string) (string, error) {
	overrides, err := c.Overrides()
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# RA3: preset %s, %s\n\n", c.Preset, seedsOfRun(s.Seeds))
	setting(&b, c, m, s, overrides)
	b.WriteString("\n## Claims\n\n" + VerdictRule + "\n\n")
	if s.Split != "heldout" {
		b.WriteString("These problems are of the validation split, on which settings are chosen: no result to be quoted.\n\n")
	}
	if len(s.Seeds) < claimSeeds {
		fmt.Fprintf(&b, "Of %s, where a claim asks for %d: read verdicts as a first look.\n\n", Plural(len(s.Seeds), "seed"), claimSeeds)
	}
	claimTables(&b, Claims(s))
	reportTables(&b, c, s)
	if len(figures) > 0 {
		b.WriteString("\n## Figures\n")
		for _, name := range figures {
			fmt.Fprintf(&b, "\n![%s](%s)\n", strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), filepath.ToSlash(name))
		}
	}
	return b.String(), nil
}

// writeReport puts the report into the run directory, with the figures that are
// in its plots directory.
func (e *Engine) writeReport(s *Summary) error {
	var figures []string
	for _, name := range FigureNames {
		path := filepath.Join(e.run.PlotsOf(e.branch), name+".png")
		if _, err := os.Stat(path); err == nil {
			figures = append(figures, "plots/"+name+".png")
		}
	}
	text, err := Report(e.Config, e.run.Manifest(), s, figures)
	if err != nil {
		return err
	}
	mixed, err := MixedOf(e.run, e.branch)
	if err != nil {
		return err
	}
	if len(mixed) > 0 {
		text += "\n## Lanes with different settings\n\nThis branch left after some lanes were made; what lanes differ by is these settings' doing as well.\n\n- " + strings.Join(mixed, "\n- ") + "\n"
	}
	dir, err := e.run.MakeBranchDir(e.branch)
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(dir, ReportFile), func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func seedsOfRun(seeds []int) string {
	words := make([]string, len(seeds))
	for i, n := range seeds {
		words[i] = fmt.Sprint(n)
	}
	if len(seeds) == 1 {
		return "seed " + words[0]
	}
	return "seeds " + strings.Join(words, ", ")
}

// setting says what the run was and which command repeats it.
func setting(b *strings.Builder, c Config, m store.Manifest, s *Summary, overrides []string) {
	command := fmt.Sprintf("ra3 run --preset %s --seed %d", c.Preset, c.Seed)
	var changed []string
	for _, o := range overrides {
		if !strings.HasPrefix(o, "seed=") {
			command += " --set " + ShellWord(o)
			changed = append(changed, "`"+o+"`")
		}
	}
	if len(changed) == 0 {
		changed = []string{"none"}
	}
	t := Table{Head: []string{"setting", "value"}}
	t.Row("lanes", strings.Join(laneNames(c.Lanes), ", "))
	t.Row("changed from the preset", strings.Join(changed, ", "))
	t.Row("seeds", fmt.Sprintf("%d: %s; n is seeds, or problems where there is one seed", len(s.Seeds), seedsOfRun(s.Seeds)))
	t.Row("intervals", s.Interval)
	chosen := temperaturesText(c.Eval.Temperatures)
	if len(c.Eval.Tune) > 0 {
		chosen = fmt.Sprintf("chosen of %v on %d validation problems a family, for every lane and seed, for pass@1 and for larger k (table below)", c.Eval.Tune, c.Eval.TuneProblems)
	}
	t.Row("problems", fmt.Sprintf("%d a family and seed, split %s, %d samples each, temperatures: %s", c.Eval.Problems, s.Split, c.Eval.Samples, chosen))
	stop := "the last policy (mid.stop_every = 0)"
	if n := c.Mid.StopEvery; n > 0 {
		stop = fmt.Sprintf("that of the best look (mid.stop_every = %d): every %d updates, %d bodies for each of %d validation problems a family; which one, below", n, n, stopSamples, c.Eval.TuneProblems)
	}
	t.Row("a lane's policy after mid-training", stop)
	t.Row("RLVR", fmt.Sprintf("%d updates of %d problems x %d samples, temperatures: %s", c.RLVR.Updates, c.RLVR.Problems, c.RLVR.Group, temperaturesText(c.RLVR.Temperatures)))
	t.Row("precision, instruction set", PrecisionOf(m)+", "+m.InstructionSet)
	t.Row("version", m.Version)
	t.Write(b)
	fmt.Fprintf(b, "\nThis command gives the same results again, on this instruction set to the bit:\n\n```sh\n%s --out DIR\n```\n", command)
}

// claimTables lists the verdicts, then what each rests on with every seed.
func claimTables(b *strings.Builder, claims []Claim) {
	t := Table{Head: []string{"", "claim", "verdict"}}
	for _, c := range claims {
		t.Row(fmt.Sprint(c.Number), c.Text, "**"+c.Verdict+"**")
	}
	t.Write(b)
	e := Table{Head: []string{"", "measured", "mean [95% interval]", "n", "claimed", "verdict", "by seed"}}
	for _, c := range claims {
		for _, x := range c.Evidence {
			verdict := x.Verdict
			if x.short() {
				verdict += ", its mean short of the aim"
			}
			if !x.Judged && !x.Unclaimed {
				verdict = "(" + verdict + ")"
			}
			n := fmt.Sprint(x.N)
			if x.Partial {
				n += fmt.Sprintf(" of %d", len(x.BySeed))
			}
			if x.AtMost {
				n += ", some upper bounds"
			}
			e.Row(fmt.Sprint(c.Number), x.Measure, x.Text(x.format), n, x.claimed(), verdict, x.Measured.BySeedText(x.format))
		}
	}
	b.WriteString("\nWhat they rest on; verdicts in brackets are shown and do not decide.\n\n")
	e.Write(b)
}

// claimed words the claimed side and the aim; nothing where none is claimed.
func (e Evidence) claimed() string {
	if e.Unclaimed {
		return ""
	}
	side := ">"
	if e.Below {
		side = "<"
	}
	text := fmt.Sprintf("%s %g", side, e.Bound)
	if e.Aim != nil {
		text += fmt.Sprintf(", aim %s= %g", side, *e.Aim)
	}
	return text
}

// laneNames are lanes in words, controls marked; the oracle is told the hidden
// intents, so it is no treatment.
func laneNames(lanes []string) []string {
	names := make([]string, len(lanes))
	for i, lane := range lanes {
		names[i] = LaneTitle(lane)
		switch {
		case laneOf(lane).labels == oracleLabels:
			names[i] += " (upper reference, not a lane)"
		case IsControl(lane):
			names[i] += " (control)"
		}
	}
	return names
}

// pairName is a difference in words.
func pairName(key string) string {
	for _, p := range Pairs(LaneNames()) {
		if p.Key == key {
			return LaneTitle(p.A) + " - " + LaneTitle(p.B)
		}
	}
	return key
}

// lanesIn lists the lanes of m in the order of display.
func lanesIn[V any](m map[string]V) []string { return inOrder(m, LaneNames(), "") }

// pairsIn lists the differences of m in the order of display.
func pairsIn[V any](m map[string]V) []string {
	var keys []string
	for _, p := range Pairs(LaneNames()) {
		keys = append(keys, p.Key)
	}
	return inOrder(m, keys, "")
}
