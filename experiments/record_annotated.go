package experiments

import (
	"ra3/experiments/store"
)

// Annotated reads the corpus as it was annotated last at or before a position of
// a branch's line, for the seed in view there, and where that was; nothing where
// there is none. It reads a file.
func (r *Record) Annotated(p Position) ([]AnnotatedTrace, Position, error) {
	if r.run == nil {
		return nil, p, errNothingStored
	}
	p = r.History().Clamp(p)
	e, ok := r.History().Event(p)
	if !ok {
		return nil, p, nil
	}
	marks := r.Timeline(p.Branch)
	for i := len(marks) - 1; i >= 0; i-- {
		m := marks[i]
		if m.Phase != PhaseAnnotate || m.Seed != e.Seed || m.To > p.Update {
			continue
		}
		at := Position{p.Branch, m.To}
		name := ofBranch(m.Branch, annotationName(m.Seed, m.Iteration))
		traces, _, err := store.ReadJSONL[AnnotatedTrace](r.run, store.TracesFile(name))
		return traces, at, err
	}
	return nil, p, nil
}
