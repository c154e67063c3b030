package experiments

import (
	"fmt"
	"slices"
	"sort"
	"sync"

	"ra3/experiments/store"
)

// History indexes a run's log by branch and update, so that what was known at
// any position is found without reading the log again. It only grows, and may
// be used from several goroutines.
type History struct {
	mu    sync.RWMutex
	order []string
	lines map[string]*line
}

// line holds a branch's own records.
type line struct {
	store.Branch
	own    []store.Event
	spans  []Span // of own; From and To count own records
	tracks map[Key]*track
}

// Key names a measure: the same one of another lane or phase is another.
type Key struct{ Lane, Phase, Measure string }

// track holds the values of one measure in a branch's own records.
type track struct {
	at     []int32 // index of the record
	values []float64
}

// Point is a measure's value with the record it came from.
type Point struct {
	Value  float64
	Seed   int
	Seq    int64
	Branch string // that wrote the record
	Update int    // position of the record along the line
}

// NewHistory returns the history of a run that has only begun.
func NewHistory() *History {
	h := &History{lines: map[string]*line{}}
	h.get(store.Main)
	return h
}

// HistoryOf indexes a log with its branches.
func HistoryOf(branches []store.Branch, events []store.Event) (*History, error) {
	h := NewHistory()
	for _, b := range branches {
		if err := h.AddBranch(b); err != nil {
			return nil, err
		}
	}
	h.Add(events...)
	return h, nil
}

func (h *History) get(branch string) *line {
	l := h.lines[branch]
	if l == nil {
		l = &line{Branch: store.Branch{Name: branch}, tracks: map[Key]*track{}}
		h.lines[branch] = l
		h.order = append(h.order, branch)
	}
	return l
}

// AddBranch adds a branch, whose parent must be there.
func (h *History) AddBranch(b store.Branch) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.lines[b.Parent]; !ok {
		return fmt.Errorf("branch %s leaves %q, which is not there", b.Name, b.Parent)
	}
	if old, ok := h.lines[b.Name]; ok && (old.Parent != "" || b.Name == store.Main) {
		return fmt.Errorf("branch %s is there already", b.Name)
	}
	h.get(b.Name).Branch = b
	return nil
}

// Add appends records in the order of the log. Only updates are positions;
// records of other kinds are passed over.
func (h *History) Add(events ...store.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		if e.Kind != updateKind {
			continue
		}
		l := h.get(e.Branch)
		i := len(l.own)
		l.own = append(l.own, e)
		stage := stageOf(e)
		if n := len(l.spans); n > 0 && l.spans[n-1].Stage == stage {
			l.spans[n-1].To = i + 1
		} else {
			l.spans = append(l.spans, Span{Stage: stage, Branch: e.Branch, From: i, To: i + 1})
		}
		for name, v := range e.Measures {
			k := Key{e.Lane, e.Phase, name}
			t := l.tracks[k]
			if t == nil {
				t = &track{}
				l.tracks[k] = t
			}
			t.at, t.values = append(t.at, int32(i)), append(t.values, v)
		}
	}
}

// updateKind is the kind of events that are updates.
const updateKind = "update"

// stageOf is the stage that a record belongs to, but for its length.
func stageOf(e store.Event) Stage {
	return Stage{Seed: e.Seed, Lane: e.Lane, Phase: e.Phase, Iteration: e.Iteration}
}

// Branches lists the branches, main first, in the order of their making.
func (h *History) Branches() []store.Branch {
	h.mu.RLock()
	defer h.mu.RUnlock()
	out := make([]store.Branch, len(h.order))
	for i, name := range h.order {
		out[i] = h.lines[name].Branch
	}
	return out
}

// Head is the last position of a branch; of an unknown one 0.
func (h *History) Head(branch string) Position {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return Position{branch, h.head(branch)}
}

func (h *History) head(branch string) int {
	l := h.lines[branch]
	if l == nil {
		return 0
	}
	return l.Update + len(l.own)
}

// part is a stretch of one branch's own records on another's line.
type part struct {
	*line
	n int // of its own records
}

// parts are the branches behind a position, the oldest first. h.mu is held.
func (h *History) parts(p Position) []part {
	var ps []part
	update := max(0, min(p.Update, h.head(p.Branch)))
	for l := h.lines[p.Branch]; l != nil; l = h.lines[l.Parent] {
		if update > l.Update || l.Parent == "" {
			ps = append(ps, part{l, min(max(0, update-l.Update), len(l.own))})
		}
		update = min(update, l.Update)
	}
	slices.Reverse(ps)
	return ps
}

// Clamp moves a position into its branch's line.
func (h *History) Clamp(p Position) Position {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return Position{p.Branch, max(0, min(p.Update, h.head(p.Branch)))}
}

// Line returns the records of a branch's line from update from+1 up to to; they
// must not be changed.
func (h *History) Line(branch string, from, to int) []store.Event {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var out []store.Event
	for _, p := range h.parts(Position{branch, to}) {
		own := p.own[:p.n:p.n]
		if skip := min(max(0, from-p.Update), len(own)); skip > 0 {
			own = own[skip:]
		}
		if out == nil {
			out = own // a single stretch needs no copy
		} else {
			out = append(out[:len(out):len(out)], own...)
		}
	}
	return out
}

// Event is the record of the update that led to a position; ok is false at 0.
func (h *History) Event(p Position) (e store.Event, ok bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	ps := h.parts(p)
	if len(ps) == 0 || p.Update < 1 || p.Update > h.head(p.Branch) {
		return store.Event{}, false
	}
	last := ps[len(ps)-1]
	if last.n == 0 {
		return store.Event{}, false
	}
	return last.own[last.n-1], true
}

// PositionOf finds the record with a number of the log.
func (h *History) PositionOf(seq int64) (Position, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, name := range h.order {
		l := h.lines[name]
		i := sort.Search(len(l.own), func(i int) bool { return l.own[i].Seq >= seq })
		if i < len(l.own) && l.own[i].Seq == seq {
			return Position{name, l.Update + i + 1}, true
		}
	}
	return Position{}, false
}

// Moment is what was known at a position: of every measure its latest value.
type Moment struct {
	Position
	Event  store.Event // of the update that led here; zero at the beginning
	Values map[Key]Point
}

// Value looks a measure up.
func (m Moment) Value(lane, phase, measure string) (Point, bool) {
	p, ok := m.Values[Key{lane, phase, measure}]
	return p, ok
}

// At gives the state of all measures at a position, which is moved into its
// branch's line. It takes time in the number of measures, not of records.
func (h *History) At(p Position) Moment {
	h.mu.RLock()
	defer h.mu.RUnlock()
	p.Update = max(0, min(p.Update, h.head(p.Branch)))
	m := Moment{Position: p, Values: map[Key]Point{}}
	for _, part := range h.parts(p) {
		for k, t := range part.tracks {
			i := sort.Search(len(t.at), func(i int) bool { return int(t.at[i]) >= part.n }) - 1
			if i >= 0 {
				e := &part.own[t.at[i]]
				m.Values[k] = Point{t.values[i], e.Seed, e.Seq, part.Name, part.Update + int(t.at[i]) + 1}
			}
		}
		if part.n > 0 {
			m.Event = part.own[part.n-1]
		}
	}
	return m
}
