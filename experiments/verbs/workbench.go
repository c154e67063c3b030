package verbs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"ra3/experiments"
	"ra3/experiments/store"
)

func workbenchVerb() *verb {
	return &verb{summary: "the workbench: step through an experiment and watch it, in a terminal", run: workbench,
		usage: "[--run DIR] [--preset NAME] [--set FIELD=VALUE]... [--seed N] [--threads N]\n    " + screenUsage,
		detail: `Without --run a new run directory is made under runs/. With it, the run there is
gone on with where it was left, on the branch last at work, or a new one made if there is none.

` + screenDetail}
}

// workbench shows a run that is driven here.
func workbench(ctx context.Context, e *Env, v *verb, args []string) error {
	var x experiment
	var s Screen
	f := newFlags(v)
	dir := f.String("run", "", "run directory `DIR`, existing or new")
	x.add(f, false)
	s.add(f)
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	if err := e.screen(f, &s, overview()); err != nil {
		return err
	}
	if err := instructionSet(); err != nil {
		return err
	}
	ctx, stop := e.interruptible(ctx, false)
	defer stop()
	eng, err := x.bench(ctx, f, *dir)
	if err != nil {
		return err
	}
	s.Threads = x.threads
	return e.stay(ctx, s, eng, nil)
}

// stay shows a run, and then those that the user opens from it, until the user
// leaves. It takes over eng, or where that is nil, follows.
func (e *Env) stay(ctx context.Context, s Screen, eng *experiments.Engine, follows *experiments.Follower) error {
	for {
		var source experiments.Source = follows
		at := ""
		if eng != nil {
			past, notices, err := eng.Run().Events()
			if err != nil {
				return errors.Join(err, eng.Close())
			}
			e.repaired(eng.Run(), notices)
			at = eng.Run().Dir()
			source = experiments.Drive(ctx, eng, past)
		}
		next, err := e.Workbench(ctx, source, s)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			if at == "" {
				return &interrupted{"interrupted; nothing was being written"}
			}
			return &interrupted{"interrupted, saved: go on with ra3 --run " + at}
		}
		if next == nil {
			e.farewell(eng)
			return nil
		}
		if eng, follows, err = open(ctx, *next, s.Threads); err != nil {
			return err
		}
	}
}

// open opens another run as it was asked for. One that another process writes
// can only be followed.
func open(ctx context.Context, o Opened, threads int) (*experiments.Engine, *experiments.Follower, error) {
	if !o.ReadOnly {
		eng, err := experiments.ResumeLast(ctx, o.Dir, threads)
		var held *store.HeldError
		if !errors.As(err, &held) {
			return eng, nil, err
		}
	}
	follows, err := experiments.Follow(ctx, o.Dir)
	return nil, follows, err
}

// farewell says how to go on with what was driven; nil: nothing was.
func (e *Env) farewell(eng *experiments.Engine) {
	switch {
	case eng == nil:
	case eng.Done():
		at := eng.Run().Dir()
		e.note("%s is finished: ra3 runs show %s prints its results", branchOf(eng), at)
	default:
		e.note("saved: go on with ra3 --run %s, or without a screen with %s", eng.Run().Dir(), again(eng))
	}
}

// branchOf names a run, and its branch where that is not main.
func branchOf(eng *experiments.Engine) string {
	if b := eng.Branch(); b != store.Main {
		return "branch " + b + " of " + eng.Run().Dir()
	}
	return eng.Run().Dir()
}

// bench opens the run that the workbench is to show.
func (x *experiment) bench(ctx context.Context, f *flags, dir string) (*experiments.Engine, error) {
	if dir == "" {
		eng, err := x.open(ctx, f, "", "")
		if err != nil && !isUsage(err) {
			err = fmt.Errorf("%w: choose the run directory with --run DIR", err)
		}
		return eng, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return x.open(ctx, f, dir, "")
	}
	if err := noAblation(dir); err != nil {
		return nil, err
	}
	if _, err := store.View(dir); err != nil {
		return nil, err
	}
	for _, name := range []string{"preset", "set", "seed"} {
		if f.given(name) {
			return nil, usagef("--run %s is a run already and goes on as it was configured: leave --%s away, or name a new directory", dir, name)
		}
	}
	if x.threads < 0 {
		return nil, x.refuseThreads(f)
	}
	eng, err := experiments.ResumeLast(ctx, dir, x.threads)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		err = fmt.Errorf("%w; ra3 view %s looks at it without writing", err, dir)
	}
	return eng, err
}

func isUsage(err error) bool {
	var u *usageError
	return errors.As(err, &u)
}
