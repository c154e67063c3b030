package experiments

import (
	"context"
	"errors"
	"fmt"
	"math"

	"ra3/core/pocket"
	"ra3/core/trace"
)

// ceilingKs are the k of the ceilings that a run reports.
var ceilingKs = []int{1, 5, 10}

// PromptResult is what the prompts of a family's problems allow, and the
// nuisance in its programs.
type PromptResult struct {
	Seed     int              `json:"seed"`
	Family   string           `json:"family"`
	Problems []PromptMeasures `json:"problems"`
}

// PromptMeasures are one problem's.
type PromptMeasures struct {
	// Ceilings of pass@k, by the k asked for; no numbers where the prompt says
	// too little to go through what it may mean.
	Ceilings []Number `json:"ceilings"`
	Nuisance Number   `json:"nuisance"` // nats of the choices that tests do not see
}

// read measures a problem's prompt and program.
func (c corpus) read(ctx context.Context, p *trace.Program, ks []int) (PromptMeasures, error) {
	m := PromptMeasures{Ceilings: make([]Number, len(ks))}
	nats, err := c.world.Domain.NuisanceNats(c.cfg.Domain, p)
	if err != nil {
		return m, err
	}
	m.Nuisance = Number(nats)
	r, err := c.world.Domain.Read(ctx, &p.Problem)
	if err != nil && !errors.Is(err, pocket.ErrTooMany) {
		return m, err
	}
	for i, k := range ks {
		m.Ceilings[i] = Number(math.NaN())
		if err == nil {
			m.Ceilings[i] = Number(r.Ceiling(k))
		}
	}
	return m, nil
}

// readAll measures problems one after the other.
func (c corpus) readAll(ctx context.Context, ps []*trace.Program, ks []int) ([]PromptMeasures, error) {
	out := make([]PromptMeasures, len(ps))
	for i, p := range ps {
		var err error
		if out[i], err = c.read(ctx, p, ks); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readPrompts measures the problems of a family from the given one on, unless
// an earlier lane's evaluation has: they are the same for all.
func (e *Engine) readPrompts(ctx context.Context, results *Results, seed int, family string, ps []*trace.Program, from int, ks []int) error {
	r := results.prompts(seed, family)
	if len(r.Problems) > from {
		return nil
	}
	read, err := (corpus{e.World, e.Config, seed}).readAll(ctx, ps, ks)
	r.Problems = append(r.Problems, read...)
	return err
}

// prompts is the result to add problems to, made where there is none.
func (r *Results) prompts(seed int, family string) *PromptResult {
	for i := range r.Prompts {
		if p := &r.Prompts[i]; p.Seed == seed && p.Family == family {
			return p
		}
	}
	r.Prompts = append(r.Prompts, PromptResult{Seed: seed, Family: family})
	return &r.Prompts[len(r.Prompts)-1]
}

// PromptSummary is what a family's prompts allow and what its programs leave
// open, over problems.
type PromptSummary struct {
	Ceiling  map[string]Measured `json:"ceiling"`       // by "pass@k"
	Nuisance Measured            `json:"nuisance_nats"` // per program
	Read     int                 `json:"read"`          // problems a seed, fewest, that have a ceiling: the others' prompts say too little
	Problems int                 `json:"problems"`      // per seed
}

// promptSummary puts the seeds' problems of a family side by side.
func promptSummary(bySeed [][]PromptMeasures, ks []int, family string) PromptSummary {
	s := PromptSummary{Ceiling: map[string]Measured{}}
	over := func(name string, get func(PromptMeasures) Number) (Measured, int) {
		var means, items []float64
		fewest := math.MaxInt
		for _, problems := range bySeed {
			var sum float64
			n := 0
			for _, p := range problems {
				if x := float64(get(p)); !math.IsNaN(x) {
					sum, n, items = sum+x, n+1, append(items, x)
				}
			}
			if fewest = min(fewest, n); n > 0 {
				means = append(means, sum/float64(n))
			}
			s.Problems = len(problems)
		}
		return estimate(means, items, name), fewest
	}
	for i, k := range ks {
		s.Ceiling[fmt.Sprintf("pass@%d", k)], s.Read = over("ceiling/"+family, func(p PromptMeasures) Number { return p.Ceilings[i] })
	}
	s.Nuisance, _ = over("nuisance/"+family, func(p PromptMeasures) Number { return p.Nuisance })
	return s
}
