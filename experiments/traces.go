package experiments

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"ra3/core/latent"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/ra3"
	"ra3/core/trace"
)

// boundSamples is the number of annotations behind a held-out bound.
const boundSamples = 4

// traceMeasures reads expert traces with a policy, teacher-forced: nats per
// program, pruning efficiency and effective horizon. With latents, decisions
// and rationales are the posterior's greedy ones and nats are minus the bound; the
// oracle's are the true intents, at their own probability.
func (e *Engine) traceMeasures(ctx context.Context, m *nn.Model, ps []*trace.Program, l lane, rng *rand.Rand) (TraceMeasures, error) {
	t := TraceMeasures{Programs: len(ps)}
	annotations := make([]trace.Annotation, len(ps))
	latents := l.format == trace.Slotted && l.labels != oracleLabels
	for i, p := range ps {
		switch l.labels {
		case oracleLabels:
			annotations[i] = e.World.truth(p)
		case actLabels:
			annotations[i] = p.ActOnly()
		}
	}
	if latents {
		q := e.posterior(m, l)
		greedy, err := q.Greedy(ctx, ps)
		if err != nil {
			return t, err
		}
		draws, err := q.Draw(ctx, ps, boundSamples, rng)
		if err != nil {
			return t, err
		}
		annotations = greedy
		lines, thinks := 0, 0
		for _, a := range greedy {
			for _, s := range a.Starts() {
				lines++
				if s {
					thinks++
				}
			}
		}
		// Held-out nats are those of the policy itself: its own probabilities of
		// decisions and rationales, whatever prior the E-step used.
		sc := e.scorer(m)
		sc.Prior.Kind = latent.Learned
		terms, err := sc.Terms(ctx, ps, draws)
		if err != nil {
			return t, err
		}
		b := ra3.Summarise(terms)
		t.Nats, t.NatsImportance = Number(-b.Bound), Number(-b.Importance)
		t.Tau = Number(float64(lines) / float64(max(1, thinks)))
	}

	var seq trace.Sequences
	classes := e.World.Layout.Classes(trace.Unit())
	seq.Reset(classes)
	for i, p := range ps {
		e.World.Layout.Policy(&seq, p, annotations[i], 0, 0)
	}
	allowed := make([]int, len(classes))
	for i, c := range classes {
		for _, ok := range c.Allowed {
			if ok {
				allowed[i]++
			}
		}
	}
	// Rows come from several threads in any order; sums are taken in row order.
	rows := make([]measure.Pruning, len(seq.Batch.Rows))
	var failed error
	var mu sync.Mutex
	preds, err := e.policy.Score(ctx, m, &seq.Batch, nn.ScoreOptions{Visit: func(i int, p []float32) {
		row := seq.Batch.Rows[i]
		if allowed[row.Class] < 2 {
			return // forced: the first slot can only think
		}
		if err := rows[i].AddDecision(p, allowed[row.Class], int(row.Target)); err != nil {
			mu.Lock()
			failed = fmt.Errorf("trace measures: row %d: %w", i, err)
			mu.Unlock()
		}
	}})
	if err == nil {
		err = failed
	}
	if err != nil {
		return t, err
	}
	var code, think measure.Pruning
	var nats float64
	for i, at := range seq.Info {
		if at.Part == trace.Code {
			code.Merge(rows[i])
		} else {
			think.Merge(rows[i])
		}
		nats -= float64(preds[i].LogP)
	}
	n := float64(len(ps))
	if !latents {
		t.Nats = Number(nats / n)
		t.NatsImportance = t.Nats
	}
	all := code
	all.Merge(think)
	t.LogEffective, t.LogAll = Number(all.LogEffective/n), Number(all.LogAll/n)
	t.KeptShare, t.Recall = Number(all.KeptShare()), Number(all.Recall())
	t.EffectiveCode, t.EffectiveThink = Number(code.LogEffective/n), Number(think.LogEffective/n)
	t.HorizonCode, t.HorizonThink = Number(float64(code.NonTrivial)/n), Number(float64(think.NonTrivial)/n)
	t.Horizon = t.HorizonCode + t.HorizonThink
	return t, nil
}

// measures names the values for the event log.
func (t TraceMeasures) measures() map[string]float64 {
	m := map[string]float64{}
	for name, v := range map[string]Number{"nats": t.Nats, "nats_importance": t.NatsImportance, "log_effective": t.LogEffective, "log_all": t.LogAll,
		"kept_share": t.KeptShare, "recall": t.Recall, "horizon": t.Horizon, "horizon_code": t.HorizonCode, "horizon_rationale": t.HorizonThink,
		"log_effective_code": t.EffectiveCode, "log_effective_rationale": t.EffectiveThink, "tau": t.Tau} {
		if !math.IsNaN(float64(v)) {
			m[name] = float64(v)
		}
	}
	return m
}
