package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
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

	look ablateLook
	from *Opened // the run that a cell was stepped into from, nil

	mu       sync.Mutex
	session  *grid.Session
	working  string // directory of the session's ablation
	starting bool   // an ablation is being opened
	cut      bool   // leaving ends the session
	closed   bool   // nothing starts any more

	played *played
}

// played is the rest of a key script that goes on in the run opened by it, on a
// screen of the same size.
type played struct {
	steps []script.Step
	w, h  int
}

// busy says whether an ablation is at work, or about to be.
func (d *Desk) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.starting || d.atWork()
}

func (d *Desk) atWork() bool {
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

// at says whether the ablation in a directory is at work here.
func (d *Desk) at(dir string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.working == dir && d.atWork()
}

// run opens an ablation and starts its session, unless one is at work; it may
// be called from any goroutine, and takes as long as opening does.
func (d *Desk) run(open func() (*grid.Ablation, error)) (*grid.Ablation, error) {
	d.mu.Lock()
	switch {
	case d.closed:
		d.mu.Unlock()
		return nil, errors.New("the workbench is being left")
	case d.starting || d.atWork():
		defer d.mu.Unlock()
		return nil, fmt.Errorf("%s is at work: stop it first with g", d.working)
	}
	d.starting = true
	d.mu.Unlock()
	a, err := open()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.starting = false
	if err == nil && d.closed {
		err = errors.Join(errors.New("the workbench is being left"), a.Close())
	}
	if err != nil {
		return nil, err
	}
	d.working, d.session = a.Dir, grid.Start(d.Ctx, a, d.Threads, sessionHooks())
	return a, nil
}

// stop asks the ablation at work to save and end.
func (d *Desk) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session != nil {
		d.session.Stop()
	}
}

// leave asks the ablation at work to save and end, because the workbench is left.
func (d *Desk) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed, d.cut = true, d.cut || d.atWork()
	if d.session != nil {
		d.session.Stop()
	}
}

// latest is the newest state of the session that worked last, and whose it was;
// "" before the first.
func (d *Desk) latest() (dir string, st grid.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil {
		return "", st
	}
	return d.working, d.session.Latest()
}

// Close stops the ablation at work, saved. It returns how to go on with it,
// "" where there was none, and what it failed of. Nothing starts afterwards.
func (d *Desk) Close() (again string, err error) {
	d.leave()
	d.mu.Lock()
	s, cut := d.session, d.cut
	d.mu.Unlock()
	if s == nil {
		return "", nil
	}
	<-s.Done()
	st := s.Latest()
	if st.Err != nil && cut {
		return "", errors.New(firstLine(st.Err.Error()))
	}
	done, cells, _ := counted(st.Tasks)
	if !cut || done == cells {
		return "", nil
	}
	return fmt.Sprintf("the ablation is stopped and saved with %d of %d cells finished: go on with ra3 ablate --resume %s", done, cells, experiments.ShellWord(d.working)), nil
}

// counted are the cells that need no more work, all cells, and the updates made.
func counted(tasks []grid.Progress) (done, cells, made int) {
	for _, p := range tasks {
		made += p.Made
		if p.Gate {
			continue
		}
		cells++
		if p.State == grid.Finished || p.State == grid.Skipped {
			done++
		}
	}
	return done, cells, made
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
