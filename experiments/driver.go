package experiments

import (
	"context"
	"slices"
	"sync"
	"time"

	"ra3/experiments/store"
)

// Granularity is a unit of stepping.
type Granularity string

// Units of stepping.
const (
	ByUpdate    Granularity = "update"
	ByPhase     Granularity = "phase"     // to the end of the stage under way
	ByIteration Granularity = "iteration" // to the end of the EM iteration, or of a stage outside the loop
)

// Intent is what a face asks of the engine. Each is acknowledged: it is shown
// as Pending in snapshots until the engine has acted on it.
type Intent struct {
	Kind        IntentKind
	Granularity Granularity  // of Step
	Count       int          // of Step, at least 1
	When        string       // of Until: conditions of which one ends the run; of Break: the breakpoints from now on; see ParseConditions
	Fork        *ForkRequest // of Fork
	Branch      string       // of Switch
}

// IntentKind names an intent.
type IntentKind string

// The intents.
const (
	Run    IntentKind = "run"         // until the end or a pause
	Pause  IntentKind = "pause"       // before the next update; one under way is abandoned
	Step   IntentKind = "step"        // Count units, then pause
	Until  IntentKind = "until"       // run until a condition holds
	Break  IntentKind = "breakpoints" // pause whenever one of Conditions comes true
	Fork   IntentKind = "fork"        // make a branch and stand at its beginning, paused
	Switch IntentKind = "switch"      // go on with another branch, paused
	Stop   IntentKind = "stop"        // save and end the driver
)

// DriverState says what a driven engine is doing.
type DriverState string

// The states.
const (
	Paused   DriverState = "paused"
	Running  DriverState = "running"
	Finished DriverState = "finished" // the plan is done; the driver still answers
	Failed   DriverState = "failed"
	Stopped  DriverState = "stopped"
	// Of a follower: another process writes the run, or nobody does.
	Following DriverState = "following"
	Viewing   DriverState = "viewing"
)

// Snapshot is an immutable picture of a driven engine.
type Snapshot struct {
	State   DriverState
	Pending string // intent not yet acted on; ""
	Stage   Stage  // of the next update; the last one when finished
	Index   int    // of Stage in the plan
	Update  int    // made within Stage
	Made    int    // updates in all
	Total   int
	Rate    float64 // updates per second, recent
	Seq     int64   // events so far
	Err     error   // of Failed, or of the last save
	Note    string  // what happened last, one line
	Trace   *TraceView
	Summary *Summary // of what has been evaluated so far

	Branch  string   // under way
	TraceAt Position // what Trace shows: the head, or what is stored
	// Epoch grows when the log was cut (of a follower): events are to be read anew.
	Epoch       int
	Breakpoints string // as set, joined by ", "
	Fired       *Fired // what paused the engine; nil once it goes on
	Refused     string // why the last fork or switch was not made, one line
}

// Driver runs an engine in a goroutine of its own, takes intents and offers the
// newest snapshot; a reader that is slow misses pictures, never events.
type Driver struct {
	engine  *Engine
	intents chan Intent
	latest  chan Snapshot // one slot
	done    chan struct{}

	dir    string
	record *Record

	mu     sync.Mutex
	events []store.Event
	plan   []Stage // of the branch under way, with its configuration and world
	config Config
	world  *World
}

// saveEvery bounds how much is computed again after a crash.
const saveEvery = 10 * time.Second

// Drive starts driving e, paused. It owns e until Done is closed and closes it.
func Drive(ctx context.Context, e *Engine, past []store.Event) *Driver {
	d := &Driver{engine: e, intents: make(chan Intent, 16), latest: make(chan Snapshot, 1), done: make(chan struct{}), events: slices.Clip(past), plan: e.Plan, config: e.Config, world: e.World}
	if e.run != nil {
		d.dir = e.run.Dir()
	}
	record, err := e.past(past)
	if err != nil { // shown, and no reason not to drive
		record = bareRecord(e.Config, past)
	}
	d.record = record
	go d.loop(ctx, err)
	return d
}

// Send hands an intent over. It never blocks; false means that too many are
// waiting already, or the driver has ended.
func (d *Driver) Send(i Intent) bool {
	select {
	case <-d.done:
		return false
	default:
	}
	select {
	case d.intents <- i:
		return true
	default:
		return false
	}
}

// Snapshots gives the newest snapshot whenever there is a newer one. It is
// closed when the driver ends.
func (d *Driver) Snapshots() <-chan Snapshot { return d.latest }

// Done is closed when the driver has ended and its engine is closed.
func (d *Driver) Done() <-chan struct{} { return d.done }

// Events returns up to limit events from index from on (the log, lossless).
func (d *Driver) Events(from, limit int) []store.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return stretch(d.events, from, limit)
}

// ReadOnly is false: a driver takes intents.
func (d *Driver) ReadOnly() bool { return false }

// Record is the run's past.
func (d *Driver) Record() *Record { return d.record }

// World describes the domain, for display; Plan is the plan of the branch under
// way, Config its configuration; Dir is the run's directory.
func (d *Driver) World() *World {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.world
}

func (d *Driver) Plan() []Stage {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plan
}

func (d *Driver) Config() Config {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.config
}

func (d *Driver) Dir() string {
	return d.dir
}
