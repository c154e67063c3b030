package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// pump carries out a model's commands as the program does, in goroutines.
type pump struct {
	t    *testing.T
	m    *model
	msgs chan tea.Msg
}

func newPump(t *testing.T, m *model) *pump { return &pump{t, m, make(chan tea.Msg, 64)} }

func (p *pump) do(cmd tea.Cmd) {
	if cmd != nil {
		go func() { p.msgs <- cmd() }()
	}
}

// press types keys, and until waits for what comes of them.
func (p *pump) press(names ...string) {
	p.t.Helper()
	for _, k := range names {
		p.do(p.m.key(k))
	}
}

func (p *pump) until(what string, holds func() bool) {
	p.t.Helper()
	late := time.After(2 * time.Minute)
	for !holds() {
		select {
		case msg := <-p.msgs:
			if batch, ok := msg.(tea.BatchMsg); ok {
				for _, cmd := range batch {
					p.do(cmd)
				}
				continue
			}
			_, cmd := p.m.Update(msg)
			p.do(cmd)
		case <-late:
			p.t.Fatalf("%s does not come:\n%s", what, plainText(p.m))
		}
	}
}

func (p *pump) shows(text string) {
	p.t.Helper()
	p.until(text, func() bool { return strings.Contains(plainText(p.m), text) })
}

// tinySettings make a cell of about a second.
const tinySettings = "model.precision=fp32 mid.updates=4 mid.tokens=400 mid.probe_every=4 ra3.warm=2 ra3.iterations=1 ra3.e_updates=1 ra3.e_batch=2 ra3.group=2 ra3.exact=0 " +
	"rlvr.updates=2 rlvr.eval_every=2 rlvr.eval_problems=2 rlvr.eval_samples=2 rlvr.problems=2 rlvr.group=2 rlvr.max_tokens=60 eval.problems=6 eval.samples=10 eval.traces=4 eval.max_tokens=80"

// onDesk is a workbench over a run, with a desk that outlives it.
func onDesk(t *testing.T, d *Desk, dir string) (*pump, *ablatePage) {
	t.Helper()
	f := newFake(t)
	if dir != "" {
		f.dir = dir
	}
	look := theme.Options{Glyphs: theme.Braille}
	m := newModel(f, Options{Theme: &look, Desk: d})
	m.untimed = true
	m.Update(tea.WindowSizeMsg{Width: 140, Height: 40})
	p := newPump(t, m)
	page := onPage[*ablatePage](m, keys.Ablate)
	p.do(page.start())
	_, cmd := m.Update(snapshotMsg{f.snapshot(30, experiments.Paused)})
	_ = cmd // await would wait for the engine
	p.do(page.poll())
	return p, page
}

// From nothing to a finished grid by the page's keys: made, watched, stepped
// into, stopped, gone on with after the run on the screen has changed.
func TestAblateFlow(t *testing.T) {
	desk := &Desk{Ctx: t.Context(), Threads: 2, Root: filepath.Join(t.TempDir(), "runs")}
	p, page := onDesk(t, desk, "")
	first := p.m.engine.Dir()
	p.shows("No ablation yet")
	p.press("n")
	fill := p.m.sheet.(*form)
	fill.fields[1].set("mid.traces=20,24")
	fill.fields[6].set("2")
	fill.fields[7].set(tinySettings)
	p.shows("2 cells x 2 seeds")
	p.press("enter")
	p.shows("at work: g stops")
	p.shows("● ablation 0/2 cells")
	p.until("a cell at work", func() bool { rows := page.rows(); return len(rows) == 2 && rows[0].State == grid.Running })
	// Into the cell that is being made; the desk works on meanwhile.
	p.press("enter")
	p.until("the cell", func() bool { return p.m.opened != nil })
	if o := *p.m.opened; !o.ReadOnly || o.Dir != page.rows()[0].Dir || !p.m.quitting || !desk.busy() {
		t.Fatalf("%+v, busy %v", o, desk.busy())
	}
	cell := p.m.opened.Dir

	p, page = onDesk(t, desk, cell)
	p.until("the greeting", func() bool { return strings.Contains(p.m.notice, "a cell of ablate-quick-") })
	p.shows("at work: g stops")
	p.press("g")
	p.shows("stopped and saved after")
	p.shows("at rest: g goes on")
	if h, err := store.Holder(page.dir); h != nil || err != nil {
		t.Errorf("held after a stop: %v %v", h, err)
	}
	// A cell that is driven by hand is in the grid's way, and says so.
	p.press("g")
	p.shows("driven by hand")
	p.press("R")
	if p.m.opened == nil || p.m.opened.Dir != first || p.m.opened.ReadOnly {
		t.Fatalf("back to %+v, want %s", p.m.opened, first)
	}

	p, page = onDesk(t, desk, first)
	p.shows("at rest: g goes on")
	p.press("R")
	p.shows("no run was left for a cell")
	// From the list g goes on with the one selected, as on its own page.
	p.press("esc", "esc")
	p.until("the list", func() bool { return page.dir == "" && len(page.found) == 1 })
	p.press("g")
	p.shows("Cells in the grid's order")
	p.shows("all 2 cells are done")
	p.shows("✓ finished  2 of 2 cells")
	p.press("o", "e")
	p.shows("Main effects on RA3-NTP")
	p.press("enter")
	p.shows("mean of 1 cell")
	p.press("esc", "w")
	p.shows("effects-ra3-ntp.png and table-effects-ra3-ntp.png")
	if info, err := os.Stat(filepath.Join(page.dir, "plots", "effects-ra3-ntp.png")); err != nil || info.Size() == 0 {
		t.Error(err)
	}
	p.press("esc")
	if again, err := desk.Close(); again != "" || err != nil {
		t.Errorf("of a finished ablation: %q %v", again, err)
	}
}

// What a session failed of stays on the screen, and q is asked twice while one
// is at work, also in a run that sends snapshots; leaving says how to go on.
func TestAblateFailsAndQuits(t *testing.T) {
	desk := &Desk{Ctx: t.Context(), Threads: 2, Root: filepath.Join(t.TempDir(), "runs")}
	spec := grid.Spec{Preset: "quick", Vary: []string{"mid.traces=20,24"}, Seeds: 1, Set: strings.Fields(tinySettings)}
	a, err := openAblation(desk.Root, spec)
	must(t, err)
	dir := a.Dir
	must(t, a.Close())
	must(t, os.Mkdir(filepath.Join(dir, grid.JSONFile), 0o777)) // nothing can be written there
	p, page := onDesk(t, desk, "")
	p.shows("0/2")
	p.press("enter")
	p.shows("at rest: g goes on")
	p.press("g")
	p.shows("failed: g tries again")
	for range 3 {
		read := page.shown.read
		page.polls = 0
		p.do(page.poll())
		p.until("a look at the disk", func() bool { return page.shown.read != read })
		if got := plainText(p.m); !strings.Contains(got, "failed: g tries again") || !strings.Contains(got, grid.JSONFile) {
			t.Fatalf("the error is gone:\n%s", got)
		}
	}
	must(t, os.Remove(filepath.Join(dir, grid.JSONFile)))
	p.press("g")
	p.until("a cell at work", func() bool { rows := page.rows(); return len(rows) > 0 && rows[0].State == grid.Running })
	p.press("q")
	f := p.m.engine.(*fake)
	p.m.Update(snapshotMsg{f.snapshot(31, experiments.Following)})
	if got := plainText(p.m); !strings.Contains(got, "an ablation is at work: q again saves and quits") {
		t.Fatalf("not asked:\n%s", got)
	}
	p.press("q")
	if !p.m.quitting {
		t.Fatal("not leaving")
	}
	again, err := desk.Close()
	if err != nil || !strings.Contains(again, "stopped and saved with 0 of 2 cells finished: go on with ra3 ablate --resume "+dir) {
		t.Errorf("%q %v", again, err)
	}
	if h, err := store.Holder(dir); h != nil || err != nil {
		t.Errorf("held after leaving: %v %v", h, err)
	}
	if _, err := desk.run(func() (*grid.Ablation, error) { return grid.Resume(dir) }); err == nil || !strings.Contains(err.Error(), "being left") {
		t.Errorf("started after leaving: %v", err)
	}
}
