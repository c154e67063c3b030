package verbs

import (
	"context"
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
)

// figuresAt draws a run as it stood at one position, or as it stood at
// several, laid over each other.
func (e *Env) figuresAt(dir string, texts []string, look experiments.LookRequest) ([]measure.Figure, error) {
	run, _, err := view(dir)
	if err != nil {
		return nil, err
	}
	h, notices, err := experiments.ReadHistory(run)
	if err != nil {
		return nil, err
	}
	e.repaired(run, notices)
	followed, err := experiments.Follow(context.Background(), dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		followed.Send(experiments.Intent{Kind: experiments.Stop})
		<-followed.Done()
	}()
	past := pastOf{run, h, followed.Record()}
	var first []measure.Figure
	over := map[string][]measure.OfBranch{} // by figure
	branch := ""
	for i, text := range texts {
		at, err := past.position(dir, text)
		if err != nil {
			return nil, err
		}
		figures, err := past.figures(at, look)
		if err != nil || len(texts) == 1 {
			return figures, err
		}
		if i == 0 {
			first, branch = figures, at.Branch
			continue
		}
		for _, f := range figures {
			over[f.Name] = append(over[f.Name], measure.OfBranch{Branch: at.Branch, Figure: f})
		}
	}
	// What only a later position has is drawn as well.
	for _, name := range slices.Concat(experiments.FigureNames, experiments.TableNames) {
		if len(over[name]) > 0 && !slices.ContainsFunc(first, func(f measure.Figure) bool { return f.Name == name }) {
			first = append(first, measure.Figure{Name: name, Kind: over[name][0].Figure.Kind})
		}
	}
	for i, f := range first {
		first[i] = measure.LaidOver(measure.OfBranch{Branch: branch, Figure: f}, over[f.Name]...)
	}
	return first, nil
}

// pastOf reads a run as it stood.
type pastOf struct {
	run    *store.Run
	h      *experiments.History
	record *experiments.Record
}

// position reads BRANCH:UPDATE or BRANCH:head.
func (p pastOf) position(dir, text string) (at experiments.Position, err error) {
	h := p.h
	branch, isHead := strings.CutSuffix(text, ":head")
	at = h.Head(branch)
	if !isHead {
		if at, err = experiments.ParsePosition(text); err != nil {
			return at, usagef("plot: --at: %w", err)
		}
	}
	if !slices.ContainsFunc(h.Branches(), func(b store.Branch) bool { return b.Name == at.Branch }) {
		return at, usagef("plot: --at %s: %s has no branch %s: ra3 runs show %s lists them", text, dir, at.Branch, dir)
	}
	head := h.Head(at.Branch).Update
	if at.Update > head {
		return at, usagef("plot: --at %s: the branch has made %d updates", text, head)
	}
	return at, nil
}

func (p pastOf) figures(at experiments.Position, look experiments.LookRequest) ([]measure.Figure, error) {
	if slices.Contains(experiments.LookNames, look.Name) {
		f, err := p.record.LookFigure(look, at)
		return []measure.Figure{f}, err
	}
	// What the line had found by then, as far as states are kept that say so.
	s, err := p.record.SummaryAt(at)
	if err != nil {
		return nil, err
	}
	c, err := experiments.ConfigOfBranch(p.run, at.Branch)
	if err != nil {
		return nil, err
	}
	events := p.h.Line(at.Branch, 0, at.Update)
	return append(experiments.Figures(events, s), experiments.Tables(events, s, c)...), nil
}
