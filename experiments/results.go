package experiments

import (
	"ra3/core/measure"
	"ra3/core/rlvr"
	"ra3/experiments/store"
)

// Results accumulates what a run has measured; it is part of every checkpoint,
// so that a resumed run ends with the same summary.
type Results struct {
	Tuned   []TuneResult   `json:"tuned,omitempty"`
	Stops   []StopResult   `json:"stops,omitempty"`
	Passes  []PassResult   `json:"passes,omitempty"`
	Prompts []PromptResult `json:"prompts,omitempty"`
	Traces  []TraceResult  `json:"traces,omitempty"`
	Prunes  []PruneResult  `json:"prunes,omitempty"`
	RLVR    []RLPoint      `json:"rlvr,omitempty"`
	Latents []LatentPoint  `json:"latents,omitempty"`
	// Tokens that each lane of each seed trained on, per phase.
	Trained []Trained `json:"trained,omitempty"`
}

// PassResult is a lane's sampled success on one family.
type PassResult struct {
	Seed  int    `json:"seed"`
	Lane  string `json:"lane"`
	After bool   `json:"after"` // post-training
	// Many marks the samples at the temperatures chosen for pass@k with k above
	// 1; there are none where nothing was chosen.
	Many   bool             `json:"many,omitempty"`
	Family string           `json:"family"`
	Trials []measure.Trials `json:"trials"` // by problem
	Kinds  map[string]int   `json:"kinds"`  // verdicts
	// Failures counts classes of bodies that did not pass.
	Failures map[string]int `json:"failures,omitempty"`
}

// add counts further problems' attempts.
func (p *PassResult) add(w *World, a *attempts) {
	p.Trials = append(p.Trials, a.trials...)
	for kind, n := range a.kinds() {
		p.Kinds[kind] += n
	}
	for class, n := range a.failures(w) {
		if p.Failures == nil {
			p.Failures = map[string]int{}
		}
		p.Failures[class] += n
	}
}

// TraceResult is a lane's reading of one family's held-out expert traces.
type TraceResult struct {
	Seed   int    `json:"seed"`
	Lane   string `json:"lane"`
	After  bool   `json:"after"`
	Family string `json:"family"`
	TraceMeasures
}

// TraceMeasures are per program means over expert traces, teacher-forced.
// For a lane that thinks, decisions and rationales are those of its sampler.
type TraceMeasures struct {
	Nats           Number `json:"nats"`            // code (and, for RA3, minus the bound)
	NatsImportance Number `json:"nats_importance"` // importance-weighted estimate; equals Nats without latents
	LogEffective   Number `json:"log_effective"`   // sum of log n95
	LogAll         Number `json:"log_all"`         // sum of log of all allowed actions
	KeptShare      Number `json:"kept_share"`
	Recall         Number `json:"recall"`  // expert's action within the n95 set
	Horizon        Number `json:"horizon"` // decisions with entropy above 0.1 nats
	HorizonCode    Number `json:"horizon_code"`
	HorizonThink   Number `json:"horizon_rationale"` // decision and rationale tokens
	EffectiveCode  Number `json:"log_effective_code"`
	EffectiveThink Number `json:"log_effective_rationale"`
	Tau            Number `json:"tau"` // mean span in lines; 0 without latents
	Programs       int    `json:"programs"`
}

// PruneResult compares sampling from the whole policy with sampling from it cut
// to its n95 sets, at temperature 1.
type PruneResult struct {
	Seed   int              `json:"seed"`
	Lane   string           `json:"lane"`
	After  bool             `json:"after"`
	Family string           `json:"family"`
	Full   []measure.Trials `json:"full"`
	Cut    []measure.Trials `json:"cut"`
}

// RLPoint is one update of post-training.
type RLPoint struct {
	Seed    int     `json:"seed"`
	Lane    string  `json:"lane"`
	Update  int     `json:"update"` // updates made when it was measured; 0 is the start
	Tokens  Number  `json:"tokens"` // sampled so far
	Reward  Number  `json:"reward"` // training reward of the update
	HeldOut *Number `json:"heldout,omitempty"`
	PassK   *Number `json:"heldout_passk,omitempty"`
	// Mix of problems' lengths after the update, where it is adaptive: the next
	// update draws by it.
	Mix rlvr.Mix `json:"mix,omitempty"`
}

// LatentPoint is the state of the latents after an annotation of the corpus.
type LatentPoint struct {
	Seed      int            `json:"seed"`
	Iteration int            `json:"iteration"`
	Measures  store.Measures `json:"measures"`
}

// Trained counts the tokens of a lane's gradient updates.
type Trained struct {
	Seed   int    `json:"seed"`
	Lane   string `json:"lane"`
	Phase  string `json:"phase"`
	Tokens Number `json:"tokens"`
}

func (r *Results) train(seed int, lane, phase string, tokens float64) float64 {
	for i := range r.Trained {
		t := &r.Trained[i]
		if t.Seed == seed && t.Lane == lane && t.Phase == phase {
			t.Tokens += Number(tokens)
			return float64(t.Tokens)
		}
	}
	r.Trained = append(r.Trained, Trained{seed, lane, phase, Number(tokens)})
	return tokens
}

// passed finds what was sampled of a lane for pass@k; nil where nothing was.
func (r *Results) passed(seed int, lane string, after bool, family string, k int) *PassResult {
	var found *PassResult
	for i := range r.Passes {
		p := &r.Passes[i]
		if p.Seed == seed && p.Lane == lane && p.After == after && p.Family == family && (found == nil || p.Many == (k > 1)) {
			found = p
		}
	}
	return found
}

// reaches reports whether pass@k can be told from the result.
func (p *PassResult) reaches(k int) bool {
	return p != nil && len(p.Trials) > 0 && p.Trials[0].N >= k
}

// pass is the result to add trials to, made where there is none.
func (r *Results) pass(seed int, lane string, after, many bool, family string) *PassResult {
	for i := range r.Passes {
		p := &r.Passes[i]
		if p.Seed == seed && p.Lane == lane && p.After == after && p.Many == many && p.Family == family {
			return p
		}
	}
	r.Passes = append(r.Passes, PassResult{Seed: seed, Lane: lane, After: after, Many: many, Family: family, Kinds: map[string]int{}})
	return &r.Passes[len(r.Passes)-1]
}

func (r *Results) prune(seed int, lane string, after bool, family string) *PruneResult {
	for i := range r.Prunes {
		p := &r.Prunes[i]
		if p.Seed == seed && p.Lane == lane && p.After == after && p.Family == family {
			return p
		}
	}
	r.Prunes = append(r.Prunes, PruneResult{Seed: seed, Lane: lane, After: after, Family: family})
	return &r.Prunes[len(r.Prunes)-1]
}
