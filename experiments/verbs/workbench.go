package verbs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ra3/experiments"
	"ra3/experiments/store"
)

func workbenchVerb() *verb {
	return &verb{summary: "the workbench: step through an experiment and watch it, in a terminal", run: workbench,
		usage: "[--run DIR] [--preset NAME] [--set FIELD=VALUE]... [--seed N] [--threads N]\n    [--theme auto|dark|light] [--glyphs auto|ascii|block|braille]\n    [--pictures auto|kitty|blocks|none] [--no-mouse] [--plain] [--keys FILE [--frames DIR]]",
		detail: `Without --run a new run directory is made under runs/. With it, the run there is
gone on with where it was left, or a new one made if there is none.

--plain tells the run in lines, for screen readers and pipes: on a terminal it
takes commands (run, pause, step 20 updates, status, results, quit), elsewhere it
runs the plan to its end. --keys plays a key script: lines of size WxH, key NAME...,
type TEXT, wait idle|update N|finished|text WORDS, pause TIME, frame FILE (.png,
.txt, .ansi); with --frames it needs no terminal and ends with the script.`}
}

func workbench(ctx context.Context, e *Env, v *verb, args []string) error {
	var x experiment
	var s Screen
	f := newFlags(v)
	dir := f.String("run", "", "run directory `DIR`, existing or new")
	x.add(f, false)
	f.StringVar(&s.Theme, "theme", "auto", "background the colours suit, `NAME`: auto, dark, light")
	f.StringVar(&s.Glyphs, "glyphs", "auto", "characters to draw with, `NAME`: auto, ascii, block, braille")
	f.StringVar(&s.Pictures, "pictures", "auto", "how v shows figures, `WAY`: auto, kitty, blocks, none")
	noMouse := f.Bool("no-mouse", false, "leave the mouse to the terminal")
	f.BoolVar(&s.Plain, "plain", false, "tell the run in lines instead of drawing it")
	f.StringVar(&s.Keys, "keys", "", "play the key script in `FILE`")
	f.StringVar(&s.Frames, "frames", "", "with --keys: no terminal, frames go into `DIR`")
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	s.Mouse, s.Commands = !*noMouse, e.StdinTTY
	switch {
	case s.Frames != "" && s.Keys == "":
		return usagef("--frames keeps the frames of a key script: name one with --keys FILE")
	case s.Plain && s.Keys != "":
		return usagef("--plain draws no frames and reads no keys: leave --keys away, or --plain")
	}
	if err := f.choice("pictures", s.Pictures, "auto", "kitty", "blocks", "none"); err != nil {
		return err
	}
	if err := errors.Join(f.choice("theme", s.Theme, "auto", "dark", "light"), f.choice("glyphs", s.Glyphs, "auto", "ascii", "block", "braille")); err != nil {
		return err
	}
	if err := instructionSet(); err != nil {
		return err
	}
	if err := e.ScreenUsable(); err != nil && !s.Plain && s.Frames == "" {
		if perr := e.print(overview()); perr != nil {
			return perr
		}
		return usagef("%w", err)
	}
	ctx, stop := interruptible(ctx, false)
	defer stop()
	eng, err := x.bench(ctx, f, *dir)
	if err != nil {
		return err
	}
	past, notices, err := eng.Run().Events()
	if err != nil {
		return errors.Join(err, eng.Close())
	}
	e.repaired(eng.Run(), notices)
	at := eng.Run().Dir()
	d := experiments.Drive(ctx, eng, past)
	if err := e.Workbench(ctx, d, s); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &interrupted{"interrupted, saved: go on with ra3 --run " + at}
	}
	if _, err := os.Stat(filepath.Join(at, "summary.json")); err == nil {
		e.note("%s is finished: ra3 runs show %s prints its results", at, at)
	} else {
		e.note("saved: go on with ra3 --run %s, or without a screen with ra3 run --resume %s", at, at)
	}
	return nil
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
	if _, err := store.View(dir); err != nil {
		return nil, err
	}
	for _, name := range []string{"preset", "set", "seed"} {
		if f.given(name) {
			return nil, usagef("--run %s is a run already and goes on as it was configured: leave --%s away, or name a new directory", dir, name)
		}
	}
	return x.open(ctx, f, "", dir)
}

func isUsage(err error) bool {
	var u *usageError
	return errors.As(err, &u)
}
