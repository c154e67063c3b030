package mdp

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Problem is a task under a model: the expected discounted reward of every row.
type Problem struct {
	*Model
	Task Task

	pays []float64 // [rows]: sum_s' D(s, s') r(s')
}

// Problem puts a task's rewards on the model.
func (m *Model) Problem(t Task) (*Problem, error) {
	r, err := t.rewards(m.States)
	if err != nil {
		return nil, err
	}
	p := &Problem{Model: m, Task: t, pays: make([]float64, len(m.rows))}
	for i, row := range m.rows {
		for _, e := range row.enters {
			p.pays[i] += e.w * r[e.to]
		}
	}
	return p, nil
}

// Q is the value of taking a row's decision and going on from where it ends with
// values v.
func (p *Problem) Q(i int, v []float64) float64 {
	r := &p.rows[i]
	q := p.pays[i] + r.self*v[r.state]
	for _, e := range r.ends {
		q += e.w * v[e.to]
	}
	return q
}

// A sweep that changes values by less than exact of 1-gamma, or by less than
// rounding does, leaves them solved; both are shares of the largest value.
const (
	exact    = 1e-12
	rounding = 4e-15
)

// Solve computes V* with the decisions of the mask (nil: all), [states], by
// Gauss-Seidel value iteration, a decision that ends where it began being
// counted to its end, so that deterministic tasks are solved exactly after a few
// sweeps. In a state where nothing is kept the task ends: its value is 0. The
// error in the largest norm is at most 1e-12 of the largest value, or, at discounts
// above 0.996, what rounding leaves: 4e-15/(1-gamma) of it.
func (p *Problem) Solve(ctx context.Context, mask []bool) ([]float64, error) {
	v := make([]float64, p.States)
	return v, p.solve(ctx, mask, v)
}

// solve improves v, which must not exceed V*, until it is V*.
func (p *Problem) solve(ctx context.Context, mask []bool, v []float64) error {
	for sweep := range maxSweeps {
		if sweep > 0 && sweep%leap == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("value iteration: %w", err)
			}
			if err := p.leap(mask, v, sweep); err != nil {
				return err
			}
		}
		moved, largest := 0.0, 0.0
		for k := range p.States {
			s := k
			if sweep%2 == 1 {
				s = p.States - 1 - k
			}
			best := p.improve(s, mask, v)
			moved = max(moved, best-v[s], v[s]-best)
			v[s] = best
			largest = max(largest, best)
		}
		if moved <= max(exact*(1-p.Gamma), rounding)*largest {
			return nil
		}
	}
	return fmt.Errorf("value iteration does not settle at discount %g: lower the discount", p.Gamma)
}

// After so many sweeps that did not settle the values, again and again, the
// greedy policy is evaluated: a step of policy iteration, for cycles that sweeps
// go round slowly. A policy without branches is cheap to evaluate, others take a
// linear solve.
const (
	leap      = 6
	denseLeap = 96
)

// leap replaces v by the values of its greedy policy, which are no worse.
func (p *Problem) leap(mask []bool, v []float64, sweep int) error {
	pi := p.Greedy(mask, v, false)
	x, ok := p.walks(pi)
	if !ok {
		if sweep%denseLeap != 0 || p.States > denseNodes {
			return nil
		}
		var err error
		if x, err = p.dense(pi); err != nil {
			return err
		}
	}
	for s := range v {
		v[s] = max(v[s], x[s])
	}
	return nil
}

// walks is the value of a policy in every state, if none of its decisions has
// more than one state to end in besides where it began: from every state a walk
// that stops, or closes on itself and then repeats.
func (p *Problem) walks(pi Policy) ([]float64, bool) {
	v, pays := make([]float64, p.States), make([]float64, p.States)
	w, next := make([]float64, p.States), make([]int32, p.States)
	for s, i := range pi {
		next[s] = -1
		if i < 0 {
			continue
		}
		r := &p.rows[i]
		if len(r.ends) > 1 {
			return nil, false
		}
		pays[s] = p.pays[i] / (1 - r.self)
		if len(r.ends) == 1 {
			next[s], w[s] = r.ends[0].to, r.ends[0].w/(1-r.self)
		}
	}
	const fresh, open, done = 0, 1, 2
	colour := make([]uint8, p.States)
	var path []int32
	for s := range p.States {
		path = path[:0]
		at := int32(s)
		for at >= 0 && colour[at] == fresh {
			colour[at] = open
			path = append(path, at)
			at = next[at]
		}
		if at >= 0 && colour[at] == open { // the walk closes at this state
			sum, round := pays[at], w[at]
			for x := next[at]; x != at; x = next[x] {
				sum += round * pays[x]
				round *= w[x]
			}
			v[at], colour[at] = sum/(1-round), done
		}
		for k := len(path) - 1; k >= 0; k-- {
			x := path[k]
			if colour[x] != done {
				v[x], colour[x] = pays[x], done
				if next[x] >= 0 {
					v[x] += w[x] * v[next[x]]
				}
			}
		}
	}
	return v, true
}

// dense is the value of a policy in every state by a linear solve.
func (p *Problem) dense(pi Policy) ([]float64, error) {
	n := p.States
	a, b := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for s, i := range pi {
		a.Set(s, s, 1)
		if i < 0 {
			continue
		}
		r := &p.rows[i]
		b.SetVec(s, p.pays[i])
		a.Set(s, s, 1-r.self)
		for _, e := range r.ends {
			a.Set(s, int(e.to), -e.w)
		}
	}
	var x mat.VecDense
	if err := x.SolveVec(a, b); err != nil {
		return nil, fmt.Errorf("policy iteration over %d states: %w", n, err)
	}
	return x.RawVector().Data, nil
}

// improve is the value of the best kept decision in s, repeated for as long as
// it ends in s.
func (p *Problem) improve(s int, mask []bool, v []float64) float64 {
	best := 0.0
	for i := p.first[s]; i < p.first[s+1]; i++ {
		if mask != nil && !mask[i] {
			continue
		}
		r := &p.rows[i]
		q := p.pays[i]
		for _, e := range r.ends {
			q += e.w * v[e.to]
		}
		if r.self > 0 {
			q /= 1 - r.self
		}
		best = max(best, q)
	}
	return best
}

// Backup is one iteration of value iteration from v into out, all states at
// once; it returns the largest change.
func (p *Problem) Backup(mask []bool, v, out []float64) float64 {
	moved := 0.0
	for s := range p.States {
		best, any := 0.0, false
		for i := int(p.first[s]); i < int(p.first[s+1]); i++ {
			if mask != nil && !mask[i] {
				continue
			}
			if q := p.Q(i, v); !any || q > best {
				best, any = q, true
			}
		}
		moved = max(moved, math.Abs(best-v[s]))
		out[s] = best
	}
	return moved
}

// Iterate does n iterations from values 0.
func (p *Problem) Iterate(mask []bool, n int) []float64 {
	v, next := make([]float64, p.States), make([]float64, p.States)
	for range n {
		p.Backup(mask, v, next)
		v, next = next, v
	}
	return v
}

// Policy is a row for every state: the decision taken there; -1 where none is.
type Policy []int32

// Greedy is the policy that is best by v among the rows of the mask. Among
// decisions that are equal but for rounding the first is taken, or, with long,
// the one that lasts longest.
func (p *Problem) Greedy(mask []bool, v []float64, long bool) Policy {
	pi := make(Policy, p.States)
	for s := range pi {
		pi[s] = -1
		best := 0.0
		for i := int(p.first[s]); i < int(p.first[s+1]); i++ {
			if mask != nil && !mask[i] {
				continue
			}
			q := p.Q(i, v)
			slack := tie * (1 + math.Abs(best))
			switch {
			case pi[s] < 0, q > best+slack:
				pi[s], best = int32(i), q
			case long && q >= best-slack && p.rows[i].mass < p.rows[pi[s]].mass*(1-tie):
				pi[s], best = int32(i), max(q, best)
			}
		}
	}
	return pi
}

// tie is the difference of values that rounding can make.
const tie = 1e-11
