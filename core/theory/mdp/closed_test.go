package mdp

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

const tight = 1e-10

// to makes a deterministic step function from successors [s][a].
func to(next [][]int) func(s, a int) []Outcome {
	return func(s, a int) []Outcome { return []Outcome{{next[s][a], 1}} }
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tight*max(1, math.Abs(want))) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

// Two states: going pays with probability p, staying where it pays goes on.
// V(1) = r + gamma V(1), V(0) = p (r + gamma V(1)) + (1-p) gamma V(0).
func TestTwoStates(t *testing.T) {
	const p, r = 0.3, 2.0
	for _, gamma := range []float64{0.1, 0.5, 0.9, 0.99, 0.999} {
		m := must(New(2, []string{"go"}, gamma, func(s, _ int) []Outcome {
			if s == 1 {
				return []Outcome{{1, 1}}
			}
			return []Outcome{{1, p}, {0, 1 - p}}
		}))(t)
		model := must(NewModel(t.Context(), m, nil))(t)
		prob := must(model.Problem(Task{Pays: []Reward{{1, r}}}))(t)
		v := must(prob.Solve(t.Context(), nil))(t)
		one := r / (1 - gamma)
		zero := p * (r + gamma*one) / (1 - (1-p)*gamma)
		near(t, "V(1)", v[1], one)
		near(t, "V(0)", v[0], zero)
		near(t, "linear solve", must(prob.Value(t.Context(), prob.Greedy(nil, v, false)))(t), zero)
		near(t, "flat chain", must(prob.FlatValue(t.Context(), prob.Greedy(nil, v, false)))(t), zero)
	}
}

// corridor is a chain 0..n-1 with actions left and right and an option that runs
// right until the last state.
func corridor(t *testing.T, n int, gamma float64) (*Model, Task) {
	next := make([][]int, n)
	o := Option{Name: "run", Starts: make([]bool, n), Policy: make([][]float64, n), Ends: make([]float64, n)}
	for s := range next {
		next[s] = []int{max(0, s-1), min(n-1, s+1)}
		if s < n-1 {
			o.Starts[s], o.Policy[s] = true, []float64{0, 1}
		}
	}
	o.Ends[n-1] = 1
	m := must(New(n, []string{"left", "right"}, gamma, to(next)))(t)
	return must(NewModel(t.Context(), m, []Option{o}))(t), Task{Pays: []Reward{{n - 1, 1 - gamma}}}
}

// A chain whose end is stayed at: V(s) = gamma^(d-1) at distance d, and the option
// that runs there is worth the same, lasts d and is found in one iteration.
func TestChainAndSingleOption(t *testing.T) {
	for _, gamma := range []float64{0.5, 0.9, 0.99} {
		const n = 12
		model, task := corridor(t, n, gamma)
		p := must(model.Problem(task))(t)
		v := must(p.Solve(t.Context(), nil))(t)
		run := must(model.Mask([]bool{false, true, true}))(t)
		for s := range n {
			want := 1.0
			if s < n-1 {
				want = math.Pow(gamma, float64(n-2-s))
			}
			near(t, "V", v[s], want)
			if s == n-1 {
				continue
			}
			_, last := model.RowsOf(s)
			near(t, "duration", model.Duration(last-1), float64(n-1-s))
			near(t, "Q of the option", p.Q(last-1, v), want)
		}
		// From values 0 an action's value travels one state an iteration, the
		// option's all the way.
		slow, fast := p.Iterate(must(model.Mask([]bool{true, true, false}))(t), 3), p.Iterate(run, 3)
		if slow[0] != 0 || fast[0] == 0 {
			t.Errorf("after 3 iterations %g without and %g with the option", slow[0], fast[0])
		}
		pi := p.Greedy(nil, v, true)
		if _, z := model.Row(int(pi[0])); z != 2 {
			t.Errorf("the longest of equal decisions is %s", model.Name(z))
		}
		near(t, "value by long decisions", must(p.Value(t.Context(), pi))(t), v[0])
		near(t, "the same step by step", must(p.FlatValue(t.Context(), pi))(t), v[0])
		// Only the option: the end cannot be stayed at, so that one entry is all.
		alone := must(p.Solve(t.Context(), must(model.Mask([]bool{false, false, true}))(t)))(t)
		near(t, "the option alone", alone[0], math.Pow(gamma, n-2)*(1-gamma))
	}
}

// An option cut every d steps lasts what is left to the next cut.
func TestCutOption(t *testing.T) {
	const gamma, n = 0.9, 9
	model, _ := corridor(t, n, gamma)
	for d := range 12 {
		cut := must(NewModel(t.Context(), model.MDP, []Option{model.Cut(0, d)}))(t)
		for s := range n - 1 {
			want := n - 1 - s
			if d > 0 {
				want = (want-1)%d + 1
			}
			_, last := cut.RowsOf(s)
			near(t, "duration", cut.Duration(last-1), float64(want))
		}
	}
}

// An option that never ends earns for ever and has no values after it.
func TestEndlessOption(t *testing.T) {
	const gamma = 0.9
	m := must(New(2, []string{"swap"}, gamma, to([][]int{{1}, {0}})))(t)
	o := Option{Name: "on", Starts: []bool{true, true}, Policy: [][]float64{{1}, {1}}, Ends: []float64{0, 0}}
	model := must(NewModel(t.Context(), m, []Option{o}))(t)
	p := must(model.Problem(Task{Pays: []Reward{{1, 1}}}))(t)
	if d := model.Duration(1); !math.IsInf(d, 1) {
		t.Errorf("duration %g", d)
	}
	want := 1 / (1 - gamma*gamma)
	near(t, "value", must(p.Value(t.Context(), Policy{1, 3}))(t), want)
	near(t, "flat", must(p.FlatValue(t.Context(), Policy{1, 3}))(t), want)
	near(t, "best", must(p.Solve(t.Context(), nil))(t)[0], want)
}

func TestFaultsAreOneLine(t *testing.T) {
	step := to([][]int{{0}})
	o := Option{Name: "o", Starts: []bool{true}, Policy: [][]float64{{1}}, Ends: []float64{1}}
	m := must(New(1, []string{"a"}, 0.5, step))(t)
	model := must(NewModel(t.Context(), m, []Option{o}))(t)
	_, noneKept := model.Mask(make([]bool, 2))
	_, short := model.Mask(make([]bool, 1))
	_, start := model.Problem(Task{Start: 1})
	_, pays := model.Problem(Task{Pays: []Reward{{0, -1}}})
	_, discount := New(1, []string{"a"}, 1, step)
	_, sum := New(1, []string{"a"}, 0.5, func(int, int) []Outcome { return []Outcome{{0, 0.5}} })
	_, where := New(1, []string{"a"}, 0.5, to([][]int{{7}}))
	_, none := New(0, []string{"a"}, 0.5, step)
	_, actions := New(1, nil, 0.5, step)
	bad := func(change func(*Option)) error {
		c := Option{Name: "o", Starts: []bool{true}, Policy: [][]float64{{1}}, Ends: []float64{0}}
		change(&c)
		_, err := NewModel(t.Context(), m, []Option{c})
		return err
	}
	for want, err := range map[string]error{
		"nothing is kept": noneKept, "over 1 decisions": short, "starts in state 1": start, "at least 0": pays,
		"discount 1": discount, "sum to 0.5": sum, "leads to state 7": where, "0 states": none, "no actions": actions,
		"speaks of":     bad(func(o *Option) { o.Starts = nil }),
		"of ending":     bad(func(o *Option) { o.Ends[0] = 2 }),
		"distribution":  bad(func(o *Option) { o.Policy[0] = []float64{0.5} }),
		"of an action":  bad(func(o *Option) { o.Policy[0] = []float64{math.NaN()} }),
		"has no action": bad(func(o *Option) { o.Policy[0] = nil }),
		"out of range": func() error {
			_, err := must(model.Problem(Task{}))(t).QLearn(t.Context(), nil, Learning{}, 1, nil)
			return err
		}(),
		"context cancel": func() error { _, err := NewModel(cancelled(), m, []Option{o}); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line with %q", err, want)
		}
	}
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// Q-learning finds the chain's optimum; with the option in fewer episodes.
func TestQLearning(t *testing.T) {
	const gamma = 0.9
	model, task := corridor(t, 12, gamma)
	p := must(model.Problem(task))(t)
	best := must(p.Solve(t.Context(), nil))(t)[0]
	l := Learning{Episodes: 400, Steps: 60, Rate: 0.5, Explore: 0.1, Every: 1}
	plain := must(p.QLearn(t.Context(), must(model.Mask([]bool{true, true, false}))(t), l, best-1e-9, rand.New(rand.NewPCG(1, 1))))(t)
	both := must(p.QLearn(t.Context(), nil, l, best-1e-9, rand.New(rand.NewPCG(1, 1))))(t)
	again := must(p.QLearn(t.Context(), nil, l, best-1e-9, rand.New(rand.NewPCG(1, 1))))(t)
	n := func(c Curve) float64 { return c.Episodes[len(c.Episodes)-1] }
	near(t, "learned", plain.Values[len(plain.Values)-1], best)
	near(t, "learned with the option", both.Values[len(both.Values)-1], best)
	if !(n(both) < n(plain)) || n(again) != n(both) {
		t.Errorf("%g episodes without, %g and %g with the option", n(plain), n(both), n(again))
	}
}
