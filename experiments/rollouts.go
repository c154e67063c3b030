package experiments

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ra3/core/judge"
	"ra3/core/pocket"
	"ra3/core/token"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// Problems finds a run's problems again by the names that its records use. They
// are drawn anew, as they were for the run.
type Problems struct {
	world *World
	cfg   Config
	drawn map[string]*trace.Program
}

// ProblemsOf prepares to find a run's problems.
func ProblemsOf(run *store.Run) (*Problems, error) {
	c, err := ConfigOf(run)
	if err != nil {
		return nil, err
	}
	w, err := newWorld(c.RA3)
	if err != nil {
		return nil, err
	}
	return &Problems{w, c, map[string]*trace.Program{}}, nil
}

// Vocab is the vocabulary that prompts and programs are written in.
func (ps *Problems) Vocab() *token.Vocab { return ps.world.Domain.Vocab }

// ByID draws the problem with that name again.
func (ps *Problems) ByID(id string) (*trace.Program, error) {
	if p := ps.drawn[id]; p != nil {
		return p, nil
	}
	parts := strings.Split(id, "/")
	if len(parts) != 4 {
		return nil, fmt.Errorf("%q is no problem's name", id)
	}
	name, family := parts[0], parts[1]
	seed, serr := strconv.Atoi(parts[2])
	i, ierr := strconv.Atoi(parts[3])
	if serr != nil || ierr != nil || i < 0 || !slices.Contains(Families, family) {
		return nil, fmt.Errorf("%q is no problem's name", id)
	}
	split, steps := pocket.HeldOut, ps.cfg.Eval.Steps
	base, long := strings.CutSuffix(name, longSuffix)
	if long {
		steps = ps.cfg.Eval.LongSteps
	}
	families, at := []string{family}, i
	switch base {
	case "eval-heldout":
	case "eval-validate":
		split = pocket.Validate
	case "mid":
		split, steps, families = pocket.Mid, ps.cfg.Mid.Steps, Families
	default:
		return nil, fmt.Errorf("problem %q is of a kind that is not kept", id)
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("problem %q: the run has no such lengths", id)
	}
	q := pocket.Request{Split: split, Steps: steps[at/len(families)%len(steps)], Family: family}
	p, err := ps.world.Domain.Draw(stream(seed, "corpus/"+name+"/"+family, i), ps.cfg.Domain, q)
	if err != nil {
		return nil, fmt.Errorf("problem %q: %w", id, err)
	}
	p.ID = id
	ps.drawn[id] = &p
	return &p, nil
}

// Rollout is a sampled program of a run with its problem and verdict.
type Rollout struct {
	SampleRecord
	Verdict judge.Verdict
	Program *trace.Program // the problem, with the expert's program
}

// Rollouts calls f with every sample of a run that has a verdict, in the order
// they were made.
func Rollouts(ctx context.Context, run *store.Run, ps *Problems, f func(*Rollout) error) error {
	var verdicts []VerdictRecord
	if err := store.EachJSONL(run, store.VerdictsFile, func(v VerdictRecord) error {
		verdicts = append(verdicts, v)
		return ctx.Err()
	}); err != nil {
		return err
	}
	n := 0
	return store.EachJSONL(run, store.SamplesFile, func(s SampleRecord) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n == len(verdicts) {
			return nil // judged and not yet written
		}
		v := verdicts[n]
		n++
		if v.Seed != s.Seed || v.Lane != s.Lane || v.Phase != s.Phase || v.Problem != s.Problem || v.Sample != s.Sample || v.Many != s.Many {
			return fmt.Errorf("%s line %d is of another sample than that of %s: the files were changed", store.VerdictsFile, n, store.SamplesFile)
		}
		p, err := ps.ByID(s.Problem)
		if err != nil {
			return err
		}
		return f(&Rollout{s, v.Verdict, p})
	})
}
