package experiments

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/latent"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/ra3"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// warmup updates of every schedule, and the share of the peak it ends at.
const (
	warmup = 30
	floor  = 0.1
)

// maxGap bounds the random distance between prompt and body in training, so
// that programs longer than trained are not lost to positions alone.
const maxGap = 64

// advance makes one update of a stage. It must change nothing when it fails.
func (e *Engine) advance(ctx context.Context, s Stage, update int) (map[string]float64, error) {
	rng := stream(s.Seed, s.Key(), update)
	switch s.Phase {
	case PhasePretrain:
		return e.pretrain(ctx, update, rng)
	case PhaseSampler:
		return e.startSampler(ctx, s, update, rng)
	case PhaseM:
		return e.mUpdate(ctx, s, update, rng)
	case PhaseE:
		return e.eUpdate(ctx, s, update, rng)
	case PhaseAnnotate:
		return e.annotate(ctx, s, update)
	case PhaseEval:
		return e.evaluate(ctx, s, update, s.Lane, false)
	case PhaseEvalRL:
		return e.evaluate(ctx, s, update, rlvrOf(s.Lane), true)
	case PhaseRLVR:
		return e.rlvrUpdate(ctx, s, update, rng)
	}
	return nil, fmt.Errorf("engine: phase %q is unknown", s.Phase)
}

// mstep is next-token prediction on a policy with a named optimiser.
func (e *Engine) mstep(policy *nn.Model, optimiser string, tokens int) *ra3.MStep {
	return &ra3.MStep{Policy: policy, Layout: e.World.Layout, Optimiser: e.st.optimiser(optimiser, len(policy.Params.Flat)),
		Computer: e.policy, Grad: e.gradP, Threads: e.threads, Tokens: tokens, MaxGap: maxGap}
}

func (e *Engine) pretrain(ctx context.Context, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.Base
	m := e.mstep(e.st.models["base"], "base", c.Tokens)
	draw := func(rng *rand.Rand) ra3.Example {
		i := rng.IntN(len(e.seed.base))
		p := e.seed.base[i]
		if e.seed.commented[i] {
			return ra3.Example{Program: p, Annotation: p.Comments()}
		}
		return ra3.Example{Program: p}
	}
	return m.Update(ctx, draw, optim.Cosine(c.LearningRate, update, warmup, c.Updates, floor), rng)
}

// startSampler trains q by next-decision prediction on commented base programs.
func (e *Engine) startSampler(ctx context.Context, s Stage, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.Sampler
	q := e.st.sampler(e.World)
	corpus := corpus{e.World, e.Config, s.Seed}
	var commented []*trace.Program
	for i, p := range e.seed.base {
		if e.seed.commented[i] {
			commented = append(commented, p)
		}
	}
	var seq trace.Sequences
	seq.Reset(trace.HindsightClasses(q.K, 1))
	for {
		p, err := corpus.concatenation(rng, commented)
		if err != nil {
			return nil, err
		}
		if n := len(seq.Batch.Tokens); n > 0 && n+1+len(p.Prompt)+len(p.Code()) > c.Tokens {
			break
		}
		e.World.Layout.Hindsight(&seq, p, p.Comments(), 1)
	}
	rows := seq.Batch.Rows
	for i := range rows {
		rows[i].Weight = 1 / float32(len(rows))
	}
	preds, err := e.hind.Gradient(ctx, q.Model, &seq.Batch, e.gradS)
	if err != nil {
		return nil, fmt.Errorf("sampler: %w", err)
	}
	o := e.st.optimiser(samplerName, len(q.Model.Params.Flat))
	norm, err := o.Update(q.Model.Params.Flat, e.gradS.Flat, optim.Cosine(c.LearningRate, update, warmup, c.Updates, floor), e.threads)
	if err != nil {
		return nil, fmt.Errorf("sampler: %w", err)
	}
	q.Model.Refresh()
	var loss float64
	for _, p := range preds {
		loss -= float64(p.LogP) / float64(len(preds))
	}
	return map[string]float64{"loss_decision": loss, "grad_norm": norm, "tokens": float64(len(seq.Batch.Tokens))}, nil
}

// mUpdate is mid-training: plain traces for NTP, annotated ones for RA3, at the
// same schedule and token budget.
func (e *Engine) mUpdate(ctx context.Context, s Stage, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.Mid
	m := e.mstep(e.st.models[s.Lane], s.Lane, c.Tokens)
	draw := func(rng *rand.Rand) ra3.Example {
		i := rng.IntN(len(e.seed.mid))
		x := ra3.Example{Program: e.seed.mid[i]}
		if s.Lane == "ra3" {
			x.Annotation = e.st.annotations[i]
		}
		return x
	}
	done := m.Optimiser.Step
	out, err := m.Update(ctx, draw, optim.Cosine(c.LearningRate, done, warmup, c.Updates, floor), rng)
	if err != nil {
		return nil, err
	}
	tokens := e.st.results.train(s.Seed, s.Lane, PhaseM, out["tokens"])
	out["tokens_trained"] = tokens
	if (done+1)%c.ProbeEvery == 0 || done+1 == c.Updates {
		// The update is made: a probe must not be torn from it by the context.
		t, err := e.traceMeasures(context.WithoutCancel(ctx), e.st.models[s.Lane], e.seed.validation, s.Lane == "ra3", stream(s.Seed, s.Key()+"/probe", update))
		if err != nil {
			return nil, err
		}
		e.st.results.Probes = append(e.st.results.Probes, ProbePoint{Seed: s.Seed, Lane: s.Lane, Tokens: tokens, TraceMeasures: t})
		for k, v := range t.measures() {
			out["probe_"+k] = v
		}
	}
	return out, nil
}

// eUpdate is one RL update of the sampler on the bound.
func (e *Engine) eUpdate(ctx context.Context, s Stage, update int, rng *rand.Rand) (map[string]float64, error) {
	c := e.Config.RA3
	q := e.st.sampler(e.World)
	step := ra3.EStep{Scorer: e.scorer(e.st.models["ra3"]), Sampler: q, Optimiser: e.st.optimiser("e-step", len(q.Model.Params.Flat)),
		Computer: e.hind, Grad: e.gradS, Threads: e.threads, Group: c.Group}
	batch := make([]*trace.Program, c.EBatch)
	lines := 0
	for i := range batch {
		batch[i] = e.seed.mid[rng.IntN(len(e.seed.mid))]
		lines += len(batch[i].Lines)
	}
	m, err := step.Update(ctx, batch, c.LearningRate, rng)
	if err != nil {
		return nil, err
	}
	if ra3.Alarm(m, float64(lines)/float64(len(batch))) != "" {
		m["alarm"] = 1
	}
	return m, nil
}

func (e *Engine) scorer(policy *nn.Model) ra3.Scorer {
	prior := e.Config.RA3.Prior
	prior.K = e.World.Inventory.K()
	return ra3.Scorer{Policy: policy, Layout: e.World.Layout, Prior: prior, Computer: e.policy}
}

// annotate writes the sampler's greedy decisions over a chunk of the corpus;
// with the last chunk the annotated traces go to disk and are held against the
// answer key.
func (e *Engine) annotate(ctx context.Context, s Stage, update int) (map[string]float64, error) {
	mid := e.seed.mid
	from, to := update*annotateChunk, min(len(mid), (update+1)*annotateChunk)
	posts, err := e.st.sampler(e.World).Posteriors(ctx, e.hind, mid[from:to])
	if err != nil {
		return nil, err
	}
	if len(e.st.annotations) != len(mid) {
		e.st.annotations = make([]trace.Annotation, len(mid))
	}
	for i, q := range posts {
		e.st.annotations[from+i] = q.Greedy()
	}
	m := map[string]float64{"annotated": float64(to)}
	if to < len(mid) {
		return m, nil
	}
	for k, v := range e.latentQuality(mid, e.st.annotations) {
		m[k] = v
	}
	e.st.results.Latents = append(e.st.results.Latents, LatentPoint{Seed: s.Seed, Iteration: s.Iteration, Measures: m})
	if e.run != nil {
		name := store.TracesFile(fmt.Sprintf("s%d-em%02d", s.Seed, s.Iteration))
		if err := store.WriteJSONL(e.run, name, e.annotatedTraces()); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// AnnotatedTrace is a line of traces/*.jsonl.
type AnnotatedTrace struct {
	ID     string   `json:"id"`
	Prompt string   `json:"prompt"`
	Lines  []string `json:"lines"`
	// Latents gives each line's rationale; "" keeps the one before.
	Latents []string `json:"latents"`
}

func (e *Engine) annotatedTraces() []AnnotatedTrace {
	v := e.World.Domain.Vocab
	out := make([]AnnotatedTrace, len(e.seed.mid))
	for i, p := range e.seed.mid {
		t := AnnotatedTrace{ID: p.ID, Prompt: v.Decode(p.Prompt)}
		for j, l := range p.Lines {
			t.Lines = append(t.Lines, v.Decode(l))
			text := ""
			if u := e.st.annotations[i][j]; u != trace.Act {
				text = e.World.Inventory.Texts[u]
			}
			t.Latents = append(t.Latents, text)
		}
		out[i] = t
	}
	return out
}

// latentQuality holds annotations against the hidden intents. A latent counts
// as the intent that its phrase words; boundaries leave out first lines, which
// always think.
func (e *Engine) latentQuality(ps []*trace.Program, as []trace.Annotation) map[string]float64 {
	var got, want []int
	var gotStart, wantStart, starts []bool
	thinks := make([]float64, e.World.Inventory.K())
	right, whole := 0, 0
	for i, p := range ps {
		all := true
		for t, z := range as[i].Latents() {
			intent := e.World.Domain.Phrases[z].Intent
			got, want = append(got, intent), append(want, p.Key[t].Intent)
			ok := intent == p.Key[t].Intent
			if ok {
				right++
			}
			all = all && ok
			think := as[i][t] != trace.Act
			starts = append(starts, think)
			if think {
				thinks[as[i][t]]++
			}
			if t > 0 {
				gotStart, wantStart = append(gotStart, think), append(wantStart, p.Key[t].Step != p.Key[t-1].Step)
			}
		}
		if all {
			whole++
		}
	}
	precision, recall := measure.BoundaryScores(gotStart, wantStart)
	n := 0
	for _, s := range starts {
		if s {
			n++
		}
	}
	return map[string]float64{
		"nmi": measure.NMI(got, want), "purity": measure.Purity(got, want), "line_accuracy": float64(right) / float64(len(got)),
		"program_accuracy": float64(whole) / float64(len(ps)), "boundary_precision": precision, "boundary_recall": recall,
		"think_rate": float64(n) / float64(len(starts)), "usage_entropy": measure.Entropy(thinks), "tau": measure.Durations(starts),
	}
}

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
	if ms[samplerName] == nil && s.Phase != PhasePretrain {
		q, err := latent.NewSampler(ms["base"], e.World.Layout, e.World.Inventory.K(), stream(s.Seed, "sampler/init", 0))
		if err != nil {
			return err
		}
		ms[samplerName] = q.Model
	}
	if (s.Phase == PhaseM || s.Phase == PhaseAnnotate) && ms[s.Lane] == nil {
		ms[s.Lane] = ms["base"].Clone()
	}
	if s.Phase == PhaseRLVR && ms[rlvrOf(s.Lane)] == nil {
		ms[rlvrOf(s.Lane)] = ms[s.Lane].Clone()
	}
	return nil
}

func (e *Engine) prepareSeed(ctx context.Context, seed int) error {
	c := corpus{e.World, e.Config, seed}
	sc := seedCorpus{of: seed, ready: true, heldOut: map[string][]*trace.Program{}}
	var err error
	if s := e.Plan[e.st.stage]; s.Phase == PhasePretrain || s.Phase == PhaseSampler {
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

func (e *Engine) startBase(seed int) error {
	shape := e.Config.ModelShape(e.World.Domain)
	if e.Config.Base.Source == "train" {
		m, err := nn.NewRandom(shape, stream(seed, "base/init", 0))
		if err != nil {
			return err
		}
		e.st.models["base"] = m
		return nil
	}
	base, sampler, err := EmbeddedBase(e.World, shape)
	if err != nil {
		return err
	}
	e.st.models["base"], e.st.models[samplerName] = base, sampler
	return nil
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

// finishStage drops what no later stage needs and stores what a later look
// might.
func (e *Engine) finishStage(s Stage) error {
	last := e.Done() || e.Plan[e.st.stage].Seed != s.Seed
	switch {
	case s.Phase == PhasePretrain:
		delete(e.st.opts, "base")
	case s.Phase == PhaseSampler:
		delete(e.st.opts, samplerName)
		e.seed.base, e.seed.commented = nil, nil
	case s.Phase == PhaseRLVR:
		delete(e.st.opts, rlvrOf(s.Lane))
	case s.Phase == PhaseM && e.st.opts[s.Lane] != nil && e.st.opts[s.Lane].Step == e.Config.Mid.Updates:
		delete(e.st.opts, s.Lane)
		if s.Lane == "ra3" {
			delete(e.st.opts, "e-step")
		}
	}
	if s.Phase == PhaseM && s.Lane == "ra3" || last {
		name := fmt.Sprintf("s%d-em%02d", s.Seed, s.Iteration)
		if last {
			name = fmt.Sprintf("s%d-end", s.Seed)
		}
		if err := e.keep(name, last); err != nil {
			return err
		}
	}
	if last && !e.Done() {
		e.st.models = map[string]*nn.Model{}
		e.st.opts = map[string]*optim.AdamW{}
		e.st.annotations = nil
	}
	return nil
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
	f, err := part.encode(stateMeta{Seq: e.seq})
	if err != nil {
		return err
	}
	made, _ := e.Updates()
	return e.run.SaveCheckpoint(name, made, f, 0)
}
