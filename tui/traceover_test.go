package tui

import (
	"strings"
	"testing"

	"ra3/experiments"
	"ra3/tui/theme"
)

// A program over time has a row for each look at which something changed, and
// marks the one that VIEW shows.
func TestProgramOverTime(t *testing.T) {
	source, _ := stored(t, 316)
	m := workbench(t, source, 120, 40, theme.Options{Glyphs: theme.Braille})
	m.turn(1)
	m.settle(m.pollPage())
	page := m.page().(*tracePage)
	if page.unread() {
		t.Fatal("the looks are not read")
	}
	page.turnProgram(1)
	got := page.overTime(page.current())
	if len(got) != 2 || got[0].At.Update != 128 || got[1].At.Update != 280 {
		t.Fatalf("moments %+v", got)
	}
	marked := func() string {
		text := plainText(m)
		_, rows, found := strings.Cut(text, "This program over time")
		if !found {
			t.Fatalf("no pane:\n%s", text)
		}
		for _, row := range strings.Split(rows, "\n") {
			if strings.Contains(row, string(m.theme.Glyphs.Cursor)) {
				return row
			}
		}
		t.Fatalf("no row is marked:\n%s", rows)
		return ""
	}
	if row := marked(); !strings.Contains(row, "(280 to 298)") {
		t.Errorf("at LIVE %q is marked", row)
	}
	m.settle(m.goTo(experiments.Position{Branch: "main", Update: 200}))
	if row := marked(); !strings.Contains(row, "(128 to 250)") {
		t.Errorf("at %v %q is marked", m.view(), row)
	}
	// A look at which nothing has changed says so when it is compared.
	m.settle(m.key("v"))
	if text := plainText(m); !strings.Contains(text, "all the same") {
		t.Errorf("compared with what is the same:\n%s", text)
	}
	for _, size := range [][2]int{{80, 24}, {108, 20}, {250, 80}} {
		m.w, m.h = size[0], size[1]
		if lines := strings.Split(m.View(), "\n"); len(lines) > m.h {
			t.Errorf("%v: %d lines", size, len(lines))
		}
	}
}
