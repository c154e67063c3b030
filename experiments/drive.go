package experiments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"ra3/experiments/store"
)

// drive is the state of the driver's goroutine.
type drive struct {
	*Driver
	snap   Snapshot
	left   int // units of goal still to do; -1: no end
	goal   Granularity
	saved  time.Time
	traced time.Time
	tick   time.Time
	ticked int
}

func (d *Driver) loop(ctx context.Context) {
	defer close(d.done)
	defer close(d.latest)
	l := &drive{Driver: d, saved: time.Now(), tick: time.Now()}
	l.snap.State = Paused
	l.snap.Seq = d.engine.seq
	if d.engine.Done() {
		l.finish()
	}
	l.place()
	l.look(ctx)
	l.publish()
	for l.snap.State != Stopped {
		select {
		case <-ctx.Done():
			l.snap.State = Stopped
		case i := <-d.intents:
			l.take(i)
		default:
			if l.snap.State != Running {
				// Nothing to do until somebody asks.
				select {
				case <-ctx.Done():
					l.snap.State = Stopped
				case i := <-d.intents:
					l.take(i)
				}
			} else {
				l.step(ctx)
			}
		}
		l.publish()
	}
	l.snap.Note = "saved"
	if err := d.engine.Save(); err != nil && !d.engine.Done() {
		l.snap.Err, l.snap.Note = err, err.Error()
	}
	if err := d.engine.Close(); err != nil && l.snap.Err == nil {
		l.snap.Err, l.snap.Note = err, err.Error()
	}
	l.publish()
}

func (l *drive) take(i Intent) {
	l.snap.Pending = ""
	switch i.Kind {
	case Stop:
		l.snap.State = Stopped
	case Pause:
		if l.snap.State == Running {
			l.snap.State, l.snap.Note = Paused, "paused"
		}
	case Run, Step:
		if l.snap.State == Finished {
			l.snap.Note = "the plan is done"
			return
		}
		if l.snap.State == Failed {
			l.snap.Err = nil
		}
		l.left, l.goal = -1, ByUpdate
		l.snap.Note = "running"
		if i.Kind == Step {
			l.left, l.goal = max(1, i.Count), i.Granularity
			l.snap.Note = fmt.Sprintf("%d %s", l.left, i.Granularity)
		}
		l.snap.State = Running
		l.tick, l.ticked = time.Now(), 0
	}
}

// step makes one update; an intent that arrives meanwhile cuts it short, and
// the update is made again later, the same.
func (l *drive) step(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var ev store.Event
	var err error
	finished := make(chan struct{})
	before, _, _, _ := l.engine.Position()
	go func() {
		defer close(finished)
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("engine: %v (a defect: please report it)\n%s", r, debug.Stack())
			}
		}()
		ev, err = l.engine.Step(ctx)
	}()
	var waiting *Intent
wait:
	for {
		select {
		case <-finished:
			break wait
		case i := <-l.intents:
			// Asking for more of what is under way does not stop it; anything
			// else abandons the update.
			waiting = &i
			l.snap.Pending = string(i.Kind)
			l.publish()
			if i.Kind == Pause || i.Kind == Stop {
				cancel()
			}
			<-finished
			break wait
		}
	}
	l.after(ctx, before, ev, err)
	if waiting != nil {
		l.take(*waiting)
	}
}

func (l *drive) after(ctx context.Context, before Stage, ev store.Event, err error) {
	switch {
	case errors.Is(err, context.Canceled):
		return
	case errors.Is(err, io.EOF):
		l.finish()
		return
	case err != nil:
		l.snap.State, l.snap.Err, l.snap.Note = Failed, err, firstLine(err)
		return
	}
	l.mu.Lock()
	l.events = append(l.events, ev)
	l.mu.Unlock()
	l.snap.Seq = ev.Seq
	l.ticked++
	if dt := time.Since(l.tick).Seconds(); dt > 0.5 {
		l.snap.Rate = float64(l.ticked) / dt
		if dt > 2 {
			l.tick, l.ticked = time.Now(), 0
		}
	}
	next, _, _, ok := l.engine.Position()
	ended := !ok || next != before
	if l.left > 0 && (l.goal == ByUpdate || l.goal == ByPhase && ended || l.goal == ByIteration && ended && (!ok || !sameIteration(before, next))) {
		if l.left--; l.left == 0 {
			l.snap.State, l.snap.Note = Paused, "stepped"
		}
	}
	if l.snap.Err == nil && l.engine.run != nil && time.Since(l.saved) > saveEvery {
		l.saved = time.Now()
		if err := l.engine.Save(); err != nil {
			// The run goes on in memory; the screen says what is at risk.
			l.snap.Err, l.snap.Note = err, firstLine(err)
		}
	} else if l.engine.run != nil {
		if err := l.engine.run.Flush(); err != nil {
			l.snap.Err, l.snap.Note = err, firstLine(err)
		}
	}
	l.place()
	if ended || l.snap.State != Running || time.Since(l.traced) > time.Second {
		l.look(ctx)
	}
	if ended && (before.Phase == PhaseEval || before.Phase == PhaseEvalRL || before.Phase == PhaseRLVR) {
		l.snap.Summary = l.engine.Summary()
	}
	if !ok {
		l.finish()
	}
}

func sameIteration(a, b Stage) bool {
	return a.Seed == b.Seed && a.Lane == b.Lane && a.Iteration == b.Iteration && a.Iteration > 0 && b.Iteration > 0
}

func (l *drive) place() {
	s, i, u, ok := l.engine.Position()
	if ok {
		l.snap.Stage, l.snap.Update = s, u
	} else {
		l.snap.Stage = l.engine.Plan[len(l.engine.Plan)-1]
		l.snap.Update = l.snap.Stage.Updates
	}
	l.snap.Index = i
	l.snap.Made, l.snap.Total = l.engine.Updates()
}

// look refreshes the picture of example traces; it only reads.
func (l *drive) look(ctx context.Context) {
	l.traced = time.Now()
	v, err := l.engine.LookAtTraces(context.WithoutCancel(ctx), exampleTraces)
	if err != nil {
		l.snap.Note = firstLine(err)
		return
	}
	if v != nil {
		l.snap.Trace = v
	}
}

func (l *drive) finish() {
	l.snap.State, l.snap.Note = Finished, "the plan is done"
	s, err := l.engine.Finish()
	if err != nil {
		l.snap.Err, l.snap.Note = err, firstLine(err)
		return
	}
	l.snap.Summary = s
}

// publish puts the snapshot in the slot, in place of one not yet taken.
func (l *drive) publish() {
	for {
		select {
		case l.latest <- l.snap:
			return
		default:
		}
		select {
		case <-l.latest:
		default:
		}
	}
}

func firstLine(err error) string {
	s := err.Error()
	for i, c := range s {
		if c == '\n' {
			return s[:i]
		}
	}
	return s
}
