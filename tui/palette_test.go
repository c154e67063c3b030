package tui

import (
	"encoding/base64"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/inline"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// write types text, a key a character.
func (m *model) typeText(text string) {
	for _, r := range text {
		m.settle(m.key(string(r)))
	}
}

func TestPaletteDoesWhatItNames(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(30, experiments.Paused))
	m.key(":")
	m.typeText("20 upd")
	if got := plainText(m); !strings.Contains(got, "step 20 updates") {
		t.Fatalf("palette:\n%s", got)
	}
	exact(t, m, "palette")
	m.settle(m.key("enter"))
	want := experiments.Intent{Kind: experiments.Step, Granularity: experiments.ByUpdate, Count: 20}
	if len(f.sent) != 1 || f.sent[0] != want || m.sheet != nil {
		t.Errorf("sent %v, sheet %v", f.sent, m.sheet)
	}
	m.key(":")
	m.typeText("go trace")
	m.settle(m.key("enter"))
	if m.reader.Context() != keys.Trace {
		t.Errorf("on %s", m.reader.Context())
	}
	m.key(":")
	m.typeText("zzzz")
	m.settle(m.key("enter"))
	if m.sheet == nil || !strings.Contains(plainText(m), "nothing is called that") {
		t.Error("what matches nothing was taken")
	}
	m.key("esc")
	if m.sheet != nil {
		t.Error("esc does not close the palette")
	}
}

// What cannot be done now says why: in help, in the palette and when pressed.
func TestDisabledSaysWhy(t *testing.T) {
	f := newFake(t)
	m := screen(f, 100, 50, theme.Options{})
	m.feed(f, f.snapshot(300, experiments.Finished))
	for _, open := range []string{"?", ":"} {
		m.key(open)
		if got := plainText(m); !strings.Contains(got, "not now: the plan is done") {
			t.Errorf("after %s:\n%s", open, got)
		}
		m.key("esc")
	}
	m.key("s")
	if len(f.sent) != 0 || !strings.Contains(plainText(m), "the plan is done") {
		t.Errorf("sent %v", f.sent)
	}
}

func TestHelpSearch(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(3, experiments.Paused))
	m.key("?")
	m.typeText("/horizon")
	got := plainText(m)
	if !strings.Contains(got, "entropy exceeds 0.1") || strings.Contains(got, "next chart") {
		t.Errorf("filtered help:\n%s", got)
	}
	exact(t, m, "filtered help")
	m.key("enter")
	m.key("esc")
	if !strings.Contains(plainText(m), "next chart") {
		t.Error("esc does not drop the filter")
	}
}

// y sends the command to the clipboard by OSC 52, through tmux as it wants it.
func TestCopyAsCommand(t *testing.T) {
	f := newFake(t)
	f.dir = "runs/a b"
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(30, experiments.Paused))
	var sent string
	m.raw = func(s string) error { sent += s; return nil }
	m.settle(m.clip(m.command()))
	want := base64.StdEncoding.EncodeToString([]byte(m.command()))
	if !strings.Contains(sent, "\x1b]52;c;"+want) || !strings.HasPrefix(m.command(), "ra3 plot --run 'runs/a b' --figure loss") {
		t.Errorf("sent %q for %q", sent, m.command())
	}
	sent, m.mux = "", "tmux"
	m.settle(m.clip(m.command()))
	if !strings.HasPrefix(sent, "\x1bPtmux;") {
		t.Errorf("in tmux %q", sent)
	}
}

func TestPictureSheet(t *testing.T) {
	f := newFake(t)
	for _, way := range []inline.Way{inline.None, inline.Blocks, inline.Kitty} {
		o := theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true}
		m := screen(f, 80, 24, o)
		m.pictures = way
		var sent string
		m.raw = func(s string) error { sent += s; return nil }
		m.feed(f, f.snapshot(250, experiments.Paused))
		m.settle(m.key("v"))
		exact(t, m, "picture")
		_, cmd := m.Update(tea.WindowSizeMsg{Width: 101, Height: 33})
		m.settle(cmd)
		exact(t, m, "picture, resized")
		text := m.View()
		switch way {
		case inline.Blocks:
			if !strings.Contains(text, "▀") || sent != "" {
				t.Errorf("half blocks: sent %.40q", sent)
			}
		case inline.Kitty:
			if !strings.Contains(text, string(rune(0x10EEEE))) || !strings.Contains(sent, "c=99,r=27") {
				t.Errorf("kitty: sent %.80q", sent)
			}
		case inline.None:
			if strings.Contains(text, "▀") || !strings.Contains(text, "whole program right") {
				t.Errorf("chart:\n%s", plainText(m))
			}
		}
		m.settle(m.key("esc"))
		if way == inline.Kitty && !strings.Contains(sent, "a=d") {
			t.Error("the terminal keeps the picture")
		}
	}
}

// The wheel is the arrow keys, a click on a tab turns the page, motion is no message.
func TestMouse(t *testing.T) {
	f := newFake(t)
	m := screen(f, 100, 30, theme.Options{})
	m.feed(f, f.snapshot(250, experiments.Paused))
	line := strings.Split(plainText(m), "\n")[0]
	at := strings.Index(line, "2 Trace")
	m.Update(tea.MouseMsg{X: at + 2, Y: 0, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	if m.reader.Context() != keys.Trace {
		t.Fatalf("a click on %q at %d shows %s", line, at, m.reader.Context())
	}
	before := plainText(m)
	m.Update(tea.MouseMsg{X: 1, Y: 9, Button: tea.MouseButtonWheelDown, Action: tea.MouseActionPress})
	if plainText(m) == before {
		t.Error("the wheel moves nothing")
	}
	if dropMotion(m, tea.MouseMsg{Action: tea.MouseActionMotion}) != nil || dropMotion(m, tea.KeyMsg{}) == nil {
		t.Error("the filter")
	}
}
