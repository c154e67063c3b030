package experiments

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ra3/core/judge"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/score"
	"ra3/core/tasks"
	"ra3/experiments/store"
)

// FileJudge decides over programs for the problems of a file: a score.Scorer.
type FileJudge interface {
	Judge(ctx context.Context, p *tasks.Problem, source string) (score.Verdict, error)
}

// fileBatch is how many problems are sampled at once.
const fileBatch = 32

// EvalFile samples the policies that a run kept on the problems of a file and
// has the programs judged, jobs at once. A pocket policy reads the words of its
// own domain only: a prompt with others is an error that names it.
func EvalFile(ctx context.Context, run *store.Run, q EvalRequest, set *tasks.Set, j FileJudge, jobs, threads int, progress func(done, total int)) (res *EvalResult, err error) {
	q.Tasks, q.Problems = nil, 0
	c, err := q.over(run)
	if err != nil {
		return nil, err
	}
	if err := computable(run); err != nil {
		return nil, err
	}
	c.Eval.Problems = len(set.Problems)
	e, err := NewEngine(ctx, c, nil, threads)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	prompts, err := e.World.read(set)
	if err != nil {
		return nil, err
	}
	chosen, err := q.chosen(run, c, e.precision)
	if err != nil {
		return nil, err
	}
	var results Results
	plans := make([][]sampling, c.Seeds)
	f := fileEval{e: e, q: q, set: set, prompts: prompts, judge: j, jobs: jobs, results: &results}
	done, total := 0, c.Seeds*len(q.Lanes)*len(set.Problems)
	for i := range c.Seeds {
		if e.st, err = endOf(run, q.branch(), c.Seed+i, e.precision); err != nil {
			return nil, err
		}
		for _, lane := range q.Lanes {
			one, many := q.heat(chosen.temperatures(c, c.Seed+i, lane, false)), q.heat(chosen.temperatures(c, c.Seed+i, lane, true))
			for from := 0; from < len(set.Problems); from += fileBatch {
				u := evalUnit{"pass", set.File, false, from, min(len(set.Problems), from+fileBatch)}
				s := sampling{u, c.Seed + i, lane, one, true, false}
				plans[i] = append(plans[i], s)
				if err := f.sample(ctx, s); err != nil {
					return nil, fmt.Errorf("%s: %w", run.Dir(), err)
				}
				if many != one && wantsMany(q.K) {
					s.kind, s.temperatures = "many", many
					plans[i] = append(plans[i], s)
					if err := f.sample(ctx, s); err != nil {
						return nil, fmt.Errorf("%s: %w", run.Dir(), err)
					}
				}
				if done += u.to - from; progress != nil {
					progress(done, total)
				}
			}
		}
	}
	q.Tasks = []string{set.File}
	return q.result(c, &results, plans), nil
}

func wantsMany(ks []int) bool {
	for _, k := range ks {
		if k > 1 {
			return true
		}
	}
	return false
}

// read writes the prompts of a set in the world's vocabulary.
func (w *World) read(set *tasks.Set) ([][]int32, error) {
	out := make([][]int32, len(set.Problems))
	for i, p := range set.Problems {
		ids, err := w.Domain.Vocab.Encode(p.Prompt)
		if err != nil {
			return nil, fmt.Errorf("%s: the run's policies cannot read the prompt of %s (%v): a pocket policy knows the words of its own domain only; ra3 runs export --what problems writes problems in them", set.File, p.ID, err)
		}
		out[i] = ids
	}
	return out, nil
}

// fileEval is an evaluation on a file under way.
type fileEval struct {
	e       *Engine
	q       EvalRequest
	set     *tasks.Set
	prompts [][]int32
	judge   FileJudge
	jobs    int
	results *Results
}

// sample does one unit with the seed's models.
func (f *fileEval) sample(ctx context.Context, s sampling) error {
	name, phase := policyOf(s.lane), PhaseEval
	if f.q.After {
		name, phase = rlvrOf(s.lane), PhaseEvalRL
	}
	m := f.e.st.models[name]
	if m == nil {
		return fmt.Errorf("it kept no policy %s: it was configured without it", name)
	}
	if err := f.e.World.speaks(m); err != nil {
		return err
	}
	seed := s.seed
	if f.q.Seed != nil {
		seed = *f.q.Seed + s.seed - f.e.Config.Seed
	}
	rng := s.stream(Stage{Seed: seed, Lane: s.lane, Phase: phase})
	g := f.e.World.Layout.Grammar(laneOf(s.lane).format, s.temperatures)
	n := f.e.Config.Eval.Samples
	prompts := make([]nn.Prompt, s.to-s.from)
	for i := range prompts {
		prompts[i] = nn.Prompt{Tokens: f.prompts[s.from+i], Start: g.Start()}
		for range n {
			prompts[i].Seeds = append(prompts[i].Seeds, rng.Uint64())
		}
	}
	groups, err := f.e.policy.Generate(ctx, m, prompts, g, nn.GenerateOptions{MaxNew: f.e.Config.Eval.MaxTokens, TopP: 1})
	if err != nil {
		return err
	}
	programs := make([]string, 0, n*len(prompts))
	for i, group := range groups {
		p := f.set.Problems[s.from+i]
		for _, x := range group {
			text, _ := tasks.Truncate(f.e.World.Annotated(f.e.World.Layout.Parse(x.Tokens, x.Classes)), f.set.Stops)
			programs = append(programs, p.Source(text))
		}
	}
	kinds, err := f.decide(ctx, s.from, n, programs)
	if err != nil {
		return err
	}
	r := f.results.pass(s.seed, s.lane, f.q.After, s.many(), f.set.File)
	for i := range prompts {
		t := measure.Trials{N: n}
		for _, k := range kinds[i*n : (i+1)*n] {
			r.Kinds[string(k)]++
			if k == judge.Passed {
				t.Correct++
			}
		}
		r.Trials = append(r.Trials, t)
	}
	return nil
}

// decide judges programs, n to each problem from the given one on; equal ones
// once.
func (f *fileEval) decide(ctx context.Context, from, n int, programs []string) ([]judge.Kind, error) {
	type key struct {
		problem int
		text    string
	}
	first := map[key]int{}
	var distinct []int
	for i, text := range programs {
		if _, have := first[key{i / n, text}]; !have {
			first[key{i / n, text}] = i
			distinct = append(distinct, i)
		}
	}
	kinds := make([]judge.Kind, len(programs))
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(1, f.jobs) {
		wg.Go(func() {
			for i := range next {
				v, err := f.judge.Judge(run, f.set.Problems[from+i/n], programs[i])
				if err != nil {
					cancel(err)
				}
				kinds[i] = v.Kind
			}
		})
	}
	for _, i := range distinct {
		select {
		case next <- i:
		case <-run.Done():
		}
	}
	close(next)
	wg.Wait()
	for i, text := range programs {
		kinds[i] = kinds[first[key{i / n, text}]]
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return kinds, context.Cause(run)
}
