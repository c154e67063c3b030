// Package mdp holds finite Markov decision processes with options and solves
// them exactly: the dynamics that a family of tasks shares, options as
// decisions that last, the exact semi-Markov model of both, value iteration,
// the value of a policy, and tabular Q-learning.
//
// Rewards are at least 0 and paid on entering a state, so that what an option
// earns is a linear function of a task's rewards and one model serves all tasks.
// Values are discounted sums of rewards. Source of options and their models:
// Sutton, Precup and Singh 1999, "Between MDPs and semi-MDPs".
package mdp

import (
	"fmt"
	"math"
	"slices"
)

// MaxStates bounds the states of an MDP: beyond it nothing here is immediate.
const MaxStates = 5000

// Outcome is one successor of an action with its probability.
type Outcome struct {
	To int
	P  float64
}

// MDP is dynamics without rewards: sparse transitions P(s'|s, a) and a discount.
type MDP struct {
	States, Actions int
	Gamma           float64
	Names           []string // of the actions, for reading

	next [][]Outcome // [states*actions], at s*Actions+a; states ascend
}

// New builds an MDP from the outcomes of every action in every state. Outcomes
// of one successor are added up. It fails where probabilities are negative or do
// not sum to 1, on a discount outside (0, 1), and on more than MaxStates states.
func New(states int, names []string, gamma float64, step func(s, a int) []Outcome) (*MDP, error) {
	switch {
	case states < 1 || states > MaxStates:
		return nil, fmt.Errorf("%d states: must be 1 to %d", states, MaxStates)
	case len(names) < 1:
		return nil, fmt.Errorf("no actions: there must be at least one")
	case !(gamma > 0 && gamma < 1):
		return nil, fmt.Errorf("discount %g: must lie between 0 and 1 (exclusive), so that values are finite", gamma)
	}
	m := &MDP{States: states, Actions: len(names), Gamma: gamma, Names: names, next: make([][]Outcome, states*len(names))}
	for s := range states {
		for a := range names {
			out, err := tidy(step(s, a), states)
			if err != nil {
				return nil, fmt.Errorf("action %s in state %d: %w", names[a], s, err)
			}
			m.next[s*m.Actions+a] = out
		}
	}
	return m, nil
}

// tidy sorts outcomes by state, adds up those of one state and scales the sum,
// which must be 1 but for rounding, to 1.
func tidy(in []Outcome, states int) ([]Outcome, error) {
	var out []Outcome
	total := 0.0
	for _, o := range in {
		switch {
		case o.To < 0 || o.To >= states:
			return nil, fmt.Errorf("leads to state %d, there are %d", o.To, states)
		case !(o.P >= 0):
			return nil, fmt.Errorf("probability %g: must be at least 0", o.P)
		}
		total += o.P
		if o.P > 0 {
			out = append(out, o)
		}
	}
	if !(math.Abs(total-1) < 1e-9) {
		return nil, fmt.Errorf("probabilities sum to %g: must be 1", total)
	}
	slices.SortStableFunc(out, func(a, b Outcome) int { return a.To - b.To })
	n := 0
	for i, o := range out {
		o.P /= total
		if i > 0 && out[n-1].To == o.To {
			out[n-1].P += o.P
		} else {
			out[n] = o
			n++
		}
	}
	return out[:n], nil
}

// Next lists the successors of action a in state s; not to be changed.
func (m *MDP) Next(s, a int) []Outcome { return m.next[s*m.Actions+a] }

// Option is a decision that lasts: it may start in some states, acts by a policy
// of its own, and ends with a probability on entering each state.
type Option struct {
	Name   string
	Starts []bool      // [states]
	Policy [][]float64 // [states][actions]; nil where the option never acts
	Ends   []float64   // [states]: probability of ending on entering the state
}

// validate names what is wrong with an option for m.
func (o Option) validate(m *MDP) error {
	if len(o.Starts) != m.States || len(o.Policy) != m.States || len(o.Ends) != m.States {
		return fmt.Errorf("option %s speaks of %d, %d and %d states, there are %d", o.Name, len(o.Starts), len(o.Policy), len(o.Ends), m.States)
	}
	for s := range m.States {
		if e := o.Ends[s]; !(e >= 0 && e <= 1) {
			return fmt.Errorf("option %s: probability %g of ending in state %d: must lie in 0 to 1", o.Name, e, s)
		}
		if o.Policy[s] == nil {
			continue
		}
		total := 0.0
		for _, p := range o.Policy[s] {
			if !(p >= 0) {
				return fmt.Errorf("option %s: probability %g of an action in state %d: must be at least 0", o.Name, p, s)
			}
			total += p
		}
		if len(o.Policy[s]) != m.Actions || !(math.Abs(total-1) < 1e-9) {
			return fmt.Errorf("option %s: its policy in state %d is no distribution over %d actions", o.Name, s, m.Actions)
		}
	}
	return nil
}

// Task is what one task adds to the dynamics: where it starts and what entering
// a state pays.
type Task struct {
	Name  string
	Start int
	Pays  []Reward
}

// Reward is what every entry into a state pays.
type Reward struct {
	State int
	Value float64
}

// rewards spreads a task's rewards over the states.
func (t Task) rewards(states int) ([]float64, error) {
	if t.Start < 0 || t.Start >= states {
		return nil, fmt.Errorf("task %s starts in state %d, there are %d", t.Name, t.Start, states)
	}
	r := make([]float64, states)
	for _, p := range t.Pays {
		if p.State < 0 || p.State >= states || !(p.Value >= 0) || math.IsInf(p.Value, 1) {
			return nil, fmt.Errorf("task %s pays %g in state %d: rewards must be finite, at least 0 and in a state", t.Name, p.Value, p.State)
		}
		r[p.State] += p.Value
	}
	return r, nil
}
