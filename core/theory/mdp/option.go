package mdp

import (
	"context"
	"fmt"
	"math"
)

// Where an option's own chain is cyclic its model is iterated until nothing
// moves by more than settled, at most so many sweeps.
const (
	settled   = 1e-16
	maxSweeps = 100000
	// maxOptionCells bounds the working memory of one option, states times
	// states that it can enter.
	maxOptionCells = 16 << 20
)

// inside is an option's chain over the states in which it may be under way.
type inside struct {
	m       *MDP
	o       Option
	states  []int // successors before predecessors where the chain has no cycle
	place   []int // state to its index in states, -1
	targets []int // states that can be entered
	target  []int // state to its index in targets, -1
	cyclic  bool
}

// optionRows solves the option's model in every state where it may start, in
// the order of states: Gauss-Seidel in an order in which one sweep is exact
// where the option's chain has no cycle.
func optionRows(ctx context.Context, m *MDP, o Option) ([]row, error) {
	c, err := walk(m, o)
	if err != nil {
		return nil, err
	}
	n, t := len(c.states), len(c.targets)
	if n*t > maxOptionCells {
		return nil, fmt.Errorf("option %s runs through %d states and enters %d: too many, end it sooner", o.Name, n, t)
	}
	f, d := make([]float64, n*t), make([]float64, n*t)
	nf, nd := make([]float64, t), make([]float64, t)
	for sweep := 0; ; sweep++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("option models: %w", err)
		}
		if sweep == maxSweeps {
			return nil, fmt.Errorf("option %s: its model does not settle at discount %g: lower the discount", o.Name, m.Gamma)
		}
		moved := 0.0
		for i := range c.states {
			c.update(i, f, d, nf, nd)
			for j := range t {
				moved = max(moved, math.Abs(nf[j]-f[i*t+j]), (1-m.Gamma)*math.Abs(nd[j]-d[i*t+j]))
			}
			copy(f[i*t:(i+1)*t], nf)
			copy(d[i*t:(i+1)*t], nd)
		}
		if !c.cyclic || moved <= settled {
			break
		}
	}
	var rows []row
	for s, starts := range o.Starts {
		if starts {
			i := c.place[s]
			rows = append(rows, c.row(s, f[i*t:(i+1)*t], d[i*t:(i+1)*t]))
		}
	}
	return rows, nil
}

// update writes F and D of the i-th state into nf and nd, given the others'.
func (c *inside) update(i int, f, d, nf, nd []float64) {
	clear(nf)
	clear(nd)
	t, s, own := len(nf), c.states[i], 0.0
	for a, pa := range c.o.Policy[s] {
		if pa == 0 {
			continue
		}
		for _, out := range c.m.Next(s, a) {
			p, end := pa*out.P, c.o.Ends[out.To]
			nd[c.target[out.To]] += p
			nf[c.target[out.To]] += c.m.Gamma * p * end
			w := c.m.Gamma * p * (1 - end)
			switch k := c.place[out.To]; {
			case w == 0:
			case k == i:
				own += w
			default:
				for j, v := range f[k*t : (k+1)*t] {
					nf[j] += w * v
				}
				for j, v := range d[k*t : (k+1)*t] {
					nd[j] += w * v
				}
			}
		}
	}
	if own > 0 {
		for j := range nf {
			nf[j] /= 1 - own
			nd[j] /= 1 - own
		}
	}
}

// row makes the sparse row of a state.
func (c *inside) row(s int, f, d []float64) row {
	r := row{state: int32(s)}
	for to, j := range c.target {
		if j < 0 {
			continue
		}
		if d[j] > 0 {
			r.enters = append(r.enters, weight{int32(to), d[j]})
		}
		if f[j] > 0 {
			r.end(to, f[j])
			r.mass += f[j]
		}
	}
	return r
}

// walk finds the states in which an option may be under way, successors first.
func walk(m *MDP, o Option) (*inside, error) {
	c := &inside{m: m, o: o, place: fillInt(m.States, -1), target: fillInt(m.States, -1)}
	const fresh, open, done = 0, 1, 2
	colour := make([]uint8, m.States)
	type frame struct {
		s    int
		next []int
	}
	for s, starts := range o.Starts {
		if !starts || colour[s] != fresh {
			continue
		}
		stack := []frame{{s: s}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if colour[top.s] == fresh {
				colour[top.s] = open
				next, err := c.onward(top.s)
				if err != nil {
					return nil, err
				}
				top.next = next
			}
			if len(top.next) == 0 {
				colour[top.s] = done
				c.place[top.s] = len(c.states)
				c.states = append(c.states, top.s)
				stack = stack[:len(stack)-1]
				continue
			}
			to := top.next[0]
			top.next = top.next[1:]
			switch {
			case to == top.s: // solved exactly, no cycle
			case colour[to] == open:
				c.cyclic = true
			case colour[to] == fresh:
				stack = append(stack, frame{s: to})
			}
		}
	}
	return c, nil
}

// onward lists the states in which the option goes on after one step from s,
// and notes all that the step can enter.
func (c *inside) onward(s int) ([]int, error) {
	if c.o.Policy[s] == nil {
		return nil, fmt.Errorf("option %s can come to state %d, where it has no action: give it one or end it there", c.o.Name, s)
	}
	var next []int
	for a, pa := range c.o.Policy[s] {
		if pa == 0 {
			continue
		}
		for _, out := range c.m.Next(s, a) {
			if c.target[out.To] < 0 {
				c.target[out.To] = len(c.targets)
				c.targets = append(c.targets, out.To)
			}
			if c.o.Ends[out.To] < 1 {
				next = append(next, out.To)
			}
		}
	}
	return next, nil
}

func fillInt(n, v int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = v
	}
	return out
}
