package theory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"ra3/core/theory/mdp"
)

// TradeOff is total regret at the fixed budgets of the settings against how many
// options are kept, how long they last, and the discount.
type TradeOff struct {
	// Kept: the options that experts used most often first, with all actions and
	// without any.
	Kept []KeptPoint `json:"kept"`
	// Durations: all options cut so that they last about so long.
	Durations []DurationPoint `json:"durations"`
	Discounts []DiscountPoint `json:"discounts"`
	// Gain is the regret with actions and options less that with actions alone,
	// [durations][kept], after the budget of value iteration: negative where
	// abstraction helps. Its columns keep GainKept options.
	Gain     [][]Estimate `json:"gain"`
	GainKept []int        `json:"gain_kept"`
}

// Regret is total regret and its two terms.
type Regret struct {
	Pruning  Estimate `json:"pruning"`
	Planning Estimate `json:"planning"`
	Total    Estimate `json:"total"`
}

// KeptPoint keeps so many options.
type KeptPoint struct {
	Options int      `json:"options"`
	With    Regret   `json:"with_actions"`
	Alone   *Regret  `json:"alone,omitempty"` // without actions
	Learned Estimate `json:"q_learning"`      // regret after the budget of episodes, with actions
}

// DurationPoint cuts every option every so many steps; 0 leaves them whole.
type DurationPoint struct {
	Steps int           `json:"cut"`
	With  Convergence   `json:"with_actions"`
	Alone Convergence   `json:"alone"`
	Total Regret        `json:"regret"` // with actions
	Learn LearningCurve `json:"q_learning"`
}

// DiscountPoint is another discount in the same dynamics.
type DiscountPoint struct {
	Discount   float64     `json:"discount"`
	Primitives Convergence `json:"primitives"`
	Everything Convergence `json:"everything"`
}

var (
	cuts      = []int{1, 2, 3, 5, 8, 0}
	discounts = []float64{0.7, 0.8, 0.9, 0.95, 0.98}
)

// Trade computes the trade-off. done is told after each of its steps; nil for
// nobody.
func (w *World) Trade(ctx context.Context, done func(step, steps int)) (TradeOff, error) {
	var t TradeOff
	steps := len(cuts) + len(discounts) + 1
	at := 0
	tell := func() {
		at++
		if done != nil {
			done(at, steps)
		}
	}
	order, err := w.byUse(ctx)
	if err != nil {
		return t, err
	}
	counts := spread(len(order), 9)
	t.GainKept = spread(len(order), 5)[1:]
	if t.Kept, err = w.keeping(ctx, order, counts); err != nil {
		return t, fmt.Errorf("trade-off: options kept: %w", err)
	}
	tell()
	for _, cut := range cuts {
		p, gain, err := w.lasting(ctx, cut, order, t.GainKept)
		if err != nil {
			return t, fmt.Errorf("trade-off: duration: %w", err)
		}
		t.Durations, t.Gain = append(t.Durations, p), append(t.Gain, gain)
		tell()
	}
	for _, gamma := range discounts {
		s := w.Settings
		s.Discount, s.Tasks = gamma, min(few, s.Tasks)
		other, err := New(ctx, s, w.threads)
		if err != nil {
			return t, fmt.Errorf("trade-off: discount %g: %w", gamma, err)
		}
		p := DiscountPoint{Discount: gamma}
		if p.Primitives, err = other.Converge(ctx, Kept{Primitives, other.Actions()}); err == nil {
			p.Everything, err = other.Converge(ctx, Kept{"everything", other.Everything()})
		}
		if err != nil {
			return t, fmt.Errorf("trade-off: discount %g: %w", gamma, err)
		}
		t.Discounts = append(t.Discounts, p)
		tell()
	}
	return t, nil
}

// byUse lists the options, those that most experts of the first repeat used
// first.
func (w *World) byUse(ctx context.Context) ([]int, error) {
	demos, err := w.demos(ctx, 0, max(w.Settings.Demos, 2*few))
	if err != nil {
		return nil, err
	}
	uses := make([]int, len(w.Model.Options))
	order := make([]int, len(uses))
	for i := range order {
		order[i] = i
		for _, d := range demos[lanes-1] {
			if d.Used[w.Model.Actions+i] {
				uses[i]++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(uses[b], uses[a]) })
	return order, nil
}

// spread is up to n whole numbers from 0 to most, evenly.
func spread(most, n int) []int {
	var out []int
	for i := range n {
		if k := int(math.Round(float64(i*most) / float64(n-1))); len(out) == 0 || k > out[len(out)-1] {
			out = append(out, k)
		}
	}
	return out
}

// first is the set of the first m options of an order, with actions or without.
func (w *World) first(order []int, m int, actions bool) Set {
	s := make(Set, w.Model.Decisions())
	for z := range w.Model.Actions {
		s[z] = actions
	}
	for _, i := range order[:m] {
		s[w.Model.Actions+i] = true
	}
	return s
}

func (w *World) keeping(ctx context.Context, order, counts []int) ([]KeptPoint, error) {
	var out []KeptPoint
	for _, m := range counts {
		p := KeptPoint{Options: m}
		with := w.first(order, m, true)
		r, _, err := w.regret(ctx, w.Model, w.Fresh, with)
		if err != nil {
			return nil, err
		}
		p.With = r
		if m > 0 {
			r, _, err := w.regret(ctx, w.Model, w.Fresh, w.first(order, m, false))
			if err != nil {
				return nil, err
			}
			p.Alone = &r
		}
		l, err := w.Learn(ctx, Kept{"", with})
		if err != nil {
			return nil, err
		}
		p.Learned = l.Final
		out = append(out, p)
	}
	return out, nil
}

// regret of planning in a kept set of a model for the budget of iterations, and
// the total of each task.
func (w *World) regret(ctx context.Context, model *mdp.Model, tasks []*mdp.Problem, kept Set) (Regret, []float64, error) {
	mask, err := model.Mask(kept)
	if err != nil {
		return Regret{}, nil, err
	}
	pruning, planning, total := make([]float64, len(tasks)), make([]float64, len(tasks)), make([]float64, len(tasks))
	err = w.each(len(tasks), func(i int) error {
		p := tasks[i]
		star, err := p.Solve(ctx, mask)
		if err != nil {
			return err
		}
		value, err := p.Value(ctx, p.Greedy(mask, p.Iterate(mask, w.Settings.Iterations), false))
		if err != nil {
			return err
		}
		best := star[p.Task.Start]
		pruning[i], planning[i], total[i] = w.Best[i]-best, best-value, w.Best[i]-value
		return nil
	})
	return Regret{over(pruning), over(planning), over(total)}, total, err
}

// lasting is everything about options cut after some steps, and what keeping
// some of them gains over actions alone, paired by task.
func (w *World) lasting(ctx context.Context, cut int, order, keep []int) (DurationPoint, []Estimate, error) {
	p := DurationPoint{Steps: cut}
	options := make([]mdp.Option, len(w.Model.Options))
	for i := range options {
		options[i] = w.Model.Cut(i, cut)
	}
	model, err := mdp.NewModel(ctx, w.Model.MDP, options)
	if err != nil {
		return p, nil, err
	}
	var tasks []*mdp.Problem
	for _, f := range w.few() {
		t, err := model.Problem(f.Task)
		if err != nil {
			return p, nil, err
		}
		tasks = append(tasks, t)
	}
	with, alone := Kept{"with actions", w.Everything()}, Kept{"alone", w.first(order, len(order), false)}
	if p.With, err = w.converge(ctx, model, with, tasks); err != nil {
		return p, nil, err
	}
	if p.Alone, err = w.converge(ctx, model, alone, tasks); err != nil {
		return p, nil, err
	}
	if p.Learn, err = w.learn(ctx, model, with, tasks); err != nil {
		return p, nil, err
	}
	if p.Total, _, err = w.regret(ctx, model, tasks, with.Set); err != nil {
		return p, nil, err
	}
	_, plain, err := w.regret(ctx, model, tasks, w.Actions())
	if err != nil {
		return p, nil, err
	}
	var gain []Estimate
	for _, m := range keep {
		_, total, err := w.regret(ctx, model, tasks, w.first(order, m, true))
		if err != nil {
			return p, nil, err
		}
		diff := make([]float64, len(total))
		for i := range diff {
			diff[i] = total[i] - plain[i]
		}
		gain = append(gain, over(diff))
	}
	return p, gain, nil
}
