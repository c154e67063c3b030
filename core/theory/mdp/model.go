package mdp

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Model is the exact semi-Markov model of an MDP's actions and options: for
// every decision z that can be taken in a state s,
//
//	F(s, s') = E[gamma^tau; z ends in s'],  D(s, s') = E[sum_(t<tau) gamma^t; s' is entered at t+1]
//
// so that Q(s, z) = sum_s' D(s, s') r(s') + F(s, s') V(s'). Decisions below the
// number of actions are actions, those from there on options.
type Model struct {
	*MDP
	Options []Option

	rows  []row
	first []int32 // rows of state s are [first[s], first[s+1])
}

// row is one decision in one state. Its lists ascend by state.
type row struct {
	state, decision int32
	ends            []weight // F but for s itself
	enters          []weight // D
	self            float64  // F(s, s)
	mass            float64  // sum of F: E[gamma^tau]
}

type weight struct {
	to int32
	w  float64
}

// NewModel computes the model of every action and option.
func NewModel(ctx context.Context, m *MDP, options []Option) (*Model, error) {
	out := &Model{MDP: m, Options: options, first: make([]int32, m.States+1)}
	solved := make([][]row, len(options)) // in the order of states
	for i, o := range options {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("option models: %w", err)
		}
		if err := o.validate(m); err != nil {
			return nil, err
		}
		rows, err := optionRows(ctx, m, o)
		if err != nil {
			return nil, err
		}
		solved[i] = rows
	}
	at := make([]int, len(options))
	for s := range m.States {
		for a := range m.Actions {
			r := row{state: int32(s), decision: int32(a), mass: m.Gamma}
			for _, o := range m.Next(s, a) {
				r.enters = append(r.enters, weight{int32(o.To), o.P})
				r.end(o.To, m.Gamma*o.P)
			}
			out.rows = append(out.rows, r)
		}
		for i, rows := range solved {
			if at[i] < len(rows) && int(rows[at[i]].state) == s {
				r := rows[at[i]]
				r.decision = int32(m.Actions + i)
				out.rows = append(out.rows, r)
				at[i]++
			}
		}
		out.first[s+1] = int32(len(out.rows))
	}
	return out, nil
}

// end adds to F(s, to).
func (r *row) end(to int, w float64) {
	if int32(to) == r.state {
		r.self += w
		return
	}
	r.ends = append(r.ends, weight{int32(to), w})
}

// Decisions is how many decisions there are: actions, then options.
func (m *Model) Decisions() int { return m.Actions + len(m.Options) }

// Name of a decision.
func (m *Model) Name(z int) string {
	if z < m.Actions {
		return m.Names[z]
	}
	return m.Options[z-m.Actions].Name
}

// Rows is how many pairs of a state and a decision possible there are.
func (m *Model) Rows() int { return len(m.rows) }

// Row says which state and decision a row is.
func (m *Model) Row(i int) (state, decision int) {
	return int(m.rows[i].state), int(m.rows[i].decision)
}

// RowsOf gives the range of a state's rows.
func (m *Model) RowsOf(s int) (from, to int) { return int(m.first[s]), int(m.first[s+1]) }

// Duration of a row's decision is ln E[gamma^tau] / ln gamma, the number of
// steps whose discount is the decision's: its length where that is certain, and
// at most its mean. Infinite for one that never ends.
func (m *Model) Duration(i int) float64 { return math.Log(m.rows[i].mass) / math.Log(m.Gamma) }

// Cut is the model's i-th option made shorter: it ends besides wherever a whole
// number of steps is left to its end, counted as Duration does, so that it lasts
// at most about so many; it may start again there. A step count of 0 or less
// leaves it whole.
func (m *Model) Cut(i, steps int) Option {
	o := m.Options[i]
	if steps <= 0 {
		return o
	}
	o.Ends = slices.Clone(o.Ends)
	for k, r := range m.rows {
		if int(r.decision) != m.Actions+i {
			continue
		}
		if left := math.Round(m.Duration(k)); left > 0 && math.Mod(left, float64(steps)) == 0 {
			o.Ends[r.state] = 1
		}
	}
	return o
}

// Contraction is the largest E[gamma^tau] among the rows of a mask: the factor
// by which every iteration shrinks the error of the values in the largest norm.
func (m *Model) Contraction(mask []bool) float64 {
	most := 0.0
	for i, r := range m.rows {
		if mask == nil || mask[i] {
			most = max(most, r.mass)
		}
	}
	return most
}

// Mask marks the rows whose decision is in kept, which is of Decisions() length.
// It fails where nothing is kept.
func (m *Model) Mask(kept []bool) ([]bool, error) {
	if len(kept) != m.Decisions() {
		return nil, fmt.Errorf("kept set over %d decisions, there are %d", len(kept), m.Decisions())
	}
	mask, any := make([]bool, len(m.rows)), false
	for i, r := range m.rows {
		mask[i] = kept[r.decision]
		any = any || mask[i]
	}
	if !any {
		return nil, fmt.Errorf("nothing is kept: keep at least one action or option")
	}
	return mask, nil
}
