package experiments

import (
	"slices"

	"ra3/core/trace"
)

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
