package grid

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"ra3/experiments"
	"ra3/experiments/store"
)

// States of a task beside those of a cell.
const (
	Running = "running" // some process makes it
	Begun   = "begun"   // some of it is made, and nobody goes on
	Failed  = "failed"
)

// Progress is how far a task, a cell or its gate, has come.
type Progress struct {
	Name        string
	Values      []string // by factor
	Gate        bool
	Index       int // of the cell, from 1
	Dir         string
	State       string // Waiting, Begun, Running, Finished, Skipped or Failed
	Made, Total int    // updates
	Problem     string // why it failed, where the disk says so
}

// Progress looks at the disk how far every task has come, in their order. It
// reads the end of each log.
func (a *Ablation) Progress() ([]Progress, error) {
	made := map[string]store.Info{}
	for _, name := range []string{gatesName, cellsName} {
		infos, err := store.List(filepath.Join(a.Dir, name))
		if err != nil {
			return nil, err
		}
		for _, i := range infos {
			made[i.Dir] = i
		}
	}
	var out []Progress
	for _, t := range a.Tasks() {
		p := Progress{Name: t.Cell.Name, Values: t.Cell.Values, Gate: t.Gate, Index: t.Index, Dir: t.Dir, State: Waiting, Total: updatesOf(t.Config)}
		if i, ok := made[t.Dir]; ok {
			p.Made = min(int(i.Events), p.Total)
			switch {
			case i.Problem != "":
				p.State, p.Problem = Failed, i.Problem
			case i.State == store.Finished:
				p.State = Finished
			case i.State == store.Running:
				p.State = Running
			default:
				p.State = Begun
			}
		} else if skipped, err := a.Skipped(t); err != nil {
			return nil, err
		} else if skipped {
			p.State = Skipped
		}
		out = append(out, p)
	}
	return out, nil
}

func updatesOf(c experiments.Config) int {
	n := 0
	for _, s := range experiments.Plan(c) {
		n += s.Updates
	}
	return n
}

// Writer says who makes the ablation's cells now; nil for nobody.
func (a *Ablation) Writer() (*store.HeldError, error) { return store.Holder(a.Dir) }

// File is the summary that a cell's measure is read from.
func (a *Ablation) File(m Measure, c *CellResult) string {
	at := cellsName
	for _, t := range a.Tasks() {
		if m.Name == "gate" && t.Gate && t.Cell.Name == c.Name {
			at = gatesName
		}
	}
	return filepath.Join(a.Dir, at, c.Name, "summary.json")
}

// Cost is what an ablation has to compute.
type Cost struct {
	Cells, Gates, Seeds int
	Updates             int
	ByPhase             map[string]int
	// Tokens are those of gradient updates of mid-training; sampled ones depend on
	// what the policies write.
	Tokens int
}

// Cost counts what an ablation would compute from its beginning: cells, gates
// and updates by phase. It fails where Cells does.
func (s Spec) Cost() (Cost, error) {
	factors, cells, err := s.Cells()
	if err != nil {
		return Cost{}, err
	}
	a := &Ablation{Spec: s, Factors: factors, Cells: cells}
	c := Cost{Cells: len(cells), Seeds: cells[0].Config.Seeds, ByPhase: map[string]int{}}
	for _, t := range a.Tasks() {
		if t.Gate {
			c.Gates++
		}
		for _, stage := range experiments.Plan(t.Config) {
			c.Updates += stage.Updates
			c.ByPhase[stage.Phase] += stage.Updates
			if stage.Phase == experiments.PhaseM {
				c.Tokens += stage.Updates * t.Config.Mid.Tokens
			}
		}
	}
	return c, nil
}

// Found lists the ablations in the directory root, by name; none if root does
// not exist.
func Found(root string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(root, "*", gridFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list ablations in %s: %w", root, err)
	}
	for i, p := range paths {
		paths[i] = filepath.Dir(p)
	}
	return paths, nil
}
