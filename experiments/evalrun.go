package experiments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ra3/core/nn"
	"ra3/core/trace"
	"ra3/experiments/store"
)

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
	chosen, err := q.chosen(run, c, e.precision)
	if err != nil {
		return nil, err
	}
	var plans [][]sampling // by seed
	done, total := 0, 0
	for i := range c.Seeds {
		plan := q.samplings(c, chosen, c.Seed+i)
		for _, s := range plan {
			total += s.to - s.from
		}
		plans = append(plans, plan)
	}
	var results Results
	for i, plan := range plans {
		if e.st, err = endOf(run, q.branch(), c.Seed+i, e.precision); err != nil {
			return nil, err
		}
		drawn := c.Seed + i
		if q.Seed != nil {
			drawn = *q.Seed + i
		}
		e.seed = seedCorpus{of: drawn, heldOut: map[string][]*trace.Program{}}
		for _, s := range plan {
			if err := e.sampleAgain(ctx, s, q, &results); err != nil {
				return nil, fmt.Errorf("%s: %w", run.Dir(), err)
			}
			if done += s.to - s.from; progress != nil {
				progress(done, total)
			}
		}
	}
	return q.result(c, &results, plans), nil
}

// sampling is one unit of a lane's evaluation made again.
type sampling struct {
	evalUnit
	seed         int // of the run
	lane         string
	temperatures trace.Temperatures
	plain, plus  bool // what its samples are judged for
}

// samplings plans a seed's evaluation: tasks that share samples share a unit,
// and pass@k with k above 1 has units of its own where the lane chose other
// temperatures for it.
func (q EvalRequest) samplings(c Config, chosen *Results, seed int) []sampling {
	var plan []sampling
	for _, lane := range q.Lanes {
		one := q.heat(chosen.temperatures(c, seed, lane, false))
		many := q.heat(chosen.temperatures(c, seed, lane, true))
		for _, label := range q.sampled() {
			family, long := strings.CutSuffix(label, longSuffix)
			add := func(kind string, t trace.Temperatures) {
				for at := 0; at < c.Eval.Problems; at += evalChunk {
					u := evalUnit{kind, family, long, at, min(c.Eval.Problems, at+evalChunk)}
					plan = append(plan, sampling{u, seed, lane, t, slices.Contains(q.Tasks, label), slices.Contains(q.Tasks, plusOf(label))})
				}
			}
			add("pass", one)
			// The engine samples long problems once, for every k.
			if many != one && !long && slices.Max(q.K) > 1 {
				add("many", many)
			}
		}
	}
	return plan
}

// sampled lists the families that the tasks need samples of, each once.
func (q EvalRequest) sampled() []string {
	var labels []string
	for _, t := range q.Tasks {
		if label := strings.TrimSuffix(t, plusSuffix); !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels
}

// sampleAgain does one unit with the seed's models and problems.
func (e *Engine) sampleAgain(ctx context.Context, s sampling, q EvalRequest, r *Results) error {
	name, phase := policyOf(s.lane), PhaseEval
	if q.After {
		name, phase = rlvrOf(s.lane), PhaseEvalRL
	}
	m := e.st.models[name]
	if m == nil {
		return fmt.Errorf("it kept no policy %s: it was configured without it", name)
	}
	if err := e.World.speaks(m); err != nil {
		return err
	}
	ps, err := e.heldOut(ctx, s.family, s.long, e.Config.Eval.Problems)
	if err != nil {
		return err
	}
	ps = ps[s.from:s.to]
	a, err := e.attempt(ctx, m, s.lane, ps, e.Config.Eval.Samples, s.temperatures, 1, s.stream(Stage{Seed: e.seed.of, Lane: s.lane, Phase: phase}))
	if err != nil {
		return err
	}
	if s.plus {
		harder, err := e.plus(ctx, a)
		if err != nil {
			return err
		}
		r.pass(s.seed, s.lane, q.After, s.many(), plusOf(s.label())).add(e.World, harder)
	}
	if !s.plain {
		return nil
	}
	r.pass(s.seed, s.lane, q.After, s.many(), s.label()).add(e.World, a)
	return e.readPrompts(ctx, r, s.seed, s.label(), ps, s.from, q.K)
}

// speaks refuses a policy of another vocabulary.
func (w *World) speaks(m *nn.Model) error {
	if knows, has := m.Config.Vocab, w.Domain.Vocab.Size(); knows != has {
		return fmt.Errorf("its policies know %d tokens, the domain now has %d: evaluate it with the build that made it, or make the run again", knows, has)
	}
	return nil
}

// endOf reads the models that a branch's line kept of a finished seed, to compute
// in p.
func endOf(run *store.Run, branch string, seed int, p nn.Precision) (*state, error) {
	cp, err := seedEnd(run, branch, seed)
	if err != nil {
		return nil, err
	}
	if cp == nil {
		return nil, fmt.Errorf("%s has not finished seed %d: go on with %s", ofRun(run, branch), seed, resumeCommand(run, branch))
	}
	f, err := run.LoadCheckpoint(cp.Branch, cp.Update)
	if err != nil {
		return nil, err
	}
	st, _, err := decodeState(f, nil, p)
	return st, err
}

// seedEnd finds the checkpoint of a seed's end on a branch's line, which an older
// branch wrote where this one left later; nil while there is none.
func seedEnd(run *store.Run, branch string, seed int) (*store.Checkpoint, error) {
	name := fmt.Sprintf("s%d-end", seed)
	if branch == store.Main {
		return latest(run, name)
	}
	record, _, err := ReadRecord(run)
	if err != nil {
		return nil, err
	}
	by := ""
	for _, m := range record.Timeline(branch) {
		if m.Seed == seed {
			by = m.Branch // of its last stage, in the end
		}
	}
	if by == "" {
		return nil, nil
	}
	return latest(run, ofBranch(by, name))
}

// ofRun names a branch of a run in a message, and main by the run alone.
func ofRun(run *store.Run, branch string) string {
	if branch == store.Main {
		return run.Dir()
	}
	return "branch " + branch + " of " + run.Dir()
}

// resumeCommand is the command that goes on with a branch.
func resumeCommand(run *store.Run, branch string) string {
	text := "ra3 run --resume " + run.Dir()
	if branch != store.Main {
		text += " --branch " + branch
	}
	return text
}
