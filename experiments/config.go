// Package experiments runs ra3's experiments: presets and configuration, the
// engine that advances a run one update at a time, the run directory, and the
// summary of what was found. It knows no screen.
package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ra3/core/nn"
	"ra3/core/pocket"
	"ra3/core/rlvr"
	"ra3/core/trace"
)

// Config is a resolved experiment.
type Config struct {
	Preset  string          `toml:"preset"`
	Seed    int             `toml:"seed"`    // of the first replicate; the others count up
	Seeds   int             `toml:"seeds"`   // replicates
	Lanes   []string        `toml:"lanes"`   // of LaneNames
	Domain  pocket.Settings `toml:"domain"`  //
	Model   ModelConfig     `toml:"model"`   //
	Base    BaseConfig      `toml:"base"`    // pre-training
	Sampler SamplerConfig   `toml:"sampler"` // first training of the hindsight sampler
	Mid     MidConfig       `toml:"mid"`     // mid-training, both lanes
	RA3     RA3Config       `toml:"ra3"`     // what the RA3 lane adds
	RLVR    RLVRConfig      `toml:"rlvr"`    // post-training
	Eval    EvalConfig      `toml:"eval"`    // held-out measures
}

// ModelConfig is the policy's shape and how it is computed; the vocabulary comes
// from the domain.
type ModelConfig struct {
	Dim    int `toml:"dim"`
	Layers int `toml:"layers"`
	Heads  int `toml:"heads"`
	FF     int `toml:"ff"`
	// Precision is auto, fp32 or bf16; in an engine the one that auto came to.
	Precision string `toml:"precision,omitempty"`
}

// BaseConfig says where the base policy comes from.
type BaseConfig struct {
	Source       string  `toml:"source"` // "embedded" or "train"
	Updates      int     `toml:"updates"`
	Tokens       int     `toml:"tokens"` // per update
	LearningRate float64 `toml:"learning_rate"`
	Programs     int     `toml:"programs"`
	Commented    float64 `toml:"commented"` // share of programs with rationales in their slots
	Steps        []int   `toml:"steps"`     // lengths of programs, equally often
}

// SamplerConfig is the sampler's supervised start on commented base programs.
type SamplerConfig struct {
	Updates      int     `toml:"updates"`
	Tokens       int     `toml:"tokens"`
	LearningRate float64 `toml:"learning_rate"`
	Steps        []int   `toml:"steps"` // lengths of (concatenated) commented base programs
}

// MidConfig is the budget of mid-training, equal for NTP and RA3.
type MidConfig struct {
	Traces       int     `toml:"traces"`
	Steps        []int   `toml:"steps"`
	Updates      int     `toml:"updates"`
	Tokens       int     `toml:"tokens"`
	LearningRate float64 `toml:"learning_rate"`
	ProbeEvery   int     `toml:"probe_every"` // updates between looks at validation traces
	// StopEvery is the number of updates between looks at validation problems;
	// the policy of the best look is the lane's. 0: the last policy.
	StopEvery int `toml:"stop_every"`
	// ComputeUpdates is the length of lane ntp-compute; 0 is what RA3's compute comes to.
	ComputeUpdates int `toml:"compute_updates"`
}

// RLVRConfig is post-training from every lane.
type RLVRConfig struct {
	Updates      int     `toml:"updates"`
	Steps        []int   `toml:"steps"` // lengths of problems; one listed twice is drawn twice as often
	EvalEvery    int     `toml:"eval_every"`
	EvalProblems int     `toml:"eval_problems"` // a family, held out
	EvalSamples  int     `toml:"eval_samples"`
	Threshold    float64 `toml:"threshold"` // held-out success for tokens_to_threshold
	// Lanes that are post-trained; none: those that are not controls.
	Lanes []string `toml:"lanes,omitempty"`
	// Executor that rewards come from: "starlark" (as none), or "python", CPython
	// in the sandbox's fork server.
	Executor      string `toml:"executor,omitempty"`
	rlvr.Settings        // problems, group, rounds, max_tokens, ...
}

// EvalConfig is the held-out evaluation of every lane.
type EvalConfig struct {
	// Split the problems come from: "heldout" for results, "validate" for
	// choosing settings, so that held-out problems stay unseen until reported.
	Split        string             `toml:"split"`
	Problems     int                `toml:"problems"` // a family
	Samples      int                `toml:"samples"`
	Steps        []int              `toml:"steps"`
	LongSteps    []int              `toml:"long_steps"` // longer than trained; empty: not measured
	Traces       int                `toml:"traces"`     // expert traces for nats, pruning and horizon
	MaxTokens    int                `toml:"max_tokens"`
	Temperatures trace.Temperatures `toml:"temperatures"`
	// Tune lists temperatures to try on validation problems, for every lane by
	// itself; the best for pass@1 and the best for larger k take the place of
	// Temperatures. None: nothing is tried.
	Tune         []float64 `toml:"tune"`
	TuneProblems int       `toml:"tune_problems"` // a family
	PruneSamples int       `toml:"prune_samples"` // k of the pruning error's pass@k; 0: not measured
	PlusTests    int       `toml:"plus_tests"`    // of families doc-plus and ask-plus, a problem; 0: not measured
	After        bool      `toml:"after"`         // evaluate again after post-training
}

// Families of prompts, in the order they are reported.
var Families = []string{"doc", "ask"}

// ModelShape is the policy's configuration for a domain.
func (c Config) ModelShape(d *pocket.Domain) nn.Config {
	return nn.Config{Vocab: d.Vocab.Size(), Out: d.Vocab.Size(), Dim: c.Model.Dim, Layers: c.Model.Layers, Heads: c.Model.Heads, KVHeads: c.Model.Heads,
		FF: c.Model.FF, Theta: 1e4, Eps: 1e-5, MaxPos: 768}
}

// Has reports whether a lane is run.
func (c Config) Has(lane string) bool { return slices.Contains(c.Lanes, lane) }

// postTrained lists the lanes that post-training takes on.
func (c Config) postTrained() []string {
	if len(c.RLVR.Lanes) > 0 {
		return c.RLVR.Lanes
	}
	var names []string
	for _, l := range c.Lanes {
		if !IsControl(l) {
			names = append(names, l)
		}
	}
	return names
}

// Validate names the first field out of its range.
func (c Config) Validate() error {
	for _, f := range c.ranges() {
		if math.IsNaN(f.v) || f.v < f.lo || f.v > f.hi {
			return fmt.Errorf("%s = %.10g is out of range: allowed is %.10g to %.10g", f.name, f.v, f.lo, f.hi)
		}
	}
	for _, l := range c.lists() {
		if len(l.v) == 0 && !l.empty {
			return fmt.Errorf("%s is empty: allowed are lists of lengths from %d to %d", l.name, l.lo, l.hi)
		}
		for _, v := range l.v {
			if v < l.lo || v > l.hi {
				return fmt.Errorf("%s contains %d: allowed is %d to %d", l.name, v, l.lo, l.hi)
			}
		}
	}
	allLanes := strings.Join(LaneNames(), ", ")
	for i, l := range c.Lanes {
		if slices.Contains(c.Lanes[:i], l) {
			return fmt.Errorf("lanes contains %q twice: allowed are %s, each once", l, allLanes)
		}
		if !slices.Contains(LaneNames(), l) {
			return fmt.Errorf("lanes contains %q: allowed are %s", l, allLanes)
		}
	}
	for _, l := range c.RLVR.Lanes {
		if !c.Has(l) {
			return fmt.Errorf("rlvr.lanes contains %q: allowed are those of lanes, %s", l, strings.Join(c.Lanes, ", "))
		}
	}
	for _, t := range c.Eval.Tune {
		if !(t >= 0.01 && t <= 10) {
			return fmt.Errorf("eval.tune contains %g: allowed is 0.01 to 10", t)
		}
	}
	switch {
	case c.Domain.Vague+c.Domain.Hidden > 1:
		return fmt.Errorf("domain.hidden = %g with domain.vague = %g: together they are shares of the steps, at most 1", c.Domain.Hidden, c.Domain.Vague)
	case (len(c.Eval.Tune) > 0 || c.Mid.StopEvery > 0) && c.Eval.TuneProblems < 1:
		return fmt.Errorf("eval.tune_problems = %d: eval.tune and mid.stop_every need 1 or more", c.Eval.TuneProblems)
	case len(c.Lanes) == 0:
		return fmt.Errorf("lanes is empty: allowed are %s", allLanes)
	case c.Base.Source == "embedded" && c.RA3.Words == 4:
		return fmt.Errorf("ra3.words = %d: the embedded base knows rationales of 2 words; add base.source=train", c.RA3.Words)
	case c.Base.Source != "embedded" && c.Base.Source != "train":
		return fmt.Errorf("base.source = %q: allowed are embedded, train", c.Base.Source)
	case !slices.Contains(precisions, c.Model.Precision):
		return fmt.Errorf("model.precision = %q: allowed are %s", c.Model.Precision, strings.Join(precisions, ", "))
	case !slices.Contains([]string{"", executorStarlark, executorPython}, c.RLVR.Executor):
		return fmt.Errorf("rlvr.executor = %q: allowed are %s, %s", c.RLVR.Executor, executorStarlark, executorPython)
	case c.Eval.Split != "heldout" && c.Eval.Split != "validate":
		return fmt.Errorf("eval.split = %q: allowed are heldout, validate", c.Eval.Split)
	case c.Model.Dim%c.Model.Heads != 0 || c.Model.Dim/c.Model.Heads%2 != 0:
		return fmt.Errorf("model.dim = %d: allowed are even multiples of model.heads = %d", c.Model.Dim, c.Model.Heads)
	case c.RA3.Warm > c.Mid.Updates:
		return fmt.Errorf("ra3.warm = %d is out of range: allowed is 0 to mid.updates = %d", c.RA3.Warm, c.Mid.Updates)
	}
	if err := c.RLVR.Settings.Validate(); err != nil {
		return fmt.Errorf("rlvr.%w", err)
	}
	return c.RA3.validate()
}
