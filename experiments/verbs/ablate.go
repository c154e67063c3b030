package verbs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ra3/experiments"
	"ra3/experiments/grid"
)

func ablateVerb() *verb {
	return &verb{name: "ablate", summary: "run combinations of some settings and map the results", run: ablate,
		usage: "ablate [--grid FILE] [--vary FIELD=VALUE,VALUE...]... [--preset NAME] [--config FILE]\n    [--set FIELD=VALUE]... [--seed N] [--seeds N] [--lanes A,B...] [--gate[=skip]]\n    [--design star] [--threads N] [--out DIR] [--resume DIR] [--json]",
		detail: `Every cell is an ordinary run under DIR/cells. DIR/ablation.json, ablation.csv,
report.md and the maps in DIR/plots are renewed after every cell. The same
command, or --resume DIR, goes on where it stopped; finished cells are never
computed again. A grid file has preset, document (TOML over the preset), set,
vary, seeds, lanes, gate, design and out; flags come over it. Design star takes,
instead of every combination, every factor's first value and from there one
factor at a time. The gate of a cell
compares the oracle's nats with NTP's on validation programs before any RA3.

` + grid.Directions()}
}

// gridFlags is what the command line says of an ablation.
type gridFlags struct {
	experiment
	vary         list
	seeds        int
	lanes, file  string
	gate         grid.Gate
	design       grid.Design
	out, restart string
}

func ablate(ctx context.Context, e *Env, v *verb, args []string) error {
	var x gridFlags
	f := newFlags(v)
	x.add(f, true)
	f.Var(&x.vary, "vary", "a factor, `FIELD=VALUE,VALUE` as in mid.traces=250,1000; may be repeated")
	f.IntVar(&x.seeds, "seeds", 0, "replicates of every cell, `N` (default: the preset's)")
	f.StringVar(&x.lanes, "lanes", "", "lanes of every cell, `A,B...` (default: the preset's)")
	f.Var(&x.gate, "gate", "test each cell's headroom first; `MODE` show (default) or skip, which leaves out cells that fail")
	f.Var(&x.design, "design", "which combinations are cells: `DESIGN` cross (default) or star")
	f.StringVar(&x.file, "grid", "", "TOML `FILE` that describes the ablation, such as grid.toml of one")
	f.StringVar(&x.out, "out", "", "directory of the ablation, `DIR` (default: a name under runs/, the same for the same grid)")
	f.StringVar(&x.restart, "resume", "", "go on with the ablation in `DIR` where it was left")
	asJSON := f.Bool("json", false, "print ablation.json instead of the table")
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	if err := instructionSet(); err != nil {
		return err
	}
	if x.threads < 0 {
		return usagef("%s--threads %d does not fit: want 1 or more, or 0 for all cores", f.prefix(), x.threads)
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	a, err := x.open(f)
	if err != nil {
		return err
	}
	err = e.cells(ctx, a, x.threads)
	if err == nil {
		err = e.printAblation(a, *asJSON)
	}
	return errors.Join(err, a.Close())
}

// open takes the directory of the ablation asked for.
func (x *gridFlags) open(f *flags) (*grid.Ablation, error) {
	if x.restart != "" {
		for _, name := range []string{"grid", "vary", "preset", "config", "set", "seed", "seeds", "lanes", "gate", "design", "out"} {
			if f.given(name) {
				return nil, usagef("%s--resume goes on with the grid as it was: leave --%s away, or start another without --resume", f.prefix(), name)
			}
		}
		return grid.Resume(x.restart)
	}
	spec, err := x.spec(f)
	if err != nil {
		return nil, &usageError{err}
	}
	name, err := spec.DirName()
	if err != nil {
		return nil, &usageError{err}
	}
	if spec.Out == "" {
		spec.Out = filepath.Join(runsRoot, name)
	}
	return grid.Open(spec.Out, spec)
}

// noAblation says how to see an ablation where a run was asked for.
func noAblation(dir string) error {
	if !grid.IsAblation(dir) {
		return nil
	}
	return usagef("%s is an ablation: in the workbench the page Ablate shows it (ra3, then 5), ra3 ablate --resume %s prints it; its cells are the runs under %s", dir, dir, filepath.Join(dir, "cells"))
}

// spec lays the flags over the grid file.
func (x *gridFlags) spec(f *flags) (grid.Spec, error) {
	var s grid.Spec
	if x.file != "" {
		text, err := os.ReadFile(x.file)
		if err != nil {
			return s, fmt.Errorf("--grid %s: %w: name a TOML file such as grid.toml of an ablation", x.file, cause(err))
		}
		if s, err = grid.Parse(text); err != nil {
			return s, fmt.Errorf("--grid %s: %w", x.file, err)
		}
	}
	if x.config != "" {
		text, err := os.ReadFile(x.config)
		if err != nil {
			return s, fmt.Errorf("--config %s: %w: name a TOML file such as run.toml of a run", x.config, cause(err))
		}
		s.Document = string(text)
	}
	if x.preset != "" {
		s.Preset = x.preset
	}
	s.Set, s.Vary = append(s.Set, x.set...), append(s.Vary, x.vary...)
	if f.given("seed") {
		s.Set = append(s.Set, "seed="+strconv.Itoa(x.seed))
	}
	if f.given("seeds") {
		s.Seeds = x.seeds
		if x.seeds < 1 {
			return s, fmt.Errorf("%s--seeds %d does not fit: want 1 or more", f.prefix(), x.seeds)
		}
	}
	if x.lanes != "" {
		s.Lanes = strings.Split(x.lanes, ",")
	}
	if f.given("gate") {
		s.Gate = x.gate
	}
	if f.given("design") {
		s.Design = x.design
	}
	if x.out != "" {
		s.Out = x.out
	}
	return s, nil
}

// cells makes every run that is left, and renews the results after each.
func (e *Env) cells(ctx context.Context, a *grid.Ablation, threads int) error {
	again := "ra3 ablate --resume " + a.Dir
	e.note("ablation: %s, %s", a.Dir, count(len(a.Cells), "cell"))
	for _, t := range a.Tasks() {
		what := "cell"
		if t.Gate {
			what = "gate"
		}
		label := fmt.Sprintf("%s %d/%d", what, t.Index, len(a.Cells))
		s, err := t.Summary()
		if err != nil {
			return err
		}
		if s != nil {
			continue
		}
		skipped, err := a.Skipped(t)
		if err != nil {
			return err
		}
		if skipped {
			e.note("%s, %s: skipped, its gate failed", label, t.Cell.Name)
			continue
		}
		if ctx.Err() != nil {
			return &interrupted{"interrupted between cells: go on with " + again}
		}
		e.note("%s: %s", label, t.Dir)
		if err := e.cell(ctx, t, threads, label, again); err != nil {
			return err
		}
		if err := e.publish(ctx, a, again); err != nil {
			return err
		}
	}
	return e.publish(ctx, a, again)
}

// cell makes one run.
func (e *Env) cell(ctx context.Context, t grid.Task, threads int, label, again string) error {
	eng, err := t.Engine(ctx, threads)
	if err != nil {
		return err
	}
	e.repaired(eng.Run(), nil)
	err = e.drive(ctx, eng, label, again)
	if err == nil {
		_, _, err = e.conclude(ctx, eng, again)
	}
	if cerr := eng.Close(); err == nil {
		err = cerr
	}
	return err
}

// publish writes the results so far.
func (e *Env) publish(ctx context.Context, a *grid.Ablation, again string) error {
	r, err := a.Result()
	if err != nil {
		return err
	}
	paths, err := saveFigures(ctx, r.Figures(), a.PlotsDir(), ".png")
	if ctx.Err() != nil {
		return &interrupted{"interrupted between cells: go on with " + again}
	}
	if err != nil {
		return err
	}
	for i := range paths {
		paths[i] = filepath.Base(paths[i])
	}
	return a.Write(r, paths)
}

// printAblation prints the cells side by side, or ablation.json byte for byte.
func (e *Env) printAblation(a *grid.Ablation, asJSON bool) error {
	raw, err := os.ReadFile(filepath.Join(a.Dir, grid.JSONFile))
	if err != nil {
		return fmt.Errorf("read the result: %w", err)
	}
	if asJSON {
		return e.print(string(raw))
	}
	var r grid.Result
	if err := json.Unmarshal(raw, &r); err != nil {
		return fmt.Errorf("read the result: %w", err)
	}
	e.note("report: %s, maps in %s", filepath.Join(a.Dir, experiments.ReportFile), a.PlotsDir())
	return e.print(ablationTable(&r))
}

// ablationTable is an ablation for reading.
func ablationTable(r *grid.Result) string {
	t := &columns{layout: strings.Repeat("l", len(r.Factors)+6)}
	var head []string
	for _, f := range r.Factors {
		head = append(head, f.Field)
	}
	t.row(append(head, "state", "RA3 - NTP", "RA3 - Base", "log2 speed-up", "horizon", "gate")...)
	for i := range r.Cells {
		c := &r.Cells[i]
		var row []string
		for _, f := range r.Factors {
			row = append(row, c.Values[f.Field])
		}
		row = append(row, c.State)
		for _, m := range []struct{ name, format string }{{"ra3-ntp", "%+.3f"}, {"ra3-base", "%+.3f"}, {"speed-up", "%+.2f"}, {"horizon", "%+.2f"}, {"gate", "%+.2f"}} {
			text := "-"
			if x := grid.Value(m.name, c); x != nil {
				text = x.Text(m.format)
			}
			row = append(row, text)
		}
		t.row(row...)
	}
	return fmt.Sprintf("Means of pass@1, 5, 10 and of the families; %s; seeds %s; split %s.\n\n%s\n%s\n",
		r.Interval, strings.Trim(fmt.Sprint(r.Seeds), "[]"), r.Split, t.String(), grid.Directions())
}
