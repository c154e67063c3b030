package tui

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/theme"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// A few whole screens, to be read when they change: go test ./tui -update writes
// them anew. Trailing blanks are cut, so that the files are.
func TestGoldenFrames(t *testing.T) {
	plain := theme.Options{Glyphs: theme.Braille}
	colour := theme.Options{Depth: theme.Colors16, Glyphs: theme.Braille, Dark: true}
	for _, c := range []struct {
		name  string
		w, h  int
		theme theme.Options
		made  int // updates; 0: the run that is stored
		do    func(m *model)
	}{
		{"lab-80x24", 80, 24, plain, 192, func(*model) {}},
		{"lab-120x40-16-colours", 120, 40, colour, 316, func(*model) {}},
		{"past-80x24-ascii", 80, 24, theme.Options{}, 0, func(m *model) {
			m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 193}))
		}},
		{"compared-120x40", 120, 40, plain, 0, func(m *model) {
			m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 300}))
			m.turn(1)
			m.settle(m.key("v"))
			m.key("d")
		}},
		{"fork-100x30", 100, 30, plain, 0, func(m *model) {
			m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 300}))
			m.key("F")
			m.typeIn("rlvr.updates=2")
		}},
		{"trace-60x16", 60, 16, plain, 192, func(m *model) { m.turn(1) }},
		{"trace-80x24-256-colours", 80, 24, theme.Options{Depth: theme.Colors256, Glyphs: theme.Braille, Dark: true}, 192, func(m *model) { m.turn(1); m.key("a") }},
		{"help-60x16-16-colours", 60, 16, theme.Options{Depth: theme.Colors16, Glyphs: theme.Block}, 192, func(m *model) { m.key("?") }},
		{"branches-100x30-true-colour", 100, 30, theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille}, 0, func(m *model) { m.key("T") }},
		{"bound-120x40", 120, 40, plain, 250, func(m *model) { m.turn(2) }},
		{"rlvr-80x24", 80, 24, plain, 316, func(m *model) { m.turn(3); m.key("C") }},
		{"too-small-50x10", 50, 10, plain, 192, func(*model) {}},
	} {
		var m *model
		if c.made == 0 {
			source, _ := stored(t, 316)
			if strings.HasPrefix(c.name, "fork") {
				source = driven{source}
			}
			m = workbench(t, source, c.w, c.h, c.theme)
		} else {
			f := newFake(t)
			m = screen(f, c.w, c.h, c.theme)
			state := experiments.Paused
			if c.made == 316 {
				state = experiments.Finished
			}
			m.feed(f, f.snapshot(c.made, state))
		}
		c.do(m)
		// The first line lists the pages, of which there are more by and by.
		lines := strings.Split(m.View(), "\n")[1:]
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], " ")
		}
		got := strings.Join(lines, "\n") + "\n"
		path := filepath.Join("testdata", c.name+".txt")
		if *update {
			must(t, os.MkdirAll("testdata", 0o755))
			must(t, os.WriteFile(path, []byte(got), 0o600))
			continue
		}
		want, err := os.ReadFile(path)
		must(t, err)
		if got != string(want) {
			t.Errorf("%s differs from its golden frame (-update writes it); got:\n%s", c.name, got)
		}
	}
}
