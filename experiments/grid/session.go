package grid

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"ra3/experiments"
)

// Hooks are what a face adds to a session: the same as ra3 ablate does.
type Hooks struct {
	// Conclude ends a run that has made its last update: its figures, then Finish.
	Conclude func(context.Context, *experiments.Engine) error
	// Publish writes the results so far.
	Publish func(context.Context, *Ablation, *Result) error
}

// Session makes an ablation's runs one after the other in a goroutine of its
// own, as ra3 ablate does, and offers the newest state.
type Session struct {
	a      *Ablation
	hooks  Hooks
	cancel context.CancelFunc
	latest chan State // one slot
	done   chan struct{}
}

// State is an immutable picture of a session.
type State struct {
	Tasks   []Progress
	At      int // index of the task under way; -1 for none
	Running bool
	Rate    float64 // updates a second, recent; 0 where unknown
	Result  *Result // of the cells finished so far
	Err     error   // why it ended early
}

const (
	sessionShows = time.Second / 10 // between states while updates are made
	sessionSaves = 10 * time.Second
)

// Start goes on with an ablation where it was left. The session owns a and
// closes it at its end: when every cell is done, Stop is called, ctx ends or
// something fails.
func Start(ctx context.Context, a *Ablation, threads int, h Hooks) *Session {
	ctx, cancel := context.WithCancel(ctx)
	s := &Session{a: a, hooks: h, cancel: cancel, latest: make(chan State, 1), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		defer close(s.latest)
		st := State{At: -1, Running: true}
		err := guard(func() error { return s.run(ctx, &st, threads) })
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			err = nil // asked for
		}
		st.Running, st.Rate, st.Err = false, 0, errors.Join(err, a.Close())
		if st.At >= 0 && st.Tasks[st.At].State == Running {
			st.Tasks = slices.Clone(st.Tasks)
			st.Tasks[st.At].State = Begun
			if err != nil {
				st.Tasks[st.At].State = Failed
			}
		}
		s.publish(st)
	}()
	return s
}

// guard makes an error of a panic: it must not take the screen with it.
func guard(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ablation: %v (a defect: please report it)\n%s", r, debug.Stack())
		}
	}()
	return fn()
}

// Stop ends the session after the update under way, which is abandoned; what
// was made before is saved. Done says when.
func (s *Session) Stop() { s.cancel() }

// Done is closed when the session has ended and its directory is free.
func (s *Session) Done() <-chan struct{} { return s.done }

// States gives the newest state whenever there is a newer one, and is closed at
// the end.
func (s *Session) States() <-chan State { return s.latest }

// publish puts a state in the slot, in place of one not taken yet.
func (s *Session) publish(st State) {
	for {
		select {
		case s.latest <- st:
			return
		default:
		}
		select {
		case <-s.latest:
		default:
		}
	}
}

func (s *Session) run(ctx context.Context, st *State, threads int) error {
	if err := s.renew(ctx, st); err != nil {
		return err
	}
	for i, t := range s.a.Tasks() {
		if st.Tasks[i].State == Finished {
			continue
		}
		if skipped, err := s.a.Skipped(t); err != nil || skipped {
			if err != nil {
				return err
			}
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		st.At = i
		if err := s.task(ctx, st, t, threads); err != nil {
			return fmt.Errorf("cell %s: %w", t.Cell.Name, err)
		}
		st.At = -1
		if err := s.renew(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

// renew reads what the cells have found, writes the results and shows them.
func (s *Session) renew(ctx context.Context, st *State) error {
	tasks, err := s.a.Progress()
	if err != nil {
		return err
	}
	r, err := s.a.Result()
	if err != nil {
		return err
	}
	st.Tasks, st.Result = tasks, r
	s.publish(*st)
	return s.hooks.Publish(ctx, s.a, r)
}

// task makes one run to its end.
func (s *Session) task(ctx context.Context, st *State, t Task, threads int) error {
	eng, err := t.Engine(ctx, threads)
	if err != nil {
		return err
	}
	err = s.drive(ctx, st, eng)
	if err == nil {
		err = s.hooks.Conclude(ctx, eng)
	}
	if cerr := eng.Close(); err == nil {
		err = cerr
	}
	return err
}

// drive makes every update of a run that is left, saving now and then and at
// the end, whatever the end.
func (s *Session) drive(ctx context.Context, st *State, eng *experiments.Engine) error {
	var saved, shown time.Time
	began, at := time.Now(), 0
	for {
		_, err := eng.Step(ctx)
		if errors.Is(err, io.EOF) {
			return eng.Save()
		}
		if ctx.Err() != nil {
			if err := eng.Save(); err != nil {
				return err
			}
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		made, total := eng.Updates()
		if at == 0 {
			at = made - 1
		}
		if time.Since(shown) > sessionShows {
			shown = time.Now()
			st.Tasks = slices.Clone(st.Tasks) // what was shown stays as it is
			p := &st.Tasks[st.At]
			p.State, p.Made, p.Total = Running, made, total
			st.Rate = float64(made-at) / max(1e-3, time.Since(began).Seconds())
			s.publish(*st)
			if err := eng.Run().Flush(); err != nil {
				return err
			}
		}
		if time.Since(saved) > sessionSaves {
			saved = time.Now()
			if err := eng.Save(); err != nil {
				return err
			}
		}
	}
}
