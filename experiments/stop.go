package experiments

import (
	"context"

	"ra3/core/trace"
)

// stopSamples is how many bodies a problem is answered with at a look for the
// best stop.
const stopSamples = 4

// StopResult is a lane's success on validation problems during mid-training.
type StopResult struct {
	Seed   int    `json:"seed"`
	Lane   string `json:"lane"`
	Update int    `json:"update"` // mid-training updates made
	Pass1  Number `json:"pass@1"`
}

// bestOf names the policy of a lane's best look so far.
func bestOf(lane string) string { return "best-" + lane }

// look measures a lane in mid-training on the validation problems that
// temperatures are chosen on, and keeps its policy if it was never better: the
// budget is equal for all lanes, how much of it serves is each lane's own.
func (e *Engine) look(ctx context.Context, s Stage, update int) (float64, error) {
	ps, err := e.tuneProblems(ctx, s.Seed)
	if err != nil {
		return 0, err
	}
	m := e.st.models[s.Lane]
	a, err := e.attempt(ctx, m, s.Lane, ps, stopSamples, e.Config.Eval.Temperatures, 1, stream(s.Seed, s.Lane+"/stop", 0))
	if err != nil {
		return 0, err
	}
	now := StopResult{s.Seed, s.Lane, update, Number(a.rate())}
	if best := e.st.results.stop(s.Seed, s.Lane); best == nil || now.Pass1 > best.Pass1 {
		e.st.models[bestOf(s.Lane)] = m.Clone()
	}
	e.st.results.Stops = append(e.st.results.Stops, now)
	return float64(now.Pass1), nil
}

// stop is a lane's best look, the first of equals; nil where none was taken.
func (r *Results) stop(seed int, lane string) *StopResult {
	var best *StopResult
	for i := range r.Stops {
		if s := &r.Stops[i]; s.Seed == seed && s.Lane == lane && (best == nil || s.Pass1 > best.Pass1) {
			best = s
		}
	}
	return best
}

// takeBest puts the policy of the best look in a lane's place.
func (s *state) takeBest(lane string) {
	if m := s.models[bestOf(lane)]; m != nil {
		s.models[lane] = m
		delete(s.models, bestOf(lane))
	}
}

// tuneProblems are the validation problems of a seed that choices are made on.
func (e *Engine) tuneProblems(ctx context.Context, seed int) ([]*trace.Program, error) {
	if e.seed.tune == nil {
		ps, err := (corpus{e.World, e.Config, seed}).tuneProblems(ctx)
		if err != nil {
			return nil, err
		}
		e.seed.tune = ps
	}
	return e.seed.tune, nil
}
