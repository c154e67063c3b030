package verbs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"ra3/experiments"
	"ra3/experiments/store"
)

// saveEvery bounds how much a killed run computes again.
const saveEvery = 10 * time.Second

// flushEvery bounds how far behind others see the event log.
const flushEvery = time.Second

// runsRoot is where runs go if no directory is named.
const runsRoot = "runs"

func runVerb() *verb {
	return &verb{name: "run", summary: "run an experiment to its end and report", run: run,
		usage:  "run [--preset NAME] [--config FILE] [--set FIELD=VALUE]... [--seed N] [--threads N] [--out DIR] [--json]\n    run --resume DIR [--branch B]\n    run --fork DIR@BRANCH:UPDATE --set FIELD=VALUE... [--name B] [--fresh] [--note TEXT]",
		detail: "Ends with a table of results, the figures in DIR/plots and DIR/report.md, which\njudges the claims one by one. Interrupted, it saves and says how to go on; the\nsame command gives the same results to the bit. A branch leaves a run at a kept\nstate (the ends of phases; ra3 runs show lists them) and overwrites nothing."}
}

func run(ctx context.Context, e *Env, v *verb, args []string) error {
	var x experiment
	f := newFlags(v)
	x.add(f, true)
	out := f.String("out", "", "new run directory, `DIR` (default: a name under runs/)")
	resume := f.String("resume", "", "go on with the run in `DIR` where it was left")
	asJSON := f.Bool("json", false, "print summary.json instead of the table")
	var b branching
	b.add(f)
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	if err := instructionSet(); err != nil {
		return err
	}
	if err := b.check(f, *resume); err != nil {
		return err
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	if *resume != "" {
		for _, name := range []string{"preset", "config", "set", "seed", "out"} {
			if f.given(name) {
				return usagef("run: --resume goes on as the run was configured: leave --%s away, or start a new run without --resume", name)
			}
		}
		if done, err := e.alreadyDone(*resume, cmp.Or(b.branch, store.Main), *asJSON); done || err != nil {
			return err
		}
	}
	var eng *experiments.Engine
	var err error
	switch {
	case b.fork != "":
		eng, err = b.open(ctx, e, &x)
	case b.branch != "":
		eng, err = experiments.ResumeBranch(ctx, *resume, b.branch, x.threads)
	default:
		eng, err = x.open(ctx, f, *out, *resume)
	}
	if err != nil {
		return err
	}
	if made, total := eng.Updates(); made > 0 {
		e.note("run directory: %s, going on after update %d of %d", eng.Run().Dir(), made, total)
	} else {
		e.note("run directory: %s", eng.Run().Dir())
	}
	e.repaired(eng.Run(), nil)
	err = e.drive(ctx, eng, "", again(eng))
	if err == nil {
		err = e.report(ctx, eng, again(eng), *asJSON)
	}
	if cerr := eng.Close(); err == nil {
		err = cerr
	}
	return err
}

// open starts a run as configured, or goes on with one.
func (x *experiment) open(ctx context.Context, f *flags, out, resume string) (*experiments.Engine, error) {
	if x.threads < 0 {
		return nil, x.refuseThreads(f)
	}
	if resume != "" {
		return experiments.Resume(ctx, resume, x.threads)
	}
	c, err := x.resolve(f)
	if err != nil {
		return nil, err
	}
	if out != "" {
		return experiments.Create(ctx, out, c, x.threads)
	}
	return create(ctx, c, x.threads, runsRoot)
}

func (x *experiment) refuseThreads(f *flags) error {
	return usagef("%s--threads %d does not fit: want 1 or more, or 0 for all cores", f.prefix(), x.threads)
}

// resolve builds the configuration that the flags ask for.
func (x *experiment) resolve(f *flags) (experiments.Config, error) {
	var doc []byte
	if x.config != "" {
		var err error
		if doc, err = os.ReadFile(x.config); err != nil {
			return experiments.Config{}, usagef("--config %s: %w: name a TOML file such as run.toml of a run", x.config, cause(err))
		}
	}
	set := x.set
	if f.given("seed") {
		set = append(set[:len(set):len(set)], "seed="+strconv.Itoa(x.seed))
	}
	c, err := experiments.Resolve(x.preset, doc, set)
	if err == nil {
		_, err = c.Precision()
	}
	if err != nil {
		return c, &usageError{err}
	}
	return c, nil
}

// create makes a run directory named after its configuration, with a counter if
// the name is taken.
func create(ctx context.Context, c experiments.Config, threads int, root string) (*experiments.Engine, error) {
	name := fmt.Sprintf("%s-seed-%d", c.Preset, c.Seed)
	for n := 1; ; n++ {
		dir := filepath.Join(root, name)
		if n > 1 {
			dir += "-" + strconv.Itoa(n)
		}
		if _, err := os.Lstat(dir); err == nil {
			continue
		}
		eng, err := experiments.Create(ctx, dir, c, threads)
		if errors.Is(err, store.ErrExists) {
			continue // another process was faster
		}
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("%w (it was chosen because no directory was named)", err)
		}
		return eng, err
	}
}

// cause is an error of the file system without the operation and path.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// drive makes every update that is left, saving now and then and when
// interrupted. label says in progress which of several runs this is, again is
// the command that goes on with it.
func (e *Env) drive(ctx context.Context, eng *experiments.Engine, label, again string) error {
	p := e.newWatch(eng, label)
	defer p.close()
	var flushed, saved time.Time // the first update is saved at once: a disk too small shows early
	for {
		ev, err := eng.Step(ctx)
		if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
			if err := eng.Save(); err != nil {
				return fmt.Errorf("interrupted, and the last seconds could not be saved: %w", mended(err, again))
			}
			made, total := eng.Updates()
			p.close()
			return &interrupted{fmt.Sprintf("interrupted after update %d of %d, saved: go on with %s", made, total, again)}
		}
		if errors.Is(err, io.EOF) {
			return eng.Save()
		}
		if err != nil {
			return mended(err, again)
		}
		p.stepped(eng, ev)
		if time.Since(flushed) > flushEvery {
			if err := eng.Run().Flush(); err != nil {
				return mended(err, again)
			}
			flushed = time.Now()
		}
		if time.Since(saved) > saveEvery {
			if err := eng.Save(); err != nil {
				return mended(err, again)
			}
			saved = time.Now()
		}
	}
}

// mended says how a run goes on once an error's cause is cured.
func mended(err error, again string) error {
	if errors.Is(err, store.ErrGone) {
		return err // it says so itself
	}
	return fmt.Errorf("%w; then go on with %s", err, again)
}

// report concludes a run and prints its results.
func (e *Env) report(ctx context.Context, eng *experiments.Engine, again string, asJSON bool) error {
	s, paths, err := e.conclude(ctx, eng, again)
	if err != nil {
		return err
	}
	if err := e.printResults(eng.Run(), eng.Branch(), eng.Config, s, asJSON); err != nil {
		return err
	}
	if len(paths) > 0 {
		e.note("%s in %s, the report is %s", count(len(paths), "figure"), eng.Run().PlotsOf(eng.Branch()), filepath.Join(eng.Run().BranchDir(eng.Branch()), experiments.ReportFile))
	}
	return nil
}

// conclude writes a run's figures, then its report and summary. summary.json
// comes last on disk: it marks the run as finished.
func (e *Env) conclude(ctx context.Context, eng *experiments.Engine, again string) (*experiments.Summary, []string, error) {
	run := eng.Run()
	h, _, err := experiments.ReadHistory(run)
	if err != nil {
		return nil, nil, err
	}
	paths, figErr := saveFigures(ctx, experiments.Figures(h.Whole(eng.Branch()), eng.Summary()), run.PlotsOf(eng.Branch()), ".png")
	if ctx.Err() != nil {
		return nil, nil, &interrupted{"interrupted with every update made and saved: " + again + " prints the results"}
	}
	s, err := eng.Finish()
	if err != nil {
		return nil, nil, err
	}
	if figErr != nil {
		return nil, nil, fmt.Errorf("%w; then ra3 plot --run %s draws them", figErr, run.Dir())
	}
	return s, paths, nil
}

// printResults prints the table, or summary.json byte for byte.
func (e *Env) printResults(run *store.Run, branch string, c experiments.Config, s *experiments.Summary, asJSON bool) error {
	if !asJSON {
		return e.print(resultTable(c, s))
	}
	var raw json.RawMessage
	if err := run.ReadSummaryOf(branch, &raw); err != nil {
		return err
	}
	return e.print(string(raw) + "\n")
}

// repaired says what opening and reading a run put right.
func (e *Env) repaired(run *store.Run, notices []store.Notice) {
	for _, n := range append(slices.Clone(run.Notices()), notices...) {
		e.note("note: %s: %s", run.Dir(), n)
	}
}

// alreadyDone prints the results of a run that has nothing left to do.
func (e *Env) alreadyDone(dir, branch string, asJSON bool) (bool, error) {
	run, _, err := view(dir)
	if err != nil {
		return false, err
	}
	defer run.Close() // nothing was written
	c, err := experiments.ConfigOfBranch(run, branch)
	if err != nil {
		return false, usagef("run: --branch: %w", err)
	}
	s, err := experiments.SummaryOfBranch(run, branch)
	if s == nil || err != nil {
		return false, err
	}
	what := dir
	if branch != store.Main {
		what = "branch " + branch + " of " + dir
	}
	e.note("%s is finished; its results:", what)
	return true, e.printResults(run, branch, c, s, asJSON)
}
