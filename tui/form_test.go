package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/theme"
)

// typeIn types text into what has the keys.
func (m *model) typeIn(text string) {
	for _, r := range text {
		if r == ' ' {
			m.key(" ")
		} else {
			m.key(string(r))
		}
	}
}

func TestConditionsForm(t *testing.T) {
	f := newFake(t)
	m := screen(f, 100, 30, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.key("b")
	m.typeIn("bou")
	m.key("tab")
	if page := plainText(m); !strings.Contains(page, "bound") || !strings.Contains(page, "what of bound") {
		t.Errorf("a half condition is not refused:\n%s", page)
	}
	m.settle(m.key("enter"))
	if m.sheet == nil || len(f.sent) != 0 {
		t.Fatalf("a half condition is carried out: %v", f.sent)
	}
	m.typeIn(">-5")
	if page := plainText(m); !strings.Contains(page, "bound is "+number(f.log(192)[191].Measures["bound"])) {
		t.Errorf("the measure's present value is not shown:\n%s", page)
	}
	m.key("down")
	m.typeIn("nan, reward flat 200")
	m.settle(m.key("enter"))
	want := []experiments.Intent{{Kind: experiments.Break, When: "nan, reward flat 200"}, {Kind: experiments.Until, When: "bound>-5"}}
	if len(f.sent) != 2 || f.sent[0] != want[0] || f.sent[1] != want[1] || m.sheet != nil {
		t.Errorf("sent %v, want %v", f.sent, want)
	}
	if !strings.Contains(plainText(m), "asked to run until bound>-5") {
		t.Error("the intent is not shown while it is pending")
	}
	s := f.snapshot(193, experiments.Paused)
	s.Fired, s.Note = &experiments.Fired{}, "bound>-5 fired at main:193"
	m.feed(f, s)
	if m.asked != nil || !strings.Contains(plainText(m), "fired at main:193") {
		t.Errorf("what paused the engine is not said:\n%s", plainText(m))
	}
}

func TestForkForm(t *testing.T) {
	source, _ := stored(t, 316)
	m := workbench(t, driven{source}, 100, 34, theme.Options{})
	m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 301}))
	m.key("F")
	says := func(want string) {
		t.Helper()
		if page := plainText(m); !strings.Contains(page, want) {
			t.Errorf("%q is missing:\n%s", want, page)
		}
	}
	says("main:298") // the last state kept before VIEW
	says("would repeat its parent")
	m.typeIn("rlvr.upd")
	says("tab: rlvr.updates=")
	m.key("tab")
	m.typeIn("2")
	says("now 6")
	says("branch f1 leaves main at update 298; its plan has 304 updates instead of 316")
	m.key("down")
	m.typeIn("no.such=1")
	says(`there is no setting "no.such"`)
	f := m.sheet.(*forking)
	if _, done := f.press(tea.KeyMsg{Type: tea.KeyEnter}); done {
		t.Error("a wrong setting is carried out")
	}
	for range 9 {
		m.key("backspace")
	}
	q, err := f.request()
	if err != nil || q.From != (experiments.Position{Branch: store.Main, Update: 298}) || len(q.Overrides) != 1 || q.Overrides[0] != "rlvr.updates=2" || q.Random != store.Common {
		t.Errorf("%+v, %v", q, err)
	}
	f.from.set("main:299")
	says("no state is kept at main:299: the nearest before it is main:298")
}

// VIEW goes along with a fork; a refusal is told and changes nothing.
func TestForkIsAcknowledged(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.settle(m.key(","))
	q := experiments.ForkRequest{From: m.view()}
	m.ask(experiments.Intent{Kind: experiments.Fork, Fork: &q})
	s := f.snapshot(192, experiments.Paused)
	s.Refused = "no state is kept there"
	m.feed(f, s)
	if page := plainText(m); !strings.Contains(page, "fork refused: no state is kept there") || !m.cursor.held {
		t.Errorf("a refusal:\n%s", page)
	}
	m.ask(experiments.Intent{Kind: experiments.Fork, Fork: &q})
	if !strings.Contains(plainText(m), "making the branch") {
		t.Error("the fork asked for is hidden")
	}
	s = f.snapshot(192, experiments.Paused)
	s.Branch, s.Note = "f1", "branch f1 leaves main:191"
	m.feed(f, s)
	if m.asked != nil || m.cursor.held || m.tip.Branch != "f1" || !strings.Contains(plainText(m), "branch f1 leaves") {
		t.Errorf("after the fork VIEW is at %v, LIVE at %v:\n%s", m.view(), m.tip, plainText(m))
	}
}

func TestEdit(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"a b c", "abc"}, {"a b c left x", "abxc"}, {"a b backspace", "a"}, {"backspace", ""}, {"a home x", "xa"}, {"a b left left delete", "b"},
		{"a b left ctrl+u", "b"}, {"a b left ctrl+k", "a"}, {"end right a", "a"}, {"é 漢 left backspace", "漢"},
	} {
		var e edit
		for _, k := range strings.Fields(c.keys) {
			msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
			for typ, name := range map[tea.KeyType]string{tea.KeyLeft: "left", tea.KeyRight: "right", tea.KeyHome: "home", tea.KeyEnd: "end",
				tea.KeyBackspace: "backspace", tea.KeyDelete: "delete", tea.KeyCtrlU: "ctrl+u", tea.KeyCtrlK: "ctrl+k"} {
				if k == name {
					msg = tea.KeyMsg{Type: typ}
				}
			}
			e.press(msg)
		}
		if e.String() != c.want {
			t.Errorf("%q: %q, want %q", c.keys, e.String(), c.want)
		}
	}
	e := editOf("a\nb")
	e.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(strings.Repeat("x\n", maxEdit)), Paste: true})
	if len(e.text) > maxEdit || strings.Contains(string(e.text[3:]), "\n") {
		t.Errorf("a paste of %d runes", len(e.text))
	}
}

// ctrl-z gives the terminal back whatever is open.
func TestSuspendsUnderASheet(t *testing.T) {
	for _, open := range []string{"", "b", "F", "T", "m", "?", ":", "W"} {
		f := newFake(t)
		m := screen(f, 100, 30, theme.Options{})
		m.feed(f, f.snapshot(192, experiments.Paused))
		m.settle(m.key(open))
		if (m.sheet != nil) != (open != "") {
			t.Fatalf("%q opens %v", open, m.sheet)
		}
		before := m.sheet
		if !suspends(m.key("ctrl+z")) || m.sheet != before {
			t.Errorf("ctrl-z with %q open: sheet %v", open, m.sheet)
		}
	}
}

// suspends says whether a command gives the terminal back.
func suspends(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			if suspends(c) {
				return true
			}
		}
	case tea.SuspendMsg:
		return true
	}
	return false
}

// What the engine would refuse the form refuses while it is written, and stays.
func TestConditionsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"at 20": "made 192 of 316 updates", "at 99999": "made 192 of 316 updates", ",,,": "until what", ", at 192": "made 192 of 316", "nan 3": "nothing may follow nan",
	} {
		f := newFake(t)
		m := screen(f, 110, 40, theme.Options{})
		m.feed(f, f.snapshot(192, experiments.Paused))
		m.key("b")
		m.typeIn(text)
		before := plainText(m)
		m.settle(m.key("enter"))
		form, open := m.sheet.(*form)
		if !strings.Contains(before, want) || !open || form.fields[0].String() != text || len(f.sent) != 0 {
			t.Errorf("%q: still open %v, sent %v, before it:\n%s", text, open, f.sent, before)
		}
	}
}

// A breakpoint that is past on this branch may come on another: it is taken, and
// the form says so.
func TestBreakpointsElsewhere(t *testing.T) {
	f := newFake(t)
	m := screen(f, 110, 40, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.key("b")
	m.key("down")
	m.typeIn("at 20")
	if page := plainText(m); !strings.Contains(page, "past on this branch (192 are made)") {
		t.Errorf("a breakpoint in the past:\n%s", page)
	}
	m.typeIn(", at 9999")
	if page := plainText(m); !strings.Contains(page, "after update 9999, but this") {
		t.Errorf("a breakpoint beyond the plan:\n%s", page)
	}
	m.settle(m.key("enter"))
	if len(f.sent) != 1 || f.sent[0].When != "at 20, at 9999" {
		t.Errorf("sent %v", f.sent)
	}
}

// What the engine refuses all the same, having gone on meanwhile, comes back in the form.
func TestConditionsComeBack(t *testing.T) {
	f := newFake(t)
	m := screen(f, 110, 40, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Running))
	m.key("b")
	m.typeIn("at 193")
	f.refuse = true
	m.settle(m.key("enter"))
	if form, open := m.sheet.(*form); !open || form.fields[0].String() != "at 193" || !strings.Contains(plainText(m), "too many requests") {
		t.Fatalf("nobody took it:\n%s", plainText(m))
	}
	f.refuse = false
	m.settle(m.key("enter"))
	if m.sheet != nil || len(f.sent) != 1 {
		t.Fatalf("sent %v", f.sent)
	}
	s := f.snapshot(195, experiments.Running)
	s.Note = `condition "at 193": the branch has made 195 of 316 updates`
	m.feed(f, s)
	if form, open := m.sheet.(*form); !open || form.fields[0].String() != "at 193" || !strings.Contains(plainText(m), "has made 195 of 316") {
		t.Errorf("what was refused is lost:\n%s", plainText(m))
	}
}

func TestMeasuresListed(t *testing.T) {
	f := newFake(t)
	m := screen(f, 120, 40, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.key("b")
	for text, want := range map[string]string{
		"xyz": `None of the 32 measures so far has "xyz" in its name`, "bound_pri>-1e9": "bound_prior", "ra3 E think_r flat 9": "think_rate", "at 2": "loss_code", "loss_code nan, bound_ent": "bound_entropy",
	} {
		m.sheet.(*form).fields[0].set(text)
		if page := plainText(m); !strings.Contains(page, want) || strings.Contains(page, "appear here once") {
			t.Errorf("%q: %q is missing:\n%s", text, want, page)
		}
	}
}

// Text typed into a field of choices changes nothing, nor do the spaces in it.
func TestChoicesAreNotTyped(t *testing.T) {
	source, _ := stored(t, 316)
	m := workbench(t, driven{source}, 100, 34, theme.Options{})
	m.settle(m.goTo(experiments.Position{Branch: store.Main, Update: 301}))
	m.key("F")
	f := m.sheet.(*forking)
	m.key("down")
	random := f.fields[f.at]
	was := random.String()
	m.typeIn("a note of mine f")
	if random.String() != was || !strings.Contains(plainText(m), "left and right choose here") {
		t.Errorf("%q after text:\n%s", random.String(), plainText(m))
	}
	m.key("right")
	if random.String() == was || strings.Contains(plainText(m), "left and right choose here") {
		t.Errorf("right does not choose:\n%s", plainText(m))
	}
	m.key(" ")
	if random.String() != was {
		t.Error("space alone does not choose")
	}
}
