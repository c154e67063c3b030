package theory

import (
	"context"
	"fmt"
	"math"
)

// Kept is a decision space that planning happens in.
type Kept struct {
	Name string
	Set  Set
}

// KeptSets are the spaces compared, kept from the demonstrations of the first
// repeat: the actions that experts without options used; what experts with
// options used; of that the options alone; and everything. Where the experts
// used no option, all options stand for the options alone.
func (w *World) KeptSets(ctx context.Context) ([]Kept, error) {
	demos, err := w.demos(ctx, 0, w.Settings.Demos)
	if err != nil {
		return nil, err
	}
	var out []Kept
	for l, lane := range w.Lanes() {
		out = append(out, Kept{lane.Name, union(demos[l])})
	}
	alone, all := out[1].Set.clone(), make(Set, w.Model.Decisions())
	for z := range alone {
		alone[z] = alone[z] && z >= w.Model.Actions
		all[z] = z >= w.Model.Actions
	}
	if alone.Size() == 0 {
		alone = all
	}
	return append(out, Kept{OptionsOnly, alone}, Kept{"everything", w.Everything()}), nil
}

// TaskRegret is one task's decomposition, all from the task's start.
type TaskRegret struct {
	Task     string  `json:"task"`
	Best     float64 `json:"best"`     // V*(all)
	Pruning  float64 `json:"pruning"`  // V*(all) - V*(kept)
	Planning float64 `json:"planning"` // V*(kept) - V(policy after N iterations)
	Regret   float64 `json:"regret"`   // measured apart from both
}

// Decomposition is how the regret of planning in a kept set splits.
type Decomposition struct {
	Kept       string       `json:"kept"`
	Size       int          `json:"size"`
	Decisions  []string     `json:"decisions"`
	Iterations int          `json:"iterations"`
	Pruning    Estimate     `json:"pruning"`
	Planning   Estimate     `json:"planning"`
	Regret     Estimate     `json:"regret"`
	Residual   float64      `json:"residual"` // largest |pruning + planning - regret| of a task
	Tasks      []TaskRegret `json:"tasks"`
}

// Decompose splits the regret of the greedy policy after so many iterations of
// value iteration in a kept set, on every fresh task.
//
// The two terms are differences of values under the exact model of the options.
// The regret is measured without it: the optimum by actions alone, since options
// are made of actions, less the policy's value in the chain of states and
// decisions under way.
func (w *World) Decompose(ctx context.Context, k Kept, iterations int) (Decomposition, error) {
	d := Decomposition{Kept: k.Name, Size: k.Set.Size(), Decisions: w.Names(k.Set), Iterations: iterations, Tasks: make([]TaskRegret, len(w.Fresh))}
	mask, err := w.Model.Mask(k.Set)
	if err != nil {
		return d, err
	}
	err = w.each(len(w.Fresh), func(i int) error {
		p := w.Fresh[i]
		start := p.Task.Start
		all, err := p.Solve(ctx, nil)
		if err != nil {
			return err
		}
		inside, err := p.Solve(ctx, mask)
		if err != nil {
			return err
		}
		pi := p.Greedy(mask, p.Iterate(mask, iterations), false)
		value, err := p.Value(ctx, pi)
		if err != nil {
			return err
		}
		flat, err := p.FlatValue(ctx, pi)
		if err != nil {
			return err
		}
		best, err := p.Solve(ctx, w.actionRows)
		if err != nil {
			return err
		}
		d.Tasks[i] = TaskRegret{Task: p.Task.Name, Best: all[start], Pruning: all[start] - inside[start], Planning: inside[start] - value, Regret: best[start] - flat}
		return nil
	})
	if err != nil {
		return d, fmt.Errorf("decomposition: %w", err)
	}
	var pruning, planning, regret []float64
	for _, t := range d.Tasks {
		pruning, planning, regret = append(pruning, t.Pruning), append(planning, t.Planning), append(regret, t.Regret)
		d.Residual = max(d.Residual, math.Abs(t.Pruning+t.Planning-t.Regret))
	}
	d.Pruning, d.Planning, d.Regret = over(pruning), over(planning), over(regret)
	return d, nil
}
