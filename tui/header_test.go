package tui

import (
	"strings"
	"testing"

	"ra3/experiments"
	"ra3/tui/theme"
)

// A long name is cut, or left out, before the pages lose theirs; where even that
// does not help it stays.
func TestLongNamesGiveWay(t *testing.T) {
	f := newFake(t)
	for _, c := range []struct {
		w     int
		state experiments.DriverState
		named bool
		name  string
	}{
		{80, experiments.Paused, true, "a-very~"}, {100, experiments.Paused, true, "a-very-long-name-of-a-run-~"}, {100, experiments.Running, true, "a-very-l"}, {140, experiments.Running, true, "a-very-long-name-of-a-run-"}, {80, experiments.Running, true, "* running  4.7/s "}, {62, experiments.Running, false, "a-ver"},
	} {
		m := screen(f, c.w, 24, theme.Options{})
		m.name = "a-very-long-name-of-a-run-that-somebody-gave-it-one-day"
		m.feed(f, f.snapshot(192, c.state))
		m.turn(4)
		first, _, _ := strings.Cut(strings.TrimLeft(plainText(m), "\n"), "\n")
		if named := strings.Contains(first, "4 RLVR") && strings.Contains(first, "7 Runs"); named != c.named || !strings.Contains(first, c.name) || !strings.Contains(first, ">5 Ablate") {
			t.Errorf("%d cells, %s: %q", c.w, c.state, first)
		}
	}
}
