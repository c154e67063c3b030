package verbs

import (
	"context"
	"errors"

	"ra3/experiments"
)

func viewVerb() *verb {
	return &verb{name: "view", summary: "the workbench on a stored run, read-only, also while another process writes it", run: viewRun,
		usage: "view DIR [--theme auto|dark|light] [--glyphs auto|ascii|block|braille]",
		detail: `Nothing is computed and nothing is written. A run that another process is writing
is followed as its log grows.`}
}

func viewRun(ctx context.Context, e *Env, v *verb, args []string) error {
	var s Screen
	f := newFlags(v)
	s.add(f)
	rest, err := f.parse(e, args, 1)
	if err != nil {
		return err
	}
	if err := s.check(f); err != nil {
		return err
	}
	if len(rest) == 0 {
		return usagef("view: which run: name its directory; ra3 runs ls lists the runs there are")
	}
	if err := e.ScreenUsable(); err != nil {
		return usagef("%w; ra3 runs show %s prints what is there", err, rest[0])
	}
	ctx, stop := interruptible(ctx, false)
	defer stop()
	d, err := experiments.Follow(ctx, locate(runsRoot, rest[0]))
	if err != nil {
		return err
	}
	return e.Workbench(ctx, d, s)
}

func (s *Screen) add(f *flags) {
	f.StringVar(&s.Theme, "theme", "auto", "background the colours suit, `NAME`: auto, dark, light")
	f.StringVar(&s.Glyphs, "glyphs", "auto", "characters to draw with, `NAME`: auto, ascii, block, braille")
}

func (s *Screen) check(f *flags) error {
	return errors.Join(f.choice("theme", s.Theme, "auto", "dark", "light"), f.choice("glyphs", s.Glyphs, "auto", "ascii", "block", "braille"))
}
