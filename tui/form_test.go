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
