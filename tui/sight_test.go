package tui

import (
	"reflect"
	"strings"
	"testing"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// VIEW and LIVE part with a sign that is there with and without colours, and
// nothing but the screen knows of it.
func TestViewIsNotLive(t *testing.T) {
	for _, o := range []theme.Options{{Glyphs: theme.ASCII}, {Glyphs: theme.Braille}, {Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true}} {
		f := newFake(t)
		m := screen(f, 80, 24, o)
		m.feed(f, f.snapshot(192, experiments.Running))
		if strings.Contains(plainText(m), "VIEW") {
			t.Error("VIEW is named though it is LIVE")
		}
		m.settle(m.key(","))
		page := plainText(m)
		for _, want := range []string{"VIEW 191", "is not", "LIVE 192", "E-step 3/8", string(m.theme.Glyphs.View)} {
			if !strings.Contains(page, want) {
				t.Errorf("%q is missing:\n%s", want, page)
			}
		}
		// The engine goes on; VIEW stays.
		m.feed(f, f.snapshot(195, experiments.Running))
		if page = plainText(m); !strings.Contains(page, "VIEW 191") || !strings.Contains(page, "LIVE 195") {
			t.Errorf("after further updates:\n%s", page)
		}
		m.settle(m.key("L"))
		if m.cursor.held || strings.Contains(plainText(m), "VIEW") {
			t.Error("L does not go back to LIVE")
		}
		if len(f.sent) != 0 {
			t.Errorf("scrubbing sent %v", f.sent)
		}
	}
}

func TestScrubbing(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(250, experiments.Paused))
	for _, c := range []struct {
		keys string
		at   int
		held bool
	}{
		{",", 249, true}, {", .", 250, false}, {"1 0 ,", 240, true}, {"<", 234, true}, {"< <", 188, true}, {"< < >", 234, true},
		{"< .", 235, true}, {"3 <", 128, true}, {"9 9 9 9 ,", 0, true}, {"9 9 9 9 , ,", 0, true}, {", L", 250, false},
	} {
		m.cursor = cursor{}
		for _, k := range strings.Fields(c.keys) {
			m.settle(m.key(k))
		}
		if m.view().Update != c.at || m.cursor.held != c.held {
			t.Errorf("%q: VIEW at %d, held %v; want %d, %v", c.keys, m.view().Update, m.cursor.held, c.at, c.held)
		}
		if len(m.sight.events) != c.at || m.sight.Position.Update != c.at {
			t.Errorf("%q: %d events are shown", c.keys, len(m.sight.events))
		}
	}
}

// Every page shows the numbers of the record at VIEW, and the figures are those
// of the log up to it.
func TestPagesShowThePast(t *testing.T) {
	f := newFake(t)
	m := screen(f, 120, 40, theme.Options{})
	m.feed(f, f.snapshot(316, experiments.Finished))
	log := f.log(316)
	m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 193}))
	page := plainText(m)
	for _, name := range []string{"bound", "bound_code"} {
		if v := number(log[192].Measures[name]); !strings.Contains(page, v) {
			t.Errorf("%s of record 193, %s, is missing:\n%s", name, v, page)
		}
	}
	for name, want := range map[string]measure.Figure{"bound": experiments.BoundFigure(log[:193]), "loss": experiments.LossFigure(log[:193])} {
		if got := m.pastFigures[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("figure %s is not that of the log up to VIEW", name)
		}
		whole, _ := m.figure(name)
		if len(whole.Series) != len(want.Series)+len(m.figures[figureKey{name, store.Main}].Series) {
			t.Errorf("figure %s has no faint later part", name)
		}
	}
	m.turn(2)
	bound := plainText(m)
	if want := nats(log[192].Measures["bound"]) + " +-"; !strings.Contains(bound, want) {
		t.Errorf("the page Bound lacks %s:\n%s", want, bound)
	}
	m.turn(3)
	if page := plainText(m); strings.Contains(page, "0.3") && strings.Contains(page, "reward  ") {
		t.Errorf("the page RLVR shows what comes later:\n%s", page)
	}
}

// What lies on disk about a position is shown there: the look at traces and the
// summary of what had been evaluated.
func TestStoredPast(t *testing.T) {
	source, f := stored(t, 316)
	m := workbench(t, source, 120, 40, theme.Options{})
	m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 200}))
	if m.sight.trace == nil || m.sight.traceAt.Update != 196 || m.sight.summary != nil {
		t.Fatalf("at 200: look %v at %v, summary %v", m.sight.trace != nil, m.sight.traceAt, m.sight.summary)
	}
	m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 300}))
	if s := m.sight.summary; s == nil || len(s.Lanes) != 3 {
		t.Fatalf("at 300: summary %+v", s)
	}
	m.turn(1)
	m.settle(m.key("v"))
	tr := pageOf[*tracePage](m)
	if tr.other == nil || tr.against.Update != 234 {
		t.Fatalf("compared with %v", tr.against)
	}
	page := plainText(m)
	if !strings.Contains(page, "all the same") {
		t.Errorf("program 1 is the same in both:\n%s", page)
	}
	m.key("d")
	if tr.program != 1 || tr.line != 4 {
		t.Errorf("the changed line is 5 of program 2, not %d of %d", tr.line+1, tr.program+1)
	}
	if page = plainText(m); !strings.Contains(page, "1 of 6 lines differ") || !strings.Contains(page, "! ") {
		t.Errorf("the changed line is not marked:\n%s", page)
	}
	m.settle(m.key("enter"))
	if page = plainText(m); !strings.Contains(page, "1 of 2 (50%)") || !strings.Contains(page, experiments.ProgramEnds) || !strings.Contains(page, f.world.Inventory.Texts[20]) {
		t.Errorf("the latent's own page:\n%s", page)
	}
}

func TestFind(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.turn(1)
	tr := pageOf[*tracePage](m)
	type_ := func(text string) {
		m.key("/")
		for _, r := range text {
			m.key(string(r))
		}
		m.settle(m.key("enter"))
	}
	type_("reversed")
	if !strings.Contains(plainText(m), `no line has "reversed"`) {
		t.Error("what is not found is not said")
	}
	type_("[::-1]")
	if tr.program != 0 || tr.line != 4 {
		t.Errorf("found at line %d of program %d", tr.line+1, tr.program+1)
	}
	m.settle(m.key("n"))
	if tr.program != 1 || tr.line != 4 {
		t.Errorf("next at line %d of program %d", tr.line+1, tr.program+1)
	}
	type_("3")
	if tr.program != 2 || tr.line != 0 {
		t.Errorf("jumped to line %d of program %d", tr.line+1, tr.program+1)
	}
}

// Scrubbing does not read the log again: a step takes the time of the measures
// there are, whatever the number of records. See BenchmarkScrub.
func BenchmarkScrub(b *testing.B) {
	f := newFake(b)
	m := screen(f, 120, 40, theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true})
	f.write(long(f, 10_000))
	s := f.snapshot(316, experiments.Paused)
	m.settle(m.take(s))
	m.settle(m.key(","))
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		k := keys.Earlier
		if i%200 >= 100 {
			k = keys.Later
		}
		m.do(keys.Event{Action: k, Count: 1})
		m.View()
	}
}

// long repeats the plan's log up to n records.
func long(f *fake, n int) []store.Event {
	var out []store.Event
	for len(out) < n {
		for _, e := range f.log(316) {
			e.Seq = int64(len(out) + 1)
			out = append(out, e)
		}
	}
	return out[:n]
}
