package theory

import (
	"context"
	"math/rand/v2"

	"ra3/core/theory/mdp"
)

// Demonstration is what an expert shows of a task: an optimal policy, among
// equals the decisions that last longest, and the decisions it can come to use
// from the task's start.
type Demonstration struct {
	Problem *mdp.Problem
	Best    float64 // V* from the start, with all candidates
	Policy  mdp.Policy
	Used    Set
	Rows    []int // rows used, in the order found from the start
}

// demonstrate shows a task in every lane. The best value is that of actions
// alone, of which options are made, so that one solution serves all lanes.
func (w *World) demonstrate(ctx context.Context, p *mdp.Problem) ([]Demonstration, error) {
	v, err := p.Solve(ctx, w.actionRows)
	if err != nil {
		return nil, err
	}
	best := v[p.Task.Start]
	if err := w.reachable(p.Task, best); err != nil {
		return nil, err
	}
	return []Demonstration{w.shown(p, w.actionRows, v), w.shown(p, nil, v)}, nil
}

// shown is the demonstration of the best policy by v among the rows of a mask.
func (w *World) shown(p *mdp.Problem, mask []bool, v []float64) Demonstration {
	d := Demonstration{Problem: p, Best: v[p.Task.Start], Policy: p.Greedy(mask, v, true), Used: make(Set, w.Model.Decisions())}
	d.Rows = p.Reached(d.Policy)
	for _, i := range d.Rows {
		_, z := w.Model.Row(i)
		d.Used[z] = true
	}
	return d
}

// demos draws a repeat's demonstrations, by lane.
func (w *World) demos(ctx context.Context, repeat, n int) ([lanes][]Demonstration, error) {
	rng := rand.New(rand.NewPCG(uint64(w.Settings.Seed), uint64(streamDemos+repeat)))
	var out [lanes][]Demonstration
	for range n {
		p, err := w.Model.Problem(w.Family.Draw(rng))
		if err != nil {
			return out, err
		}
		ds, err := w.demonstrate(ctx, p)
		if err != nil {
			return out, err
		}
		for l, d := range ds {
			out[l] = append(out[l], d)
		}
	}
	return out, nil
}

// union is what the experts of demonstrations used.
func union(ds []Demonstration) Set {
	out := ds[0].Used.clone()
	for _, d := range ds[1:] {
		for z, in := range d.Used {
			out[z] = out[z] || in
		}
	}
	return out
}

// minimal is a subset of the experts' decisions that loses at most epsilon on
// each demonstrated task and of which nothing can go without losing more: what
// fewest experts used is tried first.
func (w *World) minimal(ctx context.Context, ds []Demonstration, epsilon float64) (Set, error) {
	kept := union(ds)
	uses := make([]int, len(kept))
	now := make([]Set, len(ds)) // what each expert uses of the kept
	for i, d := range ds {
		now[i] = d.Used
		for z, in := range d.Used {
			if in {
				uses[z]++
			}
		}
	}
	for range kept.Size() - 1 {
		least := -1
		for z, in := range kept {
			if in && uses[z] >= 0 && (least < 0 || uses[z] < uses[least]) {
				least = z
			}
		}
		if least < 0 {
			break
		}
		uses[least] = -1 // tried
		kept[least] = false
		mask, err := w.Model.Mask(kept)
		if err != nil {
			kept[least] = true // it was the last
			continue
		}
		then, ok := append([]Set(nil), now...), true
		for i, d := range ds {
			if !now[i][least] {
				continue // the expert's policy is still there
			}
			v, err := d.Problem.Solve(ctx, mask)
			if err != nil {
				return nil, err
			}
			if ok = d.Best-v[d.Problem.Task.Start] <= epsilon; !ok {
				break
			}
			then[i] = w.shown(d.Problem, mask, v).Used
		}
		kept[least] = !ok
		if ok {
			now = then
		}
	}
	return kept, nil
}

// smallest is a smallest set of the first candidates that loses at most epsilon on
// each demonstrated task, by trying them all.
func (w *World) smallest(ctx context.Context, ds []Demonstration, candidates int, epsilon float64) (Set, error) {
	n := candidates
	best := union(ds)
	size := best.Size()
	for bits := 1; bits < 1<<n; bits++ {
		s := make(Set, w.Model.Decisions())
		for z := range n {
			s[z] = bits>>z&1 == 1
		}
		if s.Size() >= size {
			continue
		}
		mask, err := w.Model.Mask(s)
		if err != nil {
			continue // options that may start nowhere
		}
		ok := true
		for _, d := range ds {
			v, err := d.Problem.Solve(ctx, mask)
			if err != nil {
				return nil, err
			}
			if ok = d.Best-v[d.Problem.Task.Start] <= epsilon; !ok {
				break
			}
		}
		if ok {
			best, size = s, s.Size()
		}
	}
	return best, nil
}

// fewTrials bounds the search for the smallest set: sets times demonstrations.
const fewTrials = 512

// exhaustive says whether the smallest set is searched for among all.
func exhaustive(candidates, demos int) bool {
	return candidates < 10 && demos<<candidates <= fewTrials
}
