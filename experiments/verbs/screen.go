package verbs

import (
	"context"
	"errors"

	"ra3/experiments"
)

// Screen is how the workbench is to look, as asked for on the command line.
type Screen struct {
	Theme  string // auto, dark or light
	Glyphs string // auto, ascii, block or braille
	// Pictures is how figures are shown as pictures: auto, kitty, blocks or none.
	Pictures string
	Mouse    bool
	// Keys is the file of a key script to play; with Frames, the directory of the
	// frames it keeps, no terminal is needed.
	Keys, Frames string
	// Plain narrates in lines instead; without Commands the plan runs to its end.
	Plain, Commands bool
	Threads         int // of what is computed; 0 for all
}

// Opened is another run that the user asked to see.
type Opened struct {
	Dir      string
	ReadOnly bool
}

const (
	screenUsage = "[--theme auto|dark|light] [--glyphs auto|ascii|block|braille]\n    [--pictures auto|kitty|blocks|none] [--no-mouse] [--plain [--commands]]\n    [--keys FILE [--frames DIR]]"

	screenDetail = `--plain tells the run in lines, for screen readers and pipes: on a terminal it
takes commands (run, pause, step 20 updates, status, results, quit), elsewhere it
runs the plan to its end; with --commands it takes them from a pipe or file too.
--keys plays a key script: lines of size WxH, key NAME..., type TEXT, wait
idle|update N|finished|text WORDS, pause TIME, frame FILE (.png, .txt, .ansi);
with --frames it needs no terminal and ends with the script.`
)

func (s *Screen) add(f *flags) {
	f.StringVar(&s.Theme, "theme", "auto", "background the colours suit, `NAME`: auto, dark, light")
	f.StringVar(&s.Glyphs, "glyphs", "auto", "characters to draw with, `NAME`: auto, ascii, block, braille")
	f.StringVar(&s.Pictures, "pictures", "auto", "how V shows figures, `WAY`: auto, kitty, blocks, none")
	f.Bool("no-mouse", false, "leave the mouse to the terminal")
	f.BoolVar(&s.Plain, "plain", false, "tell the run in lines instead of drawing it")
	f.Bool("commands", false, "with --plain: take commands from standard input also where it is no terminal")
	f.StringVar(&s.Keys, "keys", "", "play the key script in `FILE`")
	f.StringVar(&s.Frames, "frames", "", "with --keys: no terminal, frames go into `DIR`")
}

// screen checks what was asked for, and that there is a terminal where one is
// needed; without one it prints help.
func (e *Env) screen(f *flags, s *Screen, help string) error {
	s.Mouse, s.Commands = !f.given("no-mouse"), e.StdinTTY || f.given("commands")
	switch {
	case f.given("commands") && !s.Plain:
		return usagef("%s--commands are what --plain takes: add --plain, or play a key script with --keys FILE", f.prefix())
	case s.Frames != "" && s.Keys == "":
		return usagef("%s--frames keeps the frames of a key script: name one with --keys FILE", f.prefix())
	case s.Plain && s.Keys != "":
		return usagef("%s--plain draws no frames and reads no keys: leave --keys away, or --plain", f.prefix())
	}
	err := errors.Join(f.choice("theme", s.Theme, "auto", "dark", "light"), f.choice("glyphs", s.Glyphs, "auto", "ascii", "block", "braille"),
		f.choice("pictures", s.Pictures, "auto", "kitty", "blocks", "none"))
	if err != nil {
		return err
	}
	if err := e.ScreenUsable(); err != nil && !s.Plain && s.Frames == "" {
		if perr := e.print(help); perr != nil {
			return perr
		}
		return usagef("%w", err)
	}
	return nil
}

func viewVerb() *verb {
	return &verb{name: "view", summary: "look at a run in the workbench, also while another process writes it", run: viewRun,
		usage:  "view DIR [--root DIR]\n    " + screenUsage,
		detail: "Nothing is computed, and nothing in DIR is changed but by w (figures) and m (notes).\n\n" + screenDetail}
}

// viewRun shows a run that is only read.
func viewRun(ctx context.Context, e *Env, v *verb, args []string) error {
	var s Screen
	f := newFlags(v)
	root := f.String("root", runsRoot, "directory of runs, `DIR` (default runs)")
	s.add(f)
	dirs, err := f.parse(e, args, 1)
	if err != nil {
		return err
	}
	if len(dirs) == 0 {
		return usagef("view: which run: name its directory; ra3 runs ls lists the runs there are")
	}
	if err := e.screen(f, &s, ""); err != nil {
		return err
	}
	ctx, stop := e.interruptible(ctx, false)
	defer stop()
	dir := locate(*root, dirs[0])
	if err := noAblation(dir); err != nil {
		return err
	}
	run, err := experiments.Follow(ctx, dir)
	if err != nil {
		return err
	}
	return e.stay(ctx, s, nil, run)
}
