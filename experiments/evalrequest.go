package experiments

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ra3/core/nn"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// EvalRequest says how a stored run's policies are to be sampled again. Zero
// fields take what the run itself used, chosen temperatures too.
type EvalRequest struct {
	Branch       string   // whose policies; "" for main's
	Lanes        []string // of the run's; after post-training, of those it took on
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

// Tasks that EvalRun knows. A plus task has the samples of the task it is named
// after, judged on plus tests as well.
var Tasks = []string{"doc", "ask", "doc-plus", "ask-plus", "doc-long", "ask-long"}

// defaultPlusTests stand in where a run measured no plus tests itself.
const defaultPlusTests = 64

// over lays the request over the run's configuration and fills in the request.
func (q *EvalRequest) over(run *store.Run) (Config, error) {
	c, err := ConfigOfBranch(run, q.branch())
	if err != nil {
		return c, fmt.Errorf("%s: %w", run.Dir(), err)
	}
	if err := q.chooseLanes(ofRun(run, q.branch()), c); err != nil {
		return c, err
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
	c.Eval.Temperatures = q.heat(c.Eval.Temperatures)
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

// branch is whose policies are asked for.
func (q EvalRequest) branch() string { return cmp.Or(q.Branch, store.Main) }

// chooseLanes fills in the lanes: those that the run has, or has post-trained.
func (q *EvalRequest) chooseLanes(dir string, c Config) error {
	has := c.Lanes
	if q.After {
		if c.RLVR.Updates == 0 {
			return fmt.Errorf("%s has no post-training: evaluate it without --after", dir)
		}
		has = c.postTrained()
	}
	if len(q.Lanes) == 0 {
		q.Lanes = has
	}
	var once []string
	for _, l := range q.Lanes {
		switch {
		case !c.Has(l):
			return fmt.Errorf("%s has no lane %s: choose one of %s", dir, l, strings.Join(has, ", "))
		case !slices.Contains(has, l):
			return fmt.Errorf("%s did not post-train lane %s: choose one of %s, or evaluate it without --after", dir, l, strings.Join(has, ", "))
		case !slices.Contains(once, l):
			once = append(once, l)
		}
	}
	q.Lanes = once
	return nil
}

// heat lays the request's temperatures over others.
func (q EvalRequest) heat(t trace.Temperatures) trace.Temperatures {
	for _, x := range []struct {
		to   *float64
		from float64
	}{{&t.Code, q.Temperatures.Code}, {&t.Decision, q.Temperatures.Decision}, {&t.Rationale, q.Temperatures.Rationale}} {
		if x.from != 0 {
			*x.to = x.from
		}
	}
	return t
}

// chosen reads the temperatures that the lanes chose on validation problems;
// none where nothing was tried or the request sets them all.
func (q EvalRequest) chosen(run *store.Run, c Config, p nn.Precision) (*Results, error) {
	if t := q.Temperatures; len(c.Eval.Tune) == 0 || t.Code != 0 && t.Decision != 0 && t.Rationale != 0 {
		return &Results{}, nil
	}
	st := newState()
	cp, err := latest(run, q.branch())
	if err != nil {
		return nil, err
	}
	if cp != nil {
		f, err := run.LoadCheckpoint(cp.Branch, cp.Update)
		if err != nil {
			return nil, err
		}
		if st, _, err = decodeState(f, nil, p); err != nil {
			return nil, err
		}
	}
	for i := range c.Seeds {
		for _, lane := range q.Lanes {
			tried := 0
			for _, t := range st.results.Tuned {
				if t.Seed == c.Seed+i && t.Lane == lane {
					tried++
				}
			}
			if tried < len(tuneUnits(c, lane)) {
				return nil, fmt.Errorf("%s does not hold the temperatures that lane %s chose for seed %d: go on with %s, or give --temperature", ofRun(run, q.branch()), lane, c.Seed+i, resumeCommand(run, q.branch()))
			}
		}
	}
	return &st.results, nil
}
