package experiments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"time"

	"ra3/core/judge"
	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/simd"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// Version is ra3's version, recorded with every run.
const Version = "0.1.0"

// Branch is the line of history that a run begins with.
const Branch = store.Main

// Engine is the state machine of a run. Step makes one update; between any two
// it can stop, be saved and go on elsewhere. It is not for concurrent use.
type Engine struct {
	Config Config
	World  *World
	Plan   []Stage

	print     string       // of the configuration it was made with
	precision nn.Precision // of every model
	run       *store.Run   // nil: nothing is written
	threads   int
	st        *state
	seq       int64
	pool      *judge.Pool
	rewards   executor // of post-training: pool, or CPython
	policy    *nn.Computer
	hind      *nn.Computer
	gradP     *nn.Params
	gradS     *nn.Params
	seed      seedCorpus
	records   struct{ samples, verdicts int }
	excess    bool          // record files hold more than records says
	note      string        // what an update has to say in words
	elapsed   time.Duration // spent in Step, over all sittings

	branch  string // under way
	salt    string // of its random numbers; "" for those of main
	keeping bool   // states at the ends of stages
	kept    int    // updates made when that was last done; -1: never
	unkept  error  // why it was not
	seen    looked // the last look at example traces
}

// seedCorpus holds the programs of the seed under way.
type seedCorpus struct {
	of         int
	ready      bool
	base, mid  []*trace.Program
	commented  []bool // of base
	validation []*trace.Program
	tune       []*trace.Program
	heldOut    map[string][]*trace.Program
	shuffled   []trace.Annotation
	clusters   []trace.Annotation // of mid, where codes start from them
}

// NewEngine starts an experiment. run may be nil. threads 0 means all cores.
func NewEngine(ctx context.Context, c Config, run *store.Run, threads int) (*Engine, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	precision, err := c.Precision()
	if err != nil {
		return nil, err
	}
	c.Model.Precision = precision.String()
	w, err := newWorld(c.RA3)
	if err != nil {
		return nil, err
	}
	if n := len(w.Domain.Intents); !w.Worded() && c.Has("oracle") && w.codes < n {
		return nil, fmt.Errorf("ra3.codes = %d cannot name the %d intents of lane oracle: raise it or leave the lane out", w.codes, n)
	}
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	if c, err = c.computed(ctx, w); err != nil {
		return nil, err
	}
	shape := c.ModelShape(w.Domain)
	if c.Base.Source == "embedded" {
		if _, _, err := EmbeddedBase(w, shape, precision); err != nil {
			return nil, err
		}
	}
	e := &Engine{Config: c, World: w, Plan: Plan(c), print: c.fingerprint(), precision: precision, run: run, threads: threads, st: newState(), branch: Branch, keeping: true, kept: -1}
	hind := latent.Config(shape, w.Inventory.K())
	e.policy, e.hind = nn.NewComputer(shape, threads), nn.NewComputer(hind, threads)
	if e.gradP, err = nn.NewParams(shape); err != nil {
		return nil, err
	}
	if e.gradS, err = nn.NewParams(hind); err != nil {
		return nil, err
	}
	// The pool outlives an interrupt: what the context ends are updates, and an
	// engine can go on after one. Close ends the pool.
	if e.pool, err = judge.NewPool(context.WithoutCancel(ctx), threads, judge.DefaultLimits()); err != nil {
		return nil, err
	}
	if e.rewards, err = rewarder(ctx, c, e.pool, threads); err != nil {
		return nil, errors.Join(err, e.pool.Close())
	}
	return e, nil
}

// Manifest is what a run of an engine's configuration records besides.
func Manifest(c Config) store.Manifest {
	return store.Manifest{Preset: c.Preset, Seed: int64(c.Seed), Version: Version, InstructionSet: simd.Active().String(), Precision: c.Model.Precision}
}

// Create starts a run in a new directory.
func Create(ctx context.Context, dir string, c Config, threads int) (*Engine, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	doc, err := c.TOML()
	if err != nil {
		return nil, err
	}
	// The engine first: what it refuses must leave no run directory behind.
	e, err := NewEngine(ctx, c, nil, threads)
	if err != nil {
		return nil, err
	}
	if e.run, err = store.Create(dir, Manifest(e.Config), doc); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// ConfigOf reads the configuration of a stored run, its precision resolved.
func ConfigOf(run *store.Run) (Config, error) {
	c, err := Resolve("", run.Config(), nil)
	if err == nil {
		err = c.settle(run.Manifest())
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w", run.Dir(), err)
	}
	return c, nil
}

// SummaryOf reads a stored run's summary; nil while the run is not finished.
func SummaryOf(run *store.Run) (*Summary, error) { return summaryOf(run, Branch) }

// summaryOf reads a branch's summary.
func summaryOf(run *store.Run, branch string) (*Summary, error) {
	var s Summary
	if err := run.ReadSummaryOf(branch, &s); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &s, nil
}

// Done reports whether every update of the plan has been made.
func (e *Engine) Done() bool { return e.st.stage >= len(e.Plan) }

// Position is the stage of the next update and the updates made in it; ok is
// false when the run is done.
func (e *Engine) Position() (s Stage, index, update int, ok bool) {
	if e.Done() {
		return Stage{}, len(e.Plan), 0, false
	}
	return e.Plan[e.st.stage], e.st.stage, e.st.update, true
}

// Updates made and in all.
func (e *Engine) Updates() (made, total int) {
	for i, s := range e.Plan {
		total += s.Updates
		if i < e.st.stage {
			made += s.Updates
		}
	}
	return made + e.st.update, total
}

// Results so far; the caller must not change them nor keep them past the next
// Step.
func (e *Engine) Results() *Results { return &e.st.results }

// Branch is the line of history that the engine writes.
func (e *Engine) Branch() string { return e.branch }

// Run is the run directory, nil for an engine that writes nothing.
func (e *Engine) Run() *store.Run { return e.run }

// Step makes the next update and returns its event; io.EOF when there is none.
// An error, of the context too, leaves the engine before that update.
func (e *Engine) Step(ctx context.Context) (store.Event, error) {
	stage, _, update, ok := e.Position()
	if !ok {
		return store.Event{}, io.EOF
	}
	start := time.Now()
	defer func() { e.elapsed += time.Since(start) }()
	if err := e.keepPosition(ctx); err != nil {
		return store.Event{}, err
	}
	if err := e.prepare(ctx, stage); err != nil {
		return store.Event{}, err
	}
	undo := e.mark(stage)
	whole := false
	defer func() {
		if !whole {
			undo()
		}
	}()
	e.note = ""
	measures, err := e.advance(ctx, stage, update)
	if err != nil {
		return store.Event{}, err
	}
	ends := update+1 == stage.Updates
	if ends {
		if err := e.keepStage(stage); err != nil {
			return store.Event{}, err
		}
	}
	ev := store.Event{Seq: e.seq + 1, Branch: e.branch, Seed: stage.Seed, Lane: stage.Lane, Phase: stage.Phase, Iteration: stage.Iteration,
		Update: update + 1, Kind: updateKind, Measures: measures, Text: e.note}
	if e.run != nil {
		// An event that the log holds but could not yet write is an update made.
		if err = e.run.Append(ev); err != nil && e.run.LastSeq() != ev.Seq {
			return store.Event{}, err
		}
	}
	whole = true
	e.seq = ev.Seq
	if e.st.update++; ends {
		e.st.update = 0
		e.st.stage++
		e.leaveStage(stage)
	}
	return ev, err
}

// Save stores the whole state, so that a resumed run starts here, and drops
// those that it replaces.
func (e *Engine) Save() error {
	if e.run == nil {
		return nil
	}
	if err := e.store(); err != nil {
		return err
	}
	keep, err := e.keepers()
	if err != nil {
		return err
	}
	_, err = e.run.PruneCheckpoints(e.branch, 1, keep)
	return err
}

// store writes the state.
func (e *Engine) store() error {
	f, err := e.st.encode(stateMeta{Config: e.print, Seq: e.seq, Seconds: e.elapsed.Seconds(), Samples: e.records.samples, Verdicts: e.records.verdicts})
	if err != nil {
		return err
	}
	made, _ := e.Updates()
	return e.run.SaveCheckpoint(e.branch, made, f, 0)
}

// Summary computes what has been found so far.
func (e *Engine) Summary() *Summary {
	return Summarise(e.Config, &e.st.results, e.elapsed.Seconds())
}

// Finish computes the summary and, in a run directory, writes report.md and
// summary.json; the latter last, because it marks the run as finished.
func (e *Engine) Finish() (*Summary, error) {
	s := e.Summary()
	if e.run == nil {
		return s, nil
	}
	if err := e.writeReport(s); err != nil {
		return s, err
	}
	return s, e.run.WriteSummaryOf(e.branch, s)
}

// Close ends the judge's workers and gives memory and the run directory free. It
// does not save.
func (e *Engine) Close() error {
	e.policy.Close()
	e.hind.Close()
	err := e.closeJudges()
	if e.run != nil {
		err = errors.Join(err, e.run.Close())
	}
	return err
}
