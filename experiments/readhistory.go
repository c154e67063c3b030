package experiments

import "ra3/experiments/store"

// ReadHistory reads and indexes a stored run's log.
func ReadHistory(run *store.Run) (*History, []store.Notice, error) {
	events, notices, err := run.Events()
	if err != nil {
		return nil, nil, err
	}
	branches, err := run.Branches()
	if err != nil {
		return nil, nil, err
	}
	h, err := HistoryOf(branches, events)
	return h, notices, err
}

// Whole is the line of a branch from its beginning to its head.
func (h *History) Whole(branch string) []store.Event {
	return h.Line(branch, 0, h.Head(branch).Update)
}

// ConfigOfBranch reads the configuration of a branch of a stored run.
func ConfigOfBranch(run *store.Run, branch string) (Config, error) {
	base, err := ConfigOf(run)
	if err != nil {
		return base, err
	}
	branches, err := run.Branches()
	if err != nil {
		return base, err
	}
	c, _, err := along(base, branches, branch)
	return c, err
}

// SummaryOfBranch reads what a branch has found; nil while it is not finished.
func SummaryOfBranch(run *store.Run, branch string) (*Summary, error) { return summaryOf(run, branch) }

// ReadRecord reads a stored run's past.
func ReadRecord(run *store.Run) (*Record, []store.Notice, error) {
	events, notices, err := run.Events()
	if err != nil {
		return nil, nil, err
	}
	base, err := ConfigOf(run)
	if err != nil {
		return nil, nil, err
	}
	r, err := newRecord(run, base, events)
	return r, notices, err
}
