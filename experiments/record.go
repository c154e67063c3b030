package experiments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"ra3/experiments/store"
)

// Record is a run's past as faces read it: its branches, the index of its log,
// and what is stored of its states. It may be used from several goroutines;
// methods that read files say so.
type Record struct {
	run  *store.Run // nil: nothing is stored
	base Config     // main's

	mu      sync.RWMutex
	history *History
	infos   map[string]BranchInfo // without Made and Finished
	states  map[Position]bool     // kept, by the branch that wrote them
	views   map[Position]bool
	found   map[Position]*Summary // what SummaryAt read
}

// newRecord reads branches and what is stored, and indexes the log.
func newRecord(run *store.Run, base Config, events []store.Event) (*Record, error) {
	r := bareRecord(base, nil)
	plan, err := planned(base)
	if err != nil {
		return nil, err
	}
	main := r.infos[store.Main]
	main.Plan = plan
	r.infos[store.Main] = main
	if r.run = run; run != nil {
		if err := r.readBranches(); err != nil {
			return nil, err
		}
	}
	r.history.Add(events...)
	return r, r.scan()
}

// bareRecord is that of a run that is not written to disk.
func bareRecord(base Config, events []store.Event) *Record {
	r := &Record{base: base, history: NewHistory(), infos: map[string]BranchInfo{}, states: map[Position]bool{}, views: map[Position]bool{}}
	r.infos[store.Main] = BranchInfo{Branch: store.Branch{Name: store.Main, Random: store.Common}, Config: base, Plan: Plan(base)}
	r.history.Add(events...)
	return r
}

// planned is the plan of a configuration as it is stored.
func planned(c Config) ([]Stage, error) {
	if !c.Has("ntp-compute") {
		return Plan(c), nil // without a look at the domain
	}
	w, err := newWorld(c.RA3)
	if err != nil {
		return nil, err
	}
	c, err = c.computed(context.Background(), w)
	return Plan(c), err
}

// addBranch adds a branch that is stored.
func (r *Record) addBranch(b store.Branch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	parent, ok := r.infos[b.Parent]
	if !ok {
		return fmt.Errorf("branch %s leaves %q, which is not there", b.Name, b.Parent)
	}
	c, err := parent.Config.with(b.Overrides)
	if err != nil {
		return fmt.Errorf("branch %s: %w", b.Name, err)
	}
	changes, err := ConfigDiff(parent.Config, c)
	if err != nil {
		return err
	}
	plan, err := planned(c)
	if err != nil {
		return fmt.Errorf("branch %s: %w", b.Name, err)
	}
	mixed, err := Mixed(parent.Config, c, b.Update)
	if err != nil {
		return err
	}
	if err := r.history.AddBranch(b); err != nil {
		return err
	}
	r.infos[b.Name] = BranchInfo{Branch: b, Config: c, Plan: plan, Changes: changes, Mixed: slices.Concat(parent.Mixed, mixed)}
	return nil
}

// readBranches adds the branches that are stored and not known yet.
func (r *Record) readBranches() error {
	branches, err := r.run.Branches()
	if err != nil {
		return err
	}
	for _, b := range branches {
		if _, ok := r.Branch(b.Name); ok {
			continue
		}
		if err := r.addBranch(b); err != nil {
			return err
		}
	}
	return nil
}

// reset forgets the log, which was cut, and keeps the branches.
func (r *Record) reset() error {
	h, err := HistoryOf(r.History().Branches()[1:], nil)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = h
	return nil
}

// scan looks what states and views are stored now. It reads directories.
func (r *Record) scan() error {
	if r.run == nil {
		return nil
	}
	all, err := r.run.Checkpoints()
	if err != nil {
		return err
	}
	states := map[Position]bool{}
	for _, c := range all {
		if c.Branch == store.Main || store.CheckBranchName(c.Branch) == nil {
			states[Position{c.Branch, c.Update}] = true
		}
	}
	stored, err := r.run.Looks()
	if err != nil {
		return err
	}
	views := map[Position]bool{}
	for _, v := range stored {
		views[Position(v)] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states, r.views = states, views
	return nil
}

// History is the index of the log.
func (r *Record) History() *History {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.history
}

// Branches lists the branches, main first, in the order of their making.
func (r *Record) Branches() []BranchInfo {
	var out []BranchInfo
	for _, b := range r.History().Branches() {
		if i, ok := r.Branch(b.Name); ok {
			out = append(out, i)
		}
	}
	return out
}

// Branch is one branch; ok is false for a name that there is not.
func (r *Record) Branch(name string) (i BranchInfo, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if i, ok = r.infos[name]; !ok {
		return i, false
	}
	i.Made, i.Total = r.history.Head(name).Update, updatesIn(i.Plan)
	i.Finished = i.Made >= i.Total
	return i, true
}

func updatesIn(plan []Stage) int {
	n := 0
	for _, s := range plan {
		n += s.Updates
	}
	return n
}

// owner names a position by the branch that wrote it.
func (r *Record) owner(p Position) Position {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for i := r.infos[p.Branch]; i.Parent != "" && p.Update <= i.Update; i = r.infos[p.Branch] {
		p.Branch = i.Parent
	}
	return p
}

// leaves is the branch whose settings hold at a position: the owner, but at a
// branch's very beginning that branch.
func (r *Record) leaves(p Position) Position {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for i := r.infos[p.Branch]; i.Parent != "" && p.Update < i.Update; i = r.infos[p.Branch] {
		p.Branch = i.Parent
	}
	return p
}

// stored names the state at a position; ok is false where none is kept.
func (r *Record) stored(p Position) (at Position, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for {
		if r.states[p] {
			return p, true
		}
		i := r.infos[p.Branch]
		if i.Parent == "" || p.Update > i.Update {
			return p, false
		}
		p.Branch = i.Parent
	}
}

// StageMark is a stage on a branch's timeline: updates From+1 to To of its line.
type StageMark struct {
	Stage
	Index    int // in the plan
	From, To int
	Made     int    // updates of it made
	Branch   string // that wrote, or will write, its end
	State    bool   // the state at To is kept: a branch can leave there
	View     bool   // so is the look at example traces there
}

// Timeline lists the stages of a branch's plan with what is kept of each.
func (r *Record) Timeline(branch string) []StageMark {
	info, ok := r.Branch(branch)
	if !ok {
		return nil
	}
	marks := make([]StageMark, len(info.Plan))
	at := 0
	for i, s := range info.Plan {
		end := r.owner(Position{branch, at + s.Updates})
		marks[i] = StageMark{Stage: s, Index: i, From: at, To: at + s.Updates, Made: max(0, min(info.Made-at, s.Updates)), Branch: end.Branch}
		if marks[i].Made == s.Updates {
			marks[i].State = r.Kept(end)
			r.mu.RLock()
			marks[i].View = r.views[end]
			r.mu.RUnlock()
		}
		at += s.Updates
	}
	return marks
}

// Kept reports whether the state at a position is stored, so that a branch can
// leave there; the beginning always is.
func (r *Record) Kept(p Position) bool {
	_, ok := r.stored(p)
	return ok || p.Update == 0
}

// NearestKept is the last position at or before p that a branch can leave from.
func (r *Record) NearestKept(p Position) Position {
	for p = r.History().Clamp(p); p.Update > 0 && !r.Kept(p); p.Update-- {
	}
	return p
}

// errNothingStored is what a run that is written nowhere answers.
var errNothingStored = errors.New("this run is not written to disk")

// Summary reads what a branch has found; nil while it is not finished.
func (r *Record) Summary(branch string) (*Summary, error) {
	if r.run == nil {
		return nil, errNothingStored
	}
	return summaryOf(r.run, branch)
}

// ConfigDiff lists the settings in which b differs from a, by name. Of a table
// that one of them lacks, From or To is "".
func ConfigDiff(a, b Config) ([]Change, error) {
	from, err := a.settings()
	if err != nil {
		return nil, err
	}
	to, err := b.settings()
	if err != nil {
		return nil, err
	}
	var out []Change
	for field, v := range to {
		x, ok := from[field]
		c := Change{Field: field, To: tomlValue(v)}
		if ok {
			c.From = tomlValue(x)
		}
		if c.From != c.To {
			out = append(out, c)
		}
	}
	for field, v := range from {
		if _, ok := to[field]; !ok {
			out = append(out, Change{Field: field, From: tomlValue(v)})
		}
	}
	slices.SortFunc(out, func(x, y Change) int {
		if x.Field < y.Field {
			return -1
		}
		return 1
	})
	return out, nil
}

// with lays settings over a configuration.
func (c Config) with(settings []string) (Config, error) {
	if len(settings) == 0 {
		return c, nil
	}
	doc, err := c.TOML()
	if err != nil {
		return c, err
	}
	out, err := Resolve(c.Preset, doc, settings)
	return out, err
}
