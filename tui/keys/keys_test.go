package keys

import (
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestDefaultTableIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateRejects(t *testing.T) {
	ok := Binding{Keys: []string{"s"}, Help: "update", Context: Global, Action: Update}
	for _, c := range []struct {
		name, want string
		table      Table
	}{
		{"duplicate", "means both", Table{ok, {Keys: []string{"x", "s"}, Help: "phase", Context: Global, Action: Phase}}},
		{"no help", "lacks", Table{{Keys: []string{"s"}, Help: " ", Context: Global, Action: Update}}},
		{"no keys", "lacks", Table{{Help: "update", Context: Global, Action: Update}}},
		{"digit", "digits are counts", Table{{Keys: []string{"3"}, Help: "three", Context: Global, Action: Run}}},
	} {
		err := c.table.Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", c.name, err, c.want)
		}
	}
	over := Table{ok, {Keys: []string{"s"}, Help: "other", Context: Trace, Action: Down}}
	if err := over.Validate(); err != nil {
		t.Errorf("a context may bind a global key anew: %v", err)
	}
}

// TestKeysExist compares the table with the names bubbletea gives to keys.
func TestKeysExist(t *testing.T) {
	known := map[string]bool{}
	for k := -120; k < 128; k++ {
		if tea.KeyType(k) != tea.KeyRunes {
			known[tea.KeyMsg{Type: tea.KeyType(k)}.String()] = true
		}
	}
	for _, b := range Default() {
		for _, key := range b.Keys {
			if r := []rune(key); len(r) > 1 && !known[key] {
				t.Errorf("bubbletea has no key %q", key)
			}
		}
	}
	if got := (tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}).String(); got != " " {
		t.Errorf("space is named %q", got)
	}
}

func TestPagesAreBound(t *testing.T) {
	for n := range Pages() {
		b, ok := Default().Lookup(Lab, string(rune('1'+n)))
		if !ok || b.Action != Page {
			t.Errorf("page %d has no key in the table, so none in the help", n+1)
		}
	}
}

func TestLookupFallsBackToGlobal(t *testing.T) {
	table := Default()
	if b, ok := table.Lookup(Trace, "s"); !ok || b.Action != Update {
		t.Errorf("s in trace: %v %v", b, ok)
	}
	if b, ok := table.Lookup(Trace, "]"); !ok || b.Action != NextProgram {
		t.Errorf("] in trace: %v %v", b, ok)
	}
	if b, ok := table.Lookup(Lab, "]"); ok {
		t.Errorf("] in lab: %v", b)
	}
	table = append(table, Binding{Keys: []string{"s"}, Help: "own", Context: Trace, Action: Down})
	if b, _ := table.Lookup(Trace, "s"); b.Action != Down {
		t.Errorf("a context's own key does not win: %v", b)
	}
}

func TestHelpShowsEveryKeyOnce(t *testing.T) {
	for _, context := range append(Pages(), Global) {
		table := Default()
		var shown []string
		for _, e := range table.Help(context) {
			if e.Help == "" {
				t.Errorf("%s: no help for %s", context, e.Keys)
			}
			shown = append(shown, strings.Fields(e.Keys)...)
		}
		for _, b := range table {
			for _, key := range b.Keys {
				want := 0
				if _, ok := table.Lookup(context, key); ok {
					want = 1
				}
				got := 0
				for _, s := range shown {
					if s == Name(key) {
						got++
					}
				}
				if got != want {
					t.Errorf("%s: key %q shown %d times, want %d", context, key, got, want)
				}
			}
		}
	}
	table := append(Default(), Binding{Keys: []string{"x", "y"}, Help: "both", Context: Global, Action: Help},
		Binding{Keys: []string{"x"}, Help: "own", Context: Trace, Action: Zoom})
	for _, e := range table.Help(Trace) {
		if e.Help == "both" && e.Keys != "y" {
			t.Errorf("help gives %q, but trace binds x anew", e.Keys)
		}
	}
}

func always(Action) bool { return true }

func TestShortFits(t *testing.T) {
	for w := range 200 {
		entries := Default().Short(Trace, w, always)
		n := 2 * max(len(entries)-1, 0)
		for _, e := range entries {
			n += len(e.Keys) + 1 + len(e.Help)
		}
		if n > w {
			t.Errorf("%d cells for %d", n, w)
		}
		if w >= 6 && !slices.Contains(entries, Entry{"?", "help"}) {
			t.Errorf("%d cells: no key for help", w)
		}
	}
	for _, e := range Default().Short(Trace, 200, func(a Action) bool { return a != Run && a != Fork }) {
		if e.Help == "run/pause" || e.Help == "fork" {
			t.Errorf("%v does nothing now and is shown", e)
		}
	}
	first := Default().Short(Lab, 80, always)[0]
	if first != (Entry{"space", "run/pause"}) {
		t.Errorf("the line begins with %v", first)
	}
	if first := Default().Short(Ablate, 80, always)[0]; first != (Entry{"n", "new ablation"}) {
		t.Errorf("the line of a page about many runs begins with %v", first)
	}
}
