package experiments

import (
	"context"

	"ra3/core/trace"
)

// tuneUnits lists the temperatures tried for a lane on validation problems, one
// an update: of code alone, and where the lane thinks of code and rationales
// apart (decisions share the rationales').
func tuneUnits(c Config, lane string) []trace.Temperatures {
	var out []trace.Temperatures
	for _, code := range c.Eval.Tune {
		if laneOf(lane).format != trace.Slotted {
			out = append(out, trace.Temperatures{Code: code, Decision: code, Rationale: code})
			continue
		}
		for _, rationale := range c.Eval.Tune {
			out = append(out, trace.Temperatures{Code: code, Decision: rationale, Rationale: rationale})
		}
	}
	return out
}

// TuneResult is a lane's success on validation problems at one setting of the
// temperatures.
type TuneResult struct {
	Seed         int                `json:"seed"`
	Lane         string             `json:"lane"`
	Temperatures trace.Temperatures `json:"temperatures"`
	Pass1        Number             `json:"pass@1"`
	PassMany     Number             `json:"pass_many"` // pass@k with k the number of samples
}

// tune tries one setting on validation problems of both families.
func (e *Engine) tune(ctx context.Context, s Stage, update int) (map[string]float64, error) {
	c := e.Config.Eval
	ps, err := e.tuneProblems(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	t := tuneUnits(e.Config, s.Lane)[update]
	// The same samples' seeds at every setting, so that settings are paired.
	a, err := e.attempt(ctx, e.st.models[policyOf(s.Lane)], s.Lane, ps, c.Samples, t, 1, stream(s.Seed, s.Key(), 0))
	if err != nil {
		return nil, err
	}
	r := TuneResult{s.Seed, s.Lane, t, Number(a.rate()), Number(meanPass(a.trials, c.Samples))}
	e.st.results.Tuned = append(e.st.results.Tuned, r)
	return map[string]float64{"tune_code": t.Code, "tune_rationale": t.Rationale, "validate_pass@1": float64(r.Pass1), "validate_pass_many": float64(r.PassMany)}, nil
}

// temperatures of a lane's evaluation: for pass@1, or for larger k. They are
// those that did best on validation problems (the first of equals), or the
// configured ones where none were tried.
func (r *Results) temperatures(c Config, seed int, lane string, many bool) trace.Temperatures {
	best, found := Number(-1), c.Eval.Temperatures
	for _, t := range r.Tuned {
		if t.Seed != seed || t.Lane != lane {
			continue
		}
		value := t.Pass1
		if many {
			value = t.PassMany
		}
		if value > best {
			best, found = value, t.Temperatures
		}
	}
	return found
}
