package experiments

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"ra3/experiments/store"
)

// Fired says which condition paused the engine, and where.
type Fired struct {
	Condition Condition
	Position  Position
	Seq       int64
	Lane      string
	Phase     string
	Measure   string
	Value     float64
}

// String is one line.
func (f Fired) String() string {
	text := fmt.Sprintf("%s fired at %s", f.Condition, f.Position)
	if f.Measure != "" {
		text += fmt.Sprintf(" (%s %s %s = %.4g)", f.Lane, f.Phase, f.Measure, f.Value)
	}
	return text
}

// watcher looks for a condition in a branch's records as they come.
type watcher struct {
	Condition
	// level: a value that already stands on the other side fires too, as a run
	// until a condition asks; a breakpoint fires when it gets there.
	level bool
	seen  map[watched]*window
}

// watched is one measure of one stage: seeds, lanes and phases are watched apart.
type watched struct {
	seed                 int
	lane, phase, measure string
}

type window struct {
	held   bool // the condition held at the last value
	values []float64
}

func newWatcher(c Condition, level bool) *watcher {
	return &watcher{Condition: c, level: level, seen: map[watched]*window{}}
}

// see takes the record that led to a position; nil unless the condition fires.
func (w *watcher) see(e store.Event, at Position) *Fired {
	fired := func(measure string, v float64) *Fired {
		return &Fired{Condition: w.Condition, Position: at, Seq: e.Seq, Lane: e.Lane, Phase: e.Phase, Measure: measure, Value: v}
	}
	if w.Kind == Reaches {
		if at.Update == w.N {
			return fired("", math.NaN())
		}
		return nil
	}
	if w.Lane != "" && w.Lane != e.Lane || w.Phase != "" && w.Phase != e.Phase {
		return nil
	}
	if w.Measure == "" {
		for _, name := range slices.Sorted(maps.Keys(e.Measures)) {
			if v := e.Measures[name]; math.IsNaN(v) || math.IsInf(v, 0) {
				return fired(name, v)
			}
		}
		return nil
	}
	v, ok := e.Measures[w.Measure]
	if !ok {
		return nil
	}
	key := watched{e.Seed, e.Lane, e.Phase, w.Measure}
	win := w.seen[key]
	if win == nil {
		win = &window{}
		w.seen[key] = win
	}
	holds := false
	switch w.Kind {
	case NotFinite:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fired(w.Measure, v)
		}
	case Crosses:
		holds = w.holds(v)
	case Flat:
		if win.values = append(win.values, v); len(win.values) > w.N {
			win.values = win.values[1:]
		}
		holds = len(win.values) == w.N && isFlat(win.values, w.Within)
	}
	was := win.held
	win.held = holds
	if holds && (!was || w.level) {
		return fired(w.Measure, v)
	}
	return nil
}

// isFlat compares the means of the two halves: within a given difference, or
// within two standard errors of it. Values that are not finite are never flat.
func isFlat(xs []float64, within float64) bool {
	half := len(xs) / 2
	m1, se1 := meanAndError(xs[:half])
	m2, se2 := meanAndError(xs[len(xs)-half:])
	d := math.Abs(m2 - m1)
	if within > 0 {
		return d < within
	}
	return d <= 2*math.Hypot(se1, se2) // false for NaN
}

func meanAndError(xs []float64) (mean, se float64) {
	n := float64(len(xs))
	for _, x := range xs {
		mean += x / n
	}
	for _, x := range xs {
		se += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(se / (n - 1) / n)
}
