package grid

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/measure"
	"ra3/experiments"
)

type (
	comparisons = map[string]map[string]map[string]experiments.Comparison
	measuredBy  = experiments.Measured
)

// found is a summary of two seeds with the given differences of RA3 and NTP.
func found(d0, d1 float64) *experiments.Summary {
	over := func(a, b float64) measuredBy { return experiments.OverSeeds([]float64{a, b}) }
	nan := math.NaN()
	return &experiments.Summary{
		Differences: comparisons{"ra3-ntp": {experiments.Average: {experiments.Average: {Measured: over(d0, d1), Verdict: "x"}}}, "ntp-base": {}},
		Pruning: map[string]experiments.PruningSummary{
			"ntp": {LogEffective: over(9, 10), Horizon: over(6, 6)}, "ra3": {LogEffective: over(8, 8), Horizon: over(5, 4)}},
		SpeedUps: map[string]experiments.SpeedUp{"ra3-ntp": {Ratio: []experiments.Number{2, experiments.Number(nan)}, Log2: over(1, nan)}},
		Latents: experiments.LatentSummary{Iterations: []map[string]measuredBy{
			{"nmi": over(0.9, 0.9), "exact_bound": over(-10, -20), "exact_gap": over(0.1, 0.1)}}},
	}
}

// gateFound is a gate's summary, by family and seed.
func gateFound(ntp, oracle [2]float64) *experiments.Summary {
	lane := func(x [2]float64) experiments.LaneSummary {
		doc, ask := experiments.OverSeeds(x[:]), experiments.OverSeeds([]float64{x[0] + 1, x[1] + 1})
		return experiments.LaneSummary{"doc": {Nats: &doc}, "ask": {Nats: &ask}}
	}
	return &experiments.Summary{Lanes: map[string]experiments.LaneSummary{"ntp": lane(ntp), "oracle": lane(oracle)}}
}

// mapOf is a two by two map: a cell finished, one skipped by its gate, one that
// waits, one finished.
func mapOf(t *testing.T) (*Ablation, *Result) {
	t.Helper()
	a := open(t, t.TempDir(), twoByTwo)
	ts := a.Tasks()
	finish(t, ts[0], gateFound([2]float64{9, 10}, [2]float64{8, 8}))
	finish(t, ts[1], gateFound([2]float64{8, 8}, [2]float64{9, 10}))
	finish(t, ts[3], gateFound([2]float64{9, 9}, [2]float64{8, 9}))
	finish(t, ts[4], found(0.1, 0.2))
	finish(t, ts[7], found(-0.1, 0))
	r, err := a.Result()
	if err != nil {
		t.Fatal(err)
	}
	return a, r
}

func TestResult(t *testing.T) {
	_, r := mapOf(t)
	var states []string
	for _, c := range r.Cells {
		states = append(states, c.State)
	}
	if strings.Join(states, " ") != "finished skipped waiting finished" {
		t.Fatalf("%v", states)
	}
	c := r.Cells[0]
	if c.Values["mid.traces"] != "20" || c.Values["domain.nuisance"] != "0" || c.Gate == nil || !c.Gate.Passed || r.Cells[1].Gate.Passed || r.Cells[2].Gate != nil {
		t.Errorf("%+v", c)
	}
	for name, want := range map[string]float64{"ra3-ntp": 0.15, "log-effective": -1.5, "horizon": -1.5, "exact-gap": 0.0075, "gate": 1.5, "speed-up": 1} {
		if got := Value(name, &c); got == nil || math.Abs(float64(got.Mean)-want) > 1e-12 {
			t.Errorf("%s: %+v, want %g", name, got, want)
		}
	}
	if Value("ra3-base", &c) != nil || Value("ra3-ntp", &r.Cells[1]) != nil {
		t.Error("a value of what was not measured")
	}
	// One of two seeds: no interval for it.
	if x := Value("speed-up", &c); x.N != 1 || !math.IsNaN(float64(x.Lo)) {
		t.Errorf("%+v", x)
	}
	// Of upper bounds: an interval, but none above zero.
	s := experiments.SpeedUp{Ratio: []experiments.Number{2, 2}, Censored: []bool{false, true}, Log2: experiments.OverSeeds([]float64{1, 1})}
	if x := Value("speed-up", &CellResult{SpeedUp: &s}); x.N != 2 || x.Mean != 1 || !math.IsNaN(float64(x.Lo)) {
		t.Errorf("%+v", x)
	}
	s.Log2 = experiments.OverSeeds([]float64{-1, -1})
	if x := Value("speed-up", &CellResult{SpeedUp: &s}); x.Hi != -1 {
		t.Errorf("%+v", x)
	}
	if c.Verdicts[8] != experiments.Supported || c.Verdicts[2] != experiments.NotMeasured {
		t.Errorf("%v", c.Verdicts)
	}
}

func TestFigures(t *testing.T) {
	_, r := mapOf(t)
	fs := r.Figures()
	if len(fs) != 3 || fs[0].Name != "ra3-ntp" || fs[1].Name != "speed-up" || fs[2].Name != "gate" {
		t.Fatalf("%+v", fs)
	}
	f := fs[0]
	if f.Kind != measure.Heat || f.XLabel != "domain.nuisance" || f.YLabel != "mid.traces" || strings.Join(f.Categories, " ") != "0 2" || len(f.Series) != 2 {
		t.Fatalf("%+v", f)
	}
	top, bottom := f.Series[0], f.Series[1]
	if top.Name != "20" || len(top.X) != 1 || top.X[0] != 0 || math.Abs(top.Y[0]-0.15) > 1e-12 || top.N[0] != 2 || bottom.X[0] != 1 || math.Abs(bottom.Y[0]+0.05) > 1e-12 {
		t.Errorf("%+v %+v", top, bottom)
	}
	const t1 = 12.706204736432095 // Student's t at 97.5%, one degree of freedom
	if math.Abs(top.Lo[0]-(0.15-t1*0.05)) > 1e-9 || math.Abs(top.Hi[0]-(0.15+t1*0.05)) > 1e-9 {
		t.Errorf("interval %v %v", top.Lo, top.Hi)
	}
	if !strings.Contains(f.Caption, "n = 2 seed") || !strings.Contains(f.Caption, "95% t-interval over seeds") {
		t.Error(f.Caption)
	}
}

func TestWritten(t *testing.T) {
	a, r := mapOf(t)
	if err := a.Write(r, []string{"gate.png"}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(a.Dir, JSONFile))
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if d := back.Cells[3].Differences["ra3-ntp"]["average"]["average"]; d.N != 2 || d.BySeed[0] != -0.1 || d.BySeed[1] != 0 {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(string(raw), `"ratio": [
          2,
          null
        ]`) {
		t.Error("a ratio that was not reached is no null")
	}
	table, err := os.ReadFile(filepath.Join(a.Dir, CSVFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(table), "\n")
	for i, want := range []string{
		"cell,mid.traces,domain.nuisance,state,measure,family,mean,lo,hi,n,by_seed",
		"001-mid.traces_20_domain.nuisance_0,20,0,finished,ra3-ntp average,average,0.15",
		"001-mid.traces_20_domain.nuisance_0,20,0,finished,speed-up,,1,,,1,1 -",
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: %q, want %q...", i, lines[i], want)
		}
	}
	text, err := os.ReadFile(filepath.Join(a.Dir, experiments.ReportFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"4: 2 finished, 1 skipped by their gate, 1 waiting", "--vary mid.traces=20,40 --vary domain.nuisance=0,2 --seeds 2 --gate=skip --out DIR", "(plots/gate.png)",
		"| 20 | 2 | -1.500 [-7.853, +4.853] | 2 | -1.000, -2.000 | not distinguishable | failed |", "Lower is better.", "| 40 | 2 | finished | undecided | not measured |",
		"(cells/004-mid.traces_40_domain.nuisance_2/report.md)", "| 20 | 2 | skipped |",
		// Two cells' differences, spaces and horizons, three gates.
		"The cells have 9 intervals", "about 0.5 of them would exclude zero", "start from one base",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	r.Split, r.SharedBase = "validate", false
	if text := r.Report(nil); !strings.Contains(text, "compositions are few") || strings.Contains(text, "start from one base") {
		t.Errorf("cautions of validation problems and bases of their own:\n%s", text)
	}
	if t.Failed() {
		t.Logf("%s", text)
	}
}
