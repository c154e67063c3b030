package tui

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// onPage turns to a page and returns it.
func onPage[T page](m *model, c keys.Context) T {
	for i, p := range m.pages {
		if p.context() == c {
			m.turn(i)
			return p.(T)
		}
	}
	panic("no page " + c)
}

// exampleAblation has cells in every state, with a value that is none.
func exampleAblation() ablation {
	a := ablation{dir: "runs/abl", factors: []grid.Factor{{Field: "mid.traces", Values: []string{"1000", "8000"}}, {Field: "domain.nuisance", Values: []string{"0", "2", "漢字\x1b[2J"}}}, result: &grid.Result{Interval: "95% t-interval over seeds", Seeds: []int{1, 2, 3}}}
	for i, state := range []string{grid.Finished, grid.Running, grid.Begun, grid.Waiting, grid.Skipped, grid.Failed} {
		values := []string{a.factors[0].Values[i/3], a.factors[1].Values[i%3]}
		a.tasks = append(a.tasks, grid.Progress{Name: fmt.Sprint(i), Values: values, Index: i + 1, State: state, Made: 7 * i, Total: 100, Dir: fmt.Sprintf("runs/abl/cells/%d", i)})
		mean := 0.1 * float64(i-2)
		if i == 4 {
			mean = math.NaN()
		}
		d := experiments.Comparison{Measured: experiments.Measured{Mean: experiments.Number(mean), Lo: experiments.Number(mean - 0.05), Hi: experiments.Number(mean + 0.05), N: 3}}
		c := grid.CellResult{Name: fmt.Sprint(i), State: state}
		if i != 3 {
			c.Differences = map[string]map[string]map[string]experiments.Comparison{"ra3-ntp": {experiments.Average: {experiments.Average: d}}}
		}
		a.result.Cells = append(a.result.Cells, c)
	}
	return a
}

func TestAblatePage(t *testing.T) {
	f := newFake(t)
	for _, o := range []theme.Options{{}, {Depth: theme.TrueColor, Glyphs: theme.Braille}} {
		for _, size := range [][2]int{{60, 16}, {80, 24}, {97, 31}, {140, 45}} {
			m := screen(f, size[0], size[1], o)
			m.feed(f, f.snapshot(30, experiments.Paused))
			p := onPage[*ablatePage](m, keys.Ablate)
			exact(t, m, "ablate, nothing read")
			p.looked = true
			exact(t, m, "ablate, none there")
			p.found = []string{"runs/abl", "runs/\x1b[2J漢字"}
			exact(t, m, "ablate, list")
			m.desk.ablation, p.shown = "runs/abl", exampleAblation()
			for _, k := range []string{"j", "o", "O", "e", "o", "esc", "esc"} {
				exact(t, m, "ablate before "+k)
				m.key(k)
			}
			m.key("n")
			exact(t, m, "ablate form")
		}
	}
	m := screen(f, 100, 30, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(30, experiments.Paused))
	p := onPage[*ablatePage](m, keys.Ablate)
	m.desk.ablation, p.shown = "runs/abl", exampleAblation()
	got := plainText(m)
	for _, want := range []string{"1 of 6 cells", "-0.200 [-0.250, -0.150]", "● 7/100", "‖ 14/100", "· waiting", "- skipped", "✗ failed", "n = 3 seed(s)"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	m.key("o")
	if rows := p.rows(); rows[0].Index != 6 || rows[len(rows)-1].Index != 5 && rows[len(rows)-1].Index != 4 {
		t.Errorf("sorted: %+v", rows)
	}
	m.key("/")
	m.typeText("nuisance=2 begun")
	if rows := p.rows(); len(rows) != 0 {
		t.Errorf("filtered: %+v", rows)
	}
	m.key("esc")
	m.key("/")
	m.typeText("nuisance=2")
	if rows := p.rows(); len(rows) != 2 {
		t.Errorf("filtered: %+v", rows)
	}
	exact(t, m, "ablate filter")
}

// The form says what a grid costs before it starts, and refuses a wrong one.
func TestAblateForm(t *testing.T) {
	f := newFake(t)
	m := screen(f, 100, 40, theme.Options{})
	s := f.snapshot(30, experiments.Paused)
	m.feed(f, s)
	onPage[*ablatePage](m, keys.Ablate)
	m.key("n")
	m.key("down")
	m.typeText("mid.traces=20,40,x")
	if got := plainText(m); !strings.Contains(got, "mid.traces") || strings.Contains(got, "What it costs") {
		t.Errorf("a wrong level:\n%s", got)
	}
	form := m.sheet.(*form)
	form.fields[1].set("mid.traces=20,40")
	form.fields[2].set("domain.nuisance=0,2")
	got := plainText(m)
	cost, err := grid.Spec{Preset: "quick", Vary: []string{"mid.traces=20,40", "domain.nuisance=0,2"}, Seeds: 3}.Cost()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"4 cells of 3 seed(s)", fmt.Sprintf("%d updates", cost.Updates), "goes to runs/ablate-quick-"} {
		if !strings.Contains(got, want) {
			t.Errorf("the form lacks %q:\n%s", want, got)
		}
	}
	if cost.Updates == 0 || cost.Cells != 4 || cost.Tokens == 0 {
		t.Errorf("%+v", cost)
	}
}

func exampleRuns(t *testing.T) []storedRun {
	c, err := experiments.Resolve("quick", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := c
	other.Mid.Traces = 77
	at := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	return []storedRun{
		{Info: store.Info{Name: "a", Dir: "runs/a", State: store.Finished, Events: 316, Updated: at, Size: 4 << 20}, values: experiments.RunValues{"name": "a", "seed": "1"}, config: c, summary: exampleSummary(), notes: []store.Note{{Text: "good \x1b[2J漢字", At: "2026", Branch: "main", Update: 3, Mark: true}}},
		{Info: store.Info{Name: "b", Dir: "runs/b", State: store.Running, Updated: at.Add(time.Hour)}, values: experiments.RunValues{"name": "b", "seed": "2", "mid.traces": "77"}, config: other},
		{Info: store.Info{Name: "c\n漢字", Dir: "runs/c", State: store.Unreadable, Problem: "run.toml: \x1b[31mbroken\nlines"}, values: experiments.RunValues{"name": "c"}},
	}
}

func TestRunsPage(t *testing.T) {
	f := newFake(t)
	for _, o := range []theme.Options{{}, {Depth: theme.TrueColor, Glyphs: theme.Braille}} {
		for _, size := range [][2]int{{60, 16}, {80, 24}, {97, 31}, {140, 45}} {
			m := screen(f, size[0], size[1], o)
			m.feed(f, f.snapshot(30, experiments.Paused))
			p := onPage[*runsPage](m, keys.Runs)
			exact(t, m, "runs, nothing read")
			p.looked = true
			exact(t, m, "runs, none")
			p.all = exampleRuns(t)
			for _, k := range []string{"j", "j", "o", "x", "k", "x", "c", "l", "j", "esc", "O"} {
				exact(t, m, "runs before "+k)
				m.key(k)
			}
			m.key("/")
			m.typeText(`seed>"`)
			exact(t, m, "runs, half a query")
			m.key("esc")
		}
	}
	m := screen(f, 110, 30, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(30, experiments.Paused))
	p := onPage[*runsPage](m, keys.Runs)
	p.looked, p.all = true, exampleRuns(t)
	m.key("/")
	m.typeText("seed>1")
	m.key("enter")
	if rows := p.rows(); len(rows) != 1 || rows[0].Name != "b" || !strings.Contains(plainText(m), "1 of 3 for /seed>1") {
		t.Errorf("query: %+v\n%s", rows, plainText(m))
	}
	m.key("esc")
	m.key("c")
	if got := plainText(m); !strings.Contains(got, "mid.traces") || !strings.Contains(got, "77") || !strings.Contains(got, "doc RA3 pass@1") {
		t.Errorf("comparison:\n%s", got)
	}
}

// A run goes only when its name is written, and never the one on the screen.
func TestDeleteAsksForTheName(t *testing.T) {
	root := t.TempDir()
	c, err := experiments.Resolve("quick", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := c.TOML()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "old")
	run, err := store.Create(dir, experiments.Manifest(c), doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	f := newFake(t)
	m := screen(f, 100, 30, theme.Options{})
	m.desk.Root = root
	m.feed(f, f.snapshot(30, experiments.Paused))
	p := onPage[*runsPage](m, keys.Runs)
	m.absorb(p.poll())
	if len(p.all) != 1 || p.all[0].Name != "old" {
		t.Fatalf("read %+v", p.all)
	}
	m.key("D")
	m.typeText("no")
	m.key("enter")
	if _, err := os.Stat(dir); err != nil {
		t.Fatal("deleted without its name")
	}
	m.key("D")
	m.typeText("old")
	if cmd := m.key("enter"); cmd == nil {
		t.Fatal("nothing is done")
	} else {
		cmd()
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}
