package tui

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/judge"
	"ra3/experiments"
	"ra3/experiments/leak"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

func TestMain(m *testing.M) {
	judge.ServeIfChild()
	RescueIfChild()
	if os.Getenv(screenChild) != "" {
		os.Exit(runScreen())
	}
	os.Exit(leak.Run(m.Run))
}

func exact(t *testing.T, m *model, what string) {
	t.Helper()
	lines := strings.Split(m.View(), "\n")
	if len(lines) != m.h {
		t.Fatalf("%s at %dx%d: %d lines", what, m.w, m.h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != m.w {
			t.Fatalf("%s at %dx%d: line %d is %d wide: %q", what, m.w, m.h, i+1, n, ansi.Strip(l))
		}
	}
}

// every drives a model through what it can show.
func every(m *model, visit func(what string)) {
	for i, p := range m.pages {
		m.turn(i)
		visit(p.title())
	}
	m.key("?")
	visit("help")
	m.key("esc")
	m.turn(1)
	m.key("a")
	m.key("j")
	visit("answer key")
	m.key("a")
	m.key("/")
	m.key("x")
	visit("finder")
	m.key("esc")
	m.turn(0)
	for range views {
		m.key("c")
		visit("chart")
	}
	m.key("f")
	visit("full")
	m.key("f")
	pageOf[*labPage](m).chosen = -1
	for _, key := range []string{"b", "F", "T"} {
		m.key(key)
		visit("sheet " + key)
		for _, typed := range []string{"r", "tab", "=", "down", "x"} {
			m.key(typed)
		}
		visit("sheet " + key + ", written in")
		m.sheet = nil
	}
	m.settle(m.key(","))
	m.settle(m.key("<"))
	for i, p := range m.pages {
		m.turn(i)
		visit(p.title() + " in the past")
	}
	m.settle(m.key("L"))
	m.turn(0)
}

// Any size is filled exactly, whatever the data. Sizes are sampled; all that can
// be shown is shown at the four that matter, a part of it at the others.
func TestGeometry(t *testing.T) {
	f := newFake(t)
	shots := map[string]experiments.Snapshot{"fresh": f.snapshot(0, experiments.Paused), "E-step": f.snapshot(192, experiments.Running),
		"one point": f.snapshot(1, experiments.Paused), "done": f.snapshot(316, experiments.Finished), "hostile": hostile(f)}
	rng := rand.New(rand.NewPCG(1, 2))
	for name, s := range shots {
		for _, o := range []theme.Options{{Depth: theme.Colors256, Glyphs: theme.Braille, Dark: true}, {Glyphs: theme.ASCII}} {
			m := screen(f, 0, 0, o)
			if m.View() != "" {
				t.Error("something is drawn without a size")
			}
			m.feed(f, s)
			for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}, {250, 80}} {
				m.w, m.h = size[0], size[1]
				every(m, func(what string) { exact(t, m, name+", "+what) })
			}
			every(m, func(what string) {
				for range 4 {
					m.w, m.h = 1+rng.IntN(250), 1+rng.IntN(80)
					exact(t, m, name+", "+what)
				}
			})
		}
	}
}

// Every size is filled before anything is known.
func TestEverySizeOfTheFirstPage(t *testing.T) {
	f := newFake(t)
	m := screen(f, 1, 1, theme.Options{Glyphs: theme.Braille})
	for w := 1; w <= 250; w += 3 {
		for h := 1 + w%4; h <= 80; h += 4 {
			m.w, m.h = w, h
			exact(t, m, "before the first snapshot")
		}
	}
}

func TestTooSmall(t *testing.T) {
	f := newFake(t)
	m := screen(f, 59, 15, theme.Options{})
	m.feed(f, f.snapshot(3, experiments.Running))
	if got := plainText(m); !strings.Contains(got, "needs 60x16, is 59x15") {
		t.Errorf("%q", got)
	}
	m.w, m.h = 20, 5
	if got := plainText(m); !strings.Contains(got, "needs 60x16") {
		t.Errorf("%q", got)
	}
	if m.key(" "); len(f.sent) != 1 || f.sent[0].Kind != experiments.Pause {
		t.Errorf("keys do not work on a small screen: %v", f.sent)
	}
}

func TestHelpShowsEveryBinding(t *testing.T) {
	f := newFake(t)
	for page, context := range keys.Pages() {
		m := screen(f, 80, 90, theme.Options{})
		m.feed(f, f.snapshot(3, experiments.Paused))
		m.turn(page)
		m.key("?")
		got := plainText(m)
		for _, b := range keys.Default().Live(context) {
			if !strings.Contains(got, b.Help) {
				t.Errorf("%s: the help lacks %q", context, b.Help)
			}
		}
	}
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(3, experiments.Paused))
	m.key("?")
	if strings.Contains(plainText(m), "an answer key") {
		t.Fatal("the help fits in 24 lines; this test tests nothing")
	}
	for range 60 {
		m.key("j")
	}
	if !strings.Contains(plainText(m), "an answer key") {
		t.Error("the end of the help cannot be reached at 80x24")
	}
}

// Every state, span and agreement differs in characters when there is no
// colour, and no escape is left in the output.
func TestWithoutColour(t *testing.T) {
	f := newFake(t)
	seen := map[string]bool{}
	for _, g := range []theme.GlyphSet{theme.ASCII, theme.Block, theme.Braille} {
		for _, state := range []experiments.DriverState{experiments.Running, experiments.Paused, experiments.Finished, experiments.Failed} {
			m := screen(f, 100, 30, theme.Options{Glyphs: g})
			m.feed(f, f.snapshot(192, state))
			got := m.View()
			if strings.Contains(got, "\x1b") {
				t.Fatalf("escapes without colour: %q", got)
			}
			first, _, _ := strings.Cut(got, "\n")
			if seen[first] {
				t.Errorf("two states share the header %q", first)
			}
			seen[first] = true
			m.key("a")
			m.turn(1)
			m.key("a")
			page := m.View()
			for _, want := range []string{"A      # ", "B      # ", m.marks.right + " ", m.marks.wrong + " another", string(m.theme.Glyphs.Cursor)} {
				if !strings.Contains(page, want) {
					t.Errorf("glyphs %d: the trace page lacks %q:\n%s", g, want, page)
				}
			}
			if g == theme.ASCII {
				for _, r := range got + page {
					if r > '~' {
						t.Fatalf("%q in ASCII", r)
					}
				}
			}
		}
	}
}

func BenchmarkView(b *testing.B) {
	f := newFake(b)
	m := screen(f, 120, 40, theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true})
	m.feed(f, f.snapshot(316, experiments.Finished))
	for i, p := range m.pages {
		m.turn(i)
		b.Run(p.title(), func(b *testing.B) {
			for b.Loop() {
				m.View()
			}
		})
	}
	m.turn(0)
	b.Run("lab, all charts anew", func(b *testing.B) {
		for b.Loop() {
			clear(m.cache)
			m.View()
		}
	})
}

// An error that is too long for the line keeps its cause and cure.
func TestLongErrorsKeepTheirCure(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	s := f.snapshot(30, experiments.Failed)
	s.Err = errors.New("save checkpoint: write " + strings.Repeat("a/long/way/", 20) + "x.safetensors: no space left on device; the disk is full: free space there")
	m.feed(f, s)
	if got := plainText(m); !strings.Contains(got, "save checkpoi") || !strings.Contains(got, "no space left on device; the disk is full: free space there") {
		t.Errorf("the error:\n%s", got)
	}
}
