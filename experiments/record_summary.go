package experiments

import (
	"encoding/json"
	"fmt"

	"ra3/experiments/store"
)

// SummaryAt is what a branch's line had found at a position: of the stages that
// had ended by the last state kept there, nil where nothing was evaluated by
// then. The first call for a state reads its file.
func (r *Record) SummaryAt(p Position) (*Summary, error) {
	if r.run == nil {
		return nil, errNothingStored
	}
	info, ok := r.Branch(p.Branch)
	if !ok {
		return nil, fmt.Errorf("there is no branch %q", p.Branch)
	}
	p = r.History().Clamp(p)
	if info.Finished && p.Update == info.Made {
		if s, err := r.Summary(p.Branch); s != nil || err != nil {
			return s, err
		}
	}
	at := r.owner(r.NearestKept(p))
	if at.Update == 0 {
		return nil, nil
	}
	key := Position{p.Branch, at.Update} // of one state each branch has its own summary: its settings differ
	r.mu.RLock()
	s, known := r.found[key]
	r.mu.RUnlock()
	if known {
		return s, nil
	}
	raw, err := r.run.CheckpointMeta(at.Branch, at.Update)
	if err != nil {
		return nil, err
	}
	var meta stateMeta
	if err := json.Unmarshal([]byte(raw["ra3"]), &meta); err != nil {
		return nil, fmt.Errorf("checkpoint %s: its metadata is broken: %w; scrub to another position", at, err)
	}
	if len(meta.Results.Passes) > 0 {
		s = Summarise(info.Config, &meta.Results, meta.Seconds)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found == nil {
		r.found = map[Position]*Summary{}
	}
	r.found[key] = s
	return s, nil
}

// RecordOf is the past of a run that is written nowhere.
func RecordOf(base Config, events []store.Event) *Record { return bareRecord(base, events) }
