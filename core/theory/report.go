package theory

import (
	"context"
	"fmt"
	"math"
)

// Report is every number of a lab.
type Report struct {
	Settings    Settings        `json:"settings"`
	World       Size            `json:"world"`
	Regrets     []Decomposition `json:"decomposition,omitempty"`
	Pruning     []PruneCurve    `json:"pruning,omitempty"`
	Convergence []Convergence   `json:"convergence,omitempty"`
	Learning    []LearningCurve `json:"q_learning,omitempty"`
	TradeOff    *TradeOff       `json:"trade_off,omitempty"`
	Learned     *Learned        `json:"learned,omitempty"`
	Run         []Marker        `json:"run,omitempty"` // where a run of the transformer stands
	Assumptions string          `json:"bound_assumptions"`
}

// Size describes a world.
type Size struct {
	States  int      `json:"states"`
	Actions int      `json:"actions"`
	Options []string `json:"options"`
	Rows    int      `json:"rows"` // pairs of a state and a decision possible in it
	Best    Estimate `json:"best_value"`
}

// Marker is where something measured elsewhere stands: how many actions a
// decision has in effect and how long a decision lasts.
type Marker struct {
	Name     string `json:"name"`
	Lane     string `json:"lane"`
	Actions  Number `json:"effective_actions"`
	Duration Number `json:"duration"`
}

// Assumptions of the union bound, for readers of its numbers.
const Assumptions = "tasks independent and drawn alike; the experts are optimal, so that what a set loses on a demonstrated task is known; k fixed before the demonstrations (here: the largest kept set met)"

// Part is one piece of a report, computed on its own.
type Part struct {
	Name string // what is being computed, for progress
	do   func(ctx context.Context, w *World, r *Report, done func(step, steps int)) error
}

// Parts are a report's pieces, in the order of their cost.
func Parts() []Part {
	return []Part{
		{"decomposition", func(ctx context.Context, w *World, r *Report, done func(int, int)) error {
			kept, err := w.KeptSets(ctx)
			for i := 0; i < len(kept) && err == nil; i++ {
				var d Decomposition
				d, err = w.Decompose(ctx, kept[i], w.Settings.Iterations)
				r.Regrets = append(r.Regrets, d)
				done(i+1, len(kept))
			}
			return err
		}},
		{"convergence", func(ctx context.Context, w *World, r *Report, done func(int, int)) error {
			kept, err := w.KeptSets(ctx)
			for i := 0; i < len(kept) && err == nil; i++ {
				var c Convergence
				c, err = w.Converge(ctx, kept[i])
				r.Convergence = append(r.Convergence, c)
				done(i+1, len(kept))
			}
			return err
		}},
		{"Q-learning", func(ctx context.Context, w *World, r *Report, done func(int, int)) error {
			kept, err := w.KeptSets(ctx)
			for i := 0; i < len(kept) && err == nil; i++ {
				var c LearningCurve
				c, err = w.Learn(ctx, kept[i])
				r.Learning = append(r.Learning, c)
				done(i+1, len(kept))
			}
			return err
		}},
		{"pruning", func(ctx context.Context, w *World, r *Report, _ func(int, int)) (err error) {
			r.Pruning, err = w.Pruning(ctx)
			return err
		}},
		{"learned abstractions", func(ctx context.Context, w *World, r *Report, _ func(int, int)) error {
			l, err := w.Discover(ctx)
			r.Learned = &l
			return err
		}},
		{"trade-off", func(ctx context.Context, w *World, r *Report, done func(int, int)) error {
			t, err := w.Trade(ctx, done)
			r.TradeOff = &t
			return err
		}},
	}
}

// Do computes the part into r. done is told after each step of it; nil for
// nobody.
func (p Part) Do(ctx context.Context, w *World, r *Report, done func(step, steps int)) error {
	if done == nil {
		done = func(int, int) {}
	}
	if err := p.do(ctx, w, r, done); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}

// Report begins a report of the world.
func (w *World) Report() Report {
	size := Size{States: w.Model.States, Actions: w.Model.Actions, Rows: w.Model.Rows(), Best: over(w.Best)}
	for _, o := range w.Model.Options {
		size.Options = append(size.Options, o.Name)
	}
	return Report{Settings: w.Settings, World: size, Assumptions: Assumptions}
}

// Horizon is the effective horizon 1/(1-gamma^tau).
func Horizon(gamma, tau float64) float64 { return 1 / (1 - math.Pow(gamma, tau)) }
