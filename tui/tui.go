// Package tui is the workbench: a full-screen face of a driven engine. It sends
// typed intents down, draws the newest snapshot and the event log, and holds
// nothing that could not be rebuilt from them.
package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"ra3/experiments"
	"ra3/tui/theme"
)

// Engine is a run as the workbench shows it.
type Engine = experiments.Source

// Options adjust the workbench; the zero value reads the environment.
type Options struct {
	Theme *theme.Options // nil: detected
	Name  string         // of the run; "": its directory's
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
func Appearance(getenv func(string) string, background, glyphs string) (theme.Options, error) {
	o := theme.Detect(getenv)
	switch background {
	case "auto":
		if getenv("COLORFGBG") == "" {
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

// Run shows the workbench full screen until the user quits, ctx ends or the
// engine does. The terminal is restored in every case, a panic included. The
// engine is asked to save and stop, and waited for up to ten seconds. It
// returns an error where the screen failed or something may not be saved.
func Run(ctx context.Context, d Engine, o Options) error {
	if o.Theme == nil {
		t, err := Appearance(os.Getenv, "auto", "auto")
		if err != nil {
			return err
		}
		o.Theme = &t
	}
	m := newModel(d, o)
	p := tea.NewProgram(m, tea.WithAltScreen(), tea.WithOutput(&synchronized{os.Stdout}))
	// An end from outside takes the same way as q, so that nothing is lost.
	defer context.AfterFunc(ctx, func() { p.Send(quitMsg{}) })()
	_, screen := p.Run()
	if errors.Is(screen, tea.ErrInterrupted) {
		screen = nil // an end that was asked for, by a signal
	}
	if m.forced {
		return errors.New("left before the engine had saved; the run goes on from its last checkpoint")
	}
	if err := stop(d); err != nil {
		return errors.Join(screen, err)
	}
	if screen != nil {
		return fmt.Errorf("workbench: %w", screen)
	}
	return m.unsaved(d)
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

// synchronized brackets each frame in the terminal's synchronized output mode
// (2026), so that none is seen half drawn; terminals without it ignore that.
type synchronized struct{ *os.File }

func (s *synchronized) Write(p []byte) (int, error) {
	frame := make([]byte, 0, len(p)+16)
	frame = append(frame, "\x1b[?2026h"...)
	frame = append(frame, p...)
	frame = append(frame, "\x1b[?2026l"...)
	if n, err := s.File.Write(frame); err != nil {
		return max(0, min(n-8, len(p))), err
	}
	return len(p), nil
}
