package mdp

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// chain is what a policy makes of a problem as seen from one node: nodes are
// numbered as they are found, the start is 0.
type chain struct {
	pays []float64
	next [][]weight // discounted; to is a node
}

// Value of a policy from the task's start, by the linear system
// V = pays + F V over the states that the policy can reach.
func (p *Problem) Value(ctx context.Context, pi Policy) (float64, error) {
	number := fillInt(p.States, -1)
	states := []int{p.Task.Start}
	number[p.Task.Start] = 0
	node := func(s int32) int32 {
		if number[s] < 0 {
			number[s] = len(states)
			states = append(states, int(s))
		}
		return int32(number[s])
	}
	var c chain
	for at := 0; at < len(states); at++ {
		i := pi[states[at]]
		if i < 0 {
			c.pays, c.next = append(c.pays, 0), append(c.next, nil)
			continue
		}
		r := &p.rows[i]
		var next []weight
		if r.self > 0 {
			next = append(next, weight{int32(at), r.self})
		}
		for _, e := range r.ends {
			next = append(next, weight{node(e.to), e.w})
		}
		c.pays, c.next = append(c.pays, p.pays[i]), append(c.next, next)
	}
	return c.solve(ctx)
}

// FlatValue is the value of a policy from the task's start, step by step: the
// chain runs over pairs of a state and the decision under way, and neither the
// options' models nor their rewards are used. It says the same as Value by
// another way.
func (p *Problem) FlatValue(ctx context.Context, pi Policy) (float64, error) {
	r, err := p.Task.rewards(p.States)
	if err != nil {
		return 0, err
	}
	type pair struct{ state, decision int32 }
	number := map[pair]int32{}
	var pairs []pair
	node := func(x pair) int32 {
		n, ok := number[x]
		if !ok {
			n = int32(len(pairs))
			number[x] = n
			pairs = append(pairs, x)
		}
		return n
	}
	// choose is the pair in force at a state where a decision is due.
	choose := func(s int) (pair, bool) {
		if pi[s] < 0 {
			return pair{}, false
		}
		return pair{int32(s), p.rows[pi[s]].decision}, true
	}
	begin, ok := choose(p.Task.Start)
	if !ok {
		return 0, nil
	}
	node(begin)
	var c chain
	for at := 0; at < len(pairs); at++ {
		x := pairs[at]
		pays := 0.0
		var next []weight
		step := func(a int, pa, ends float64, whole bool) {
			for _, out := range p.Next(int(x.state), a) {
				prob := pa * out.P
				pays += prob * r[out.To]
				end := ends
				if !whole {
					end = p.Options[int(x.decision)-p.Actions].Ends[out.To]
				}
				if end > 0 {
					if y, ok := choose(out.To); ok {
						next = append(next, weight{node(y), p.Gamma * prob * end})
					}
				}
				if end < 1 {
					next = append(next, weight{node(pair{int32(out.To), x.decision}), p.Gamma * prob * (1 - end)})
				}
			}
		}
		if int(x.decision) < p.Actions {
			step(int(x.decision), 1, 1, true)
		} else {
			for a, pa := range p.Options[int(x.decision)-p.Actions].Policy[x.state] {
				if pa > 0 {
					step(a, pa, 0, false)
				}
			}
		}
		c.pays, c.next = append(c.pays, pays), append(c.next, next)
	}
	return c.solve(ctx)
}

// denseNodes is up to how many nodes a branching chain is solved by LU
// factorisation, whose cost is cubic; beyond, by Gauss-Seidel.
const denseNodes = 400

// solve is the value of node 0.
func (c *chain) solve(ctx context.Context) (float64, error) {
	if v, ok := c.follow(); ok {
		return v, nil
	}
	n := len(c.pays)
	if n > denseNodes {
		return c.relax(ctx)
	}
	a, b := mat.NewDense(n, n, nil), mat.NewVecDense(n, c.pays)
	for i, next := range c.next {
		a.Set(i, i, a.At(i, i)+1)
		for _, e := range next {
			a.Set(i, int(e.to), a.At(i, int(e.to))-e.w)
		}
	}
	var v mat.VecDense
	if err := v.SolveVec(a, b); err != nil {
		return 0, fmt.Errorf("policy evaluation over %d states: %w", n, err)
	}
	return v.AtVec(0), nil
}

// follow solves a chain that never branches: a path into a cycle, or to an end.
func (c *chain) follow() (float64, bool) {
	total, w := 0.0, 1.0
	seen := make([]int, len(c.pays)) // 1 + position on the path
	var sums, ws []float64
	for at := 0; ; {
		if seen[at] > 0 {
			k := seen[at] - 1
			// From node at on the path repeats: its value is (total-sums)/(ws-w) there.
			return sums[k] + (total-sums[k])/(1-w/ws[k]), true
		}
		seen[at] = len(sums) + 1
		sums, ws = append(sums, total), append(ws, w)
		total += w * c.pays[at]
		switch len(c.next[at]) {
		case 0:
			return total, true
		case 1:
			w *= c.next[at][0].w
			at = int(c.next[at][0].to)
			if w == 0 {
				return total, true
			}
		default:
			return 0, false
		}
	}
}

// relax solves a large chain by Gauss-Seidel.
func (c *chain) relax(ctx context.Context) (float64, error) {
	n := len(c.pays)
	v := make([]float64, n)
	for sweep := range maxSweeps {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("policy evaluation: %w", err)
		}
		moved := 0.0
		for k := range n {
			i := n - 1 - k // later nodes were found from earlier ones
			if sweep%2 == 1 {
				i = k
			}
			q, own := c.pays[i], 0.0
			for _, e := range c.next[i] {
				if int(e.to) == i {
					own += e.w
				} else {
					q += e.w * v[e.to]
				}
			}
			q /= 1 - own
			moved = max(moved, math.Abs(q-v[i]))
			v[i] = q
		}
		if moved <= 1e-16*float64(n) {
			return v[0], nil
		}
	}
	return 0, fmt.Errorf("policy evaluation over %d states does not settle: lower the discount", n)
}

// Reached lists the rows that a policy can come to use from the task's start, in
// the order they are found.
func (p *Problem) Reached(pi Policy) []int {
	seen := make([]bool, p.States)
	seen[p.Task.Start] = true
	queue := []int32{int32(p.Task.Start)}
	var rows []int
	for len(queue) > 0 {
		i := pi[queue[0]]
		queue = queue[1:]
		if i < 0 {
			continue
		}
		rows = append(rows, int(i))
		for _, e := range p.rows[i].ends {
			if !seen[e.to] {
				seen[e.to] = true
				queue = append(queue, e.to)
			}
		}
	}
	return rows
}

// Last says whether a row's decision always ends where it began: the policy that
// takes it is done.
func (m *Model) Last(i int) bool { return len(m.rows[i].ends) == 0 }
