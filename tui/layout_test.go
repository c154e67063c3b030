package tui

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

var everySize = flag.Bool("long", false, "lay out every size from 1x1 to 250x80, not a sample of them")

// notFinite is a log in which every measure is NaN, infinite, huge or tiny by turns.
func notFinite(f *fake, n int) []store.Event {
	values := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e-300, 0, math.MaxFloat64, -math.MaxFloat64}
	events := f.log(n)
	i := 0
	for _, e := range events {
		for name := range e.Measures {
			e.Measures[name] = values[i%len(values)]
			i++
		}
	}
	return events
}

// kinds of data that a screen may have to show.
var kinds = []struct {
	name string
	feed func(f *fake, m *model)
}{
	{"nothing heard", func(*fake, *model) {}},
	{"empty", func(f *fake, m *model) {
		s := f.snapshot(0, experiments.Paused)
		s.Trace = nil
		m.feed(f, s)
	}},
	{"one point", func(f *fake, m *model) { m.feed(f, f.snapshot(1, experiments.Running)) }},
	{"in the E-step", func(f *fake, m *model) { m.feed(f, f.snapshot(192, experiments.Paused)) }},
	{"done", func(f *fake, m *model) { m.feed(f, f.snapshot(316, experiments.Finished)) }},
	{"hostile", func(f *fake, m *model) { m.feed(f, hostile(f)) }},
	{"not finite", func(f *fake, m *model) {
		f.write(notFinite(f, 316))
		m.settle(m.take(f.snapshot(316, experiments.Finished)))
	}},
}

var looks = []theme.Options{{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true}, {Glyphs: theme.ASCII}, {Depth: theme.Colors16, Glyphs: theme.Block}}

// scene is a page after a key of its key table: whatever the key opens, lays over
// or changes.
type scene struct {
	page int
	key  string // "": none
}

// scenes are every page with every key it knows but those that leave.
func scenes(m *model) (out []scene) {
	for i, p := range m.pages {
		out = append(out, scene{i, ""})
		for _, b := range keys.Default().Live(p.context()) {
			figure := b.Action == keys.Show || b.Action == keys.Copy || b.Action == keys.Why
			if figure && p.context() == keys.Ablate {
				continue // the example is no grid's own, of which alone there are figures
			}
			switch b.Action {
			case keys.Quit, keys.Interrupt, keys.Suspend, keys.Page, keys.NextPage, keys.PrevPage, keys.Picture:
			default:
				out = append(out, scene{i, b.Keys[0]})
			}
		}
	}
	return out
}

// enter makes a model show a scene. What a key asks of the disk is read where
// that is quick.
func (s scene) enter(t *testing.T, m *model, example ablation) {
	m.turn(s.page)
	switch p := m.page().(type) {
	case *ablatePage:
		p.looked = true
		if s.key == "?" || s.key == ":" { // they ask for figures, see scenes
			example.result = nil
		}
		onAblation(t, m, example)
	case *runsPage:
		p.looked, p.all = true, exampleRuns(t)
	}
	if s.key == "" {
		return
	}
	cmd := m.key(s.key)
	switch m.page().(type) {
	case *labPage, *tracePage, *boundPage, *rlvrPage:
		m.settle(cmd)
	}
	// A sheet is written in, so that what it finds and refuses is shown too.
	if m.sheet != nil {
		for _, k := range []string{"r", "tab", "=", "down", "x"} {
			m.key(k)
		}
	}
}

// fits says what of a frame does not: exactly w columns and h lines, on any
// screen.
func (m *model) fits(w, h int) error {
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	lines := strings.Split(m.View(), "\n")
	if len(lines) != h {
		return fmt.Errorf("%d lines at %dx%d", len(lines), w, h)
	}
	for i, l := range lines {
		if n := width(l); n != w {
			return fmt.Errorf("line %d is %d wide at %dx%d: %q", i+1, n, w, h, l)
		}
	}
	return nil
}

// Every page, sheet, overlay and form fills every size exactly, whatever the
// data. With -long every size is laid out for every page, and every seventeenth
// for what lies over them; else a sample, in which those that matter are.
func TestLayout(t *testing.T) {
	all := scenes(screen(newFake(t), 80, 24, theme.Options{}))
	rng := rand.New(rand.NewPCG(3, 4))
	f, frames, example := newFake(t), 0, exampleAblation(t)
	for i, s := range all {
		for k, kind := range kinds {
			if !*everySize && (i+k)%len(kinds) > 1 {
				continue
			}
			m := screen(f, 120, 40, looks[(i+k)%len(looks)])
			kind.feed(f, m)
			s.enter(t, m, example)
			lay := func(w, h int) {
				t.Helper()
				frames++
				if err := m.fits(w, h); err != nil {
					t.Fatalf("%s, %s after %q: %v", kind.name, m.pages[s.page].title(), s.key, err)
				}
			}
			for _, size := range [][2]int{{1, 1}, {59, 15}, {60, 16}, {80, 24}, {120, 40}, {250, 80}} {
				lay(size[0], size[1])
			}
			if !*everySize {
				for range 5 {
					lay(1+rng.IntN(250), 1+rng.IntN(80))
				}
				continue
			}
			for n := range 250 * 80 {
				if (s.key == "" || n%17 == i%17) && n%len(kinds) == k {
					lay(1+n/80, 1+n%80)
				}
			}
		}
	}
	t.Logf("%d frames of %d scenes", frames, len(all))
}
