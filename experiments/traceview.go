package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/trace"
)

// exampleTraces is how many validation programs are kept in view.
const exampleTraces = 12

// TraceView shows example programs under the current sampler and policy.
type TraceView struct {
	Policy   string // whose log-likelihoods with latents: the RA3 lane's once it exists, else the base's
	Plain    string // whose without: the NTP lane's once it exists, else the base's; neither reads plain code out of its training
	Programs []TraceProgram
}

// TraceProgram is one program with its latent spans.
type TraceProgram struct {
	ID     string
	Prompt string // as text, ends where the body begins
	Lines  []TraceLine
	// Nats of the code given its rationales, of the decisions and rationales
	// themselves, and of the code written plainly.
	With, Rationale, Without float64
}

// TraceLine is one line with its latent and what the posterior says of it.
type TraceLine struct {
	Text    string
	Latent  int    // in force at the line
	Words   string // its rationale
	Think   bool   // chosen at this line
	Span    int    // 0-based span within the program
	Top     []Decision
	With    float64 // log-likelihood of the line given the latents so far, by View.Policy
	Without float64 // and written plainly, by View.Plain
	Intent  string  // answer key
}

// Decision is an outcome of the posterior at a line.
type Decision struct {
	Text string
	P    float64
}

// LookAtTraces reads n validation programs with the sampler and the policy as
// they stand. nil when there is no sampler yet.
func (e *Engine) LookAtTraces(ctx context.Context, n int) (*TraceView, error) {
	if e.seen.fresh(e.st, n) {
		return e.seen.view, nil
	}
	if e.Config.Base.Source == "train" && e.st.models[samplerName] == nil && !e.Config.RA3.foresight() {
		return nil, nil
	}
	if s, _, _, ok := e.Position(); ok {
		if err := e.prepare(ctx, s); err != nil {
			return nil, err
		}
	}
	policy, name := e.st.models["base"], "base"
	plain, plainName := policy, name
	if m := e.st.models["ra3"]; m != nil {
		policy, name = m, "ra3"
	}
	if m := e.st.models["ntp"]; m != nil {
		plain, plainName = m, "ntp"
	}
	if policy == nil || e.st.models[samplerName] == nil && !e.Config.RA3.foresight() || len(e.seed.validation) == 0 {
		return nil, nil
	}
	ps := e.seed.validation[:min(n, len(e.seed.validation))]
	annotations, posts, err := e.decisions(ctx, policy, ps)
	if err != nil {
		return nil, err
	}
	view := &TraceView{Policy: name, Plain: plainName}
	for i, p := range ps {
		view.Programs = append(view.Programs, e.viewProgram(p, annotations[i], posts[i]))
	}
	err = e.readLines(ctx, policy, ps, annotations, func(i, line int, part trace.Part, lp float64) {
		p := &view.Programs[i]
		if part == trace.Code {
			p.Lines[line].With += lp
			p.With -= lp
		} else {
			p.Rationale -= lp
		}
	})
	if err != nil {
		return nil, err
	}
	err = e.readLines(ctx, plain, ps, make([]trace.Annotation, len(ps)), func(i, line int, _ trace.Part, lp float64) {
		view.Programs[i].Lines[line].Without += lp
		view.Programs[i].Without -= lp
	})
	if err != nil {
		return nil, err
	}
	e.seen = looked{e.st.stage, e.st.update, n, view}
	return view, nil
}

// viewDraws is how many draws stand for a posterior that has no closed form.
const viewDraws = 16

// decisions are the posterior's greedy annotations and what it says of every
// line: the sampler's own probabilities or, of foresight, shares among its draws.
func (e *Engine) decisions(ctx context.Context, policy *nn.Model, ps []*trace.Program) ([]trace.Annotation, []latent.Posterior, error) {
	q := e.posterior(policy, laneOf("ra3"))
	annotations, err := q.Greedy(ctx, ps)
	if err != nil {
		return nil, nil, err
	}
	if h, ok := q.(latent.Hindsight); ok {
		posts, err := h.Sampler.Posteriors(ctx, h.Computer, ps)
		return annotations, posts, err
	}
	draws, err := q.Draw(ctx, ps, viewDraws, stream(e.seed.of, "view", 0))
	if err != nil {
		return nil, nil, err
	}
	posts := make([]latent.Posterior, len(ps))
	for i, p := range ps {
		for t := range p.Lines {
			shares := make([]float32, 1+e.World.Inventory.K())
			for _, d := range draws[i] {
				shares[1+d.Annotation[t]] += 1.0 / viewDraws
			}
			posts[i].P = append(posts[i].P, shares)
		}
	}
	return annotations, posts, nil
}

// readLines gives the log-probability of every predicted token to add.
func (e *Engine) readLines(ctx context.Context, m *nn.Model, ps []*trace.Program, as []trace.Annotation, add func(program, line int, part trace.Part, lp float64)) error {
	var seq trace.Sequences
	seq.Reset(e.World.Layout.Classes(trace.Unit()))
	for i, p := range ps {
		e.World.Layout.Policy(&seq, p, as[i], 0, 0)
	}
	preds, err := e.policy.Score(ctx, m, &seq.Batch, nn.ScoreOptions{})
	if err != nil {
		return err
	}
	for r, at := range seq.Info {
		add(at.Sequence, at.Line, at.Part, float64(preds[r].LogP))
	}
	return nil
}

func (e *Engine) viewProgram(p *trace.Program, a trace.Annotation, q latent.Posterior) TraceProgram {
	v := e.World.Domain.Vocab
	t := TraceProgram{ID: p.ID, Prompt: v.Decode(p.Prompt)}
	span := -1
	for i, z := range a.Latents() {
		if a[i] != trace.Act {
			span++
		}
		t.Lines = append(t.Lines, TraceLine{Text: strings.TrimSuffix(v.Decode(p.Lines[i]), "\n"), Latent: z, Words: e.World.Inventory.Texts[z],
			Think: a[i] != trace.Act, Span: span, Top: e.top(q.P[i], 4), Intent: e.World.Domain.Intents[p.Key[i].Intent].Name})
	}
	return t
}

// top lists the n most probable decisions.
func (e *Engine) top(p []float32, n int) []Decision {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return 0
	})
	var ds []Decision
	for _, i := range order[:min(n, len(order))] {
		text := "act"
		if i > 0 {
			text = fmt.Sprintf("think %s", e.World.Inventory.Texts[i-1])
		}
		ds = append(ds, Decision{text, float64(p[i])})
	}
	return ds
}
