package experiments

import (
	"context"
	"math/rand/v2"

	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/trace"
)

// evaluate does one unit of a lane's held-out evaluation on a named model.
func (e *Engine) evaluate(ctx context.Context, s Stage, update int, model string, after bool) (map[string]float64, error) {
	u := evalUnits(e.Config, after)[update]
	ps, err := e.heldOut(ctx, u.family, u.long, max(u.to, e.Config.Eval.Problems, e.Config.Eval.Traces))
	if err != nil {
		return nil, err
	}
	m := e.st.models[model]
	switch ps = ps[u.from:u.to]; u.kind {
	case "traces":
		return e.evaluateTraces(ctx, s, u, m, ps, after)
	case "prune":
		return e.evaluatePruning(ctx, s, u, m, ps, after)
	}
	return e.evaluatePass(ctx, s, u, m, ps, after)
}

// longSuffix marks a family of problems longer than trained.
const longSuffix = "-long"

// many tells sampling for pass@k with k above 1.
func (u evalUnit) many() bool { return u.kind == "many" }

// label is the family as results name it.
func (u evalUnit) label() string {
	if u.long {
		return u.family + longSuffix
	}
	return u.family
}

// stream names the unit's random numbers within a stage; evaluations made again
// use the same.
func (u evalUnit) stream(s Stage) *rand.Rand {
	return stream(s.Seed, s.Key()+"/"+u.kind+"/"+u.label(), u.from)
}

func (e *Engine) evaluateTraces(ctx context.Context, s Stage, u evalUnit, m *nn.Model, ps []*trace.Program, after bool) (map[string]float64, error) {
	t, err := e.traceMeasures(ctx, m, ps, laneOf(s.Lane), u.stream(s))
	if err != nil {
		return nil, err
	}
	e.st.results.Traces = append(e.st.results.Traces, TraceResult{s.Seed, s.Lane, after, u.label(), t})
	return t.measures(), nil
}

// evaluatePruning samples from the whole policy and, with the same seeds, from
// it cut to its n95 sets.
func (e *Engine) evaluatePruning(ctx context.Context, s Stage, u evalUnit, m *nn.Model, ps []*trace.Program, after bool) (map[string]float64, error) {
	n := e.Config.Eval.PruneSamples
	full, err := e.attempt(ctx, m, s.Lane, ps, n, trace.Unit(), 1, u.stream(s))
	if err != nil {
		return nil, err
	}
	cut, err := e.attempt(ctx, m, s.Lane, ps, n, trace.Unit(), measure.EffectiveMass, u.stream(s))
	if err != nil {
		return nil, err
	}
	r := e.st.results.prune(s.Seed, s.Lane, after, u.label())
	r.Full, r.Cut = append(r.Full, full.trials...), append(r.Cut, cut.trials...)
	return map[string]float64{"pass@1_full": full.rate(), "pass@1_cut": cut.rate()}, nil
}

// evaluatePass samples and judges for pass@k, and keeps the samples.
func (e *Engine) evaluatePass(ctx context.Context, s Stage, u evalUnit, m *nn.Model, ps []*trace.Program, after bool) (map[string]float64, error) {
	results, many, label := &e.st.results, u.many(), u.label()
	t := results.temperatures(e.Config, s.Seed, s.Lane, many)
	plus := e.Config.Eval.PlusTests > 0 && !u.long
	if many && t == results.temperatures(e.Config, s.Seed, s.Lane, false) {
		// One setting is best for both: the samples are already there.
		results.share(s.Seed, s.Lane, after, label, u)
		if plus {
			results.share(s.Seed, s.Lane, after, plusOf(label), u)
		}
		return map[string]float64{"problems": float64(u.to)}, nil
	}
	a, err := e.attempt(ctx, m, s.Lane, ps, e.Config.Eval.Samples, t, 1, u.stream(s))
	if err != nil {
		return nil, err
	}
	if err := e.record(s, many, a); err != nil {
		return nil, err
	}
	var harder *attempts
	if plus {
		if harder, err = e.plus(ctx, a); err != nil {
			return nil, err
		}
	}
	if !after && !many {
		if err := e.readPrompts(ctx, results, s.Seed, label, ps, u.from, ceilingKs); err != nil {
			return nil, err
		}
	}
	r := results.pass(s.Seed, s.Lane, after, many, label)
	r.add(e.World, a)
	out := map[string]float64{"unfinished": float64(a.unfinished()) / float64(len(a.texts)), "problems": float64(len(r.Trials)), "pass@1": meanPass(r.Trials, 1)}
	if plus {
		r := results.pass(s.Seed, s.Lane, after, many, plusOf(label))
		r.add(e.World, harder)
		out["pass@1_plus"] = meanPass(r.Trials, 1)
	}
	return out, nil
}

// share takes a unit's problems as sampled for pass@1 for larger k too.
func (r *Results) share(seed int, lane string, after bool, family string, u evalUnit) {
	done := r.pass(seed, lane, after, false, family).Trials[u.from:u.to]
	many := r.pass(seed, lane, after, true, family)
	many.Trials = append(many.Trials, done...)
}
