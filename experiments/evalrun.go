package experiments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// EvalRequest says how a stored run's policies are to be sampled again. Zero
// fields take what the run itself used.
type EvalRequest struct {
	Lanes        []string // of the run's
	After        bool     // the policies after post-training
	Tasks        []string // of Tasks
	Problems     int      // a task
	Samples      int      // a problem
	K            []int    // of pass@k
	Temperatures trace.Temperatures
	// Seed draws other held-out problems and samples than the run's own: nil
	// repeats the run's, so that its own settings give its own results.
	Seed *int
}

// EvalFamily is a lane's result on one family: pass@k by k, the verdicts, and
// how bodies failed (classes: pocket.Failures).
type EvalFamily struct {
	Pass     map[int]Measured
	Verdicts map[string]int
	Failures map[string]int
	Problems int // per seed
}

// EvalResult holds the results by lane and family, and what they rest on.
type EvalResult struct {
	Lanes    map[string]map[string]EvalFamily
	Prompts  map[string]PromptSummary // by task
	Seeds    []int                    // replicates of the run
	Interval string
	Config   Config // with the request laid over it
	Long     []int  // lengths of the long tasks' programs
}

// Tasks that EvalRun knows. A plus task has the samples of the task it is named
// after, judged on plus tests as well.
var Tasks = []string{"doc", "ask", "doc-plus", "ask-plus", "doc-long", "ask-long"}

// defaultPlusTests stand in where a run measured no plus tests itself.
const defaultPlusTests = 64

// EvalRun samples the policies that a run kept at its end and judges the
// programs. Held-out problems are drawn as the engine draws them. threads 0
// means all cores; progress may be nil and is told of problems done and in all.
func EvalRun(ctx context.Context, run *store.Run, q EvalRequest, threads int, progress func(done, total int)) (res *EvalResult, err error) {
	c, err := q.over(run)
	if err != nil {
		return nil, err
	}
	if err := computable(run); err != nil {
		return nil, err
	}
	e, err := NewEngine(ctx, c, nil, threads)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	res = &EvalResult{Lanes: map[string]map[string]EvalFamily{}, Prompts: map[string]PromptSummary{}, Interval: "95% bootstrap over problems", Config: c, Long: c.Eval.LongSteps}
	if c.Seeds > 1 {
		res.Interval = "95% t-interval over seeds"
	}
	type cell struct{ lane, task string }
	trials := map[cell][][]measure.Trials{} // by seed
	var results Results                     // verdicts and failures over all seeds
	prompts := map[string][][]PromptMeasures{}
	done, total := 0, c.Seeds*len(q.Lanes)*len(q.Tasks)*c.Eval.Problems
	for i := range c.Seeds {
		seed := c.Seed + i
		res.Seeds = append(res.Seeds, seed)
		if e.st, err = endOf(run, seed, e.precision); err != nil {
			return nil, err
		}
		drawn := seed
		if q.Seed != nil {
			drawn = *q.Seed + i
		}
		for _, lane := range q.Lanes {
			name := policyOf(lane)
			if q.After {
				name = rlvrOf(lane)
			}
			m := e.st.models[name]
			if m == nil {
				return nil, fmt.Errorf("%s kept no policy %s: it was configured without it", run.Dir(), name)
			}
			if err := e.World.speaks(m); err != nil {
				return nil, fmt.Errorf("%s: %w", run.Dir(), err)
			}
			for _, task := range q.Tasks {
				sampled, plus := strings.CutSuffix(task, plusSuffix)
				family, long := strings.CutSuffix(sampled, "-long")
				ps, err := (corpus{e.World, c, drawn}).heldOut(ctx, family, long, c.Eval.Problems)
				if err != nil {
					return nil, err
				}
				stage := Stage{Seed: drawn, Lane: lane, Phase: PhaseEval}
				if q.After {
					stage.Phase = PhaseEvalRL
				}
				at := cell{lane, task}
				var all []measure.Trials
				for from := 0; from < len(ps); from += evalChunk {
					chunk := ps[from:min(len(ps), from+evalChunk)]
					a, err := e.attempt(ctx, m, lane, chunk, c.Eval.Samples, c.Eval.Temperatures, 1, stream(drawn, stage.Key()+"/pass/"+sampled, from))
					if err != nil {
						return nil, err
					}
					if plus {
						if a, err = e.plus(ctx, a); err != nil {
							return nil, err
						}
					}
					all = append(all, a.trials...)
					results.pass(0, lane, q.After, false, task).add(e.World, a)
					if done += len(chunk); progress != nil {
						progress(done, total)
					}
				}
				trials[at] = append(trials[at], all)
				if lane == q.Lanes[0] && !plus {
					read, err := (corpus{e.World, c, drawn}).readAll(ctx, ps, q.K)
					if err != nil {
						return nil, err
					}
					prompts[task] = append(prompts[task], read)
				}
			}
		}
	}
	for task, bySeed := range prompts {
		res.Prompts[task] = promptSummary(bySeed, q.K, task)
	}
	for at, bySeed := range trials {
		counts := results.pass(0, at.lane, q.After, false, at.task)
		f := EvalFamily{Pass: map[int]Measured{}, Verdicts: counts.Kinds, Failures: counts.Failures, Problems: c.Eval.Problems}
		for _, k := range q.K {
			var means, items []float64
			for _, ts := range bySeed {
				means, items = append(means, meanPass(ts, k)), append(items, measure.MeanPassAtK(ts, k)...)
			}
			f.Pass[k] = estimate(means, items, fmt.Sprintf("%s/%s/%d/%v", at.lane, at.task, k, q.After))
		}
		if res.Lanes[at.lane] == nil {
			res.Lanes[at.lane] = map[string]EvalFamily{}
		}
		res.Lanes[at.lane][at.task] = f
	}
	return res, nil
}

// speaks refuses a policy of another vocabulary.
func (w *World) speaks(m *nn.Model) error {
	if knows, has := m.Config.Vocab, w.Domain.Vocab.Size(); knows != has {
		return fmt.Errorf("its policies know %d tokens, the domain now has %d: evaluate it with the build that made it, or make the run again", knows, has)
	}
	return nil
}

// over lays the request over the run's configuration and fills in the request.
func (q *EvalRequest) over(run *store.Run) (Config, error) {
	c, err := ConfigOf(run)
	if err != nil {
		return c, err
	}
	if len(q.Lanes) == 0 {
		q.Lanes = c.Lanes
	}
	for _, l := range q.Lanes {
		if !c.Has(l) {
			return c, fmt.Errorf("%s has no lane %s: choose one of %s", run.Dir(), l, strings.Join(c.Lanes, ", "))
		}
	}
	if q.After && c.RLVR.Updates == 0 {
		return c, fmt.Errorf("%s has no post-training: evaluate it without --after", run.Dir())
	}
	if len(q.Tasks) == 0 {
		q.Tasks = Families
	}
	for _, t := range q.Tasks {
		if !slices.Contains(Tasks, t) {
			return c, fmt.Errorf("task %q is unknown: choose one of %s", t, strings.Join(Tasks, ", "))
		}
	}
	if c.Eval.PlusTests == 0 {
		c.Eval.PlusTests = defaultPlusTests
	}
	if q.Problems > 0 {
		c.Eval.Problems = q.Problems
	}
	if q.Samples > 0 {
		c.Eval.Samples = q.Samples
	}
	t := &c.Eval.Temperatures
	for _, x := range []struct {
		to   *float64
		from float64
	}{{&t.Code, q.Temperatures.Code}, {&t.Decision, q.Temperatures.Decision}, {&t.Rationale, q.Temperatures.Rationale}} {
		if x.from != 0 {
			*x.to = x.from
		}
	}
	if len(c.Eval.LongSteps) == 0 {
		// Nothing was trained for it, so a run without a choice can be asked too.
		longest := slices.Max(c.Eval.Steps)
		c.Eval.LongSteps = []int{min(8, longest+1), min(8, longest+2)}
	}
	if len(q.K) == 0 {
		q.K = []int{1, 5, 10}
	}
	for _, k := range q.K {
		if k < 1 || k > c.Eval.Samples {
			return c, fmt.Errorf("pass@%d needs at least %d samples a problem, not %d: raise --n or lower --k", k, k, c.Eval.Samples)
		}
	}
	return c, c.Validate()
}

// endOf reads the models that a run kept of a finished seed, to compute in p.
func endOf(run *store.Run, seed int, p nn.Precision) (*state, error) {
	cp, err := latest(run, fmt.Sprintf("s%d-end", seed))
	if err != nil {
		return nil, err
	}
	if cp == nil {
		return nil, fmt.Errorf("%s has not finished seed %d: go on with ra3 run --resume %s", run.Dir(), seed, run.Dir())
	}
	f, err := run.LoadCheckpoint(cp.Branch, cp.Update)
	if err != nil {
		return nil, err
	}
	st, _, err := decodeState(f, nil, p)
	return st, err
}
