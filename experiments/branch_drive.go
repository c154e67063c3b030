package experiments

import (
	"context"
	"fmt"
	"strings"

	"ra3/experiments/store"
)

// move takes intents that go to another branch; a refusal changes nothing.
func (l *drive) move(ctx context.Context, i Intent) {
	l.snap.Refused = ""
	var b *store.Branch
	err := guard(func() error {
		if i.Kind == Switch {
			return l.engine.Switch(ctx, i.Branch)
		}
		if i.Fork == nil {
			return fmt.Errorf("nothing says where the branch is to leave")
		}
		made, err := l.engine.Fork(ctx, *i.Fork)
		if err == nil {
			b = &made
		}
		return err
	})
	if err == nil && b != nil {
		err = l.record.addBranch(*b)
	}
	if err != nil {
		l.snap.Refused = firstLine(err)
		l.snap.Note = string(i.Kind) + " refused: " + l.snap.Refused
		return
	}
	l.arrive(ctx)
	l.snap.Note = "on branch " + l.engine.branch
	if b != nil {
		l.snap.Note = fmt.Sprintf("branch %s leaves %s", b.Name, Position{b.Parent, b.Update})
	}
}

// arrive shows the branch that the engine stands on now, paused.
func (l *drive) arrive(ctx context.Context) {
	l.mu.Lock()
	l.plan, l.config, l.world = l.engine.Plan, l.engine.Config, l.engine.World
	l.mu.Unlock()
	l.until = nil
	l.snap.State, l.snap.Fired, l.snap.Trace, l.snap.Summary = Paused, nil, nil, nil
	l.note(l.record.scan())
	l.place()
	if l.engine.Done() {
		l.finish()
	} else {
		l.note(guard(func() error { l.snap.Summary = l.engine.Summary(); return nil }))
	}
	l.setBreakpoints(l.breakpoints)
	l.look(ctx)
}

// setBreakpoints begins to watch for conditions, in the light of what the branch
// has done already.
func (l *drive) setBreakpoints(cs []Condition) {
	l.breakpoints = cs
	l.watchers = nil
	var names []string
	for _, c := range cs {
		l.watchers = append(l.watchers, l.watch(c, false))
		names = append(names, c.String())
	}
	l.snap.Breakpoints = strings.Join(names, ", ")
}

// watch makes a watcher that knows the branch's records.
func (l *drive) watch(c Condition, level bool) *watcher {
	w := newWatcher(c, level)
	branch := l.engine.branch
	for i, e := range l.record.History().Line(branch, 0, l.record.History().Head(branch).Update) {
		w.see(e, Position{branch, i + 1})
	}
	return w
}

// fire pauses the engine where a condition says so.
func (l *drive) fire(e store.Event) {
	at := Position{l.engine.branch, l.snap.Made}
	for _, set := range [][]*watcher{l.watchers, l.until} {
		for _, w := range set {
			if f := w.see(e, at); f != nil && l.snap.Fired == nil {
				l.snap.Fired = f
			}
		}
	}
	if l.snap.Fired != nil {
		l.until = nil
		l.snap.State, l.snap.Note = Paused, l.snap.Fired.String()
	}
}

// run begins to run for an intent.
func (l *drive) run(i Intent) error {
	var until []*watcher
	if i.Kind == Until {
		made, total := l.engine.Updates()
		cs, err := ParseUntil(i.When, made, total)
		if err != nil {
			return err
		}
		for _, c := range cs {
			until = append(until, l.watch(c, true))
		}
	}
	l.until, l.left, l.goal = until, -1, ByUpdate
	l.snap.Note = "running"
	switch i.Kind {
	case Step:
		l.left = max(1, i.Count)
		if i.Granularity != "" {
			l.goal = i.Granularity
		}
		l.snap.Note = fmt.Sprintf("%d %s", l.left, l.goal)
	case Until:
		l.snap.Note = "running until " + i.When
	}
	return nil
}
