package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"ra3/core/checkpoint/durable"
	"ra3/experiments"
	"ra3/tui/script"
	"ra3/tui/shot"
	"ra3/tui/theme"
)

// waitsAtMost bounds every wait of a script, so that a wrong one ends.
const waitsAtMost = 10 * time.Minute

// scripted plays a key script on the workbench. It acts only when the state
// that a step waits for is there, never by the clock: without a terminal the
// same script on the same run shows the same frames.
type scripted struct {
	*model
	steps    []script.Step
	at       int
	frames   string // directory of the frames kept
	headless bool
	pausing  bool // a pause or a frame is under way
	ticket   int  // of the step under way, for its deadline
	err      error
}

type (
	stepDoneMsg struct{ err error }
	deadlineMsg int
)

// script plays a model's script from its file, or goes on with one that opened
// this run.
func (m *model) script(o Options) (*scripted, error) {
	s := &scripted{model: m, frames: o.Frames, headless: o.Frames != ""}
	if s.headless { // nobody else says the size
		m.w, m.h = 80, 24
	}
	if rest := m.desk.played; rest != nil {
		s.steps, m.w, m.h = rest.steps, rest.w, rest.h
		return s, nil
	}
	steps, err := readScript(o.Keys)
	s.steps = steps
	return s, err
}

// Init begins to play.
func (s *scripted) Init() tea.Cmd {
	return tea.Batch(s.model.Init(), s.deadline())
}

// Update passes a message on and makes the steps whose time has come.
func (s *scripted) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case stepDoneMsg:
		s.pausing = false
		if msg.err != nil {
			return s, s.fail(msg.err)
		}
		cmd = s.next()
	case deadlineMsg:
		if int(msg) == s.ticket && s.at < len(s.steps) {
			return s, s.fail(fmt.Errorf("%q was not to be seen within %v", s.steps[s.at], waitsAtMost))
		}
	default:
		_, cmd = s.model.Update(msg)
	}
	cmds := []tea.Cmd{cmd}
	for s.at < len(s.steps) && !s.pausing && !s.quitting && s.err == nil && s.due(s.steps[s.at]) {
		cmds = append(cmds, s.make(s.steps[s.at]))
	}
	if s.opened != nil {
		s.desk.played = &played{s.steps[s.at:], s.w, s.h}
	}
	if s.at == len(s.steps) && s.headless && !s.quitting {
		cmds = append(cmds, s.quit())
	}
	return s, tea.Batch(cmds...)
}

// next goes on to the next step.
func (s *scripted) next() tea.Cmd {
	s.at++
	return s.deadline()
}

func (s *scripted) deadline() tea.Cmd {
	s.ticket++
	return s.after(waitsAtMost, deadlineMsg(s.ticket))
}

func (s *scripted) fail(err error) tea.Cmd {
	line := 0
	if s.at < len(s.steps) {
		line = s.steps[s.at].Line
	}
	s.err = fmt.Errorf("key script, line %d: %w", line, err)
	return s.quit()
}

// left is what was wrong with a script that has ended: also that the workbench
// ended before it, by its own keys or the user's.
func (s *scripted) left() error {
	if s.err == nil && s.at < len(s.steps) && s.opened == nil {
		return fmt.Errorf("key script, line %d: the workbench had ended before %q", s.steps[s.at].Line, s.steps[s.at])
	}
	return s.err
}

// due says whether a step can be made now.
func (s *scripted) due(step script.Step) bool {
	switch step.Kind {
	case script.Key:
		return s.heard
	case script.Idle, script.Frame:
		return s.settled()
	case script.Update:
		return s.snap.Made >= step.N
	case script.Finished:
		return s.snap.State == experiments.Finished && s.settled()
	case script.Text:
		return strings.Contains(s.plainView(), step.Text)
	}
	return true
}

// settled says whether the engine rests and all that is known is shown.
func (s *scripted) settled() bool {
	if p, ok := s.sheet.(*pictureSheet); ok && p.drawing {
		return false
	}
	for _, shown := range []any{s.page(), s.sheet} {
		if r, ok := shown.(interface{ unread() bool }); ok && r.unread() {
			return false
		}
	}
	return s.heard && s.writing == 0 && s.reader.Pending() == "" && s.asked == nil && s.snap.Pending == "" && s.snap.State != experiments.Running &&
		s.tip.Update == s.snap.Made && !s.building && len(s.stale) == 0 && !s.recalling && !s.drawingPast
}

// make makes a step.
func (s *scripted) make(step script.Step) tea.Cmd {
	switch step.Kind {
	case script.Key:
		_, cmd := s.model.Update(keyMsg(step.Text))
		return tea.Batch(cmd, s.next())
	case script.Size:
		if !s.headless {
			return s.next() // the terminal has its own
		}
		_, cmd := s.model.Update(tea.WindowSizeMsg{Width: step.W, Height: step.H})
		return tea.Batch(cmd, s.next())
	case script.Pause:
		if s.headless {
			return s.next()
		}
		s.pausing = true
		return s.after(step.Pause, stepDoneMsg{})
	case script.Frame:
		s.pausing = true
		path, view, o := filepath.Join(s.frames, step.Text), s.View(), s.theme.Options
		return func() tea.Msg { return stepDoneMsg{keep(path, view, o)} }
	}
	return s.next()
}

// plainView is the screen without styles, lines apart.
func (s *scripted) plainView() string { return ansi.Strip(s.View()) }

// keep writes a frame by its file's extension.
func keep(path, view string, o theme.Options) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return durable.Explain("make the directory", filepath.Dir(path), err)
	}
	switch filepath.Ext(path) {
	case ".png":
		return shot.Save(path, view, o.Dark)
	case ".txt":
		view = ansi.Strip(view)
	}
	return durable.Explain("write", path, os.WriteFile(path, []byte(view+"\n"), 0o666))
}

// namedKeys are the keys that are no characters, by bubbletea's names.
var namedKeys = func() map[string]tea.KeyType {
	out := map[string]tea.KeyType{}
	for t := tea.KeyType(-128); t < 128; t++ {
		if name := t.String(); name != "" && t != tea.KeyRunes {
			out[name] = t
		}
	}
	return out
}()

// keyMsg is a key by its name.
func keyMsg(name string) tea.KeyMsg {
	if t, ok := namedKeys[name]; ok {
		k := tea.KeyMsg{Type: t}
		if t == tea.KeySpace {
			k.Runes = []rune{' '}
		}
		return k
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// readScript reads the script in a file.
func readScript(path string) ([]script.Step, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, durable.Explain("read the key script", path, err)
	}
	steps, err := script.Parse(file)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	for _, s := range steps {
		if _, named := namedKeys[s.Text]; err == nil && s.Kind == script.Key && !named && len([]rune(s.Text)) > 1 {
			err = fmt.Errorf("line %d: key %q is unknown: name it as ? does, as in ctrl+c, esc or tab", s.Line, s.Text)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key script %s: %w", path, err)
	}
	return steps, nil
}
