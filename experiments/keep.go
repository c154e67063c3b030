package experiments

import (
	"context"
	"fmt"
	"slices"

	"ra3/experiments/store"
)

// stageEnds bounds the states that are kept at the ends of a branch's stages.
const stageEnds = 48

// KeepNewest makes the engine keep no states but the newest: for runs that nobody
// will fork. Looks at example traces are kept: they are small.
func (e *Engine) KeepNewest() { e.keeping = false }

// keepPosition stores, between two stages, the state that the one before has ended
// in and, where that changed models or annotations, a look
// at the example traces. It changes nothing that is computed. Where the disk
// fails the run goes on, and Unkept says so.
func (e *Engine) keepPosition(ctx context.Context) error {
	made, _ := e.Updates()
	if e.run == nil || e.st.update != 0 || e.st.stage == 0 || e.kept == made {
		return nil
	}
	var err error
	if !e.Done() {
		err = e.storeLook(ctx, made)
	}
	if ctx.Err() != nil {
		return ctx.Err() // it is done when the next update is asked for
	}
	e.kept = made
	if err == nil && e.keeping {
		err = e.Save()
	}
	e.unkept = err
	return nil
}

// Unkept is why the last state at a stage's end could not be kept, once.
func (e *Engine) Unkept() error {
	err := e.unkept
	e.unkept = nil
	return err
}

// changesLook reports whether a stage changes what a look at traces shows; before
// the sampler has started there is none.
func (s Stage) changesLook() bool {
	return slices.Contains([]string{PhaseSampler, PhaseAnnotate, PhaseE, PhaseM}, s.Phase)
}

// storeLook writes the look at example traces after made updates.
func (e *Engine) storeLook(ctx context.Context, made int) error {
	before, next := e.Plan[e.st.stage-1], e.Plan[e.st.stage]
	if !before.changesLook() || before.Seed != next.Seed {
		return nil
	}
	v, err := e.LookAtTraces(ctx, exampleTraces)
	if err != nil || v == nil {
		return err
	}
	lines := make([]viewLine, len(v.Programs))
	for i, p := range v.Programs {
		lines[i] = viewLine{v.Policy, v.Plain, p}
	}
	return store.WriteJSONL(e.run, store.LookFile(store.Look{Branch: e.branch, Update: made}), lines)
}

// keepers says which states of the branch are kept besides the newest: those at
// ends of stages, thinned, and those that branches leave from.
func (e *Engine) keepers() (func(update int) bool, error) {
	kept := map[int]bool{}
	branches, err := e.run.Branches()
	if err != nil {
		return nil, err
	}
	for _, b := range branches {
		if b.Parent == e.branch || b.Name == e.branch {
			kept[b.Update] = true
		}
	}
	if e.keeping {
		all, err := e.run.Checkpoints()
		if err != nil {
			return nil, err
		}
		ends := map[int]bool{}
		for at, i := 0, 0; i < len(e.Plan); i++ {
			at += e.Plan[i].Updates
			ends[at] = true
		}
		var have []int
		for _, c := range all {
			if c.Branch == e.branch && ends[c.Update] {
				have = append(have, c.Update)
			}
		}
		for _, update := range thin(have, stageEnds) {
			kept[update] = true
		}
	}
	return func(update int) bool { return kept[update] }, nil
}

// thin leaves at most limit of ascending positions: while there are more, every
// second one of the older half goes, so that the past grows sparse and the
// present stays dense. The first always stays.
func thin(positions []int, limit int) []int {
	out := slices.Clone(positions)
	for len(out) > limit && len(out) > 2 {
		older := len(out) / 2
		var left []int
		for i, p := range out {
			if i < older && i%2 == 1 {
				continue
			}
			left = append(left, p)
		}
		if len(left) == len(out) {
			left = slices.Delete(left, 1, 2)
		}
		out = left
	}
	return out
}

// looked is a look at example traces with the place it was taken at.
type looked struct {
	stage, update, n int
	view             *TraceView
}

// fresh reports whether the look still shows the state.
func (l looked) fresh(s *state, n int) bool {
	return l.view != nil && l.stage == s.stage && l.update == s.update && l.n == n
}

// needs checks that a state holds what a configuration asks of it.
func (e *Engine) needs() error {
	c := e.Config
	if c.RA3.Anchor > 0 && e.st.models[initialSampler] == nil && e.st.annotations != nil {
		return fmt.Errorf("ra3.anchor = %g holds the sampler to the initial one, which this run did not keep: leave from before its first annotation", c.RA3.Anchor)
	}
	return nil
}
