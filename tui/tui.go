// Package tui is the workbench: a full-screen face of a driven engine. It sends
// typed intents down, draws the newest snapshot and the event log, and holds
// nothing that could not be rebuilt from them.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"ra3/experiments"
	"ra3/tui/inline"
	"ra3/tui/theme"
)

// Engine is a run as the workbench shows it.
type Engine = experiments.Source

// Options adjust the workbench; the zero value reads the environment.
type Options struct {
	Theme *theme.Options // nil: detected
	Name  string         // of the run; "": its directory's
	// Pictures is how the terminal shows them; nil: detected.
	Pictures *inline.Way
	Mouse    bool // wheel and clicks are keys as well
	// Keys is the file of a key script to play. With Frames, the directory of the
	// frames it keeps, no terminal is needed and the run ends with the script.
	Keys, Frames string
	// Desk is what outlives this run on the screen; nil: nothing does.
	Desk *Desk
}

// stopWithin bounds how long leaving waits for the engine to save.
const stopWithin = 10 * time.Second

// Usable says why the screen cannot be used: standard input and output must be
// a terminal (isTTY) that can move its cursor.
func Usable(getenv func(string) string, isTTY bool) error {
	switch term := getenv("TERM"); {
	case !isTTY:
		return errors.New("the workbench needs a terminal on standard input and output; use \"ra3 run\" for a run without a screen")
	case term == "" || term == "dumb":
		return fmt.Errorf("the workbench cannot draw on TERM=%q; set TERM to your terminal's type, or use \"ra3 run\"", term)
	}
	return nil
}

// Appearance is the theme that the environment and two settings ask for:
// background is auto, dark or light, glyphs is auto, ascii, block or braille.
// Without a terminal its colours are of 24 bits on dark, but for NO_COLOR.
func Appearance(getenv func(string) string, background, glyphs string, terminal bool) (theme.Options, error) {
	o := theme.Detect(getenv)
	if !terminal {
		o = theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true}
		if getenv("NO_COLOR") != "" {
			o.Depth = theme.NoColor
		}
	}
	switch background {
	case "auto":
		if getenv("COLORFGBG") == "" && terminal {
			// bubbletea asked the terminal at start; this only reads the answer.
			o.Dark = lipgloss.HasDarkBackground()
		}
	case "dark", "light":
		o.Dark = background == "dark"
	default:
		return o, fmt.Errorf("theme %q is unknown; use auto, dark or light", background)
	}
	switch glyphs {
	case "auto":
	case "ascii":
		o.Glyphs = theme.ASCII
	case "block":
		o.Glyphs = theme.Block
	case "braille":
		o.Glyphs = theme.Braille
	default:
		return o, fmt.Errorf("glyphs %q are unknown; use auto, ascii, block or braille", glyphs)
	}
	return o, nil
}

// Pictures is the way to show pictures that a setting asks for: auto, kitty,
// blocks or none.
func Pictures(getenv func(string) string, way string, o theme.Options) (inline.Way, error) {
	for _, w := range []inline.Way{inline.None, inline.Blocks, inline.Kitty} {
		if way == w.String() {
			return w, nil
		}
	}
	if way != "auto" {
		return inline.None, fmt.Errorf("pictures %q are unknown; use auto, kitty, blocks or none", way)
	}
	return inline.Detect(getenv, o), nil
}

// Run shows the workbench full screen until the user quits, ctx ends or the
// engine does. The terminal is restored in every case, a panic included. The
// engine is asked to save and stop, and waited for up to ten seconds. It
// returns an error where the screen failed or something may not be saved, and
// which run the user asked to see next, nil for none.
func Run(ctx context.Context, d Engine, o Options) (*Opened, error) {
	m, err := run(ctx, d, o)
	if err != nil || m == nil {
		return nil, err
	}
	return m.opened, nil
}

func run(ctx context.Context, d Engine, o Options) (*model, error) {
	if o.Theme == nil {
		t, err := Appearance(os.Getenv, "auto", "auto", true)
		if err != nil {
			return nil, err
		}
		o.Theme = &t
	}
	if o.Pictures == nil {
		way := inline.Detect(os.Getenv, *o.Theme)
		o.Pictures = &way
	}
	m := newModel(d, o)
	term := &terminal{File: os.Stdout}
	if o.Frames == "" {
		m.raw, m.mux, m.mouse = term.raw, multiplexer(os.Getenv), o.Mouse
	}
	var root tea.Model = m
	var script *scripted
	if o.Keys != "" {
		var err error
		if script, err = m.script(o); err != nil {
			return nil, errors.Join(err, stop(d))
		}
		root = script
	}
	if o.Frames == "" {
		m.rescue = startRescue(d.Dir())
		defer m.rescue.end()
	}
	p := tea.NewProgram(root, o.program(term)...)
	// An end from outside takes the same way as q, so that nothing is lost.
	defer context.AfterFunc(ctx, func() { p.Send(quitMsg{}) })()
	_, screen := p.Run()
	if m.forced {
		return nil, errors.New("left before the engine had saved; the run goes on from its last checkpoint")
	}
	if err := stop(d); err != nil {
		return nil, errors.Join(screen, err)
	}
	if script != nil {
		if err := script.left(); err != nil && screen == nil && ctx.Err() == nil {
			return nil, err
		}
	}
	if screen != nil {
		return nil, fmt.Errorf("workbench: %w", screen)
	}
	return m, m.unsaved(d)
}

// multiplexer names what stands between this process and the terminal.
func multiplexer(getenv func(string) string) string {
	switch {
	case getenv("TMUX") != "":
		return "tmux"
	case getenv("STY") != "":
		return "screen"
	}
	return ""
}

// program is how bubbletea is to run the screen. Signals end the context: were
// they heard here as well, the one that comes second would wait for ever for a
// loop that has ended.
func (o Options) program(term *terminal) []tea.ProgramOption {
	if o.Frames != "" {
		return []tea.ProgramOption{tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutRenderer(), tea.WithoutSignalHandler()}
	}
	out := []tea.ProgramOption{tea.WithAltScreen(), tea.WithOutput(term), tea.WithoutSignalHandler()}
	if o.Mouse {
		out = append(out, tea.WithMouseCellMotion(), tea.WithFilter(dropMotion))
	}
	return out
}

// stop ends the engine, if it has not ended, and waits a bounded time.
func stop(d Engine) error {
	deadline := time.NewTimer(stopWithin)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	sent := d.Send(experiments.Intent{Kind: experiments.Stop})
	for {
		select {
		case <-d.Done():
			return nil
		case <-again.C:
			if !sent {
				sent = d.Send(experiments.Intent{Kind: experiments.Stop})
			}
		case <-deadline.C:
			return fmt.Errorf("the engine did not stop within %v; the run goes on from its last checkpoint", stopWithin)
		}
	}
}

// unsaved reports an error of the engine that the screen can show no more.
func (m *model) unsaved(d Engine) error {
	last := m.snap
	for s := range d.Snapshots() {
		last = s
	}
	if last.Err != nil {
		return fmt.Errorf("workbench: the engine ended with: %s", firstLine(last.Err.Error()))
	}
	return nil
}
