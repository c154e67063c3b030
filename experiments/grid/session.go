package grid

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
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
	a       *Ablation
	hooks   Hooks
	cancel  context.CancelFunc
	done    chan struct{}
	changed chan struct{} // one slot
	mu      sync.Mutex
	latest  State
}

// State is an immutable picture of a session.
type State struct {
	Tasks   []Progress
	At      int               // index of the task under way; -1 for none
	Stage   experiments.Stage // of its last update; of no phase before one is made
	Update  int               // made of the stage
	Running bool
	Rate    float64 // updates a second, recent; 0 where unknown
	Left    float64 // seconds until all is made, by phase and pace; 0 where unknown
	Pace    Pace
	Result  *Result // of the cells finished so far
	Err     error   // why it ended early; nil where that was asked for
}

const (
	sessionShows = time.Second / 10 // between states while updates are made
	sessionSaves = 10 * time.Second
	sessionRates = 3 * time.Second // that a rate is over
)

// Start goes on with an ablation where it was left. The session owns a and
// closes it at its end: when every cell is done, Stop is called, ctx ends or
// something fails.
func Start(ctx context.Context, a *Ablation, threads int, h Hooks) *Session {
	ctx, cancel := context.WithCancel(ctx)
	s := &Session{a: a, hooks: h, cancel: cancel, changed: make(chan struct{}, 1), done: make(chan struct{}), latest: State{At: -1, Running: true}}
	go func() {
		defer cancel()
		defer close(s.changed)
		defer close(s.done) // before it, so that who hears of the end finds it done
		st := State{At: -1, Running: true}
		err := guard(func() error { return s.run(ctx, &st, threads) })
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			err = nil // asked for
		}
		st.Running, st.Rate, st.Left, st.Err = false, 0, 0, errors.Join(err, a.Close())
		if st.At >= 0 {
			st.Tasks = slices.Clone(st.Tasks)
			if p := &st.Tasks[st.At]; err != nil {
				p.State = Failed
			} else if p.State == Running {
				p.State = Begun
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

// Latest is the newest state, also after the end.
func (s *Session) Latest() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latest
}

// Changed has something whenever Latest is newer than before, and is closed at
// the end.
func (s *Session) Changed() <-chan struct{} { return s.changed }

func (s *Session) publish(st State) {
	st.Pace = st.Pace.Clone()
	s.mu.Lock()
	s.latest = st
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (s *Session) run(ctx context.Context, st *State, threads int) error {
	if err := s.renew(ctx, st); err != nil {
		return err
	}
	if err := s.recall(st); err != nil {
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
			return fmt.Errorf("%s %s: %w", t.kind(), t.Cell.Name, err)
		}
		st.At = -1
		if err := s.renew(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

// recall begins the pace with the time that finished runs took, whatever the
// phase: phases that were not measured here yet count with it.
func (s *Session) recall(st *State) error {
	for i, t := range s.a.Tasks() {
		if st.Tasks[i].State != Finished {
			continue
		}
		sum, err := t.Summary()
		if err != nil {
			return err
		}
		if sum != nil && sum.WallSeconds > 0 {
			st.Pace.Add("", st.Tasks[i].Total, time.Duration(sum.WallSeconds*float64(time.Second)))
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
