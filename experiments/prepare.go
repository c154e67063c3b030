package experiments

import (
	"context"
	"fmt"
	"slices"

	"ra3/core/checkpoint"
	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/trace"
)

// prepare makes what a stage needs before its first update: the seed's
// programs and the models the stage starts from. It is repeatable.
func (e *Engine) prepare(ctx context.Context, s Stage) error {
	if !e.seed.ready || e.seed.of != s.Seed {
		if err := e.prepareSeed(ctx, s.Seed); err != nil {
			return err
		}
	}
	ms := e.st.models
	if ms["base"] == nil {
		if err := e.startBase(s.Seed); err != nil {
			return err
		}
	}
	if ms[samplerName] == nil && s.Phase != PhasePretrain && !e.Config.RA3.foresight() {
		q, err := latent.NewSampler(ms["base"], e.World.Layout, e.World.Inventory.K(), stream(s.Seed, "sampler/init", 0))
		if err != nil {
			return err
		}
		ms[samplerName] = q.Model
	}
	if (s.Phase == PhaseM || s.Phase == PhaseE) && ms[s.Lane] == nil {
		ms[s.Lane] = ms["base"].Clone()
	}
	if s.Phase == PhaseRLVR && ms[rlvrOf(s.Lane)] == nil {
		ms[rlvrOf(s.Lane)] = ms[policyOf(s.Lane)].Clone()
	}
	return nil
}

func (e *Engine) prepareSeed(ctx context.Context, seed int) error {
	c := corpus{e.World, e.Config, seed}
	sc := seedCorpus{of: seed, ready: true, heldOut: map[string][]*trace.Program{}}
	var err error
	if s := e.Plan[e.st.stage]; s.Phase == PhasePretrain || s.Phase == PhaseSampler && e.World.Worded() {
		if sc.base, err = c.base(ctx); err != nil {
			return err
		}
		for i := range sc.base {
			sc.commented = append(sc.commented, c.commented(i))
		}
	}
	if sc.mid, err = c.mid(ctx); err != nil {
		return err
	}
	if sc.validation, err = c.validation(ctx); err != nil {
		return err
	}
	e.seed = sc
	return nil
}

// startBase makes the seed's base policy: a random one to pre-train, or the
// embedded one with its sampler. Codes are added to either as random rows, from a
// stream of their own, so that the base is otherwise that of a run with phrases.
func (e *Engine) startBase(seed int) error {
	shape := e.Config.ModelShape(e.World.Domain)
	var base, sampler *nn.Model
	var err error
	if e.Config.Base.Source == "train" {
		plain := shape
		plain.Vocab, plain.Out = plain.Vocab-e.World.codes, plain.Out-e.World.codes
		if base, err = nn.NewRandom(plain, stream(seed, "base/init", 0)); err == nil {
			err = base.SetPrecision(e.precision)
		}
	} else {
		base, sampler, err = EmbeddedBase(e.World, shape, e.precision)
	}
	if err == nil && !e.World.Worded() {
		base, err = base.Extend(e.World.codes, stream(seed, "codes/init", 0))
		sampler = nil // it chooses among phrases
	}
	if err != nil {
		return err
	}
	e.st.models["base"] = base
	if sampler != nil {
		e.st.models[samplerName] = sampler
	}
	return nil
}

// clustersOf gives the annotation of the mid-training corpus that codes start
// from, computed once.
func (e *Engine) clustersOf(ctx context.Context) ([]trace.Annotation, error) {
	if e.seed.clusters == nil {
		as, err := latent.Cluster(ctx, e.st.models["base"], e.policy, e.World.Layout, e.seed.mid, e.World.codes, stream(e.seed.of, "codes/clusters", 0))
		if err != nil {
			return nil, err
		}
		e.seed.clusters = as
	}
	return e.seed.clusters, nil
}

// heldOut returns the first n held-out programs of a family.
func (e *Engine) heldOut(ctx context.Context, family string, long bool, n int) ([]*trace.Program, error) {
	key := fmt.Sprintf("%s/%v", family, long)
	if len(e.seed.heldOut[key]) < n {
		ps, err := (corpus{e.World, e.Config, e.seed.of}).heldOut(ctx, family, long, n)
		if err != nil {
			return nil, err
		}
		e.seed.heldOut[key] = ps
	}
	return e.seed.heldOut[key][:n], nil
}

// keepStage stores what a later look might want of a stage that ends: policy
// and sampler after an EM iteration, all models at a seed's end.
func (e *Engine) keepStage(s Stage) error {
	switch {
	case e.lastOfSeed(s):
		return e.keep(fmt.Sprintf("s%d-end", s.Seed), true)
	case s.Phase == PhaseM && s.Lane == "ra3":
		return e.keep(fmt.Sprintf("s%d-em%02d", s.Seed, s.Iteration), false)
	}
	return nil
}

// lastOfSeed reports whether the stage under way, s, is its seed's last.
func (e *Engine) lastOfSeed(s Stage) bool {
	return e.st.stage == len(e.Plan)-1 || e.Plan[e.st.stage+1].Seed != s.Seed
}

// leaveStage drops what no later stage needs, after s has ended.
func (e *Engine) leaveStage(s Stage) {
	switch {
	case s.Phase == PhasePretrain:
		delete(e.st.opts, "base")
	case s.Phase == PhaseSampler:
		delete(e.st.opts, samplerName)
		e.seed.base, e.seed.commented = nil, nil
	case s.Phase == PhaseRLVR:
		delete(e.st.opts, rlvrOf(s.Lane))
	case e.endsTraining(s):
		delete(e.st.opts, s.Lane)
		e.st.takeBest(s.Lane)
		if s.Lane == "ra3" {
			delete(e.st.opts, eStepName)
		}
	}
	if !e.Done() && e.Plan[e.st.stage].Seed != s.Seed {
		e.st.models = map[string]*nn.Model{}
		e.st.opts = map[string]*optim.AdamW{}
		e.st.annotations, e.st.rho = nil, 0
	}
}

// endsTraining reports whether the stage that has ended was its lane's last of
// mid-training.
func (e *Engine) endsTraining(s Stage) bool {
	trains := func(s Stage) bool { return s.Phase == PhaseM || s.Phase == PhaseE }
	return trains(s) && !slices.ContainsFunc(e.Plan[e.st.stage:], func(later Stage) bool {
		return later.Seed == s.Seed && later.Lane == s.Lane && trains(later)
	})
}

// keep stores models for later looks: all of a seed's at its end, policy and
// sampler after an EM iteration.
func (e *Engine) keep(name string, all bool) error {
	if e.run == nil {
		return nil
	}
	part := newState()
	for n, m := range e.st.models {
		if all || n == "ra3" || n == samplerName {
			part.models[n] = m
		}
	}
	f, err := part.encode(stateMeta{Seq: e.seq + 1})
	if err != nil {
		return err
	}
	made, _ := e.Updates()
	return e.run.SaveCheckpoint(e.ofBranch(name), made+1, f, checkpoint.F32) // the update under way included
}
