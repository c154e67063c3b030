package experiments

import (
	"context"
	"slices"
	"sync"
	"time"

	"ra3/experiments/store"
)

// Follower shows a run without driving it, also while another process writes it:
// it looks at the log several times a second.
type Follower struct {
	run    *store.Run
	world  *World
	record *Record
	latest chan Snapshot
	done   chan struct{}
	stop   context.CancelFunc

	mu     sync.Mutex
	events []store.Event
	config Config
	plan   []Stage
}

// pollEvery is the time between looks at the log.
const pollEvery = 200 * time.Millisecond

// Follow opens a run for reading. It ends with ctx, or when it is sent Stop.
func Follow(ctx context.Context, dir string) (*Follower, error) {
	run, err := store.View(dir)
	if err != nil {
		return nil, err
	}
	c, err := ConfigOf(run)
	if err != nil {
		return nil, err
	}
	w, err := newWorld(c.RA3)
	if err != nil {
		return nil, err
	}
	record, err := newRecord(run, c, nil)
	if err != nil {
		return nil, err
	}
	f := &Follower{run: run, world: w, record: record, latest: make(chan Snapshot, 1), done: make(chan struct{}), config: c, plan: Plan(c)}
	l := &follow{Follower: f, tail: run.Tail()}
	l.snap.State, l.snap.Branch = Viewing, store.Main
	if err := l.poll(); err != nil {
		return nil, err
	}
	ctx, f.stop = context.WithCancel(ctx)
	go l.loop(ctx)
	return f, nil
}

// Send takes Stop alone.
func (f *Follower) Send(i Intent) bool {
	if i.Kind != Stop {
		return false
	}
	f.stop()
	return true
}

// Snapshots, Done, Events, World, Dir, ReadOnly and Record are as Source says.
func (f *Follower) Snapshots() <-chan Snapshot { return f.latest }
func (f *Follower) Done() <-chan struct{}      { return f.done }
func (f *Follower) World() *World              { return f.world }
func (f *Follower) Dir() string                { return f.run.Dir() }
func (f *Follower) ReadOnly() bool             { return true }
func (f *Follower) Record() *Record            { return f.record }

// Plan is that of the branch that was written last.
func (f *Follower) Plan() []Stage {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.plan
}

// Config is that of the branch that was written last.
func (f *Follower) Config() Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.config
}

// Events is as Source says.
func (f *Follower) Events(from, limit int) []store.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return stretch(f.events, from, limit)
}

func stretch(events []store.Event, from, limit int) []store.Event {
	from = max(0, from)
	if from >= len(events) || limit <= 0 {
		return nil
	}
	return slices.Clone(events[from:][:min(limit, len(events)-from)])
}

// follow is the state of the follower's goroutine.
type follow struct {
	*Follower
	tail  *store.Tail
	snap  Snapshot
	made  int       // when the rate was last taken
	tick  time.Time // and when that was
	found string    // branch that the summary is of
}

func (l *follow) loop(ctx context.Context) {
	defer close(l.done)
	defer close(l.latest)
	publish(l.latest, l.snap)
	every := time.NewTicker(pollEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			l.snap.State = Stopped
			publish(l.latest, l.snap)
			return
		case <-every.C:
		}
		before := l.snap
		err := guard(l.poll)
		l.snap.Err, l.snap.Note = err, ""
		if err != nil {
			l.snap.Note = firstLine(err)
		}
		if l.snap != before {
			publish(l.latest, l.snap)
		}
	}
}

// poll reads what is new.
func (l *follow) poll() error {
	grown := false
	for {
		events, restarted, err := l.tail.Next()
		if err != nil {
			return err
		}
		if restarted {
			if err := l.record.reset(); err != nil {
				return err
			}
			l.mu.Lock()
			l.events = nil
			l.mu.Unlock()
			l.snap.Epoch++
			grown = true
		}
		if len(events) == 0 {
			break
		}
		grown = true
		if err := l.take(events); err != nil {
			return err
		}
	}
	state, err := l.run.State()
	if err != nil {
		return err
	}
	was := l.snap.State
	if l.snap.State = Viewing; state == store.Running {
		l.snap.State = Following
	}
	awaited := l.snap.Made == l.snap.Total && l.snap.Summary == nil
	if !grown && was == l.snap.State && l.snap.Total > 0 && !awaited {
		return nil
	}
	if err := l.record.scan(); err != nil {
		return err
	}
	return l.place()
}

// take adds events to the log; a branch that they begin is stored before them.
func (l *follow) take(events []store.Event) error {
	for _, e := range events {
		if _, ok := l.record.Branch(e.Branch); !ok {
			if err := l.record.readBranches(); err != nil {
				return err
			}
		}
	}
	l.record.history.Add(events...)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, events...)
	return nil
}

// place finds where the branch written last stands.
func (l *follow) place() error {
	s := &l.snap
	if n := len(l.events); n > 0 {
		s.Branch, s.Seq = l.events[n-1].Branch, l.events[n-1].Seq
	} else {
		s.Branch, s.Seq = store.Main, 0
	}
	b, ok := l.record.Branch(s.Branch)
	if !ok {
		return nil
	}
	l.mu.Lock()
	l.config, l.plan = b.Config, b.Plan
	l.mu.Unlock()
	s.Made, s.Total = b.Made, b.Total
	s.Stage, s.Index, s.Update = placeIn(b.Plan, b.Made)
	if now := time.Now(); l.tick.IsZero() || now.Sub(l.tick) > 2*time.Second {
		if !l.tick.IsZero() && s.State == Following {
			s.Rate = max(0, float64(s.Made-l.made)/now.Sub(l.tick).Seconds())
		}
		l.tick, l.made = now, s.Made
	}
	v, at, err := l.record.View(Position{s.Branch, s.Made})
	if err != nil {
		return err
	}
	if v != nil && (s.Trace == nil || at != s.TraceAt) {
		s.Trace, s.TraceAt = v, at
	}
	sum, err := l.record.Summary(s.Branch)
	if err != nil {
		return err
	}
	if sum == nil || s.Summary == nil || l.found != s.Branch {
		s.Summary, l.found = sum, s.Branch
	}
	return nil
}

// placeIn is the stage of the update after made updates, its index, and how many
// of it are made; at the end the last stage.
func placeIn(plan []Stage, made int) (s Stage, index, update int) {
	for i, stage := range plan {
		if made < stage.Updates {
			return stage, i, made
		}
		made -= stage.Updates
		s = stage
	}
	return s, len(plan), s.Updates
}
