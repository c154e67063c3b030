package grid

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"ra3/experiments"
	"ra3/experiments/store"
)

// Task is a run that an ablation consists of: a cell, or its gate.
type Task struct {
	Cell   *Cell
	Gate   bool
	Dir    string
	Config experiments.Config
	Index  int // of the cell, counted from 1
}

// kind says which of them it is.
func (t Task) kind() string {
	if t.Gate {
		return "gate"
	}
	return "cell"
}

// Tasks lists all runs: first the gates, which are cheap, then the cells.
func (a *Ablation) Tasks() []Task {
	var ts []Task
	if a.Spec.Gate != NoGate {
		for i := range a.Cells {
			if c := &a.Cells[i]; !a.Spec.ownGate(c.Config) {
				ts = append(ts, a.gateTask(c, i+1))
			}
		}
	}
	for i := range a.Cells {
		ts = append(ts, a.cellTask(&a.Cells[i], i+1))
	}
	return ts
}

// ownGate reports whether a cell measures its gate itself: it runs both lanes on
// validation traces, and nothing hangs on knowing beforehand.
func (s Spec) ownGate(c experiments.Config) bool {
	return s.Gate == ShowGate && c.Has("ntp") && c.Has("oracle") && c.Eval.Split == "validate"
}

func (a *Ablation) cellTask(c *Cell, index int) Task {
	return Task{Cell: c, Dir: filepath.Join(a.Dir, cellsName, c.Name), Config: c.Config, Index: index}
}

func (a *Ablation) gateTask(c *Cell, index int) Task {
	return Task{Cell: c, Gate: true, Dir: filepath.Join(a.Dir, gatesName, c.Name), Config: gateConfig(c.Config), Index: index}
}

// Summary is what the run found; nil while it has not finished.
func (t Task) Summary() (*experiments.Summary, error) {
	run, err := store.View(t.Dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrNotRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := t.owns(run); err != nil {
		return nil, err
	}
	return experiments.SummaryOf(run)
}

// Skipped reports whether the cell's gate failed and is to keep it from running.
func (a *Ablation) Skipped(t Task) (bool, error) {
	if t.Gate || a.Spec.Gate != SkipGate {
		return false, nil
	}
	g, err := a.gate(t.Cell)
	return g != nil && !g.Passed, err
}

// gate is the result of a cell's gate; nil while it has none.
func (a *Ablation) gate(c *Cell) (*GateResult, error) {
	if a.Spec.Gate == NoGate {
		return nil, nil
	}
	t := a.gateTask(c, 0)
	if a.Spec.ownGate(c.Config) {
		t = a.cellTask(c, 0)
	}
	s, err := t.Summary()
	if s == nil || err != nil {
		return nil, err
	}
	return gateOf(s), nil
}

// Engine starts the run, or goes on with it where it was left. An ablation has
// many runs, so they keep their newest states only.
func (t Task) Engine(ctx context.Context, threads int) (*experiments.Engine, error) {
	e, err := t.engine(ctx, threads)
	if err != nil {
		return nil, err
	}
	e.KeepNewest()
	return e, nil
}

func (t Task) engine(ctx context.Context, threads int) (*experiments.Engine, error) {
	run, err := store.View(t.Dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrNotRun) {
		return experiments.Create(ctx, t.Dir, t.Config, threads)
	}
	if err != nil {
		return nil, err
	}
	if err := t.owns(run); err != nil {
		return nil, err
	}
	return experiments.Resume(ctx, t.Dir, threads)
}

// owns refuses a run that was made with another configuration, by hand or by
// another version's preset.
func (t Task) owns(run *store.Run) error {
	c, err := experiments.Resolve("", run.Config(), nil)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Dir, err)
	}
	have, err := c.TOML()
	if err != nil {
		return err
	}
	want, err := t.Config.TOML()
	if err != nil {
		return err
	}
	if !bytes.Equal(have, want) {
		return fmt.Errorf("%s was made with another configuration than its cell has now: remove it, or choose another directory", t.Dir)
	}
	return nil
}
