package discover

import (
	"math"
	"math/rand/v2"

	"ra3/core/latent"
	"ra3/core/ra3"
	"ra3/core/trace"
)

// Posterior is exact for one trajectory of T steps.
type Posterior struct {
	LogP    float64     // log p(actions | views), nats
	InForce [][]float64 // [T][latents]: probability that the latent is in force
	Think   []float64   // [T]: probability of thinking anew; 1 at the first step

	emit [][]float64 // [T][latents]: pi(a_t | z, view_t)
	back [][]float64 // [T][latents]: p(a_(t+1).. | z_t), scaled to sum 1 over latents
}

// Posterior runs forward-backward; sticky transitions make it linear in the
// number of latents.
func (m *Model) Posterior(tr []Step) *Posterior {
	n, k := len(tr), m.Config.Latents
	p := &Posterior{Think: make([]float64, n), InForce: table(n, k), emit: table(n, k), back: table(n, k)}
	if n == 0 {
		return p
	}
	rho := m.Prior.Rho
	forward := table(n, k) // p(z_t | a_1..a_t)
	for t, s := range tr {
		total := 0.0
		for z := range k {
			p.emit[t][z] = m.Pi[m.at(z, s)]
			prior := 1 / float64(k)
			if t > 0 {
				prior = (1-rho)*forward[t-1][z] + rho/float64(k)
			}
			forward[t][z] = prior * p.emit[t][z]
			total += forward[t][z]
		}
		p.LogP += math.Log(total)
		scale(forward[t], 1/total)
	}
	for z := range k {
		p.back[n-1][z] = 1 / float64(k)
	}
	for t := n - 1; ; t-- {
		total := 0.0
		for z := range k {
			p.InForce[t][z] = forward[t][z] * p.back[t][z]
			total += p.InForce[t][z]
		}
		scale(p.InForce[t], 1/total)
		if t == 0 {
			p.Think[0] = 1
			return p
		}
		// Kept and thought parts of p(a_t.. | z_(t-1)).
		thought, all := 0.0, 0.0
		for z := range k {
			thought += rho / float64(k) * p.emit[t][z] * p.back[t][z]
		}
		for z := range k {
			p.back[t-1][z] = (1-rho)*p.emit[t][z]*p.back[t][z] + thought
			p.Think[t] += forward[t-1][z] * thought
			all += forward[t-1][z] * p.back[t-1][z]
		}
		p.Think[t] /= all
		total = 0
		for z := range k {
			total += p.back[t-1][z]
		}
		scale(p.back[t-1], 1/total)
	}
}

// Greedy is the most probable latent in force at each step, and whether it was
// thought there.
func (p *Posterior) Greedy() (latents []int, starts []bool) {
	for t, q := range p.InForce {
		best := 0
		for z, v := range q {
			if v > q[best] {
				best = z
			}
		}
		latents = append(latents, best)
		starts = append(starts, p.Think[t] > 0.5 || t > 0 && best != latents[t-1])
	}
	return latents, starts
}

// Draw draws an annotation from the posterior, left to right, with log q of each
// step's decision given those before.
func (m *Model) Draw(p *Posterior, rng *rand.Rand) latent.Draw {
	k := m.Config.Latents
	d := latent.Draw{}
	z := trace.Act
	for t := range p.emit {
		weights := make([]float64, 1+k) // outcome 0 act, 1+z think z
		total := 0.0
		for y := range k {
			ahead := p.emit[t][y] * p.back[t][y]
			if t > 0 && y == z {
				weights[0] = math.Exp(m.Prior.LogP(t, trace.Act, 0, 0)) * ahead
			}
			weights[1+y] = math.Exp(m.Prior.LogP(t, y, 0, 0)) * ahead
			total += weights[1+y]
		}
		total += weights[0]
		u, chosen := rng.Float64()*total, 0
		for i, w := range weights {
			if w == 0 {
				continue
			}
			chosen = i
			if u -= w; u < 0 {
				break
			}
		}
		d.Annotation = append(d.Annotation, chosen-1)
		d.LogQ = append(d.LogQ, math.Log(weights[chosen]/total))
		if chosen > 0 {
			z = chosen - 1
		}
	}
	return d
}

// Bound estimates the variational bound from one annotation of each trajectory,
// drawn from the exact posterior, by the code that serves the transformer: nats a
// trajectory. As the posterior is exact, every draw's terms sum to log p.
func (m *Model) Bound(trajectories [][]Step, rng *rand.Rand) ra3.Bound {
	terms := make([][][]ra3.LineTerms, len(trajectories))
	for i, tr := range trajectories {
		p := m.Posterior(tr)
		d := m.Draw(p, rng)
		lines := make([]ra3.LineTerms, len(tr))
		for t, z := range d.Annotation.Latents() {
			lines[t] = ra3.LineTerms{Code: math.Log(p.emit[t][z]), Prior: m.Prior.LogP(t, d.Annotation[t], 0, 0), LogQ: d.LogQ[t]}
		}
		terms[i] = [][]ra3.LineTerms{lines}
	}
	return ra3.Summarise(terms)
}

func table(n, k int) [][]float64 {
	flat := make([]float64, n*k)
	out := make([][]float64, n)
	for i := range out {
		out[i] = flat[i*k : (i+1)*k]
	}
	return out
}

func scale(xs []float64, by float64) {
	for i := range xs {
		xs[i] *= by
	}
}
