package experiments

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ra3/experiments/store"
)

// LatentUsage is how an annotation of the corpus uses one latent.
type LatentUsage struct {
	Words    string // its rationale
	Thinks   int    // lines that choose it
	Lines    int    // lines that it is in force at
	Programs int    // that it occurs in
	Duration float64
	// Typical are the lines it is in force at most often, beyond what their own
	// frequency makes one expect; Next the latents that follow it, and how often a
	// program ends under it.
	Typical []LineUse
	Next    []NextUse
	Ends    int
	Where   []LatentPlace // its spans, in the order of the corpus
}

// LineUse is a line of code under a latent.
type LineUse struct {
	Text   string
	Count  int     // under the latent
	Weight float64 // Count squared over all lines of that text: high for lines that are frequent and its own
}

// NextUse is a latent that follows another.
type NextUse struct {
	Words string
	Count int
}

// LatentPlace is a span: lines From to To-1 of a program.
type LatentPlace struct {
	Program  string
	From, To int
}

// typicalLines and places bound what is listed of a latent.
const (
	typicalLines = 12
	mostPlaces   = 1000
)

// Usage counts how annotated traces use each latent, the most used first.
func Usage(traces []AnnotatedTrace) []LatentUsage {
	uses := map[string]*LatentUsage{}
	lines := map[string]int{}
	under := map[string]map[string]int{}
	next := map[string]map[string]int{}
	for _, t := range traces {
		seen := map[string]bool{}
		for _, s := range t.spans() {
			u := uses[s.words]
			if u == nil {
				u = &LatentUsage{Words: s.words}
				uses[s.words], under[s.words], next[s.words] = u, map[string]int{}, map[string]int{}
			}
			u.Thinks++
			u.Lines += s.to - s.from
			if !seen[s.words] {
				seen[s.words] = true
				u.Programs++
			}
			if len(u.Where) < mostPlaces {
				u.Where = append(u.Where, LatentPlace{t.ID, s.from, s.to})
			}
			for _, l := range t.Lines[s.from:s.to] {
				under[s.words][l]++
				lines[l]++
			}
			if s.next == "" {
				u.Ends++
			} else {
				next[s.words][s.next]++
			}
		}
	}
	var out []LatentUsage
	for words, u := range uses {
		u.Duration = float64(u.Lines) / float64(u.Thinks)
		u.Typical, u.Next = typical(under[words], lines), following(next[words])
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b LatentUsage) int {
		return cmp.Or(cmp.Compare(b.Thinks, a.Thinks), cmp.Compare(a.Words, b.Words))
	})
	return out
}

// span is a stretch of lines under one latent.
type span struct {
	words    string
	from, to int
	next     string // latent after it; "" at the program's end
}

// spans cuts a trace where it thinks.
func (t AnnotatedTrace) spans() []span {
	var out []span
	for i, words := range t.Latents {
		if i >= len(t.Lines) || words == "" && len(out) == 0 {
			continue
		}
		if words != "" {
			if n := len(out); n > 0 {
				out[n-1].next = words
			}
			out = append(out, span{words: words, from: i})
		}
		out[len(out)-1].to = i + 1
	}
	return out
}

func typical(counts, lines map[string]int) []LineUse {
	var all []LineUse
	for text, n := range counts {
		all = append(all, LineUse{text, n, float64(n) * float64(n) / float64(lines[text])})
	}
	slices.SortFunc(all, func(a, b LineUse) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Text, b.Text))
	})
	return all[:min(len(all), typicalLines)]
}

func following(counts map[string]int) []NextUse {
	var all []NextUse
	for words, n := range counts {
		all = append(all, NextUse{words, n})
	}
	slices.SortFunc(all, func(a, b NextUse) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Words, b.Words))
	})
	return all
}

// Annotation reads the annotated corpus as it stood at a position: that of the
// last annotation finished at or before it, with the seed and EM iteration it is
// of. It reads a file; nil where nothing was annotated yet.
func (r *Record) Annotation(ctx context.Context, p Position) (traces []AnnotatedTrace, seed, iteration int, err error) {
	if r.run == nil {
		return nil, 0, 0, errNothingStored
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, 0, err
	}
	p = r.History().Clamp(p)
	var last *StageMark
	for _, m := range r.Timeline(p.Branch) {
		if m.Phase == PhaseAnnotate && m.Made == m.Updates && m.To <= p.Update {
			last = &m
		}
	}
	if last == nil {
		return nil, 0, 0, nil
	}
	name := store.TracesFile(ofBranch(last.Branch, annotationName(last.Seed, last.Iteration)))
	traces, _, err = store.ReadJSONL[AnnotatedTrace](r.run, name)
	if err == nil && traces == nil {
		err = fmt.Errorf("%s: %s is not there: it was removed", r.run.Dir(), name)
	}
	return traces, last.Seed, last.Iteration, err
}
