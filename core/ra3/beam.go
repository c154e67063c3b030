package ra3

import (
	"cmp"
	"context"
	"slices"

	"ra3/core/nn"
	"ra3/core/trace"
)

// search is the state of one program's beam.
type search struct {
	p       *trace.Program
	k       int
	kept    []history // best first; after the last line every history reached
	trellis trellis
}

func newSearch(p *trace.Program, k int) *search {
	return &search{p: p, k: k, kept: []history{{}}}
}

// extension is a kept history with the decisions to try at the next line, and
// then the log-probabilities of line and decision.
type extension struct {
	s    *search
	from history
	try  []int
	logp []float64
}

// line extends the beams of all programs that have a line t: their best
// histories by all latents, the others by those that do best there.
func (r Reference) line(ctx context.Context, searches []*search, t int) error {
	var first, rest []*extension
	for _, s := range searches {
		if t < len(s.p.Lines) {
			e := &extension{s: s, from: s.kept[0]}
			if t > 0 {
				e.try = append(e.try, trace.Act)
			}
			for z := range s.k {
				e.try = append(e.try, z)
			}
			first = append(first, e)
		}
	}
	if err := r.score(ctx, first, t); err != nil {
		return err
	}
	for _, e := range first {
		try := append([]int{trace.Act}, e.likeliest(r.Thinks)...)
		for _, h := range e.s.kept[1:] {
			rest = append(rest, &extension{s: e.s, from: h, try: try})
		}
	}
	if err := r.score(ctx, rest, t); err != nil {
		return err
	}
	for _, e := range first {
		own := []*extension{e}
		for _, x := range rest {
			if x.s == e.s {
				own = append(own, x)
			}
		}
		e.s.trellis.add(e.s.k, own)
		var reached []history
		for _, x := range own {
			for i, u := range x.try {
				reached = append(reached, x.from.with(u, x.logp[i]))
			}
		}
		slices.SortStableFunc(reached, func(a, b history) int { return cmp.Compare(b.logp, a.logp) })
		if t+1 < len(e.s.p.Lines) {
			reached = r.keep(reached)
		}
		e.s.kept = reached
	}
	return nil
}

// likeliest are the n latents whose thinking does best here, best first.
func (e *extension) likeliest(n int) []int {
	var order []int // into try
	for i, u := range e.try {
		if u != trace.Act {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(e.logp[b], e.logp[a]) })
	var out []int
	for _, i := range order[:min(n, len(order))] {
		out = append(out, e.try[i])
	}
	return out
}

// keep cuts sorted histories to the beam: first the best ones of different
// latents, up to three quarters of it, then the best of those left; sorted again.
func (r Reference) keep(sorted []history) []history {
	if len(sorted) <= r.Beam {
		return sorted
	}
	take := make([]bool, len(sorted))
	n := 0
	seen := map[int]bool{}
	for i, h := range sorted {
		if z := h.latent(); !seen[z] && n < (3*r.Beam+3)/4 {
			seen[z], take[i] = true, true
			n++
		}
	}
	for i := range sorted {
		if !take[i] && n < r.Beam {
			take[i] = true
			n++
		}
	}
	var out []history
	for i, h := range sorted {
		if take[i] {
			out = append(out, h)
		}
	}
	return out
}

// score fills the extensions' log-probabilities: the history is read once, all
// that is tried follows from there.
func (r Reference) score(ctx context.Context, es []*extension, t int) error {
	if len(es) == 0 {
		return nil
	}
	l := r.Scorer.Layout
	script := l.Script()
	prompts := make([]nn.Prompt, len(es))
	longest := 0
	for i, e := range es {
		p := e.s.p
		ids := slices.Clone(p.Prompt)
		for line, u := range e.from.a {
			ids, _ = l.Slot(ids, nil, line, u)
			ids = append(ids, p.Lines[line]...)
		}
		prompts[i] = nn.Prompt{Tokens: ids, Seeds: make([]uint64, len(e.try))}
		for _, u := range e.try {
			prompts[i].Starts = append(prompts[i].Starts, script.Add(l, t, u, p.Lines[t]))
		}
		longest = max(longest, 1+len(l.Rationales[0])+len(p.Lines[t]))
	}
	samples, err := r.Scorer.Computer.Generate(ctx, r.Scorer.Policy, prompts, script, nn.GenerateOptions{MaxNew: longest, TopP: 1})
	if err != nil {
		return err
	}
	for i, e := range es {
		e.logp = make([]float64, len(e.try))
		for j, u := range e.try {
			var line LineTerms
			var s slot
			for n, lp := range samples[i][j].LogP {
				s.add(&line, trace.PartOfClass(samples[i][j].Classes[n]), float64(lp))
			}
			e.logp[j] = line.Code + r.Scorer.Prior.LogP(t, u, s.decision, s.rationale)
		}
	}
	return nil
}
