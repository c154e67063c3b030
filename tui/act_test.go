package tui

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

func TestIntents(t *testing.T) {
	step := func(g experiments.Granularity, n int) experiments.Intent {
		return experiments.Intent{Kind: experiments.Step, Granularity: g, Count: n}
	}
	for _, c := range []struct {
		keys  string
		state experiments.DriverState
		want  []experiments.Intent
	}{
		{"s", experiments.Paused, []experiments.Intent{step(experiments.ByUpdate, 1)}},
		{"2 0 s", experiments.Paused, []experiments.Intent{step(experiments.ByUpdate, 20)}},
		{"S", experiments.Paused, []experiments.Intent{step(experiments.ByPhase, 1)}},
		{"3 I", experiments.Paused, []experiments.Intent{step(experiments.ByIteration, 3)}},
		{"space", experiments.Paused, []experiments.Intent{{Kind: experiments.Run}}},
		{"space", experiments.Running, []experiments.Intent{{Kind: experiments.Pause}}},
		// The second press answers the first, which is not acknowledged yet.
		{"space space", experiments.Paused, []experiments.Intent{{Kind: experiments.Run}, {Kind: experiments.Pause}}},
		{"space space", experiments.Running, []experiments.Intent{{Kind: experiments.Pause}, {Kind: experiments.Run}}},
		{"2 tab j k ? esc c C f a", experiments.Running, nil},
		{"q", experiments.Running, nil},
		{"q esc q", experiments.Running, nil},
		{"q q", experiments.Running, []experiments.Intent{{Kind: experiments.Stop}}},
		{"q", experiments.Paused, []experiments.Intent{{Kind: experiments.Stop}}},
		{"ctrl+c", experiments.Running, []experiments.Intent{{Kind: experiments.Stop}}},
		{"ctrl+z", experiments.Running, []experiments.Intent{{Kind: experiments.Pause}}},
		{"q s", experiments.Paused, []experiments.Intent{{Kind: experiments.Stop}}},
	} {
		f := newFake(t)
		m := screen(f, 80, 24, theme.Options{})
		m.feed(f, f.snapshot(30, c.state))
		for _, k := range strings.Fields(c.keys) {
			m.key(strings.ReplaceAll(k, "space", " "))
		}
		if len(f.sent) != len(c.want) {
			t.Errorf("%q while %s: sent %v, want %v", c.keys, c.state, f.sent, c.want)
			continue
		}
		for i := range c.want {
			if f.sent[i] != c.want[i] {
				t.Errorf("%q while %s: sent %v, want %v", c.keys, c.state, f.sent, c.want)
			}
		}
	}
}

func TestPendingIsShownUntilAcknowledged(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(30, experiments.Running))
	m.key(" ")
	if !strings.Contains(plainText(m), "pausing") || !strings.Contains(plainText(m), "running") {
		t.Errorf("before the acknowledgement:\n%s", plainText(m))
	}
	s := f.snapshot(30, experiments.Running)
	s.Pending = "pause"
	m.take(s)
	if !strings.Contains(plainText(m), "pausing") {
		t.Error("the pending pause is hidden")
	}
	m.take(f.snapshot(30, experiments.Paused))
	if got := plainText(m); strings.Contains(got, "pausing") || !strings.Contains(got, "paused") {
		t.Errorf("after the acknowledgement:\n%s", got)
	}
	m.key("2")
	m.key("0")
	if !strings.Contains(plainText(m), "20_") {
		t.Error("the count typed so far is hidden")
	}
	m.key("s")
	if !strings.Contains(plainText(m), "asked for 20 updates") {
		t.Error("the step asked for is hidden")
	}
	m.take(f.snapshot(31, experiments.Running))
	if m.asked != nil {
		t.Error("the step is made, but still pending")
	}
	f.refuse = true
	m.key("s")
	if !strings.Contains(plainText(m), "too many requests") {
		t.Error("a refused intent is not reported")
	}
}

func TestPagesAndBack(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	at := func(want keys.Context) {
		t.Helper()
		if m.reader.Context() != want {
			t.Errorf("page is %s, want %s", m.reader.Context(), want)
		}
	}
	m.key("tab")
	at(keys.Trace)
	m.key("shift+tab")
	at(keys.Lab)
	m.key("2")
	at(keys.Lab) // a count may follow
	m.doAll(m.reader.Expire(1))
	at(keys.Trace)
	m.key("]")
	m.key("j")
	tr := pageOf[*tracePage](m)
	if tr.program != 1 || tr.line != 1 {
		t.Errorf("program %d line %d", tr.program, tr.line)
	}
	for range 20 {
		m.key("down")
	}
	if tr.line != 5 {
		t.Errorf("line %d of 6", tr.line)
	}
	m.key("[")
	m.key("left")
	if tr.program != 2 || tr.line != 0 {
		t.Errorf("program %d line %d", tr.program, tr.line)
	}
	m.key("?")
	m.key("esc")
	at(keys.Trace)
	m.key("esc")
	at(keys.Lab)
	lab := pageOf[*labPage](m)
	if v := views[lab.shown()].name; v != "bound" {
		t.Errorf("in the E-step the chart is %s", v)
	}
	m.key("c")
	if v := views[lab.shown()].name; v != "pruning" {
		t.Errorf("after c the chart is %s", v)
	}
	m.key("esc")
	if lab.chosen != -1 {
		t.Error("esc does not follow the phase again")
	}
}

func TestPictureIsWritten(t *testing.T) {
	for _, c := range []struct{ keys, want, says string }{
		{"", "bound-192.png", "wrote "}, {"c", "pruning-192.png", "wrote "},
		{"tab", "trace-validate-doc-1-00000-192.png", "wrote "}, {"tab c", "table-posterior-validate-doc-1-00000-line1-192.png", "wrote "}, {"tab c c c", "table-traces-192.png", "wrote "},
		{"c c c c c", "table-found-192.png", "wrote "},
	} {
		f := newFake(t)
		m := screen(f, 200, 50, theme.Options{})
		s := f.snapshot(192, experiments.Paused)
		s.Summary = exampleSummary()
		m.feed(f, s)
		for _, k := range strings.Fields(c.keys) {
			m.key(k)
		}
		msg := m.key("w")()
		m.Update(msg)
		path := filepath.Join(f.dir, "plots", c.want)
		if raw, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(raw), "\x89PNG") {
			t.Errorf("%q: %v", c.keys, err)
		}
		if !strings.Contains(plainText(m), c.says+path) {
			t.Errorf("%q: the status does not name %s:\n%s", c.keys, path, plainText(m))
		}
	}
}

func TestPictureFailures(t *testing.T) {
	f := newFake(t)
	m := screen(f, 200, 24, theme.Options{})
	m.feed(f, f.snapshot(0, experiments.Paused))
	m.Update(m.key("w")())
	if got := plainText(m); !strings.Contains(got, "has no data yet") {
		t.Errorf("an empty chart:\n%s", got)
	}
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.plots = filepath.Join(f.dir, "file", "plots")
	if err := os.WriteFile(filepath.Join(f.dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m.Update(m.key("w")())
	if got := plainText(m); !strings.Contains(got, m.marks.failed+" no picture written: make the directory") || !strings.Contains(got, "choose another") {
		t.Errorf("an impossible directory:\n%s", got)
	}
	m.plots = ""
	m.key("w")
	if got := plainText(m); !strings.Contains(got, "no directory") || !strings.Contains(got, "--run DIR") {
		t.Errorf("no directory:\n%s", got)
	}
}

// Keys that arrive in one read are as many keys, a paste is none.
func TestKeysThatArriveTogether(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(192, experiments.Paused))
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("20s")})
	if len(f.sent) != 1 || f.sent[0].Count != 20 {
		t.Errorf("20s in one message sent %v", f.sent)
	}
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("sss"), Paste: true})
	if len(f.sent) != 1 {
		t.Errorf("a paste sent %v", f.sent[1:])
	}
	m.key("b")
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("at 200"), Paste: true})
	if got := m.sheet.(*form).fields[0].String(); got != "at 200" {
		t.Errorf("a paste into a form is %q", got)
	}
}

// The whole program on pipes: it draws, obeys keys, ends when q has been
// pressed and leaves no goroutine behind.
func TestProgramEndsClean(t *testing.T) {
	before := runtime.NumGoroutine()
	f := newFake(t)
	f.write(f.log(192))
	f.latest <- f.snapshot(192, experiments.Paused)
	in, keyboard, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out := &recorder{seen: make(chan struct{})}
	m := newModel(f, Options{})
	p := tea.NewProgram(m, tea.WithInput(in), tea.WithOutput(out), tea.WithAltScreen(), tea.WithoutSignalHandler())
	ended := make(chan error, 1)
	go func() { _, err := p.Run(); ended <- err }()
	p.Send(tea.WindowSizeMsg{Width: 80, Height: 24})
	<-out.seen
	if _, err := keyboard.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := keyboard.Close(); err != nil {
		t.Error(err)
	}
	if err := stop(f); err != nil {
		t.Error(err)
	}
	if err := m.unsaved(f); err != nil {
		t.Error(err)
	}
	if !strings.HasSuffix(strings.TrimSuffix(out.String(), "\x1b[?25h"), "\x1b[?1049l") {
		t.Error("the screen is not given back")
	}
	for wait := 0; runtime.NumGoroutine() > before; wait++ {
		if wait == 200 {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
		time.Sleep(10 * time.Millisecond)
	}
}

func TestUsable(t *testing.T) {
	for _, c := range []struct {
		term string
		tty  bool
		ok   bool
	}{{"xterm", true, true}, {"dumb", true, false}, {"", true, false}, {"xterm", false, false}} {
		err := Usable(func(string) string { return c.term }, c.tty)
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "ra3 run")) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAppearance(t *testing.T) {
	env := func(k string) string {
		return map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORFGBG": "0;15"}[k]
	}
	for _, c := range []struct {
		background, glyphs string
		want               theme.Options
		ok                 bool
	}{
		{"auto", "auto", theme.Options{Depth: theme.Colors256, Glyphs: theme.Braille}, true},
		{"dark", "ascii", theme.Options{Depth: theme.Colors256, Glyphs: theme.ASCII, Dark: true}, true},
		{"light", "block", theme.Options{Depth: theme.Colors256, Glyphs: theme.Block}, true},
		{"pink", "auto", theme.Options{}, false},
		{"auto", "runes", theme.Options{}, false},
	} {
		got, err := Appearance(env, c.background, c.glyphs, true)
		if (err == nil) != c.ok || c.ok && got != c.want {
			t.Errorf("%s, %s: %+v, %v", c.background, c.glyphs, got, err)
		}
	}
}

// A second ctrl+c leaves without waiting, and so does an engine that hangs.
func TestForcedEnd(t *testing.T) {
	for _, second := range []tea.Msg{tea.KeyMsg{Type: tea.KeyCtrlC}, overdueMsg{}} {
		f := newFake(t)
		f.refuse = true
		m := screen(f, 80, 24, theme.Options{})
		m.feed(f, f.snapshot(3, experiments.Running))
		m.key("ctrl+c")
		if got := plainText(m); !m.quitting || m.forced || !strings.Contains(got, "saving") {
			t.Fatalf("after one ctrl+c:\n%s", got)
		}
		_, cmd := m.Update(second)
		if cmd == nil || !m.forced {
			t.Fatalf("%T does not end the screen", second)
		}
		if _, ok := cmd().(tea.QuitMsg); !ok {
			t.Errorf("%T does not end the screen", second)
		}
	}
}
