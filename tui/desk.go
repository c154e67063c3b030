package tui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments/grid"
	"ra3/tui/script"
)

// Desk is what outlives the run on the screen: the ablation at work and what
// was last looked at on the pages that are about many runs.
type Desk struct {
	// Ctx ends the work on the desk.
	Ctx     context.Context
	Threads int    // of an ablation; 0 for all
	Root    string // directory of runs; "": runs

	session  *grid.Session
	working  string // directory of the session's ablation
	state    grid.State
	ablation string // directory of the ablation shown
	played   *played
}

// played is the rest of a key script that goes on in the run opened by it, on a
// screen of the same size.
type played struct {
	steps []script.Step
	w, h  int
}

// busy says whether an ablation is at work.
func (d *Desk) busy() bool {
	if d.session == nil {
		return false
	}
	select {
	case <-d.session.Done():
		return false
	default:
		return true
	}
}

// Close stops the ablation at work, saved, and reports what it failed of.
func (d *Desk) Close() error {
	if d.session == nil {
		return nil
	}
	d.session.Stop()
	<-d.session.Done()
	last := d.state
	for s := range d.session.States() {
		last = s
	}
	d.session = nil
	if last.Err != nil {
		return errors.New(firstLine(last.Err.Error()))
	}
	return nil
}

// Opened is another run that the user asked to see.
type Opened struct {
	Dir      string
	ReadOnly bool
}

// leaveFor leaves this run, saved, for another one.
func (m *model) leaveFor(o Opened) tea.Cmd {
	m.opened = &o
	return m.quit()
}

// following says whether the run on the screen is only looked at.
func (m *model) following() bool { return m.engine.ReadOnly() }
