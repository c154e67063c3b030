package mdp

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// Learning is how tabular Q-learning explores and steps.
type Learning struct {
	Episodes int     // at most
	Steps    int     // of the MDP in an episode; an option under way then is broken off and not learned from
	Rate     float64 // step size; constant
	Explore  float64 // probability of a random decision
	Every    int     // episodes between two evaluations of the greedy policy
}

// Curve is the value of the greedy policy from the task's start, by episodes.
type Curve struct{ Episodes, Values []float64 }

// QLearn learns the task by SMDP Q-learning (Sutton, Precup and Singh 1999,
// section 3) with the decisions of the mask, and evaluates the greedy policy
// exactly before the first episode and every so many after it. It stops early
// when the policy's value comes to enough or more.
func (p *Problem) QLearn(ctx context.Context, mask []bool, l Learning, enough float64, rng *rand.Rand) (Curve, error) {
	if l.Episodes < 0 || l.Steps < 1 || l.Every < 1 || !(l.Rate > 0 && l.Rate <= 1) || !(l.Explore >= 0 && l.Explore <= 1) {
		return Curve{}, fmt.Errorf("q-learning: %d episodes of %d steps, rate %g, exploration %g: out of range", l.Episodes, l.Steps, l.Rate, l.Explore)
	}
	r, err := p.Task.rewards(p.States)
	if err != nil {
		return Curve{}, err
	}
	open := make([][]int32, p.States) // rows to choose from
	for i, row := range p.rows {
		if mask == nil || mask[i] {
			open[row.state] = append(open[row.state], int32(i))
		}
	}
	q := make([]float64, len(p.rows))
	greedy := func(s int) int32 {
		best := int32(-1)
		for _, i := range open[s] {
			if best < 0 || q[i] > q[best] {
				best = i
			}
		}
		return best
	}
	// explorer breaks ties by chance, so that nothing learned means a random walk.
	explorer := func(s int) int32 {
		if rng.Float64() < l.Explore {
			return open[s][rng.IntN(len(open[s]))]
		}
		best, n := int32(-1), 0
		for _, i := range open[s] {
			switch {
			case best < 0 || q[i] > q[best]:
				best, n = i, 1
			case q[i] == q[best]:
				n++
				if rng.IntN(n) == 0 {
					best = i
				}
			}
		}
		return best
	}
	var c Curve
	pi := make(Policy, p.States)
	for episode := 0; ; episode++ {
		if episode%l.Every == 0 || episode == l.Episodes {
			if err := ctx.Err(); err != nil {
				return c, fmt.Errorf("q-learning: %w", err)
			}
			for s := range pi {
				pi[s] = greedy(s)
			}
			v, err := p.Value(ctx, pi)
			if err != nil {
				return c, err
			}
			c.Episodes, c.Values = append(c.Episodes, float64(episode)), append(c.Values, v)
			if v >= enough || episode == l.Episodes {
				return c, nil
			}
		}
		s := p.Task.Start
		for t := 0; t < l.Steps && len(open[s]) > 0; {
			i := explorer(s)
			to, k, earned, ended := p.run(s, int(p.rows[i].decision), l.Steps-t, r, rng)
			if ended {
				ahead := 0.0
				if best := greedy(to); best >= 0 {
					ahead = q[best]
				}
				q[i] += l.Rate * (earned + math.Pow(p.Gamma, float64(k))*ahead - q[i])
			}
			s, t = to, t+k
		}
	}
}

// run executes a decision and returns where it ended, after how many steps, and
// what it earned, discounted; ended is false if it was broken off.
func (p *Problem) run(s, z, limit int, r []float64, rng *rand.Rand) (to, k int, earned float64, ended bool) {
	w := 1.0
	to, ended = p.walk(s, z, limit, rng, func(_, _, to int) {
		k++
		earned += w * r[to]
		w *= p.Gamma
	})
	return to, k, earned, ended
}

// Run executes a decision from s and returns where it ended. each gets every
// step: the state, the action and the state entered. After limit steps an option
// is broken off: it may never end.
func (m *Model) Run(s, z, limit int, rng *rand.Rand, each func(s, a, to int)) int {
	to, _ := m.walk(s, z, limit, rng, each)
	return to
}

func (m *Model) walk(s, z, limit int, rng *rand.Rand, each func(s, a, to int)) (to int, ended bool) {
	if z < m.Actions {
		to = draw(m.Next(s, z), rng)
		each(s, z, to)
		return to, true
	}
	o := &m.Options[z-m.Actions]
	for k := 1; ; k++ {
		a := pick(o.Policy[s], rng)
		to = draw(m.Next(s, a), rng)
		each(s, a, to)
		s = to
		if o.Ends[s] >= 1 || o.Ends[s] > 0 && rng.Float64() < o.Ends[s] {
			return s, true
		}
		if k >= limit {
			return s, false
		}
	}
}

func draw(out []Outcome, rng *rand.Rand) int {
	if len(out) == 1 {
		return out[0].To
	}
	u := rng.Float64()
	for _, o := range out {
		if u -= o.P; u < 0 {
			return o.To
		}
	}
	return out[len(out)-1].To
}

func pick(ps []float64, rng *rand.Rand) int {
	last, drawn, u := 0, false, 0.0
	for a, p := range ps {
		if p == 0 {
			continue
		}
		if p == 1 {
			return a
		}
		if !drawn {
			u, drawn = rng.Float64(), true
		}
		last = a
		if u -= p; u < 0 {
			return a
		}
	}
	return last
}
