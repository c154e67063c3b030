package experiments

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/experiments/store"
)

// A report says what the summary says: numbers, every seed, verdicts, and lanes
// that nobody here has heard of.
func TestReportOfSummary(t *testing.T) {
	c, err := Resolve("quick", nil, []string{"seeds=2", "seed=5", "mid.steps=[2,3]", "eval.tune=[0.3,1]", "eval.tune_problems=3"})
	if err != nil {
		t.Fatal(err)
	}
	measured, r := known()
	s := Summarise(measured, r, 12.5)
	s.Split = "heldout"
	s.Lanes["oracle"] = LaneSummary{"doc": {Pass1: OverSeeds([]float64{0.8, 0.9}), Problems: 2}}
	s.Lanes["shuffled"] = LaneSummary{"doc": {Pass1: OverSeeds([]float64{0.25, 0.25}), Problems: 2}}
	text, err := Report(c, store.Manifest{Version: "9.9", InstructionSet: "AVX9"}, s, []string{"plots/loss.png"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"ra3 run --preset quick --seed 5 --set 'eval.tune=[0.3,1]' --set eval.tune_problems=3 --set 'mid.steps=[2,3]' --set seeds=2 --out DIR",
		"Of 2 seeds, where a claim asks for 5", "fp32, AVX9", "| version | 9.9 |", "![loss](plots/loss.png)",
		"| 1 | RA3 beats NTP at equal tokens | **not measured** |",
		"| 2 | RA3 beats Base | **not measured** |", "| 1 | mean of pass@1, 5, 10, doc |",
		"| doc | oracle (upper reference, not a lane) | pass@1 | 0.850 [0.215, 1.485] | 2 | 0.800, 0.900 |",
		"| doc | shuffled (control) | pass@1 | 0.250 [0.250, 0.250] | 2 | 0.250, 0.250 |",
		"| RA3 - NTP | doc | pass@1 | +0.125 [-0.828, +1.078] | not distinguishable | 2 | +0.050, +0.200 |",
		"| NTP | tokens to the threshold |  |  | 100, - |",
		"| 0 | nmi | 0.5 [-0.7706, 1.771] | 2 | 0.4, 0.6 |",
		"| NTP | 1000, 1010 | 60, 40 | 5 passed, 2 wrong |", "| RA3 | 1005 | the last |",
		"| RA3 | 5 | code 0.3, decisions 1, rationales 1 | code 1, decisions 0.3, rationales 0.3 |", "mid.stop_every = 0", "chosen for the policies before RLVR",
		"| NTP | tokens sampled | 110 [-17, 237] | 2 | 100, 120 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("a number that is none")
	}
	if i, j := strings.Index(text, "| doc | RA3 |"), strings.Index(text, "| doc | oracle"); i < 0 || j < i {
		t.Error("the oracle stands before the lanes")
	}
	if strings.Contains(text, "validation split") {
		t.Error("held-out problems called validation")
	}
	if t.Failed() {
		t.Log(text)
	}
}

// A finished run directory holds the report, with the figures that are there.
func TestRunWritesReport(t *testing.T) {
	c, err := Resolve("quick", nil, append(append([]string{}, smallest...), `eval.split="validate"`))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 1)
	if err := os.WriteFile(filepath.Join(e.Run().PlotsDir(), "bound.png"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	finished(t, e)
	raw, err := os.ReadFile(filepath.Join(dir, ReportFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# RA3: preset quick, seeds 1, 2", "(plots/bound.png)", "validation split", "## RLVR against NTP", "## Budgets"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the report lacks %q:\n%s", want, raw)
		}
	}
	if strings.Contains(string(raw), "plots/loss.png") {
		t.Error("a figure that is not there")
	}
}
