package theory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"ra3/core/measure"
	"ra3/core/theory/mdp"
)

// Convergence is how fast value iteration and Q-learning get within epsilon in
// one kept set.
type Convergence struct {
	Kept string `json:"kept"`
	// Tau is how long the decisions of the best kept policy last, in steps: mean
	// over tasks of the mean over the decisions on its way; the last one, which is
	// repeated for ever, left out.
	Tau     Estimate `json:"tau"`
	Horizon Number   `json:"effective_horizon"` // 1/(1-gamma^tau)
	// Contraction is the largest E[gamma^tau'] of any decision kept: the factor
	// that is certain. Gamma^tau with the mean Tau is certain only if all
	// decisions last so long.
	Contraction float64 `json:"contraction"`
	// Errors after n = 0, 1, ... iterations from 0: largest error of a state's
	// value, mean over tasks; and the two bounds on it.
	Errors  []Number `json:"errors"`
	Certain []Number `json:"bound_certain"` // contraction^n |V*|
	Typical []Number `json:"bound_tau"`     // gamma^(tau n) |V*|
	// Iterations until all values are within epsilon, and what the certain bound
	// asks for.
	Iterations Estimate `json:"iterations"`
	Bound      Estimate `json:"iterations_bound"`
	// Planning error of the greedy policy after At iterations, from the start; and
	// after how many of these it stays within epsilon, on the tasks where it does.
	At               []float64  `json:"planning_at"`
	Planning         []Estimate `json:"planning"`
	PolicyIterations Estimate   `json:"policy_iterations"`
}

// planned are the iterations after which policies are evaluated.
func planned() []float64 {
	var out []float64
	for n := 0; n <= curveIterations; n = max(n+1, n*5/4) {
		out = append(out, float64(n))
	}
	return out
}

// curveIterations is how far curves of value iteration go.
const curveIterations = 60

// few bounds the tasks that convergence is measured on, which needs no more.
const few = 16

func (w *World) few() []*mdp.Problem { return w.Fresh[:min(few, len(w.Fresh))] }

// Converge measures value iteration in a kept set on up to 16 fresh tasks.
func (w *World) Converge(ctx context.Context, k Kept) (Convergence, error) {
	return w.converge(ctx, w.Model, k, w.few())
}

// converge does so under a model that may have other options than the world's.
func (w *World) converge(ctx context.Context, model *mdp.Model, k Kept, tasks []*mdp.Problem) (Convergence, error) {
	mask, err := model.Mask(k.Set)
	if err != nil {
		return Convergence{}, err
	}
	c := Convergence{Kept: k.Name, Contraction: model.Contraction(mask)}
	c.At = planned()
	type result struct {
		tau, iterations, policy, bound, size float64
		planning                             []float64
	}
	results, errors := make([]result, len(tasks)), make([][]float64, len(tasks))
	err = w.each(len(tasks), func(i int) error {
		p := tasks[i]
		star, err := p.Solve(ctx, mask)
		if err != nil {
			return err
		}
		r := result{tau: tauOf(p, p.Greedy(mask, star, true)), size: slices.Max(star)}
		r.bound = math.NaN()
		if c.Contraction < 1 && r.size > 0 {
			r.bound = math.Ceil(max(0, math.Log(w.Settings.Epsilon/r.size)/math.Log(c.Contraction)))
		}
		a, err := approach(ctx, p, mask, star, c.At, w.Settings.Epsilon)
		if err != nil {
			return err
		}
		errors[i], r.iterations, r.planning = a.errors, a.within, a.planning
		r.policy = settledAt(c.At, r.planning, w.Settings.Epsilon)
		results[i] = r
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("convergence: %w", err)
	}
	var taus, iterations, policies, bounds []float64
	size := 0.0
	for _, r := range results {
		taus, iterations, bounds = append(taus, r.tau), append(iterations, r.iterations), append(bounds, r.bound)
		policies = append(policies, r.policy)
		size += r.size / float64(len(results))
	}
	c.Tau, c.Iterations, c.Bound, c.PolicyIterations = over(taus), over(iterations), over(bounds), over(policies)
	for n := range c.At {
		var errs []float64
		for _, r := range results {
			errs = append(errs, r.planning[n])
		}
		c.Planning = append(c.Planning, over(errs))
	}
	g := math.Pow(model.Gamma, float64(c.Tau.Mean))
	c.Horizon = Number(1 / (1 - g))
	for n := range curveIterations + 1 {
		mean := 0.0
		for _, e := range errors {
			mean += e[n] / float64(len(errors))
		}
		c.Errors = append(c.Errors, Number(mean))
		c.Certain, c.Typical = append(c.Certain, Number(size*math.Pow(c.Contraction, float64(n)))), append(c.Typical, Number(size*math.Pow(g, float64(n))))
	}
	return c, nil
}

// settledAt is the first of the points from which on all errors are at most
// epsilon; NaN if the last is not.
func settledAt(at, errors []float64, epsilon float64) float64 {
	first := math.NaN()
	for i := len(errors) - 1; i >= 0 && errors[i] <= epsilon; i-- {
		first = at[i]
	}
	return first
}

// approached is value iteration from values 0 on one task.
type approached struct {
	errors   []float64 // largest error after 0 to curveIterations iterations
	within   float64   // iterations until it is within epsilon
	planning []float64 // planning error after the iterations asked for
}

// approach iterates until the curves are complete and the values within epsilon.
func approach(ctx context.Context, p *mdp.Problem, mask []bool, star, at []float64, epsilon float64) (approached, error) {
	out := approached{within: -1}
	v, next := make([]float64, p.States), make([]float64, p.States)
	for n := 0; n <= curveIterations || out.within < 0; n++ {
		if n%64 == 63 && ctx.Err() != nil {
			return out, ctx.Err()
		}
		off := 0.0
		for s := range v {
			off = max(off, math.Abs(star[s]-v[s]))
		}
		if n <= curveIterations {
			out.errors = append(out.errors, off)
		}
		if out.within < 0 && off <= epsilon {
			out.within = float64(n)
		}
		if k := len(out.planning); k < len(at) && int(at[k]) == n {
			value, err := p.Value(ctx, p.Greedy(mask, v, false))
			if err != nil {
				return out, err
			}
			out.planning = append(out.planning, star[p.Task.Start]-value)
		}
		p.Backup(mask, v, next)
		v, next = next, v
	}
	return out, nil
}

// tauOf is how long the decisions of a policy last on its way from the start.
func tauOf(p *mdp.Problem, pi mdp.Policy) float64 {
	total, n := 0.0, 0.0
	for _, i := range p.Reached(pi) {
		if d := p.Duration(i); !p.Last(i) && !math.IsInf(d, 1) {
			total, n = total+d, n+1
		}
	}
	if n == 0 {
		return 1
	}
	return total / n
}

// LearningCurve is Q-learning in one kept set.
type LearningCurve struct {
	Kept     string     `json:"kept"`
	Episodes []float64  `json:"episodes"`
	Regret   []Estimate `json:"regret"` // V*(all) less the greedy policy's value, over tasks
	// Reached is the episodes until the policy is within epsilon of the best kept
	// one, of those tasks where that happened within the budget; Share is theirs.
	Reached Estimate `json:"episodes_to_epsilon"`
	Share   float64  `json:"share_reached"`
	Final   Estimate `json:"final_regret"`
}

// points on a learning curve.
const learnPoints = 20

// Learn measures Q-learning on up to 16 fresh tasks.
func (w *World) Learn(ctx context.Context, k Kept) (LearningCurve, error) {
	return w.learn(ctx, w.Model, k, w.few())
}

func (w *World) learn(ctx context.Context, model *mdp.Model, k Kept, tasks []*mdp.Problem) (LearningCurve, error) {
	out := LearningCurve{Kept: k.Name}
	mask, err := model.Mask(k.Set)
	if err != nil {
		return out, err
	}
	budget := w.Settings.Episodes
	l := mdp.Learning{Episodes: budget, Steps: 4 * w.Family.Horizon, Rate: 0.5, Explore: 0.1, Every: max(1, budget/learnPoints)}
	curves, reached := make([]mdp.Curve, len(tasks)), make([]float64, len(tasks))
	err = w.each(len(tasks), func(i int) error {
		star, err := tasks[i].Solve(ctx, mask)
		if err != nil {
			return err
		}
		enough := star[tasks[i].Task.Start] - w.Settings.Epsilon
		rng := rand.New(rand.NewPCG(uint64(w.Settings.Seed), uint64(streamLearn+i<<8)))
		if curves[i], err = tasks[i].QLearn(ctx, mask, l, math.Inf(1), rng); err != nil {
			return err
		}
		reached[i] = math.NaN()
		if at, ok := measure.FirstReach(curves[i].Episodes, curves[i].Values, enough-1e-12, 2); ok {
			reached[i] = at
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	out.Episodes = curves[0].Episodes
	for n := range out.Episodes {
		var regrets []float64
		for i, c := range curves {
			regrets = append(regrets, w.Best[i]-c.Values[n])
		}
		out.Regret = append(out.Regret, over(regrets))
	}
	out.Reached, out.Final = over(reached), out.Regret[len(out.Regret)-1]
	out.Share = float64(out.Reached.N) / float64(len(tasks))
	return out, nil
}
