package experiments

import (
	"cmp"
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

	breakpoints []Condition
	watchers    []*watcher // of breakpoints
	until       []*watcher // of the run under way
}

func (d *Driver) loop(ctx context.Context, err error) {
	defer close(d.done)
	defer close(d.latest)
	l := &drive{Driver: d, saved: time.Now(), tick: time.Now()}
	l.snap.State = Paused
	l.snap.Seq = d.engine.seq
	l.note(err)
	if d.engine.Done() {
		l.finish()
	}
	l.note(guard(func() error { l.snap.Summary = d.engine.Summary(); return nil }))
	l.place()
	l.publish() // a first frame need not wait for the look at traces
	l.look(ctx)
	l.publish()
	for l.snap.State != Stopped {
		select {
		case <-ctx.Done():
			l.snap.State = Stopped
		case i := <-d.intents:
			l.take(ctx, i)
		default:
			if l.snap.State != Running {
				// Nothing to do until somebody asks.
				select {
				case <-ctx.Done():
					l.snap.State = Stopped
				case i := <-d.intents:
					l.take(ctx, i)
				}
			} else {
				l.step(ctx)
			}
		}
		l.publish()
	}
	l.snap.Note = "saved"
	l.save()
	l.note(d.engine.Close())
	l.publish()
}

// guard calls fn and makes an error of its panic.
func guard(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("engine: %v (a defect: please report it)\n%s", r, debug.Stack())
		}
	}()
	return fn()
}

// save stores the state; a success takes back what an earlier failure said.
func (l *drive) save() {
	if err := guard(l.engine.Save); err != nil {
		l.note(err)
	} else if l.snap.State != Failed {
		l.snap.Err = nil
	}
}

// note shows an error that does not stop the run.
func (l *drive) note(err error) {
	if err != nil {
		l.snap.Err, l.snap.Note = err, firstLine(err)
	}
}

func (l *drive) take(ctx context.Context, i Intent) {
	l.snap.Pending = ""
	switch i.Kind {
	case Stop:
		l.snap.State = Stopped
	case Pause:
		if l.snap.State == Running {
			l.snap.State, l.snap.Note = Paused, "paused"
		}
	case Fork, Switch:
		l.move(ctx, i)
	case Break:
		cs, err := ParseConditions(i.When)
		if err != nil {
			l.snap.Note = firstLine(err)
			return
		}
		l.setBreakpoints(cs)
		l.snap.Note = "breakpoints: " + cmp.Or(l.snap.Breakpoints, "none")
	case Run, Step, Until:
		if l.snap.State == Finished {
			l.snap.Note = "the plan is done"
			return
		}
		if err := l.run(i); err != nil {
			l.snap.Note = firstLine(err)
			return
		}
		if l.snap.State == Failed {
			l.snap.Err = nil
		}
		l.snap.Fired = nil
		l.snap.State = Running
		l.tick, l.ticked = time.Now(), 0
	}
}

// step makes one update; an intent that arrives meanwhile cuts it short, and
// the update is made again later, the same.
func (l *drive) step(outer context.Context) {
	ctx, cancel := context.WithCancel(outer)
	defer cancel()
	var ev store.Event
	var err error
	finished := make(chan struct{})
	before, _, _, _ := l.engine.Position()
	go func() {
		defer close(finished)
		err = guard(func() error {
			var err error
			ev, err = l.engine.Step(ctx)
			return err
		})
	}()
	var waiting []Intent
	for running := true; running; {
		select {
		case <-finished:
			running = false
		case i := <-l.intents:
			// Asking for more does not stop what is under way; pausing, stopping
			// and going elsewhere abandon the update.
			waiting = append(waiting, i)
			l.snap.Pending = string(i.Kind)
			l.publish()
			switch i.Kind {
			case Pause, Stop, Fork, Switch:
				cancel()
			}
		}
	}
	if ctx.Err() == nil || err == nil || ev.Seq > 0 {
		l.after(outer, before, ev, err)
	}
	for _, i := range waiting {
		l.take(outer, i)
	}
}

func (l *drive) after(ctx context.Context, before Stage, ev store.Event, err error) {
	if errors.Is(err, io.EOF) {
		l.finish()
		return
	}
	if err != nil {
		l.snap.State = Failed
		l.note(err)
		if ev.Seq == 0 {
			return // the update was not made
		}
	}
	l.mu.Lock()
	l.events = append(l.events, ev)
	l.mu.Unlock()
	l.record.History().Add(ev)
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
	if l.engine.run != nil {
		// Where the disk fails the run goes on in memory, and the screen says
		// what is at risk.
		if time.Since(l.saved) > saveEvery {
			l.saved = time.Now()
			l.save()
		} else {
			l.note(l.engine.run.Flush())
		}
	}
	l.place()
	l.fire(ev)
	if ended {
		if err := guard(func() error { return l.engine.keepPosition(ctx) }); ctx.Err() == nil {
			l.note(err)
		}
		l.note(l.record.scan())
	}
	l.note(l.engine.Unkept())
	if ended || l.snap.State != Running || time.Since(l.traced) > time.Second {
		l.look(ctx)
	}
	if ended && (before.Phase == PhaseEval || before.Phase == PhaseEvalRL || before.Phase == PhaseRLVR) {
		l.note(guard(func() error { l.snap.Summary = l.engine.Summary(); return nil }))
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
	l.snap.Branch = l.engine.branch
	l.snap.Made, l.snap.Total = l.engine.Updates()
}

// look shows the example traces as they are now, or where the engine has no more
// to do, as the newest look that is stored has them.
func (l *drive) look(ctx context.Context) {
	l.traced = time.Now()
	l.note(guard(func() error {
		at := Position{l.engine.branch, l.snap.Made}
		v, err := l.engine.LookAtTraces(ctx, exampleTraces)
		if err == nil && v == nil && l.engine.run != nil {
			v, at, err = l.record.View(at)
		}
		if err == nil && v != nil {
			l.snap.Trace, l.snap.TraceAt = v, at
		}
		if ctx.Err() != nil {
			return nil
		}
		return err
	}))
}

func (l *drive) finish() {
	l.snap.State, l.snap.Note = Finished, "the plan is done"
	l.note(guard(func() error {
		s, err := l.engine.Finish()
		if err == nil {
			l.snap.Summary = s
		}
		return err
	}))
}

func (l *drive) publish() { publish(l.latest, l.snap) }

// publish puts a snapshot in the slot, in place of one not yet taken.
func publish(slot chan Snapshot, s Snapshot) {
	for {
		select {
		case slot <- s:
			return
		default:
		}
		select {
		case <-slot:
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
