package theory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"ra3/core/measure"
	"ra3/core/parallel"
	"ra3/core/theory/family"
	"ra3/core/theory/mdp"
)

// Streams of the seed, so that a change of one setting redraws no more than it
// must.
const (
	streamFamily = iota + 1
	streamFresh
	streamLearn
	streamDiscover
	streamDemos = 1 << 20 // and up: one a repeat
)

// World is a family with its exact model and the fresh tasks that everything is
// measured on.
type World struct {
	Settings Settings
	Family   *family.Family
	Model    *mdp.Model
	Fresh    []*mdp.Problem
	Best     []float64 // V* of every fresh task from its start, with everything

	actionRows []bool // mask of the rows that are actions
	experts    [lanes][]Demonstration
	threads    int
	mu         sync.Mutex
	lost       map[string][]float64 // pruning error of the fresh tasks by kept set
}

// New builds the world that settings describe and solves its fresh tasks. It
// fails in one line on settings out of range and on goals out of reach.
func New(ctx context.Context, s Settings, threads int) (*World, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	f, err := family.New(ctx, s.family(), rand.New(rand.NewPCG(uint64(s.Seed), streamFamily)))
	if err != nil {
		return nil, err
	}
	model, err := mdp.NewModel(ctx, f.MDP, f.Options)
	if err != nil {
		return nil, err
	}
	w := &World{Settings: s, Family: f, Model: model, threads: threads, lost: map[string][]float64{}}
	if w.actionRows, err = model.Mask(w.Actions()); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(uint64(s.Seed), streamFresh))
	w.Fresh, w.Best = make([]*mdp.Problem, s.Tasks), make([]float64, s.Tasks)
	for i := range w.Fresh {
		if w.Fresh[i], err = model.Problem(f.Draw(rng)); err != nil {
			return nil, err
		}
	}
	for l := range w.experts {
		w.experts[l] = make([]Demonstration, s.Tasks)
	}
	err = w.each(s.Tasks, func(i int) error {
		ds, err := w.demonstrate(ctx, w.Fresh[i])
		for l, d := range ds {
			w.experts[l][i], w.Best[i] = d, d.Best
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// reachable refuses a task of which nothing can be had.
func (w *World) reachable(t mdp.Task, best float64) error {
	if best > 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be reached from %s: open doors, or add actions", t.Name, w.Family.Label(t.Start))
}

// each calls fn for 0 to n-1 on the world's threads; the error is that of the
// first that failed.
func (w *World) each(n int, fn func(i int) error) error {
	errs := make([]error, n)
	parallel.For(w.threads, n, func(i, _ int) { errs[i] = fn(i) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Set is a set of decisions, [decisions].
type Set []bool

// Size is how many decisions are in the set.
func (s Set) Size() int {
	n := 0
	for _, in := range s {
		if in {
			n++
		}
	}
	return n
}

func (s Set) key() string {
	b := make([]byte, len(s))
	for i, in := range s {
		if in {
			b[i] = 1
		}
	}
	return string(b)
}

// holds says whether all of t is in s.
func (s Set) holds(t Set) bool {
	for z, in := range t {
		if in && !s[z] {
			return false
		}
	}
	return true
}

func (s Set) clone() Set { return append(Set(nil), s...) }

// Actions is the set of all actions without options; everything that of both.
func (w *World) Actions() Set {
	s := make(Set, w.Model.Decisions())
	for a := range w.Model.Actions {
		s[a] = true
	}
	return s
}

// Everything is all actions and options.
func (w *World) Everything() Set {
	s := make(Set, w.Model.Decisions())
	for z := range s {
		s[z] = true
	}
	return s
}

// Names lists the decisions of a set.
func (w *World) Names(s Set) []string {
	var out []string
	for z, in := range s {
		if in {
			out = append(out, w.Model.Name(z))
		}
	}
	return out
}

// PruningError of a kept set on every fresh task: V*(all) - V*(kept), from the
// task's start. Results are kept.
func (w *World) PruningError(ctx context.Context, kept Set) ([]float64, error) {
	w.mu.Lock()
	known := w.lost[kept.key()]
	w.mu.Unlock()
	if known != nil {
		return known, nil
	}
	mask, err := w.Model.Mask(kept)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(w.Fresh))
	err = w.each(len(out), func(i int) error {
		for _, experts := range w.experts {
			if kept.holds(experts[i].Used) {
				return nil // an optimal policy is left
			}
		}
		v, err := w.Fresh[i].Solve(ctx, mask)
		if err == nil {
			out[i] = max(0, w.Best[i]-v[w.Fresh[i].Task.Start])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.lost[kept.key()] = out
	w.mu.Unlock()
	return out, nil
}

// level of all intervals.
const level = 0.95

// Estimate is a mean with its 95% interval; what is not known is null in JSON.
type Estimate struct {
	Mean Number `json:"mean"`
	Lo   Number `json:"lo"`
	Hi   Number `json:"hi"`
	N    int    `json:"n"`
}

// over is the mean of values with Student's interval.
func over(values []float64) Estimate {
	e := measure.TInterval(values, level)
	return Estimate{Number(e.Mean), Number(e.Lo), Number(e.Hi), e.N}
}
