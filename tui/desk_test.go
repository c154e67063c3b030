package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ra3/experiments"
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
	for text, want := range map[string]string{"seed<": "a value is missing", "foo=1": `no field "foo"`, "b foo=1": `no field "foo"`} {
		m.key("/")
		m.typeText(text)
		m.key("enter")
		got := plainText(m)
		if !strings.Contains(got, want) || !strings.Contains(got, "ra3-ntp (RA3 minus NTP") || len(p.rows()) != 0 {
			t.Errorf("%q picks %d runs:\n%s", text, len(p.rows()), got)
		}
		m.key("D") // of a run that is not in sight
		if m.sheet != nil {
			t.Error("an unseen run may be deleted")
		}
		m.key("esc")
		m.key("esc")
	}
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
