package experiments

import (
	"maps"
	"slices"

	"ra3/core/optim"
	"ra3/experiments/store"
)

// learns names the model and the optimiser that a stage's updates change.
func (s Stage) learns(c Config) (model, optimiser string) {
	switch s.Phase {
	case PhasePretrain:
		return "base", "base"
	case PhaseSampler:
		return samplerName, samplerName
	case PhaseM:
		return s.Lane, s.Lane
	case PhaseE:
		if c.RA3.foresight() {
			return s.Lane, eStepName
		}
		return samplerName, eStepName
	case PhaseRLVR:
		return rlvrOf(s.Lane), rlvrOf(s.Lane)
	}
	return "", ""
}

// mark remembers all that an update of a stage may change and returns a
// function that puts it back, so that an update is made whole or not at all,
// whatever stops it: the context, a full disk, a panic.
func (e *Engine) mark(s Stage) (undo func()) {
	model, optimiser := s.learns(e.Config)
	var flat []float32
	if m := e.st.models[model]; m != nil {
		flat = slices.Clone(m.Params.Flat)
	}
	var opt *optim.AdamW
	if o := e.st.opts[optimiser]; o != nil {
		opt = &optim.AdamW{Settings: o.Settings, Step: o.Step, M: slices.Clone(o.M), V: slices.Clone(o.V)}
	}
	models := maps.Clone(e.st.models)
	annotations := slices.Clone(e.st.annotations)
	results := e.st.results.clone()
	records, rho := e.records, e.st.rho
	return func() {
		e.st.models = models
		if flat != nil && !slices.Equal(flat, e.st.models[model].Params.Flat) {
			copy(e.st.models[model].Params.Flat, flat)
			e.st.models[model].RefreshOn(e.threads)
		}
		if optimiser != "" {
			delete(e.st.opts, optimiser)
			if opt != nil {
				e.st.opts[optimiser] = opt
			}
		}
		e.st.annotations, e.st.results, e.st.rho = annotations, results, rho
		if e.records != records {
			e.records = records
			e.excess = true
		}
	}
}

// trim drops records that an update wrote before it was undone. It runs before
// the next records are written, when the disk may have room again.
func (e *Engine) trim() error {
	if !e.excess {
		return nil
	}
	for name, n := range map[string]int{store.SamplesFile: e.records.samples, store.VerdictsFile: e.records.verdicts} {
		if err := e.run.TruncateJSONL(name, n); err != nil {
			return err
		}
	}
	e.excess = false
	return nil
}

// clone copies what updates change in place; entries that are only ever
// appended are shared.
func (r *Results) clone() Results {
	c := *r
	c.Passes = slices.Clone(r.Passes)
	for i := range c.Passes {
		c.Passes[i].Trials = slices.Clip(c.Passes[i].Trials)
		c.Passes[i].Kinds = maps.Clone(c.Passes[i].Kinds)
		c.Passes[i].Failures = maps.Clone(c.Passes[i].Failures)
	}
	c.Prompts = slices.Clone(r.Prompts)
	for i := range c.Prompts {
		c.Prompts[i].Problems = slices.Clip(c.Prompts[i].Problems)
	}
	c.Prunes = slices.Clone(r.Prunes)
	for i := range c.Prunes {
		c.Prunes[i].Full, c.Prunes[i].Cut = slices.Clip(c.Prunes[i].Full), slices.Clip(c.Prunes[i].Cut)
	}
	c.Tuned, c.Stops = slices.Clip(r.Tuned), slices.Clip(r.Stops)
	c.Trained = slices.Clone(r.Trained)
	c.Traces, c.RLVR, c.Latents = slices.Clip(r.Traces), slices.Clip(r.RLVR), slices.Clip(r.Latents)
	return c
}
