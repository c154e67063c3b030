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

// Branch is the line of history that an engine writes.
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
	policy    *nn.Computer
	hind      *nn.Computer
	gradP     *nn.Params
	gradS     *nn.Params
	seed      seedCorpus
	records   struct{ samples, verdicts int }
	excess    bool          // record files hold more than records says
	note      string        // what an update has to say in words
	elapsed   time.Duration // spent in Step, over all sittings
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
	if c.Has("ntp-compute") && c.Mid.ComputeUpdates == 0 {
		if c.Mid.ComputeUpdates, err = equalCompute(ctx, w, c); err != nil {
			return nil, err
		}
	}
	shape := c.ModelShape(w.Domain)
	if c.Base.Source == "embedded" {
		if _, _, err := EmbeddedBase(w, shape, precision); err != nil {
			return nil, err
		}
	}
	e := &Engine{Config: c, World: w, Plan: Plan(c), print: c.fingerprint(), precision: precision, run: run, threads: threads, st: newState()}
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

// Resume goes on with a run where its last checkpoint stands: events logged
// after it are dropped and made again, bit for bit.
func Resume(ctx context.Context, dir string, threads int) (*Engine, error) {
	run, err := store.Open(dir)
	if err != nil {
		return nil, err
	}
	e, err := resume(ctx, run, threads)
	if err != nil {
		return nil, errors.Join(err, run.Close())
	}
	return e, nil
}

func resume(ctx context.Context, run *store.Run, threads int) (*Engine, error) {
	c, err := ConfigOf(run)
	if err != nil {
		return nil, err
	}
	if made, have := run.Manifest().InstructionSet, simd.Active().String(); made != have {
		return nil, fmt.Errorf("%s was computed with %s, this process uses %s and would not repeat it: set RA3_ISA=%s", run.Dir(), made, have, made)
	}
	if err := computable(run); err != nil {
		return nil, err
	}
	e, err := NewEngine(ctx, c, run, threads)
	if err != nil {
		return nil, err
	}
	if err := e.restore(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// restore sets the engine to the run's last checkpoint and cuts its files back
// to it.
func (e *Engine) restore() error {
	run := e.run
	var meta stateMeta
	cp, err := latest(run, Branch)
	if err != nil {
		return err
	}
	if cp != nil {
		f, err := run.LoadCheckpoint(cp.Branch, cp.Update)
		if err != nil {
			return err
		}
		if e.st, meta, err = decodeState(f, e.Plan, e.precision); err != nil {
			return err
		}
		if meta.Config != e.print {
			return fmt.Errorf("%s: run.toml was changed since its checkpoint was made: put it back, or start another run", run.Dir())
		}
		if run.LastSeq() < meta.Seq {
			return fmt.Errorf("%s: the event log ends at %d, before its checkpoint at %d: it was cut, the run cannot go on", run.Dir(), run.LastSeq(), meta.Seq)
		}
	}
	if err := run.Truncate(meta.Seq); err != nil {
		return err
	}
	e.seq, e.elapsed = meta.Seq, time.Duration(meta.Seconds*float64(time.Second))
	e.records.samples, e.records.verdicts = meta.Samples, meta.Verdicts
	for name, n := range map[string]int{store.SamplesFile: meta.Samples, store.VerdictsFile: meta.Verdicts} {
		if err := run.TruncateJSONL(name, n); err != nil {
			return err
		}
	}
	return nil
}

func latest(run *store.Run, branch string) (*store.Checkpoint, error) {
	all, err := run.Checkpoints()
	if err != nil {
		return nil, err
	}
	var newest *store.Checkpoint
	for i := range all {
		if all[i].Branch == branch && (newest == nil || all[i].Update > newest.Update) {
			newest = &all[i]
		}
	}
	return newest, nil
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
	ev := store.Event{Seq: e.seq + 1, Branch: Branch, Seed: stage.Seed, Lane: stage.Lane, Phase: stage.Phase, Iteration: stage.Iteration,
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

// Save stores the whole state, so that a resumed run starts here.
func (e *Engine) Save() error {
	if e.run == nil {
		return nil
	}
	f, err := e.st.encode(stateMeta{Config: e.print, Seq: e.seq, Seconds: e.elapsed.Seconds(), Samples: e.records.samples, Verdicts: e.records.verdicts})
	if err != nil {
		return err
	}
	made, _ := e.Updates()
	if err := e.run.SaveCheckpoint(Branch, made, f, 0); err != nil {
		return err
	}
	_, err = e.run.PruneCheckpoints(Branch, 1)
	return err
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
	return s, e.run.WriteSummary(s)
}

// Close ends the judge's workers and gives memory and the run directory free. It
// does not save.
func (e *Engine) Close() error {
	e.policy.Close()
	e.hind.Close()
	err := e.pool.Close()
	if e.run != nil {
		err = errors.Join(err, e.run.Close())
	}
	return err
}
