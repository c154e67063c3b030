package tui

import (
	"strings"
	"testing"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/theme"
)

// Counts are whole, and nothing is a negative zero.
func TestNumbersAreWhole(t *testing.T) {
	e := store.Event{Lane: "ra3", Phase: experiments.PhaseEval, Update: 3, Measures: store.Measures{"pass@1": 0.155, "problems": 20}}
	if got := tell(e, 5).fit(200); got != "RA3 eval 3/5  pass@1 0.155, 20 problems" {
		t.Errorf("told as %q", got)
	}
	for v, want := range map[float64]string{-0.001: "0.00", 0: "0.00", -0.01: "-0.01", 2.345: "2.35", -0.004999: "0.00"} {
		if got := nats(v); got != want {
			t.Errorf("%v nats are written as %q, want %q", v, got, want)
		}
	}
	f := newFake(t)
	m := screen(f, 120, 40, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.key("b")
	if page := plainText(m); !strings.Contains(page, "  64  annotations") || strings.Contains(page, "64.0") || strings.Contains(page, "traces annotated, traces") {
		t.Errorf("measures to choose from:\n%s", page)
	}
}

// The sheet names the n that each figure of it is over.
func TestWhyNamesItsN(t *testing.T) {
	f := newFake(t)
	m := screen(f, 110, 40, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.turn(2)
	m.settle(m.why())
	page := plainText(m)
	for _, want := range []string{"64 annotations (bound_samples)", "over n = 16 programs", "(bound_programs)"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing:\n%s", want, page)
		}
	}
	if strings.Contains(page, "E-step update  12.0") || strings.Contains(page, "update  4.00") {
		t.Errorf("updates are not whole:\n%s", page)
	}
}

// Without a tick to draw, what is right is not marked as a term.
func TestAddsUpInASCII(t *testing.T) {
	f := newFake(t)
	m := screen(f, 120, 40, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.turn(2)
	if page := plainText(m); !strings.Contains(page, "ok, adds up") || strings.Contains(page, "+ adds up") {
		t.Errorf("the residual:\n%s", page)
	}
}
