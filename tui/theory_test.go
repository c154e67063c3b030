package tui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ra3/experiments"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// theoryScreen is the page with its first computation done, on settings that
// take no time.
func theoryScreen(t *testing.T, w, h int, o theme.Options) (*model, *theoryPage) {
	t.Helper()
	f := newFake(t)
	m := screen(f, w, h, o)
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.desk.Root = t.TempDir()
	p := pageOf[*theoryPage](m)
	p.settings.Tasks, p.settings.Repeats, p.settings.Demos, p.settings.Episodes, p.settings.Duration, p.settings.Options = 4, 2, 2, 4, 3, 4
	m.turn(slices.IndexFunc(m.pages, func(p page) bool { _, ok := p.(*theoryPage); return ok }))
	m.settle(p.open())
	return m, p
}

// The page computes in commands, never in Update, and shows what the settings
// on the screen give.
func TestTheoryComputesAndSlides(t *testing.T) {
	m, p := theoryScreen(t, 120, 40, theme.Options{})
	if p.work != nil || p.lab.fault != "" || len(p.lab.fresh) != 6 || p.lab.report.Settings != p.settings {
		t.Fatalf("work %v, fault %q, parts %v", p.work, p.lab.fault, p.lab.fresh)
	}
	if cmd := p.open(); cmd != nil {
		t.Error("what is computed is computed again")
	}
	m.key("j") // actions
	before := p.settings.Actions
	cmd := m.key("right")
	if p.settings.Actions <= before || p.work == nil || p.lab.report.Settings == p.settings {
		t.Fatalf("%d actions, work %v: the change was computed in Update, or not at all", p.settings.Actions, p.work)
	}
	if text := ansi.Strip(m.View()); !strings.Contains(text, "computing world") || !strings.Contains(text, "of the settings before") {
		t.Errorf("nothing says what is being computed:\n%s", text)
	}
	first := p.work
	again := m.key("left")
	if first.ctx.Err() == nil {
		t.Error("the work given up goes on")
	}
	m.settle(cmd)
	m.settle(again)
	if p.settings.Actions != before || p.lab.report.Settings != p.settings || p.work != nil {
		t.Errorf("%d actions, work %v", p.settings.Actions, p.work)
	}
	if text := ansi.Strip(m.View()); strings.Contains(text, "of the settings before") {
		t.Errorf("old figures:\n%s", text)
	}
}

// Settings that give nothing say so in words, and nothing is lost.
func TestTheoryFaults(t *testing.T) {
	m, p := theoryScreen(t, 80, 24, theme.Options{})
	world := p.lab.world
	for p.at = 1; !strings.Contains(ansi.Strip(m.View()), "doors: open hallways"); p.at++ {
		if p.at > 50 {
			t.Fatalf("no slider for doors:\n%s", ansi.Strip(m.View()))
		}
	}
	for range 4 {
		m.settle(m.key("left"))
	}
	text := ansi.Strip(m.View())
	if p.lab.fault == "" || !strings.Contains(text, "cannot be reached") || p.lab.world != world && p.lab.world == nil {
		t.Errorf("fault %q:\n%s", p.lab.fault, text)
	}
	m.settle(m.key("r"))
	if p.lab.fault != "" || p.lab.world == world {
		t.Errorf("fault %q after the settings were as at first", p.lab.fault)
	}
}

// Every family, chart, task and way fits every size, in ASCII too; pictures of
// all charts are written.
func TestTheoryGeometryAndPictures(t *testing.T) {
	for _, o := range []theme.Options{{Depth: theme.Colors256, Glyphs: theme.Braille, Dark: true}, {Glyphs: theme.ASCII}} {
		m, p := theoryScreen(t, 80, 24, o)
		for range 3 {
			p.at = 0
			m.settle(m.key("right"))
			if p.lab.fault != "" {
				t.Fatal(p.lab.fault)
			}
			m.settle(m.key("o"))
			m.settle(m.key("n"))
			m.settle(m.key("m"))
			for range theoryViews {
				m.key("c")
				for _, size := range [][2]int{{60, 16}, {80, 24}, {100, 31}, {150, 45}, {200, 60}} {
					m.w, m.h = size[0], size[1]
					exact(t, m, p.settings.Family+" "+theoryViews[p.chosen].name)
					m.key("f")
					exact(t, m, "full "+theoryViews[p.chosen].name)
					m.key("f")
				}
				if o.Glyphs == theme.ASCII {
					m.Update(m.key("w")()) // the notice's timer is not waited for
					if m.noticeBad {
						t.Errorf("%s of %s: %s", theoryViews[p.chosen].name, p.settings.Family, m.notice)
					}
				}
			}
		}
		if o.Glyphs != theme.ASCII {
			continue
		}
		files, err := filepath.Glob(filepath.Join(m.desk.Root, "theory", "*-tasks4-*", "*.png"))
		if err != nil || len(files) != 3*len(theoryViews) {
			t.Errorf("pictures %v (%v)", files, err)
		}
		if files, err := os.ReadDir(m.plots); err == nil && len(files) > 0 {
			t.Errorf("%d pictures of no run lie among the run's", len(files))
		}
	}
}

// A chart that is not computed yet is not written; once it is, w makes the file that
// the command of y makes.
func TestTheoryPictures(t *testing.T) {
	m, p := theoryScreen(t, 120, 40, theme.Options{})
	m.settle(m.key("w"))
	path := filepath.Join(p.target(), theoryViews[p.chosen].name+".png")
	written, err := os.ReadFile(path)
	must(t, err)
	must(t, os.Remove(path))
	byCommand(t, strings.Fields(p.regenerate()))
	if raw, err := os.ReadFile(path); err != nil || !bytes.Equal(raw, written) {
		t.Errorf("%s draws another picture than w (%v)", p.regenerate(), err)
	}
	m.key("j")
	work := m.key("right")
	p.lab.figures, p.lab.fresh = nil, nil
	m.key("w")
	if text := ansi.Strip(m.View()); !strings.Contains(text, "this chart is being computed: press again once it is there") {
		t.Errorf("nothing says why there is no picture:\n%s", text)
	}
	m.settle(work)
	m.settle(m.key("w"))
	if m.noticeBad || !strings.Contains(m.notice, "theory/rooms-actions") {
		t.Errorf("notice %q", m.notice)
	}
}

// What is across has its whole name on small screens.
func TestTheoryNamesItsAxes(t *testing.T) {
	m, p := theoryScreen(t, 80, 24, theme.Options{})
	for range theoryViews {
		m.key("c")
		for _, w := range []int{60, 80, 100} {
			m.w = w
			lines := strings.Split(ansi.Strip(m.View()), "\n")
			for i, l := range lines {
				if strings.Contains(l, "+--") && i+1 < len(lines) && strings.Contains(lines[i+1], "...") {
					t.Errorf("%s at %d: the axis is cut: %q", theoryViews[p.chosen].name, w, lines[i+1])
				}
			}
		}
		m.w = 80
	}
}

// The run stands on the chart of horizons with what it measured at VIEW.
func TestTheoryMarksTheRun(t *testing.T) {
	m, p := theoryScreen(t, 150, 45, theme.Options{})
	for theoryViews[p.chosen].name != "where" {
		m.key("c")
	}
	for measure, v := range map[string]float64{"log_effective": 6, "horizon": 3, "tau": 2.5} {
		m.sight.Values[experiments.Key{Lane: "ra3", Phase: experiments.PhaseEval, Measure: measure}] = experiments.Point{Value: v, Seq: 1 << 40}
	}
	want := p.markers()
	if len(want) != 1 || want[0].Lane != "ra3" || want[0].Duration != 2.5 {
		t.Fatalf("markers %+v", want)
	}
	text := ansi.Strip(m.View())
	for _, x := range want {
		if !strings.Contains(text, "run: "+x.Name) {
			t.Errorf("no marker of %s:\n%s", x.Name, text)
		}
	}
}

func TestTheoryKeysWork(t *testing.T) {
	m, p := theoryScreen(t, 80, 24, theme.Options{})
	if m.reader.Context() != keys.Theory {
		t.Fatal("not on the page")
	}
	m.settle(m.key("O"))
	if p.option != len(p.lab.world.Model.Options)-1 || p.lab.scene.Option == "" {
		t.Errorf("option %d, %q", p.option, p.lab.scene.Option)
	}
	m.settle(m.key("o"))
	if p.option != -1 || p.lab.scene.Option != "" {
		t.Errorf("option %d, %q", p.option, p.lab.scene.Option)
	}
	m.settle(m.key("N"))
	if p.task != len(p.lab.world.Fresh)-1 {
		t.Errorf("task %d", p.task)
	}
	m.key("f")
	m.key("esc")
	if p.zoomed || m.reader.Context() != keys.Theory {
		t.Error("esc does not leave the full chart alone")
	}
	m.key("esc")
	if m.reader.Context() == keys.Theory {
		t.Error("esc does not leave the page")
	}
}
