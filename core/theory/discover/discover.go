// Package discover is the EM of core/ra3 in its tabular form: latents that
// explain expert trajectories of a finite MDP, under the same sticky prior
// (core/latent), with the exact posterior by forward-backward in place of a
// sampler, and with a table pi(a | z, view) in place of the decoder. The bound
// goes through ra3.Summarise, as the transformer's does; here it is tight.
package discover

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"ra3/core/latent"
	"ra3/core/parallel"
)

// Step is one action of an expert: what the learner sees of the state, and what
// the expert did there.
type Step struct{ View, Action int }

// Config is how latents are sought.
type Config struct {
	Latents, Views, Actions int
	Rho                     float64 // where the learned rate of thinking starts
	Smooth                  float64 // pseudo-count of every action, above 0
	Iterations              int     // of EM
	Restarts                int     // random beginnings; the best objective wins
}

// DefaultConfig seeks k latents.
func DefaultConfig(k, views, actions int) Config {
	return Config{Latents: k, Views: views, Actions: actions, Rho: 0.3, Smooth: 0.01, Iterations: 40, Restarts: 6}
}

// Model is a policy of each latent and the prior over latents.
type Model struct {
	Config Config
	Prior  latent.Prior
	Pi     []float64 // [latents, views, actions]
}

// Fit is a model with how it came about.
type Fit struct {
	Model *Model
	// LogP is log p(actions) summed over trajectories before each iteration and
	// after the last: the bound, which the exact posterior makes tight. Objective
	// adds the smoothing's log-prior; it never falls.
	LogP, Objective []float64
	Begin           *Model // where the winning restart began
}

// Learn fits latents to trajectories by EM, its restarts on so many threads.
func Learn(ctx context.Context, trajectories [][]Step, c Config, threads int, rng *rand.Rand) (Fit, error) {
	if err := c.check(trajectories); err != nil {
		return Fit{}, fmt.Errorf("latents: %w", err)
	}
	begun := make([]*Model, c.Restarts)
	for i := range begun {
		begun[i] = begin(c, rng)
	}
	fits, errs := make([]Fit, c.Restarts), make([]error, c.Restarts)
	parallel.For(threads, c.Restarts, func(i, _ int) { fits[i], errs[i] = climb(ctx, trajectories, begun[i]) })
	var best Fit
	for i, f := range fits {
		if errs[i] != nil {
			return Fit{}, fmt.Errorf("latents: %w", errs[i])
		}
		if best.Model == nil || f.Objective[len(f.Objective)-1] > best.Objective[len(best.Objective)-1] {
			best = f
		}
	}
	return best, nil
}

func (c Config) check(trajectories [][]Step) error {
	switch {
	case c.Latents < 1 || c.Views < 1 || c.Actions < 1 || c.Iterations < 0 || c.Restarts < 1:
		return fmt.Errorf("%d latents over %d views and %d actions, %d iterations, %d restarts: out of range", c.Latents, c.Views, c.Actions, c.Iterations, c.Restarts)
	case !(c.Rho > 0 && c.Rho < 1) || !(c.Smooth > 0):
		return fmt.Errorf("rho %g, smoothing %g: want 0 < rho < 1 and smoothing above 0", c.Rho, c.Smooth)
	}
	for _, tr := range trajectories {
		for _, s := range tr {
			if s.View < 0 || s.View >= c.Views || s.Action < 0 || s.Action >= c.Actions {
				return fmt.Errorf("action %d in view %d: there are %d and %d", s.Action, s.View, c.Actions, c.Views)
			}
		}
	}
	return nil
}

// begin draws policies near uniform.
func begin(c Config, rng *rand.Rand) *Model {
	m := &Model{Config: c, Prior: latent.Prior{Kind: latent.Uniform, Rho: c.Rho, LearnedRho: true, K: c.Latents}, Pi: make([]float64, c.Latents*c.Views*c.Actions)}
	for i := range m.Pi {
		m.Pi[i] = 0.5 + rng.Float64()
	}
	for i := 0; i < len(m.Pi); i += c.Actions {
		normalise(m.Pi[i : i+c.Actions])
	}
	return m
}

func normalise(p []float64) {
	total := 0.0
	for _, x := range p {
		total += x
	}
	for i := range p {
		p[i] /= total
	}
}

// climb does EM from a model.
func climb(ctx context.Context, trajectories [][]Step, m *Model) (Fit, error) {
	f := Fit{Begin: m}
	counts := make([]float64, len(m.Pi))
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return f, err
		}
		clear(counts)
		logp, thinks, later := 0.0, 0.0, 0.0
		for _, tr := range trajectories {
			p := m.Posterior(tr)
			logp += p.LogP
			for t, s := range tr {
				for z, g := range p.InForce[t] {
					counts[m.at(z, s)] += g
				}
				if t > 0 {
					thinks, later = thinks+p.Think[t], later+1
				}
			}
		}
		f.LogP, f.Objective = append(f.LogP, logp), append(f.Objective, logp+m.logSmooth())
		if n == m.Config.Iterations {
			f.Model = m
			return f, nil
		}
		next := &Model{Config: m.Config, Prior: m.Prior.Fit(thinks, later), Pi: make([]float64, len(m.Pi))}
		for i, c := range counts {
			next.Pi[i] = c + m.Config.Smooth
		}
		for i := 0; i < len(next.Pi); i += m.Config.Actions {
			normalise(next.Pi[i : i+m.Config.Actions])
		}
		m = next
	}
}

// at is the place of pi(action | z, view).
func (m *Model) at(z int, s Step) int {
	return (z*m.Config.Views+s.View)*m.Config.Actions + s.Action
}

// logSmooth is the log-density, up to a constant, of the Dirichlet prior that
// the pseudo-counts are.
func (m *Model) logSmooth() float64 {
	sum := 0.0
	for _, p := range m.Pi {
		sum += math.Log(p)
	}
	return m.Config.Smooth * sum
}
