package measure

import (
	"fmt"
	"math"
)

// EffectiveMass is the share of a policy's mass its effective set holds.
const EffectiveMass = 0.95

// TrivialEntropy is the entropy in nats up to which a decision counts as settled
// and does not lengthen the effective horizon.
const TrivialEntropy = 0.1

// Pruning accumulates, over expert programs, how far a policy narrows the
// actions at each decision and whether what it keeps contains the expert's. Keep
// one per level (tokens, decisions) and per kind (rationale, code). The zero
// value is ready; it is not safe for concurrent use: give each worker its own
// and Merge them in a fixed order.
type Pruning struct {
	Decisions    int
	LogEffective float64 // sum over decisions of log n95, nats
	LogAll       float64 // sum over decisions of log allowed actions, nats
	Recalled     int     // expert's action in the effective set
	NonTrivial   int     // entropy above TrivialEntropy

	scratch []float32
}

// AddDecision counts one decision point of an expert program: p is the policy's
// probability of each action (0 for those the position forbids), allowed how
// many the position permits, expert the index of the action the expert took. On
// an error nothing is counted. Nothing is allocated once the widest decision has
// been seen.
func (s *Pruning) AddDecision(p []float32, allowed, expert int) error {
	if expert < 0 || expert >= len(p) {
		return fmt.Errorf("measure: expert action %d outside the policy's %d actions: pass the action's index in p", expert, len(p))
	}
	if cap(s.scratch) < len(p) {
		s.scratch = make([]float32, len(p))
	}
	n := N95(p, EffectiveMass, s.scratch)
	if n == 0 {
		return fmt.Errorf("measure: decision over %d actions has probabilities that are negative, not finite or all zero: check the policy's logits and mask", len(p))
	}
	if allowed < n || allowed > len(p) {
		return fmt.Errorf("measure: %d allowed actions where %d hold the mass of %d: count the actions the position's mask permits", allowed, n, len(p))
	}
	recalled := InTop(p, expert, EffectiveMass)
	s.Decisions++
	s.LogEffective += math.Log(float64(n))
	s.LogAll += math.Log(float64(allowed))
	if recalled {
		s.Recalled++
	}
	if nonTrivial(p) {
		s.NonTrivial++
	}
	return nil
}

// nonTrivial reports whether p's entropy exceeds TrivialEntropy. Entropy is at
// least -log of the largest probability, which settles all but peaked decisions
// without a logarithm per action.
func nonTrivial(p []float32) bool {
	total, largest := massOf(p)
	if -math.Log(float64(largest)/total) > TrivialEntropy {
		return true
	}
	return PolicyEntropy(p) > TrivialEntropy
}

// Merge adds another accumulator's counts and sums.
func (s *Pruning) Merge(other Pruning) {
	s.Decisions += other.Decisions
	s.LogEffective += other.LogEffective
	s.LogAll += other.LogAll
	s.Recalled += other.Recalled
	s.NonTrivial += other.NonTrivial
}

// KeptShare is the log-size of the effective decision space as a share of the
// full one's, sum log n95 / sum log |A|: 0 when every decision is settled, 1 when
// nothing is pruned. NaN where there was nothing to choose.
func (s *Pruning) KeptShare() float64 { return s.LogEffective / s.LogAll }

// Recall is the share of decisions whose effective set holds the expert's
// action. NaN without decisions.
func (s *Pruning) Recall() float64 { return ratio(s.Recalled, s.Decisions) }

func ratio(part, whole int) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return float64(part) / float64(whole)
}

// PolicyEntropy is the entropy in nats of a policy's distribution over one
// decision's actions, p normalised by its sum. NaN where p is no distribution
// (see N95).
func PolicyEntropy(p []float32) float64 {
	total, _ := massOf(p)
	if total == 0 {
		return math.NaN()
	}
	h := 0.0
	for _, v := range p {
		if v > 0 {
			q := float64(v) / total
			h -= q * math.Log(q)
		}
	}
	return max(h, 0)
}
