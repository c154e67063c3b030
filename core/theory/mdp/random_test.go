package mdp

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// anything is a random MDP with random options, all stochastic.
func anything(t *testing.T, rng *rand.Rand, states int) (*Model, Task) {
	t.Helper()
	spread := func(n int) []float64 {
		p, total := make([]float64, n), 0.0
		for i := range p {
			if rng.IntN(2) == 0 || i == n-1 && total == 0 {
				p[i] = rng.Float64() + 0.01
				total += p[i]
			}
		}
		for i := range p {
			p[i] /= total
		}
		return p
	}
	gamma := []float64{0.3, 0.9, 0.99}[rng.IntN(3)]
	names := []string{"a", "b", "c"}[:1+rng.IntN(3)]
	m := must(New(states, names, gamma, func(int, int) []Outcome {
		var out []Outcome
		for s, p := range spread(states) {
			out = append(out, Outcome{s, p})
		}
		return out
	}))(t)
	var options []Option
	for range rng.IntN(3) {
		o := Option{Name: "o", Starts: make([]bool, states), Policy: make([][]float64, states), Ends: make([]float64, states)}
		for s := range states {
			o.Starts[s], o.Policy[s], o.Ends[s] = rng.IntN(2) == 0, spread(len(names)), []float64{0, 0.3, 1}[rng.IntN(3)]
		}
		options = append(options, o)
	}
	return must(NewModel(t.Context(), m, options))(t),
		Task{Start: rng.IntN(states), Pays: []Reward{{rng.IntN(states), rng.Float64()}, {rng.IntN(states), 3}}}
}

// dense solves (I - gamma K (1-end)) X = K E for an option with gonum: the model
// by its definition, X(s, s') = E[gamma^tau; ends in s'] with E = gamma end, or
// D with E = 1.
func dense(m *MDP, o Option, discounted bool) *mat.Dense {
	n := m.States
	a, b := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for s := range n {
		a.Set(s, s, 1)
		for act, pa := range o.Policy[s] {
			for _, out := range m.Next(s, act) {
				p := pa * out.P
				a.Set(s, out.To, a.At(s, out.To)-m.Gamma*p*(1-o.Ends[out.To]))
				if discounted {
					p *= m.Gamma * o.Ends[out.To]
				}
				b.Set(s, out.To, b.At(s, out.To)+p)
			}
		}
	}
	var x mat.Dense
	if err := x.Solve(a, b); err != nil {
		panic(err)
	}
	return &x
}

func TestOptionModelsAgainstLinearSolve(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 60 {
		model, _ := anything(t, rng, 1+rng.IntN(9))
		for i, o := range model.Options {
			f, d := dense(model.MDP, o, true), dense(model.MDP, o, false)
			for _, r := range model.rows {
				if int(r.decision) != model.Actions+i {
					continue
				}
				got := make([]float64, model.States)
				got[r.state] = r.self
				for _, e := range r.ends {
					got[e.to] = e.w
				}
				enters := make([]float64, model.States)
				for _, e := range r.enters {
					enters[e.to] = e.w
				}
				for s := range got {
					near(t, "F", got[s], f.At(int(r.state), s))
					near(t, "D", enters[s], d.At(int(r.state), s))
				}
			}
		}
	}
}

// Value iteration against policy iteration with linear solves; values of
// policies by the options' models against the flat chain; Gauss-Seidel and the
// closed walk against LU.
func TestSolversAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 80 {
		model, task := anything(t, rng, 1+rng.IntN(9))
		p := must(model.Problem(task))(t)
		v := must(p.Solve(t.Context(), nil))(t)
		for s := range model.States {
			from := task
			from.Start = s
			q := must(model.Problem(from))(t)
			pi := q.Greedy(nil, v, rng.IntN(2) == 0)
			near(t, "greedy policy by linear solve", must(q.Value(t.Context(), pi))(t), v[s])
			for k := range pi { // any policy
				lo, hi := model.RowsOf(k)
				pi[k] = int32(lo + rng.IntN(hi-lo))
			}
			value := must(q.Value(t.Context(), pi))(t)
			near(t, "flat chain", must(q.FlatValue(t.Context(), pi))(t), value)
			if value > v[s]+tight {
				t.Fatalf("a policy is worth %g, the best %g", value, v[s])
			}
		}
		pi := p.Greedy(nil, p.Iterate(nil, 2), false)
		c := chainOf(p, pi)
		relaxed := must(c.relax(t.Context()))(t)
		near(t, "relaxation", relaxed, must(p.Value(t.Context(), pi))(t))
	}
}

func chainOf(p *Problem, pi Policy) chain {
	var c chain
	order := []int{p.Task.Start}
	for s := range p.States {
		if s != p.Task.Start {
			order = append(order, s)
		}
	}
	place := make([]int32, p.States)
	for i, s := range order {
		place[s] = int32(i)
	}
	for _, s := range order {
		r := p.rows[pi[s]]
		next := []weight{{place[s], r.self}}
		for _, e := range r.ends {
			next = append(next, weight{place[e.to], e.w})
		}
		c.pays, c.next = append(c.pays, p.pays[pi[s]]), append(c.next, next)
	}
	return c
}

// The contraction bound holds at every iteration of every problem.
func TestContractionBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 100 {
		model, task := anything(t, rng, 1+rng.IntN(9))
		p := must(model.Problem(task))(t)
		mask := make([]bool, model.Rows())
		for i := range mask {
			mask[i] = rng.IntN(3) > 0
		}
		star := must(p.Solve(t.Context(), mask))(t)
		size := 0.0
		for _, x := range star {
			size = max(size, x)
		}
		v, next := make([]float64, model.States), make([]float64, model.States)
		bound := size
		for n := range 60 {
			off := 0.0
			for s := range v {
				off = max(off, math.Abs(star[s]-v[s]))
			}
			if off > bound+tight*max(1, size) {
				t.Fatalf("iteration %d: off by %g, bound %g", n, off, bound)
			}
			p.Backup(mask, v, next)
			v, next = next, v
			bound *= model.Contraction(mask)
		}
	}
}

// Whatever is built or refused, nothing hangs or panics, and values stay within
// what rewards and discount allow.
func FuzzModel(f *testing.F) {
	f.Add(uint64(1), uint8(4), 0.9, 1.0, 0.5, uint8(3))
	f.Add(uint64(2), uint8(1), 0.999, 1e9, 0.0, uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, states uint8, gamma, pay, end float64, cut uint8) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := int(states%24) + 1
		m, err := New(n, []string{"x", "y"}, gamma, func(s, a int) []Outcome {
			return []Outcome{{rng.IntN(n), 0.5}, {rng.IntN(n), 0.5}}
		})
		if err != nil || gamma > 0.999 {
			return
		}
		o := Option{Name: "o", Starts: make([]bool, n), Policy: make([][]float64, n), Ends: make([]float64, n)}
		for s := range n {
			o.Starts[s], o.Policy[s], o.Ends[s] = true, []float64{0.5, 0.5}, end
		}
		model, err := NewModel(t.Context(), m, []Option{o})
		if err != nil {
			return
		}
		if model, err = NewModel(t.Context(), m, []Option{model.Cut(0, int(cut))}); err != nil {
			t.Fatal(err)
		}
		p, err := model.Problem(Task{Pays: []Reward{{rng.IntN(n), pay}}})
		if err != nil {
			return
		}
		v, err := p.Solve(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range v {
			if !(x >= 0 && x <= pay/(1-gamma)*(1+1e-9)) {
				t.Fatalf("value %g of rewards %g at discount %g", x, pay, gamma)
			}
		}
		if _, err := p.FlatValue(t.Context(), p.Greedy(nil, v, true)); err != nil {
			t.Fatal(err)
		}
	})
}
