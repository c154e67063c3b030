package tui

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// exampleAblation has cells in every state, with values that are none.
func exampleAblation(t testing.TB) ablation {
	t.Helper()
	spec := grid.Spec{Preset: "quick", Vary: []string{"mid.traces=1000,8000", "domain.nuisance=0,1,2"}, Seeds: 3}
	factors, cells, err := spec.Cells()
	must(t, err)
	a := ablation{of: &grid.Ablation{Dir: "runs/abl", Spec: spec, Factors: factors, Cells: cells},
		result: &grid.Result{Interval: "95% t-interval over seeds", Seeds: []int{1, 2, 3}, Split: "heldout", Factors: factors}}
	nan := math.NaN()
	for i, state := range []string{grid.Finished, grid.Running, grid.Begun, grid.Waiting, grid.Skipped, grid.Failed} {
		p := grid.Progress{Name: cells[i].Name, Values: cells[i].Values, Index: i + 1, State: state, Made: 7 * i, Total: 100, Dir: fmt.Sprintf("runs/abl/cells/%d", i)}
		if state == grid.Failed {
			p.Problem = "run.toml: \x1b[31mbroken\nlines 漢字"
		}
		a.tasks = append(a.tasks, p)
		mean := 0.1 * float64(i-2)
		if i == 4 {
			mean = nan
		}
		of := func(x float64) experiments.Measured {
			return experiments.Measured{Mean: experiments.Number(x), Lo: experiments.Number(x - 0.05), Hi: experiments.Number(x + 0.05), N: 3, BySeed: []experiments.Number{experiments.Number(x), experiments.Number(x + 0.01), experiments.Number(nan)}}
		}
		c := grid.CellResult{Name: p.Name, State: state, Values: map[string]string{"mid.traces": p.Values[0], "domain.nuisance": p.Values[1]}}
		if i != 3 {
			c.Differences = map[string]map[string]map[string]experiments.Comparison{"ra3-ntp": {experiments.Average: {experiments.Average: {Measured: of(mean)}}}}
			h := of(-mean)
			wide := experiments.Measured{Mean: experiments.Number(math.Inf(1)), Lo: experiments.Number(nan), Hi: experiments.Number(math.Inf(1)), N: 1}
			c.Horizon, c.ExactGap = &h, &wide
		}
		a.result.Cells = append(a.result.Cells, c)
	}
	level := func(v string, mean, change float64) grid.Level {
		l := grid.Level{Value: v, Cells: 1, Mean: experiments.OverSeeds([]float64{mean, mean + 0.1, mean - 0.1})}
		if change == change {
			x := experiments.OverSeeds([]float64{change, change + 0.001, change - 0.001})
			l.Change = &x
		}
		return l
	}
	for _, name := range []string{"ra3-ntp", "horizon"} {
		a.result.Effects = append(a.result.Effects, grid.Effect{Field: "mid.traces", Measure: name, Levels: []grid.Level{level("1000", 0.1, nan), level("8000", 0.3, 0.2)}},
			grid.Effect{Field: "domain.nuisance", Measure: name, Levels: []grid.Level{level("0", 0.1, nan), level("1", 0.1, 0), level("漢字\x1b[2J", math.Inf(1), nan)}})
	}
	return a
}

// onAblation shows the example on the page.
func onAblation(t testing.TB, m *model, a ablation) *ablatePage {
	t.Helper()
	p := onPage[*ablatePage](m, keys.Ablate)
	p.dir, p.shown = "runs/abl", a
	return p
}

// Every size that is drawn has exactly its cells, whatever is or is not there.
func TestAblateLayout(t *testing.T) {
	f := newFake(t)
	sizes := [][2]int{{1, 1}, {2, 7}, {59, 16}, {60, 15}, {60, 16}, {61, 17}, {80, 24}, {97, 31}, {120, 40}, {160, 50}, {250, 80}}
	if !testing.Short() {
		for w := 60; w <= 130; w += 7 {
			for h := 16; h <= 46; h += 9 {
				sizes = append(sizes, [2]int{w, h})
			}
		}
	}
	example := exampleAblation(t)
	empty := ablation{of: example.of, tasks: example.tasks}
	none := ablation{of: example.of, tasks: []grid.Progress{}, result: &grid.Result{}}
	broken := ablation{err: fmt.Errorf("runs/abl/grid.toml: no \x1b[2Jsense\nat all 漢字")}
	failed := example
	failed.err = fmt.Errorf("cell 001: the disk is full")
	failed.rate, failed.left, failed.stage, failed.update = 3.5, 1e9, f.plan[0], 3
	for i, o := range []theme.Options{{}, {Depth: theme.TrueColor, Glyphs: theme.Braille}, {Depth: theme.Colors16, Glyphs: theme.Block}} {
		for _, size := range sizes {
			m := screen(f, size[0], size[1], o)
			m.feed(f, f.snapshot(30, experiments.Paused))
			p := onPage[*ablatePage](m, keys.Ablate)
			exact(t, m, "ablate, nothing read")
			p.looked = true
			exact(t, m, "ablate, none there")
			p.found = []foundAblation{{dir: "runs/abl", factors: example.of.Factors, preset: "quick", seeds: 3, done: 2, cells: 6, made: 10, total: 600},
				{dir: "runs/\x1b[2J漢字", problem: "no \x1b[2Jsense"}, {dir: "runs/c", done: 1, cells: 1, written: true}}
			for range p.found {
				exact(t, m, "ablate, list")
				m.key("j")
			}
			for _, a := range []ablation{empty, none, broken, failed, example} {
				p.shown, *p.ablateLook = a, ablateLook{dir: "runs/abl"}
				for _, k := range []string{"j", "o", "O", "l", "l", "h", "x", "esc", "e", "j", "o", "j", "enter", "j", "esc", "esc", "esc", "esc"} {
					exact(t, m, "ablate before "+k)
					m.key(k)
				}
			}
			if i > 0 && size[0]%2 == 0 {
				continue // forms are many, and the same
			}
			m.key("n")
			exact(t, m, "ablate form")
			m.key("tab")
			exact(t, m, "ablate form with a factor")
		}
	}
}

// Units stand below the heads; columns without room are counted in the rule, and
// the pane below has their intervals.
func TestAblateColumns(t *testing.T) {
	f := newFake(t)
	m := screen(f, 130, 30, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(30, experiments.Paused))
	p := onAblation(t, m, exampleAblation(t))
	if got := plainText(m); strings.Contains(got, "more column") || !strings.Contains(got, "decisions") || !strings.Contains(got, "every interval") {
		t.Errorf("with room for all:\n%s", got)
	}
	m.w, m.h = 62, 30
	if got := plainText(m); !strings.Contains(got, "… 2 more columns ━") {
		t.Errorf("columns are missing without a sign:\n%s", got)
	}
	// A level has no sign of its own, a difference has.
	for _, x := range grid.Measures() {
		level := experiments.Measured{Mean: 0.262, Lo: 0.2, Hi: 0.3}
		want := "0.262 [0.200, 0.300]"
		if x.Difference {
			want = "+0.262 [+0.200, +0.300]"
		}
		if got := p.measured(x, level); got != want {
			t.Errorf("%s: %q, want %q", x.Name, got, want)
		}
	}
	// What is the same in every seed is said to be.
	m.w, m.h = 130, 30
	m.key("e")
	if got := plainText(m); !strings.Contains(got, "+0.200 [") || strings.Contains(got, "identical") {
		t.Errorf("effects:\n%s", got)
	}
	for i := range p.shown.result.Effects {
		if l := p.shown.result.Effects[i].Levels; l[1].Change != nil {
			same := experiments.OverSeeds([]float64{0, 0, 0})
			l[1].Change = &same
		}
	}
	if got := plainText(m); !strings.Contains(got, "+0.000 [+0.000, +0.000]        1  3  identical") {
		t.Errorf("effects of nothing:\n%s", got)
	}
}

func TestAblateCells(t *testing.T) {
	f := newFake(t)
	m := screen(f, 130, 30, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(30, experiments.Paused))
	p := onAblation(t, m, exampleAblation(t))
	got := plainText(m)
	for _, want := range []string{"1 of 6 cells", "at rest: g goes on", "-0.200 [-0.250, -0.150] ✗", "7/100", "14/100", "· waiting", "- skipped", "✗ failed", "n = 3 seeds", "RA3-NTP ↑", "horizon ↓",
		"Cell 1 of 6: mid.traces=1000  domain.nuisance=0", "finished: enter looks at it", "by seed -0.200 -0.190 -", "decisions a program, lower is better", "cross of traces (2) x nuisance (3)"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	// RA3 minus NTP of the first cell is below zero, which is worse; so is its
	// horizon, which is above.
	first := p.shown.cells()[0]
	for _, x := range grid.Measures() {
		if v := p.shown.value(first, x); v != nil && (x.Name == "ra3-ntp" || x.Name == "horizon") && x.Read(v) != grid.Worse {
			t.Errorf("%s reads %q", x.Name, x.Read(v))
		}
	}
	m.key("o")
	if rows := p.rows(); rows[0].Index != 6 || rows[len(rows)-1].Index != 5 && rows[len(rows)-1].Index != 4 {
		t.Errorf("sorted: %+v", rows)
	}
	m.key("o") // the horizon is the next that was measured; the shortest is best
	if p.measure().Name != "horizon" || p.rows()[0].Index != 6 {
		t.Errorf("sorted by %s: %+v", p.measure().Name, p.rows())
	}
	m.key("O")
	if rows := p.rows(); rows[0].Index != 1 || rows[5].Index != 5 && rows[5].Index != 4 {
		t.Errorf("the other way round: %+v", rows)
	}
	// A seed alone has its own values and no interval.
	m.key("O")
	m.key("l")
	m.key("l")
	if got := plainText(m); !strings.Contains(got, "seed 2 alone") || strings.Contains(got, "[-0.250") || !strings.Contains(got, "-0.190") {
		t.Errorf("a seed alone:\n%s", got)
	}
	m.key("esc")
	if p.seed != 0 || p.dir == "" {
		t.Errorf("esc leaves the seed first: %+v", p.ablateLook)
	}
	m.key("/")
	m.typeText("nuisance=2 begun")
	if rows := p.rows(); len(rows) != 1 || rows[0].Index != 3 {
		t.Errorf("filtered: %+v", rows)
	}
	m.key("enter")
	m.key("/")
	m.typeText(" nothing")
	m.key("enter")
	m.key("enter")
	if got := plainText(m); !strings.Contains(got, "no cell matches") {
		t.Errorf("entering nothing:\n%s", got)
	}
	m.key("esc") // the notice
	m.key("esc")
	if p.filter != "" || p.dir == "" {
		t.Errorf("esc drops the filter next: %+v", p.ablateLook)
	}
	m.key("esc")
	if p.dir != "" {
		t.Error("esc goes back to the list last")
	}
}

// What enter does depends on the cell, and is said before it is pressed.
func TestAblateStates(t *testing.T) {
	f := newFake(t)
	m := screen(f, 130, 30, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(30, experiments.Paused))
	p := onAblation(t, m, exampleAblation(t))
	for i, want := range []string{"finished: enter looks at it", "being made, update 7 of 100: enter looks on", "begun, update 14 of 100: g goes on", "not begun, 100 updates", "not made: its gate failed", "cannot be read: run.toml: broken lines"} {
		p.row = i
		if got := plainText(m); !strings.Contains(got, want) {
			t.Errorf("cell %d lacks %q:\n%s", i+1, want, got)
		}
	}
	for i, want := range map[int]string{3: "has not begun", 4: "was not made", 5: "cannot be read"} {
		p.row = i
		m.key("enter")
		if got := plainText(m); !strings.Contains(got, want) || m.opened != nil {
			t.Errorf("entering cell %d: %+v\n%s", i+1, m.opened, got)
		}
	}
	// A run that went away meanwhile does not end the workbench.
	p.row = 0
	m.absorb(m.key("enter"))
	if m.opened != nil || !m.noticeBad {
		t.Errorf("entered what is not there: %+v", m.opened)
	}
}

func TestAblateEffects(t *testing.T) {
	f := newFake(t)
	m := screen(f, 130, 30, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(30, experiments.Paused))
	p := onAblation(t, m, exampleAblation(t))
	m.key("e")
	got := plainText(m)
	for _, want := range []string{"Main effects on RA3-NTP ↑", "higher is better", "+0.200 [+0.198, +0.202] ✓", "better", "not distinguishable", "compared with", "n = 3 seeds, 95% t-interval"} {
		if !strings.Contains(got, want) {
			t.Errorf("the effects lack %q:\n%s", want, got)
		}
	}
	if cmd := p.regenerate(); cmd != "ra3 plot --run runs/abl --figure effects-ra3-ntp --out effects-ra3-ntp.png && ra3 plot --run runs/abl --figure table-effects-ra3-ntp --out table-effects-ra3-ntp.png" {
		t.Error(cmd)
	}
	// The best change first, then only what is better.
	m.key("O")
	if l := p.levels(); len(l) != 5 || l[0].level().Value != "8000" || l[1].level().Value != "1" {
		t.Errorf("by change: %+v", l)
	}
	m.key("/")
	m.typeText("better")
	m.key("enter")
	if l := p.levels(); len(l) != 1 || !strings.Contains(plainText(m), "the best change first /better") {
		t.Errorf("filtered: %+v\n%s", l, plainText(m))
	}
	m.key("/")
	m.typeText(" no")
	m.key("enter")
	if got := plainText(m); !strings.Contains(got, "No level matches") {
		t.Errorf("nothing matches:\n%s", got)
	}
	p.filter = ""
	m.key("O")
	m.key("j")
	m.key("enter")
	got = plainText(m)
	for _, want := range []string{"Why this number: main effect on RA3-NTP", "mid.traces=8000", "from mid.traces=1000: better, as higher is better", "every seed's mean over the cells below", "3 seeds, 1 2 3", "differences.ra3-ntp", "runs/abl/ablation.json"} {
		if !strings.Contains(got, want) {
			t.Errorf("why lacks %q:\n%s", want, got)
		}
	}
	m.key("esc")
	m.key("o") // the horizon: the same change is worse there
	if got := plainText(m); !strings.Contains(got, "lower is better") || !strings.Contains(got, "+0.200 [+0.198, +0.202] ✗") || !strings.Contains(got, "worse") {
		t.Errorf("effects on the horizon:\n%s", got)
	}
	m.key("esc")
	m.key("O") // the longest horizon first
	m.key("x")
	got = plainText(m)
	for _, want := range []string{"Why this number: horizon of cell 1", "worse, as lower is better and 0 is no difference", "pruning.ra3.horizon", "runs/abl/cells/001-", "summary.json", "3 of 3 seeds", "ra3 runs show"} {
		if !strings.Contains(got, want) {
			t.Errorf("why lacks %q:\n%s", want, got)
		}
	}
}
