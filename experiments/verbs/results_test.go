package verbs

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update accepts it):\n%s", name, got)
	}
}

func measured(mean, lo, hi float64, n int) experiments.Measured {
	return experiments.Measured{Mean: experiments.Number(mean), Lo: experiments.Number(lo), Hi: experiments.Number(hi), N: n, BySeed: []experiments.Number{experiments.Number(mean)}}
}

// alone is a value without an interval.
func alone(mean float64) experiments.Measured { return measured(mean, math.NaN(), math.NaN(), 1) }

func handMade() *experiments.Summary {
	family := func(p float64, n int) experiments.FamilySummary {
		nats := alone(30 * (1 - p))
		return experiments.FamilySummary{Pass1: measured(p, p-0.1, p+0.1, n), Pass5: measured(p+0.1, p, p+0.2, n), Pass10: alone(math.NaN()), Nats: &nats, Problems: n}
	}
	pruning := func(x float64) experiments.PruningSummary {
		return experiments.PruningSummary{LogEffective: alone(x), LogEffectiveCode: alone(x / 2), LogEffectiveRationale: alone(x / 2), LogAll: alone(300), KeptShare: alone(x / 300), Recall: alone(0.98), Horizon: alone(x)}
	}
	tau, cut := alone(3.25), measured(0.02, -0.01, 0.05, 60)
	thinks := pruning(12)
	thinks.Tau, thinks.PruningError, thinks.PruningK = &tau, &cut, 16
	higher := experiments.Comparison{Measured: measured(0.1, 0.02, 0.18, 60), Verdict: "higher"}
	return &experiments.Summary{Preset: "quick", Seeds: []int{7}, Interval: "95% bootstrap over problems", WallSeconds: 41.25,
		Lanes: map[string]experiments.LaneSummary{
			"base": {"doc": family(0.2, 60), "ask": family(0.25, 60)}, "ntp": {"doc": family(0.4, 60), "ask": family(0.45, 60), "doc-long": family(0.1, 60)},
			"ra3": {"doc": family(0.5, 60), "ask": family(0.55, 60)}},
		Differences:   map[string]map[string]map[string]experiments.Comparison{"ntp-base": {"ask": {"pass@1": higher}}, "ra3-ntp": {"doc": {"pass@5": higher, "pass@1": higher}}},
		Pruning:       map[string]experiments.PruningSummary{"ntp": pruning(9), "ra3": thinks},
		RLVR:          map[string]experiments.RLVRSummary{"ra3": {AUC: alone(0.3), Start: alone(0.2), Final: alone(0.4), Threshold: 0.5, TokensToThreshold: []experiments.Number{experiments.Number(math.NaN())}, Curve: []experiments.CurvePoint{{Update: 0}, {Update: 6}}}},
		Latents:       experiments.LatentSummary{Iterations: []map[string]experiments.Measured{{"nmi": alone(0.8), "tau": alone(3)}, {"nmi": alone(0.9), "tau": alone(3.1)}}},
		TokensTrained: map[string][]float64{"ntp": {281278}, "ra3": {280412}},
		Verdicts:      map[string]map[string]map[string]int{"ntp": {"doc": {"wrong": 3, "passed": 5, "timeout": 1}, "ask": {"passed": 2}}, "base": {"doc": {"error": 4}}}}
}

func TestResultTable(t *testing.T) {
	c, err := experiments.Resolve("quick", nil, []string{"seed=7"})
	if err != nil {
		t.Fatal(err)
	}
	// What the presets say now must not decide about the layout.
	c.Eval.Samples, c.RLVR.EvalProblems, c.RLVR.EvalSamples = 10, 30, 4
	c.Eval.Temperatures.Code, c.Eval.Temperatures.Decision, c.Eval.Temperatures.Rationale = 0.3, 0.3, 0.8
	c.RLVR.Temperatures.Code, c.RLVR.Temperatures.Decision, c.RLVR.Temperatures.Rationale = 1, 1, 1
	golden(t, "results.golden", resultTable(c, handMade()))
	for _, part := range []string{resultTable(c, &experiments.Summary{Preset: "base", Seeds: []int{1, 2}})} {
		if strings.Contains(part, "pass@1") {
			t.Errorf("a run that measured nothing has tables:\n%s", part)
		}
	}
}

func TestDiffText(t *testing.T) {
	a, err := experiments.Resolve("quick", nil, []string{"seed=7", "mid.updates=100"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := experiments.Resolve("quick", nil, []string{"seed=8", "mid.updates=200", "eval.temperatures.code=0.7"})
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, c := range changes(a, b) {
		fields = append(fields, c.Field)
	}
	if want := []string{"eval.temperatures.code", "mid.updates", "seed"}; !slices.Equal(fields, want) {
		t.Errorf("fields that differ: %v, want %v", fields, want)
	}
	if got := settingsThatDiffer(a, b); !slices.Equal(got, []string{"eval.temperatures.code", "mid.updates"}) {
		t.Errorf("without seeds: %v", got)
	}
	names, values, _ := headlines(handMade())
	if len(names) != len(values) || names[0] != "base doc pass@1" || values["ra3 ask pass@1"].Mean != 0.55 {
		t.Errorf("%v", names)
	}
}

// Runs of different seeds become one sample of seeds.
func TestPool(t *testing.T) {
	if pool(nil) != nil {
		t.Error("nothing pooled is something")
	}
	a, b := handMade(), handMade()
	b.Seeds = []int{8}
	r := b.Lanes["ra3"]["doc"]
	r.Pass1 = measured(0.7, 0.6, 0.8, 60)
	b.Lanes["ra3"]["doc"] = r
	if pool([]*experiments.Summary{a}) != a {
		t.Error("one run changed by pooling")
	}
	p := pool([]*experiments.Summary{a, b})
	got, want := p.Lanes["ra3"]["doc"].Pass1, measure.TInterval([]float64{0.5, 0.7}, 0.95)
	if float64(got.Mean) != want.Mean || float64(got.Lo) != want.Lo || float64(got.Hi) != want.Hi || got.N != 2 || !slices.Equal(p.Seeds, []int{7, 8}) {
		t.Errorf("%+v, want %+v; seeds %v", got, want, p.Seeds)
	}
}

func TestBarLine(t *testing.T) {
	if got, want := barLine(5, 20, "ntp M 5/20", 65*time.Second, 80), "[#####...............]  25% 1:05  ntp M 5/20"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, width := range []int{0, 1, 5, 30, 200} {
		for _, made := range []int{0, 1, 19, 20} {
			line := barLine(made, 20, "ein längerer Text, der nicht überall passt", time.Hour, width)
			if n := utf8.RuneCountInString(line); n > max(0, width-3) || strings.Contains(line, "\n") {
				t.Errorf("width %d: %d columns: %q", width, n, line)
			}
		}
	}
	if got := barLine(0, 0, "", 0, 80); !strings.Contains(got, "0%") {
		t.Errorf("nothing to do: %q", got)
	}
}

func TestKeyMeasures(t *testing.T) {
	for _, c := range []struct {
		phase    string
		measures store.Measures
		want     string
	}{
		{"M", store.Measures{"loss_code": 0.1234, "probe_nats": 9.876}, "code loss 0.123 nats/token, validation 9.88 nats/program"},
		{"E", store.Measures{"bound": -12.345, "think_rate": math.NaN()}, "bound -12.35 nats, think rate NaN"},
		{"rlvr", store.Measures{"reward": 0.5}, "reward 0.50"},
		{"unheard", store.Measures{"x": 1}, ""},
	} {
		if got := keyMeasures(store.Event{Phase: c.phase, Measures: c.measures}, nil); got != c.want {
			t.Errorf("%s: %q, want %q", c.phase, got, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		figure, out string
		dirs        []string
		want        place
		bad         bool
	}{
		{"", "", []string{"r"}, place{dir: filepath.Join("r", "plots")}, false},
		{"", "", []string{"r", "q"}, place{}, true},
		{"bound", "", []string{"r"}, place{}, true},
		{"bound", "x.PNG", []string{"r"}, place{file: "x.PNG"}, false},
		{"bound", dir, []string{"r"}, place{file: filepath.Join(dir, "bound.png")}, false},
		{"", "new/", []string{"r"}, place{dir: "new/"}, false},
		{"", "new", []string{"r"}, place{dir: "new"}, false},
		{"", "x.pdf", []string{"r"}, place{}, true},
		{"bound", "x", []string{"r"}, place{}, true},
	} {
		got, err := plotTarget(c.figure, c.out, ".png", c.dirs)
		if got != c.want || (err != nil) != c.bad || err != nil && !isUsage(err) {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
}

func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 42_800_000: "42.8 MB", 5e15: "5000.0 TB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
