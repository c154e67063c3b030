package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/tui/theme"
)

// Report is what the screen costs.
type Report struct {
	// Start is the time from a process' beginning to its first useful frame:
	// Process until main, then the engine and the frame.
	Start, Process time.Duration
	// Frames are those at 120 x 40 while the engine trains, by page.
	Frames []FrameTime
	// Loss is the share of the engine's updates a second that the screen costs;
	// by processor time, which other processes do not disturb, and by the clock.
	CPULoss, ClockLoss []float64 // a value a round, sorted
	Updates            int       // in each half of a round
}

// FrameTime is how long a page takes to adopt a snapshot and draw itself anew.
type FrameTime struct {
	Page         string
	Median, Most time.Duration
	N            int
}

// The screen that is measured.
const benchW, benchH = 120, 40

// Bench measures what the screen costs here; open starts the same run anew in a
// directory. rounds is how often the engine's loss is taken; progress is told
// what is under way.
func Bench(ctx context.Context, open func(dir string) (*experiments.Engine, error), rounds, updates int, progress func(string)) (r Report, err error) {
	dir, err := os.MkdirTemp("", "ra3-bench-")
	if err != nil {
		return r, fmt.Errorf("screen: %w", err)
	}
	defer func() {
		if rerr := os.RemoveAll(dir); err == nil && rerr != nil {
			err = fmt.Errorf("screen: %w", rerr)
		}
	}()
	r.Updates = updates
	progress("screen: start-up")
	if r.Process, err = processStart(ctx); err != nil {
		return r, err
	}
	n := 0
	begin := func() (*experiments.Driver, time.Duration, error) {
		n++
		from := time.Now()
		eng, err := open(fmt.Sprintf("%s/%d", dir, n))
		if err != nil {
			return nil, 0, err
		}
		return experiments.Drive(ctx, eng, nil), time.Since(from), nil
	}
	if err := r.startAndFrames(begin, progress); err != nil {
		return r, err
	}
	for i := range rounds {
		progress(fmt.Sprintf("screen: engine with and without it, round %d of %d", i+1, rounds))
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		// The half that comes second finds warm caches: they take turns.
		var with, without spent
		for _, screen := range []bool{i%2 == 0, i%2 != 0} {
			d, _, err := begin()
			if err != nil {
				return r, err
			}
			s, err := stepped(ctx, d, updates, screen)
			if err = firstError(err, stop(d)); err != nil {
				return r, err
			}
			if screen {
				with = s
			} else {
				without = s
			}
		}
		r.CPULoss = append(r.CPULoss, 1-without.cpu.Seconds()/with.cpu.Seconds())
		r.ClockLoss = append(r.ClockLoss, 1-without.clock.Seconds()/with.clock.Seconds())
	}
	slices.Sort(r.CPULoss)
	slices.Sort(r.ClockLoss)
	return r, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// processStart is the time that this program takes to come up and leave, the
// least of five.
func processStart(ctx context.Context) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("screen: %w", err)
	}
	least := time.Hour
	for range 5 {
		from := time.Now()
		if err := exec.CommandContext(ctx, self, "version").Run(); err != nil {
			return 0, fmt.Errorf("screen: start %s: %w", self, err)
		}
		least = min(least, time.Since(from))
	}
	return least, nil
}

// startAndFrames times the first frame, then frames of every page at each
// update of a running engine.
func (r *Report) startAndFrames(begin func() (*experiments.Driver, time.Duration, error), progress func(string)) error {
	d, opened, err := begin()
	if err != nil {
		return err
	}
	from := time.Now()
	look := theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true}
	m := newModel(d, Options{Theme: &look})
	m.w, m.h = benchW, benchH
	m.take(<-d.Snapshots())
	m.View()
	r.Start = r.Process + opened + time.Since(from)

	progress("screen: frames")
	times := make([][]time.Duration, len(m.pages))
	d.Send(experiments.Intent{Kind: experiments.Run})
	for made := 0; made < 20*len(m.pages); {
		s, ok := <-d.Snapshots()
		if !ok {
			break
		}
		if s.Made == made && (s.State == experiments.Running || made == 0) {
			continue
		}
		made = s.Made
		page := made % len(m.pages)
		m.turn(page)
		// Figures are built beside the screen, and are there at the next frame.
		from := time.Now()
		cmd := m.take(s)
		m.View()
		times[page] = append(times[page], time.Since(from))
		m.absorb(cmd)
		if s.State != experiments.Running {
			break
		}
	}
	for i, all := range times {
		if len(all) > 0 {
			slices.Sort(all)
			r.Frames = append(r.Frames, FrameTime{m.pages[i].title(), all[len(all)/2], all[len(all)-1], len(all)})
		}
	}
	return stop(d)
}

// absorb runs the commands that build figures and takes what they bring.
func (m *model) absorb(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			m.absorb(c)
		}
	case figuresMsg, pastMsg, effect:
		m.Update(msg)
	}
}

// spent is what some updates took.
type spent struct{ cpu, clock time.Duration }

// warmUpdates pass before a measurement: start-up and the first look at traces
// are no part of an engine's pace.
const warmUpdates = 20

// stepped times updates, with a screen before them or without; the log says
// when they are made, the same way in both.
func stepped(ctx context.Context, d *experiments.Driver, updates int, screen bool) (s spent, err error) {
	first := <-d.Snapshots()
	end := make(chan struct{})
	done := make(chan struct{})
	if screen {
		look := theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true}
		m := newModel(d, Options{Theme: &look})
		p := tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignalHandler())
		go func() {
			defer close(done)
			_, _ = p.Run() // its end is asked for below
		}()
		p.Send(tea.WindowSizeMsg{Width: benchW, Height: benchH})
		defer func() { p.Kill(); <-done }()
	} else {
		go func() {
			defer close(done)
			for {
				select {
				case <-d.Snapshots():
				case <-end:
					return
				}
			}
		}()
		defer func() { close(end); <-done }()
	}
	d.Send(experiments.Intent{Kind: experiments.Step, Granularity: experiments.ByUpdate, Count: warmUpdates + updates})
	if err := made(ctx, d, first.Made+warmUpdates); err != nil {
		return s, err
	}
	cpu, clock := cpuTime(), time.Now()
	if err := made(ctx, d, first.Made+warmUpdates+updates); err != nil {
		return s, err
	}
	return spent{cpuTime() - cpu, time.Since(clock)}, nil
}

// made waits until an engine's log holds so many updates.
func made(ctx context.Context, d *experiments.Driver, n int) error {
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	for d.Record().History().Head(experiments.Branch).Update < n {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.Done():
			return errors.New("screen: the engine ended before its updates were made")
		case <-tick.C:
		}
	}
	return nil
}
