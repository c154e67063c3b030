// Command ra3 is an interactive workbench for RA3 mid-training of code language
// models, with the same experiments as headless verbs.
package main

import (
	"context"
	"fmt"
	"io"
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
	tui.RescueIfChild()
	var bench workbench
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
		Workbench:    bench.show,
		ScreenBench:  screenBench,
	}
	status := verbs.Main(context.Background(), env, os.Args[1:])
	again, err := bench.desk.Close()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "ra3: the ablation at work ended:", err)
		status = max(status, 1)
	case again != "":
		fmt.Fprintln(os.Stderr, again)
	}
	os.Exit(status)
}

// screenBench measures what the screen costs while the quick preset trains.
func screenBench(ctx context.Context, quick bool, progress func(string)) (*verbs.ScreenReport, error) {
	// One stage long enough for every measurement.
	c, err := experiments.Resolve("quick", nil, []string{"mid.updates=400"})
	if err != nil {
		return nil, err
	}
	rounds, updates := 5, 120
	if quick {
		rounds, updates = 3, 40
	}
	r, err := tui.Bench(ctx, func(dir string) (*experiments.Engine, error) { return experiments.Create(ctx, dir, c, 0) }, rounds, updates, progress)
	if err != nil {
		return nil, err
	}
	out := &verbs.ScreenReport{StartSeconds: r.Start.Seconds(), ProcessSeconds: r.Process.Seconds(), Size: "120x40", LossCPU: r.CPULoss, LossClock: r.ClockLoss, Updates: r.Updates}
	for _, f := range r.Frames {
		out.Frames = append(out.Frames, verbs.ScreenFrame{Page: f.Page, MedianSeconds: f.Median.Seconds(), MostSeconds: f.Most.Seconds(), N: f.N})
	}
	return out, nil
}

// workbench holds what outlives one run on the screen.
type workbench struct{ desk tui.Desk }

// show is the workbench, or its narration.
func (w *workbench) show(ctx context.Context, d experiments.Source, s verbs.Screen) (*verbs.Opened, error) {
	if s.Plain {
		var commands io.Reader
		if s.Commands {
			commands = os.Stdin
		}
		return nil, tui.Plain(ctx, d, commands, term.IsTerminal(int(os.Stdin.Fd())), os.Stdout)
	}
	look, err := tui.Appearance(os.Getenv, s.Theme, s.Glyphs, s.Frames == "")
	if err != nil {
		return nil, err
	}
	pictures, err := tui.Pictures(os.Getenv, s.Pictures, look)
	if err != nil {
		return nil, err
	}
	w.desk.Ctx, w.desk.Threads = ctx, s.Threads
	next, err := tui.Run(ctx, d, tui.Options{Theme: &look, Pictures: &pictures, Mouse: s.Mouse, Keys: s.Keys, Frames: s.Frames, Desk: &w.desk})
	if next == nil {
		return nil, err
	}
	return &verbs.Opened{Dir: next.Dir, ReadOnly: next.ReadOnly}, err
}
