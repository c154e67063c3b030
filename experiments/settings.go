package experiments

import (
	"fmt"
	"slices"
	"strings"
)

// reach says what a setting acts on: the phases that read it, or none for one
// that acts through the plan alone.
type reach struct {
	phases []string
	// fixed: what has been computed depends on it as a whole (a corpus, a shape, a
	// set of problems), so it cannot change once a stage of these phases has begun.
	fixed bool
	// always: it acts on the summary, which is computed at the end.
	always bool
	never  string // why it cannot change within a run
}

var (
	everywhere    = Phases
	training      = []string{PhaseM}
	latents4      = []string{PhaseE, PhaseAnnotate, PhaseM, PhaseEval}
	heldOutPhases = []string{PhaseEval, PhaseEvalRL, PhaseRLVR}
)

// reaches lists the settings by name; a table stands for those in it that are
// not listed themselves.
var reaches = map[string]reach{
	"preset":             {never: "a run keeps its preset"},
	"seed":               {never: "a run keeps its seed: ask for fresh random numbers, or start another run"},
	"seeds":              {},
	"lanes":              {},
	"domain":             {phases: everywhere, fixed: true},
	"model":              {phases: everywhere, fixed: true},
	"model.precision":    {never: "a run keeps the precision it is computed in: start another run"},
	"base":               {phases: []string{PhasePretrain}},
	"base.source":        {phases: everywhere, fixed: true},
	"base.programs":      {phases: []string{PhasePretrain, PhaseSampler}, fixed: true},
	"base.commented":     {phases: []string{PhasePretrain, PhaseSampler}, fixed: true},
	"base.steps":         {phases: []string{PhasePretrain, PhaseSampler}, fixed: true},
	"sampler":            {phases: []string{PhaseSampler}},
	"mid":                {phases: training},
	"mid.traces":         {phases: []string{PhaseM, PhaseAnnotate, PhaseE, PhaseSampler}, fixed: true},
	"mid.steps":          {phases: []string{PhaseM, PhaseAnnotate, PhaseE, PhaseSampler}, fixed: true},
	"mid.updates":        {phases: training},
	"ra3":                {phases: []string{PhaseE}},
	"ra3.warm":           {},
	"ra3.iterations":     {},
	"ra3.e_updates":      {},
	"ra3.latents":        {phases: everywhere, fixed: true},
	"ra3.words":          {phases: everywhere, fixed: true},
	"ra3.codes":          {phases: everywhere, fixed: true},
	"ra3.posterior":      {phases: []string{PhaseSampler, PhaseAnnotate, PhaseE}, fixed: true},
	"ra3.temperature":    {phases: latents4},
	"ra3.prior":          {phases: latents4},
	"ra3.exact":          {phases: []string{PhaseAnnotate}},
	"rlvr":               {phases: []string{PhaseRLVR}},
	"rlvr.steps":         {phases: []string{PhaseRLVR}, fixed: true},
	"rlvr.mix":           {phases: []string{PhaseRLVR}, fixed: true},
	"rlvr.eval_problems": {phases: []string{PhaseRLVR}, fixed: true},
	"rlvr.eval_samples":  {phases: []string{PhaseRLVR}, fixed: true},
	"rlvr.lanes":         {},
	"rlvr.threshold":     {always: true},
	"eval":               {phases: heldOutPhases, fixed: true},
	"eval.temperatures":  {phases: []string{PhaseEval, PhaseEvalRL}, fixed: true},
	"eval.tune":          {phases: []string{PhaseTune, PhaseEval, PhaseEvalRL}, fixed: true},
	"eval.tune_problems": {phases: []string{PhaseTune, PhaseM}, fixed: true},
	"eval.after":         {},
}

// reachOf finds a setting, or the table it is in.
func reachOf(field string) (reach, bool) {
	for name := field; ; {
		if r, ok := reaches[name]; ok {
			return r, true
		}
		at := strings.LastIndexByte(name, '.')
		if at < 0 {
			return reach{}, false
		}
		name = name[:at]
	}
}

// checkChange says why a configuration cannot follow another one from a position
// on: after made updates of old's plan.
func checkChange(old, c Config, made int) error {
	changes, err := ConfigDiff(old, c)
	if err != nil {
		return err
	}
	before, err := planned(old)
	if err != nil {
		return err
	}
	after, err := planned(c)
	if err != nil {
		return err
	}
	_, stage, within := placeIn(before, made)
	if stage == len(before) {
		within = 0
	}
	if err := samePast(before, after, stage, within, changes); err != nil {
		return err
	}
	replanned := !slices.Equal(before[stage:], after[stage:])
	for _, x := range changes {
		r, ok := reachOf(x.Field)
		if !ok || r.never != "" {
			if r.never == "" {
				r.never = "it cannot change within a run"
			}
			return fmt.Errorf("%s: %s", x.Field, r.never)
		}
		begun := before[:stage]
		if within > 0 {
			begun = before[:stage+1]
		}
		if r.fixed {
			if i := slices.IndexFunc(begun, func(s Stage) bool { return slices.Contains(r.phases, s.Phase) }); i >= 0 {
				return fmt.Errorf("%s was settled when %s began: leave from update %d or before", x.Field, stageWords(before[i]), updatesIn(before[:i]))
			}
		}
		acts := r.always || replanned && len(r.phases) == 0
		for _, s := range after[stage:] {
			acts = acts || slices.Contains(r.phases, s.Phase)
		}
		if !acts {
			return fmt.Errorf("%s has no effect after update %d: %s", x.Field, made, r.where())
		}
	}
	if updatesIn(after) <= made {
		return fmt.Errorf("with these settings nothing is left to do after update %d", made)
	}
	return nil
}

// samePast checks that what has been done is what the new plan would have done.
func samePast(before, after []Stage, stage, within int, changes []Change) error {
	var fields []string
	for _, c := range changes {
		fields = append(fields, c.Field)
	}
	what := strings.Join(fields, ", ")
	for i, s := range before[:stage] {
		if i >= len(after) || after[i] != s {
			return fmt.Errorf("%s: changes the phase %s, which is done: leave from update %d or before", what, stageWords(s), updatesIn(before[:i]))
		}
	}
	if within == 0 {
		return nil
	}
	s := before[stage]
	var now Stage
	if stage < len(after) {
		now = after[stage]
	}
	updates := now.Updates
	if now.Updates = s.Updates; now != s {
		return fmt.Errorf("%s: changes the phase %s, which has begun: leave from update %d or before", what, stageWords(s), updatesIn(before[:stage]))
	}
	if updates <= within {
		return fmt.Errorf("%s: leaves no update of the phase %s after its first %d: leave from an earlier update", what, stageWords(s), within)
	}
	return nil
}

func (r reach) where() string {
	if len(r.phases) == 0 {
		return "it changes no phase that is left"
	}
	return "it acts on phases of " + strings.Join(r.phases, ", ")
}

// stageWords names a stage for reading.
func stageWords(s Stage) string {
	text := s.Lane + " " + s.Phase
	if s.Iteration > 0 {
		text += fmt.Sprintf(" (EM %d)", s.Iteration)
	}
	return fmt.Sprintf("%s of seed %d", text, s.Seed)
}
