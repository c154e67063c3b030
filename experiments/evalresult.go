package experiments

import (
	"fmt"
	"slices"

	"ra3/core/measure"
	"ra3/core/trace"
)

// EvalFamily is a lane's result on one family: pass@k by k, the verdicts, and
// how bodies failed (classes: pocket.Failures).
type EvalFamily struct {
	Pass     map[int]Measured
	Verdicts map[string]int
	Failures map[string]int
	Problems int // per seed
}

// EvalSetting is what one seed of a lane was sampled at.
type EvalSetting struct {
	Seed int  `json:"seed"`           // of the run
	Many bool `json:"many,omitempty"` // for pass@k with k above 1
	trace.Temperatures
}

// EvalResult holds the results by lane and family, and what they rest on.
type EvalResult struct {
	Lanes map[string]map[string]EvalFamily
	// Settings[lane]: the temperatures it was sampled at.
	Settings map[string][]EvalSetting
	Prompts  map[string]PromptSummary // by task
	Seeds    []int                    // replicates of the run
	Interval string
	Config   Config // with the request laid over it
	Long     []int  // lengths of the long tasks' programs
}

// result puts together what was sampled, as a run's summary does.
func (q EvalRequest) result(c Config, r *Results, plans [][]sampling) *EvalResult {
	res := &EvalResult{Lanes: map[string]map[string]EvalFamily{}, Settings: map[string][]EvalSetting{}, Prompts: map[string]PromptSummary{}, Config: c, Long: c.Eval.LongSteps}
	res.Interval = "95% bootstrap over problems"
	if c.Seeds > 1 {
		res.Interval = "95% t-interval over seeds"
	}
	for i, plan := range plans {
		res.Seeds = append(res.Seeds, c.Seed+i)
		for _, s := range plan {
			set := EvalSetting{s.seed, s.many(), s.temperatures}
			if !slices.Contains(res.Settings[s.lane], set) {
				res.Settings[s.lane] = append(res.Settings[s.lane], set)
			}
		}
	}
	for _, lane := range q.Lanes {
		res.Lanes[lane] = map[string]EvalFamily{}
		for _, task := range q.Tasks {
			res.Lanes[lane][task] = q.family(c, r, lane, task)
		}
	}
	prompts := map[string][][]PromptMeasures{}
	for _, p := range r.Prompts {
		prompts[p.Family] = append(prompts[p.Family], p.Problems)
	}
	for family, bySeed := range prompts {
		res.Prompts[family] = promptSummary(bySeed, q.K, family)
	}
	return res
}

// family is one lane's result on one task.
func (q EvalRequest) family(c Config, r *Results, lane, task string) EvalFamily {
	f := EvalFamily{Pass: map[int]Measured{}, Verdicts: map[string]int{}, Failures: map[string]int{}, Problems: c.Eval.Problems}
	for _, k := range q.K {
		var means, items []float64
		for i := range c.Seeds {
			ts := r.passed(c.Seed+i, lane, q.After, task, k).Trials
			means, items = append(means, meanPass(ts, k)), append(items, measure.MeanPassAtK(ts, k)...)
		}
		f.Pass[k] = estimate(means, items, fmt.Sprintf("%s/%s/%d/%v", lane, task, k, q.After))
	}
	for i := range c.Seeds {
		p := r.passed(c.Seed+i, lane, q.After, task, 1)
		for kind, n := range p.Kinds {
			f.Verdicts[kind] += n
		}
		for class, n := range p.Failures {
			f.Failures[class] += n
		}
	}
	return f
}
