// Package experiments runs ra3's experiments: presets and configuration, the
// engine that advances a run one update at a time, the run directory, and the
// summary of what was found. It knows no screen.
package experiments

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"ra3/core/nn"
	"ra3/core/pocket"
	"ra3/core/rlvr"
	"ra3/core/trace"
	"ra3/fixtures"
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
	Lanes         []string `toml:"lanes,omitempty"`
	rlvr.Settings          // problems, group, rounds, max_tokens, ...
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

// Presets lists the names of the embedded presets.
func Presets() []string { return fixtures.PresetNames() }

// Resolve builds a configuration from a preset, an optional TOML document over
// it, and settings of the form field=value (fields as in run.toml, a.b).
func Resolve(preset string, document []byte, settings []string) (Config, error) {
	var c Config
	// A document may name the preset it builds on.
	if preset == "" && len(document) > 0 {
		var head struct {
			Preset string `toml:"preset"`
		}
		if _, err := toml.Decode(string(document), &head); err != nil {
			return c, fmt.Errorf("configuration: %s", oneLine(err))
		}
		preset = head.Preset
	}
	if preset == "" {
		preset = "quick"
	}
	raw, ok := fixtures.Preset(preset)
	if !ok {
		return c, fmt.Errorf("preset %q is unknown: choose one of %s", preset, strings.Join(Presets(), ", "))
	}
	if err := decode(&c, raw); err != nil {
		return c, fmt.Errorf("preset %s: %w", preset, err)
	}
	if len(document) > 0 {
		if err := decode(&c, document); err != nil {
			return c, fmt.Errorf("configuration: %w", err)
		}
	}
	for _, s := range settings {
		s = strings.TrimSpace(s)
		field, value, ok := strings.Cut(s, "=")
		switch {
		case !ok || field == "" || strings.ContainsAny(s, "\n\r"):
			return c, fmt.Errorf("--set %q: want field=value, as in mid.updates=100", s)
		case strings.TrimSpace(field) == "preset":
			return c, fmt.Errorf("--set %s: a preset is chosen by --preset", s)
		}
		if err := decode(&c, []byte(assignment(field, value))); err != nil {
			return c, fmt.Errorf("--set %s: %w", s, err)
		}
	}
	c.Preset = preset
	if err := c.Validate(); err != nil {
		return c, err
	}
	return c, c.unusedBase()
}

// unusedBase refuses settings of a pre-training that does not take place.
func (c Config) unusedBase() error {
	if c.Base.Source != "embedded" {
		return nil
	}
	raw, _ := fixtures.Preset("base")
	var made Config
	if err := decode(&made, raw); err != nil {
		return fmt.Errorf("preset base: %w", err)
	}
	made.Base.Source = c.Base.Source
	if c.startsSampler() { // in codes
		made.Sampler = c.Sampler
	}
	if !reflect.DeepEqual(c.Base, made.Base) || !reflect.DeepEqual(c.Sampler, made.Sampler) {
		return errors.New("settings of base and sampler have no effect on the embedded base: add base.source=train to pre-train one with them")
	}
	return nil
}

// assignment writes one setting as a TOML document; a value that is not TOML by
// itself is taken as a string.
func assignment(field, value string) string {
	var probe map[string]any
	if _, err := toml.Decode("x = "+value, &probe); err != nil {
		value = fmt.Sprintf("%q", value)
	}
	return field + " = " + value
}

// decode lays a TOML document over c and refuses fields it does not know.
func decode(c *Config, raw []byte) error {
	meta, err := toml.Decode(string(raw), c)
	if err != nil {
		return errors.New(oneLine(err))
	}
	// Each run file ends in a [run] table that belongs to the store.
	for _, key := range meta.Undecoded() {
		if key[0] != "run" {
			return fmt.Errorf("unknown field %s: see run.toml of a run, or the presets, for the fields there are", key)
		}
	}
	return nil
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// TOML writes the configuration as a document that Resolve reads.
func (c Config) TOML() ([]byte, error) {
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(c); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return b.Bytes(), nil
}

// fingerprint tells configurations apart that compute different things. That of
// fp32 is without it, as when there was nothing else.
func (c Config) fingerprint() string {
	if c.Model.Precision == nn.FP32.String() {
		c.Model.Precision = ""
	}
	raw, err := c.TOML()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw))
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
	case c.Base.Source == "embedded" && (c.RA3.Words == 1 || c.RA3.Words == 4):
		return fmt.Errorf("ra3.words = %d: the embedded base knows rationales of 2 words; add base.source=train", c.RA3.Words)
	case c.Base.Source != "embedded" && c.Base.Source != "train":
		return fmt.Errorf("base.source = %q: allowed are embedded, train", c.Base.Source)
	case !slices.Contains(precisions, c.Model.Precision):
		return fmt.Errorf("model.precision = %q: allowed are %s", c.Model.Precision, strings.Join(precisions, ", "))
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

type bounded struct {
	name      string
	v, lo, hi float64
}

func (c Config) ranges() []bounded {
	i := func(name string, v, lo, hi int) bounded { return bounded{name, float64(v), float64(lo), float64(hi)} }
	temps := func(name string, t trace.Temperatures) []bounded {
		return []bounded{{name + ".code", t.Code, 0.01, 10}, {name + ".decision", t.Decision, 0.01, 10}, {name + ".rationale", t.Rationale, 0.01, 10}}
	}
	return slices.Concat([]bounded{
		i("seed", c.Seed, 0, 1<<31-1), i("seeds", c.Seeds, 1, 100),
		i("domain.nuisance", c.Domain.Nuisance, 0, 2), {"domain.invert", c.Domain.Invert, 0, 1}, i("domain.tests", c.Domain.Tests, 1, 100),
		{"domain.vague", c.Domain.Vague, 0, 1}, {"domain.hidden", c.Domain.Hidden, 0, 1}, i("domain.examples", c.Domain.Examples, 0, 4),
		i("model.dim", c.Model.Dim, 8, 4096), i("model.layers", c.Model.Layers, 1, 64), i("model.heads", c.Model.Heads, 1, 64), i("model.ff", c.Model.FF, 8, 16384),
		i("base.updates", c.Base.Updates, 0, 1e6), i("base.tokens", c.Base.Tokens, 64, 1e6), {"base.learning_rate", c.Base.LearningRate, 1e-7, 0.1},
		i("base.programs", c.Base.Programs, 1, 1e6), {"base.commented", c.Base.Commented, 0, 1},
		i("sampler.updates", c.Sampler.Updates, 0, 1e6), i("sampler.tokens", c.Sampler.Tokens, 64, 1e6), {"sampler.learning_rate", c.Sampler.LearningRate, 1e-7, 0.1},
		i("mid.traces", c.Mid.Traces, 1, 1e6), i("mid.updates", c.Mid.Updates, 1, 1e6), i("mid.stop_every", c.Mid.StopEvery, 0, 1e6), i("mid.compute_updates", c.Mid.ComputeUpdates, 0, 1e7), i("mid.tokens", c.Mid.Tokens, 64, 1e6),
		{"mid.learning_rate", c.Mid.LearningRate, 1e-7, 0.1}, i("mid.probe_every", c.Mid.ProbeEvery, 1, 1e6),
		i("rlvr.updates", c.RLVR.Updates, 0, 1e6), i("rlvr.eval_every", c.RLVR.EvalEvery, 1, 1e6), i("rlvr.eval_problems", c.RLVR.EvalProblems, 1, 1e5),
		i("rlvr.eval_samples", c.RLVR.EvalSamples, 1, 1024), {"rlvr.threshold", c.RLVR.Threshold, 0, 1},
		i("rlvr.problems", c.RLVR.Problems, 1, 4096), i("rlvr.group", c.RLVR.Group, 2, 1024), i("rlvr.rounds", c.RLVR.Rounds, 1, 16),
		i("rlvr.max_tokens", c.RLVR.MaxTokens, 8, 384), {"rlvr.learning_rate", c.RLVR.LearningRate, 1e-8, 0.1},
		i("rlvr.epochs", c.RLVR.Epochs, 0, 16), {"rlvr.clip", c.RLVR.Clip, 0, 1}, {"rlvr.clip_high", c.RLVR.ClipHigh, 0, 10}, {"rlvr.kl", c.RLVR.KL, 0, 10},
		i("eval.problems", c.Eval.Problems, 1, 1e5), i("eval.samples", c.Eval.Samples, 1, 1024), i("eval.traces", c.Eval.Traces, 1, 1e5), i("eval.tune_problems", c.Eval.TuneProblems, 0, 1e5),
		i("eval.max_tokens", c.Eval.MaxTokens, 8, 384), i("eval.prune_samples", c.Eval.PruneSamples, 0, 1024), i("eval.plus_tests", c.Eval.PlusTests, 0, 256),
	}, c.RA3.ranges(), temps("rlvr.temperatures", c.RLVR.Temperatures), temps("eval.temperatures", c.Eval.Temperatures))
}

type boundedList struct {
	name   string
	v      []int
	lo, hi int
	empty  bool
}

func (c Config) lists() []boundedList {
	return []boundedList{
		{"base.steps", c.Base.Steps, 1, 8, false}, {"sampler.steps", c.Sampler.Steps, 1, 8, false}, {"mid.steps", c.Mid.Steps, 2, 8, false},
		{"rlvr.steps", c.RLVR.Steps, 2, 8, false}, {"eval.steps", c.Eval.Steps, 2, 8, false}, {"eval.long_steps", c.Eval.LongSteps, 2, 8, true},
	}
}
