// Command ra3 is an interactive workbench for RA3 mid-training of code language
// models, with the same experiments as headless verbs.
package main

import (
	"context"
	"os"

	"golang.org/x/term"

	"ra3/core/judge"
	"ra3/experiments"
	"ra3/experiments/verbs"
	"ra3/tui"
	"ra3/tui/theme"
)

func main() {
	judge.ServeIfChild()
	tty := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	env := verbs.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		StdinTTY: tty(os.Stdin), StdoutTTY: tty(os.Stdout), StderrTTY: tty(os.Stderr),
		Size: func() (w, h int, ok bool) {
			for _, f := range []*os.File{os.Stderr, os.Stdout, os.Stdin} {
				if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
					return w, h, true
				}
			}
			return 0, 0, false
		},
		Terminal: func() (colours string, utf8 bool) {
			o := theme.Detect(os.Getenv)
			return o.Depth.String(), o.Glyphs != theme.ASCII
		},
		ScreenUsable: func() error { return tui.Usable(os.Getenv, tty(os.Stdin) && tty(os.Stdout)) },
		Workbench: func(ctx context.Context, d experiments.Source, s verbs.Screen) error {
			look, err := tui.Appearance(os.Getenv, s.Theme, s.Glyphs)
			if err != nil {
				return err
			}
			return tui.Run(ctx, d, tui.Options{Theme: &look})
		},
	}
	os.Exit(verbs.Main(context.Background(), env, os.Args[1:]))
}
