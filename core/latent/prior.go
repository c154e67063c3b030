package latent

import (
	"fmt"
	"math"

	"ra3/core/trace"
)

// PriorKind says where log p(u_t | z_(t-1), s_t) comes from.
type PriorKind string

const (
	// Sticky: p(act) = 1-rho; p(think z) = rho p0(z|s) with p0 the policy's
	// own distribution over rationales, so that thinking costs
	// log((1-rho)/rho) - log p0(z|s) nats more than acting.
	Sticky PriorKind = "sticky"
	// Uniform: as Sticky with p0 = 1/K.
	Uniform PriorKind = "uniform"
	// Learned: the policy's own probabilities of decision and rationale.
	Learned PriorKind = "learned"
)

// Prior is p(u_t | z_(t-1), s_t).
type Prior struct {
	Kind PriorKind `toml:"kind" json:"kind"`
	Rho  float64   `toml:"rho" json:"rho"` // probability of thinking, for sticky and uniform
	// LearnedRho: Rho is only where it starts, then Fit follows q.
	LearnedRho bool `toml:"learned_rho" json:"learned_rho"`
	K          int  `toml:"-" json:"-"`
}

// Cost of thinking over acting, nats, before what the rationale itself costs.
func (p Prior) Cost() float64 { return math.Log((1 - p.Rho) / p.Rho) }

// surest bounds a learned Rho away from 0 and 1, where it would never return.
const surest = 0.01

// Fit returns the prior with the rho that maximises the bound for what q does:
// of so many decisions, first lines left out, so many are expected to think. A
// prior that is not to be learned, or no such lines, leave it as it is.
func (p Prior) Fit(thinks, lines float64) Prior {
	if p.LearnedRho && lines > 0 {
		p.Rho = min(1-surest, max(surest, thinks/lines))
	}
	return p
}

// Thinks counts the lines after the first and how many of them q expects to think.
func Thinks(qs []Posterior) (thinks, lines float64) {
	for _, q := range qs {
		for t := 1; t < len(q.P); t++ {
			lines++
			thinks += 1 - float64(q.P[t][0])
		}
	}
	return thinks, lines
}

// Validate names what is wrong with a prior.
func (p Prior) Validate() error {
	switch p.Kind {
	case Sticky, Uniform:
		if !(p.Rho > 0 && p.Rho < 1) {
			return fmt.Errorf("prior: rho = %g, must lie between 0 and 1 (exclusive)", p.Rho)
		}
	case Learned:
		if p.LearnedRho {
			return fmt.Errorf("prior: learned_rho with kind learned, which has no rho: use sticky or uniform")
		}
	default:
		return fmt.Errorf("prior: kind %q is not one of sticky, uniform, learned", p.Kind)
	}
	return nil
}

// LogP is log p(u_t) of line t, given the policy's log-probabilities of the
// decision token and of the rationale's words (0 where there are none). The
// first line must think, so its decision costs nothing.
func (p Prior) LogP(t int, u int, decision, rationale float64) float64 {
	if p.Kind == Learned {
		if t == 0 {
			return rationale
		}
		return decision + rationale
	}
	if u == trace.Act {
		return math.Log1p(-p.Rho)
	}
	l := rationale
	if p.Kind == Uniform {
		l = -math.Log(float64(p.K))
	}
	if t > 0 {
		l += math.Log(p.Rho)
	}
	return l
}
