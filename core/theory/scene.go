package theory

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/measure"
)

// Scene is one fresh task to look at: the values of its states with the decisions
// kept, and the way of the best policy there, or of one option.
type Scene struct {
	Task    string
	Kept    string
	Start   int
	Pays    []int     // states that pay
	Best    float64   // V*(all) from the start
	Values  []float64 // V*(kept) of every state
	Option  string    // whose way it is; "" for the best policy's
	Way     []Stride
	Options []string // that a way can be asked for
}

// Stride is one step of the way.
type Stride struct {
	State, Action int
	Entered       int
	Decision      string  // in force
	Begins        bool    // the decision was taken here
	Lasts         float64 // discount-equivalent steps, where it begins
}

// longestWay bounds the steps of a way that is shown.
const longestWay = 400

// Scene solves fresh task number i in a kept set. With option at 0 or above the
// way is that option's, from the task's start or, where it cannot start there,
// from where it lasts longest.
func (w *World) Scene(ctx context.Context, i int, k Kept, option int) (Scene, error) {
	n := len(w.Fresh)
	i = ((i % n) + n) % n
	p := w.Fresh[i]
	s := Scene{Task: p.Task.Name, Kept: k.Name, Start: p.Task.Start, Best: w.Best[i]}
	for _, r := range p.Task.Pays {
		s.Pays = append(s.Pays, r.State)
	}
	for _, o := range w.Model.Options {
		s.Options = append(s.Options, o.Name)
	}
	mask, err := w.Model.Mask(k.Set)
	if err != nil {
		return s, err
	}
	if s.Values, err = p.Solve(ctx, mask); err != nil {
		return s, err
	}
	rng := rand.New(rand.NewPCG(uint64(w.Settings.Seed), uint64(i)))
	if option >= 0 && option < len(w.Model.Options) {
		s.Option = w.Model.Options[option].Name
		if row := w.beginning(p.Task.Start, option); row >= 0 {
			w.stride(&s, row, rng)
		}
		return s, nil
	}
	pi := p.Greedy(mask, s.Values, true)
	for at := p.Task.Start; len(s.Way) < min(longestWay, w.Family.Horizon); {
		row := int(pi[at])
		if row < 0 || w.Model.Last(row) {
			break
		}
		at = w.stride(&s, row, rng)
	}
	return s, nil
}

// beginning is the row of an option in a state, or the one where it lasts
// longest; -1 if it may start nowhere.
func (w *World) beginning(state, option int) int {
	best := -1
	for i := range w.Model.Rows() {
		s, z := w.Model.Row(i)
		switch {
		case z != w.Model.Actions+option:
		case s == state:
			return i
		case best < 0 || w.Model.Duration(i) > w.Model.Duration(best):
			best = i
		}
	}
	return best
}

// stride walks one decision and returns where it ended.
func (w *World) stride(s *Scene, row int, rng *rand.Rand) int {
	at, z := w.Model.Row(row)
	begins := true
	return w.Model.Run(at, z, longestWay, rng, func(st, a, to int) {
		x := Stride{State: st, Action: a, Entered: to, Decision: w.Model.Name(z), Begins: begins}
		if begins {
			x.Lasts = w.Model.Duration(row)
		}
		s.Way = append(s.Way, x)
		begins = false
	})
}

// Figure is the scene for print: of rooms the values as a map, of other families
// those along the way.
func (w *World) Figure(s Scene) measure.Figure {
	way := "best policy"
	if s.Option != "" {
		way = "option " + s.Option
	}
	f := measure.Figure{Name: "scene", Title: "Values: " + s.Task, Caption: fmt.Sprintf("V* with %s kept, best %.3f from %s with everything. %s", s.Kept, s.Best, w.Family.Label(s.Start), w.Report().world())}
	if g := w.Family.Map; g != nil {
		f.Kind, f.ZLabel, f.XLabel, f.YLabel = measure.Heat, "value", "column", "row"
		for x := range g.W {
			f.Categories = append(f.Categories, fmt.Sprint(x))
		}
		for y := range g.H {
			row := measure.Series{Name: fmt.Sprint(y)}
			for x := range g.W {
				if st := g.Cell[y*g.W+x]; st >= 0 {
					row.X, row.Y = append(row.X, float64(x)), append(row.Y, s.Values[st])
				}
			}
			f.Series = append(f.Series, row)
		}
		return f
	}
	f.Kind, f.XLabel, f.YLabel = measure.Lines, "step of the "+way, "value of the state"
	line := measure.Series{Name: way}
	for t, x := range s.Way {
		line.X, line.Y = append(line.X, float64(t)), append(line.Y, s.Values[x.State])
		if t == len(s.Way)-1 {
			line.X, line.Y = append(line.X, float64(t+1)), append(line.Y, s.Values[x.Entered])
		}
	}
	f.Series = []measure.Series{line}
	return f
}
