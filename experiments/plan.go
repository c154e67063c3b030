package experiments

import "fmt"

// Phases of a run.
const (
	PhasePretrain = "pretrain"  // next-token prediction on the base corpus
	PhaseSampler  = "sampler"   // the sampler's start on commented base programs
	PhaseAnnotate = "annotate"  // greedy annotation of the mid-training corpus
	PhaseE        = "E"         // E-step updates of the sampler
	PhaseM        = "M"         // M-step updates of the policy (NTP: plain traces)
	PhaseTune     = "tune"      // sampling temperatures, on validation problems
	PhaseEval     = "eval"      // held-out evaluation after mid-training
	PhaseRLVR     = "rlvr"      // post-training
	PhaseEvalRL   = "eval-rlvr" // held-out evaluation after post-training
)

// Stage is a run of updates of one kind for one seed.
type Stage struct {
	Seed      int    `json:"seed"`
	Lane      string `json:"lane"` // "base" also for what all lanes share
	Phase     string `json:"phase"`
	Iteration int    `json:"iteration"` // EM iteration, counted from 1; 0 before and outside the loop
	Updates   int    `json:"updates"`
}

// Key names the stage within its seed; random streams and checkpoints use it.
func (s Stage) Key() string { return fmt.Sprintf("%s/%s/%d", s.Lane, s.Phase, s.Iteration) }

// annotateChunk is the number of traces annotated in one update.
const annotateChunk = 250

// Plan lists the stages of a configuration, in order.
func Plan(c Config) []Stage {
	var plan []Stage
	for i := range c.Seeds {
		seed := c.Seed + i
		add := func(lane, phase string, iteration, updates int) {
			if updates > 0 {
				plan = append(plan, Stage{seed, lane, phase, iteration, updates})
			}
		}
		if c.Base.Source == "train" {
			add("base", PhasePretrain, 0, c.Base.Updates)
		}
		if c.startsSampler() {
			add("base", PhaseSampler, 0, c.Sampler.Updates)
		}
		if c.Has("ntp") {
			add("ntp", PhaseM, 0, c.Mid.Updates)
		}
		chunks := (c.Mid.Traces + annotateChunk - 1) / annotateChunk
		if c.hasAny(emLabels, initialLabels, shuffledLabels) {
			add("ra3", PhaseAnnotate, 0, chunks)
		}
		// Controls that train on the initial annotation come before EM renews it.
		for _, lane := range []string{"initial", "shuffled"} {
			if c.Has(lane) {
				add(lane, PhaseM, 0, c.Mid.Updates)
			}
		}
		if c.Has("ra3") {
			rest := c.Mid.Updates - c.RA3.Warm
			if c.RA3.Iterations == 0 {
				add("ra3", PhaseM, 0, c.Mid.Updates)
			} else {
				add("ra3", PhaseM, 0, c.RA3.Warm)
			}
			for it := 1; it <= c.RA3.Iterations; it++ {
				add("ra3", PhaseE, it, c.RA3.EUpdates)
				add("ra3", PhaseAnnotate, it, chunks)
				// The remaining M-step updates in equal shares, the rest last.
				add("ra3", PhaseM, it, it*rest/c.RA3.Iterations-(it-1)*rest/c.RA3.Iterations)
			}
		}
		for _, lane := range []string{"act", "oracle"} {
			if c.Has(lane) {
				add(lane, PhaseM, 0, c.Mid.Updates)
			}
		}
		if c.Has("ntp-compute") {
			add("ntp-compute", PhaseM, 0, c.Mid.ComputeUpdates)
		}
		for _, lane := range c.Lanes {
			add(lane, PhaseTune, 0, len(tuneUnits(c, lane)))
			add(lane, PhaseEval, 0, len(evalUnits(c, false)))
		}
		for _, lane := range c.postTrained() {
			add(lane, PhaseRLVR, 0, c.RLVR.Updates)
		}
		if c.Eval.After && c.RLVR.Updates > 0 {
			for _, lane := range c.postTrained() {
				add(lane, PhaseEvalRL, 0, len(evalUnits(c, true)))
			}
		}
	}
	return plan
}

// startsSampler reports whether a sampler is to be trained: foresight has none,
// and the embedded one knows the phrases already.
func (c Config) startsSampler() bool {
	return !c.RA3.foresight() && (c.Base.Source == "train" || c.RA3.codes() > 0)
}

// evalUnit is one update's worth of evaluation.
type evalUnit struct {
	kind     string // "pass", "many", "traces", "prune"
	family   string
	long     bool
	from, to int // problems
}

// evalChunk is the number of problems evaluated in one update.
const evalChunk = 30

// evalUnits lists the units of a lane's evaluation; after post-training only
// success on the trained lengths is measured again.
func evalUnits(c Config, after bool) []evalUnit {
	var us []evalUnit
	chunks := func(kind, family string, long bool, n int) {
		for at := 0; at < n; at += evalChunk {
			us = append(us, evalUnit{kind, family, long, at, min(n, at+evalChunk)})
		}
	}
	for _, f := range Families {
		chunks("pass", f, false, c.Eval.Problems)
		if len(c.Eval.Tune) > 0 {
			chunks("many", f, false, c.Eval.Problems) // at the temperatures for larger k
		}
		if after {
			continue
		}
		if len(c.Eval.LongSteps) > 0 {
			chunks("pass", f, true, c.Eval.Problems)
		}
		us = append(us, evalUnit{kind: "traces", family: f, to: c.Eval.Traces})
		if c.Eval.PruneSamples > 0 {
			chunks("prune", f, false, (c.Eval.Problems+1)/2)
		}
	}
	return us
}
