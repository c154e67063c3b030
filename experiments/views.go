package experiments

import (
	"fmt"

	"ra3/experiments/store"
)

// viewLine is a line of traces/view.*.jsonl: one example program as it was read
// at a position.
type viewLine struct {
	Policy  string       `json:"policy"`
	Plain   string       `json:"plain"`
	Program TraceProgram `json:"program"`
}

// View reads the look at example traces that was stored last at or before a
// position of a branch's line, and where that was; nil where there is none. It
// reads a file.
func (r *Record) View(p Position) (*TraceView, Position, error) {
	if r.run == nil {
		return nil, p, errNothingStored
	}
	p = r.History().Clamp(p)
	for at := r.owner(p); at.Update >= 0; p.Update, at = p.Update-1, r.owner(Position{p.Branch, p.Update - 1}) {
		r.mu.RLock()
		ok := r.views[at]
		r.mu.RUnlock()
		if !ok {
			continue
		}
		v, err := readView(r.run, at)
		return v, at, err
	}
	return nil, p, nil
}

func readView(run *store.Run, at Position) (*TraceView, error) {
	lines, _, err := store.ReadJSONL[viewLine](run, store.LookFile(store.Look(at)))
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: the look at traces at %s is empty: it was changed or damaged", run.Dir(), at)
	}
	v := &TraceView{Policy: lines[0].Policy, Plain: lines[0].Plain}
	for _, l := range lines {
		v.Programs = append(v.Programs, l.Program)
	}
	return v, nil
}
