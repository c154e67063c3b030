package experiments

import (
	"fmt"
	"math"
	"slices"
)

// Verdicts on a claim.
const (
	Supported    = "supported"
	NotSupported = "not supported"
	Undecided    = "undecided"
	NotMeasured  = "not measured"
)

// VerdictRule is how a claim is judged.
const VerdictRule = "supported: the 95% interval lies wholly on the claimed side of the bound; not supported: wholly on the other side, or, " +
	"where an aim names a size, wholly short of it; undecided: otherwise, also where one seed gives no interval. " +
	"A claim with several judged measures is supported if all are, not supported if one is not, undecided also where one of them was not measured. " +
	"Where some seeds' values are upper bounds, they may refute a claim and not support it."

// Evidence is one measure that bears on a claim.
type Evidence struct {
	Measure string `json:"measure"`
	Measured
	Below bool    `json:"below,omitempty"` // the claim is that it lies below Bound, else above
	Bound float64 `json:"bound"`
	// Aim is the size asked for beyond the bound.
	Aim    *float64 `json:"aim,omitempty"`
	Judged bool     `json:"judged"` // the claim's verdict rests on it; others are shown beside
	// Partial: some seeds have no value, so that the interval does not count.
	Partial bool `json:"partial,omitempty"`
	// AtMost: some seeds' values are upper bounds, which support nothing above Bound.
	AtMost bool `json:"at_most,omitempty"`
	// Unclaimed evidence is shown for what it is: no side, no verdict.
	Unclaimed bool   `json:"unclaimed,omitempty"`
	Verdict   string `json:"verdict"`

	format string
}

// Claim is a statement about RA3 with what was measured for it.
type Claim struct {
	Number   int        `json:"number"`
	Text     string     `json:"text"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Verdict  string     `json:"verdict"`
}

// judge applies VerdictRule.
func (e *Evidence) judge() {
	lo, hi, bound, aim := float64(e.Lo), float64(e.Hi), e.Bound, math.Inf(-1)
	if e.Aim != nil {
		aim = *e.Aim
	}
	if e.Below {
		lo, hi, bound = -hi, -lo, -bound
		if e.Aim != nil {
			aim = -*e.Aim
		}
	}
	switch {
	case e.Partial:
		e.Verdict = Undecided
	case e.N == 0:
		e.Verdict = NotMeasured
	case e.Unclaimed:
		e.Verdict = ""
	case hi < bound || hi < aim:
		e.Verdict = NotSupported
	case lo > bound && !e.AtMost:
		e.Verdict = Supported
	default: // NaN bounds come here
		e.Verdict = Undecided
	}
}

// short reports whether supported evidence has a mean that misses the aim.
func (e *Evidence) short() bool {
	if e.Aim == nil || e.Verdict != Supported {
		return false
	}
	if e.Below {
		return float64(e.Mean) > *e.Aim
	}
	return float64(e.Mean) < *e.Aim
}

// claim judges evidence. What was not measured is left out, but for a judged
// measure beside others that were: what it would have said is open.
func claim(number int, text string, evidence ...Evidence) Claim {
	c := Claim{Number: number, Text: text}
	verdicts := map[string]bool{}
	for _, e := range evidence {
		if e.judge(); e.Judged {
			verdicts[e.Verdict] = true
		}
		if e.Verdict == NotMeasured {
			if !e.Judged {
				continue
			}
			e.Measured = OverSeeds(nil)
		}
		c.Evidence = append(c.Evidence, e)
	}
	measured := func(e Evidence) bool { return e.Verdict != NotMeasured }
	if !slices.ContainsFunc(c.Evidence, measured) {
		c.Evidence = nil
	}
	switch {
	case verdicts[NotSupported]:
		c.Verdict = NotSupported
	case verdicts[Undecided] || verdicts[Supported] && verdicts[NotMeasured]:
		c.Verdict = Undecided
	case verdicts[Supported]:
		c.Verdict = Supported
	default:
		c.Verdict = NotMeasured
	}
	return c
}

// recallMargin is how much less often than NTP's RA3's n95 sets may hold the
// expert's action: a policy that is sure of the wrong thing has small sets too,
// and prunes nothing.
const recallMargin = 0.01

// Claims judges what a summary says about RA3, claim by claim. The sizes aimed
// at are those of the original: 4 points over NTP, 8 over Base, half the tokens.
func Claims(s *Summary) []Claim {
	size := func(x float64) *float64 { return &x }
	pass := func(pair string, aim *float64) []Evidence {
		var es []Evidence
		for _, family := range append([]string{Average}, Families...) {
			e := Evidence{Measure: "mean of pass@1, 5, 10, " + family, Measured: s.Differences[pair][family][Average].Measured, format: "%+.3f"}
			if family == Average {
				e.Measure, e.Aim, e.Judged = "mean of pass@1, 5, 10, both families", aim, true
			}
			es = append(es, e)
		}
		return es
	}
	lanes := func(get func(PruningSummary) *Measured) Measured {
		a, b := get(s.Pruning["ra3"]), get(s.Pruning["ntp"])
		if a == nil || b == nil {
			return Measured{}
		}
		return a.Minus(*b)
	}
	speed := s.SpeedUps["ra3-ntp"]
	after := s.DifferencesAfter["ra3-ntp"][Average][Average].Measured
	return []Claim{
		claim(1, "RA3 beats NTP at equal tokens", pass("ra3-ntp", size(0.04))...),
		claim(2, "RA3 beats Base", pass("ra3-base", size(0.08))...),
		claim(3, "EM with RL beats annotation by the initial sampler", pass("ra3-initial", nil)...),
		claim(4, fmt.Sprintf("RA3's policy prunes more, with a recall of the expert's action at most %g lower", recallMargin),
			Evidence{Measure: "log effective decision space, RA3 minus NTP (nats)", Measured: lanes(func(p PruningSummary) *Measured { return &p.LogEffective }), Below: true, Judged: true, format: "%+.2f"},
			Evidence{Measure: "of it code (nats)", Measured: lanes(func(p PruningSummary) *Measured { return &p.LogEffectiveCode }), Below: true, format: "%+.2f"},
			Evidence{Measure: "recall of the expert's action, RA3 minus NTP", Measured: lanes(func(p PruningSummary) *Measured { return &p.Recall }), Bound: -recallMargin, Judged: true, format: "%+.4f"},
			Evidence{Measure: "pruning error, RA3 minus NTP", Measured: lanes(func(p PruningSummary) *Measured { return p.PruningError }), Below: true, format: "%+.3f"}),
		claim(5, "RA3's effective horizon is shorter",
			Evidence{Measure: "decisions above 0.1 nats a program, RA3 minus NTP", Measured: lanes(func(p PruningSummary) *Measured { return &p.Horizon }), Below: true, Judged: true, format: "%+.2f"},
			Evidence{Measure: "of them code", Measured: lanes(func(p PruningSummary) *Measured { return &p.HorizonCode }), Below: true, format: "%+.2f"}),
		claim(6, "RLVR from RA3 converges faster",
			Evidence{Measure: "log2 of (NTP's tokens to its own final level / RA3's to that level)", Measured: speed.Log2, Aim: size(1), Judged: true, Partial: len(speed.Ratio) > 0 && !speed.Complete(), AtMost: speed.AtMost(), format: "%+.2f"},
			Evidence{Measure: "area under held-out success at equal sampled tokens, RA3 minus NTP", Measured: speed.AUC.Measured, Judged: true, format: "%+.3f"}),
		claim(7, "RLVR from RA3 ends higher at equal sampled tokens",
			Evidence{Measure: "held-out pass@1 at the last tokens that every lane sampled, RA3 minus NTP", Measured: speed.Final.Measured, Judged: true, format: "%+.3f"},
			Evidence{Measure: "mean of pass@1, 5, 10 after RLVR, both families, RA3 minus NTP", Measured: after, format: "%+.3f"}),
		claim(8, "The latents match the hidden intents", Evidence{Measure: "NMI after the last EM iteration", Measured: s.NMI(), Bound: 0.8, Judged: true, format: "%.3f"}),
		claim(9, "The RL E-step is close to the exact reference",
			Evidence{Measure: "gap to the exact bound, as a share of it", Measured: s.ExactGap(), Below: true, Bound: 0.05, Judged: true, format: "%.4f"},
			Evidence{Measure: "the same of the initial sampler, at iteration 0", Measured: s.initialGap(), Unclaimed: true, format: "%.4f"},
			Evidence{Measure: "exact bound minus its certified part (nats a program)", Measured: s.exactSlack(), Unclaimed: true, format: "%.4f"}),
	}
}

// Measures of an EM iteration that claims rest on.
const (
	nmiMeasure            = "nmi"
	exactBoundMeasure     = "exact_bound"     // best bound any posterior could reach, nats a program
	exactCertifiedMeasure = "exact_certified" // what of it is summed, the rest being estimated
	exactGapMeasure       = "exact_gap"       // by how much the E-step's own falls short of it
)

// NMI of the latents with the hidden intents after the last EM iteration that
// has it; its N is 0 where none has.
func (s *Summary) NMI() Measured {
	for _, m := range slices.Backward(s.Latents.Iterations) {
		if x, ok := m[nmiMeasure]; ok {
			return x
		}
	}
	return Measured{}
}

// ExactGap is what the E-step's bound lacks of the exact one, as a share of it,
// after the last EM iteration that has it; its N is 0 where none has.
func (s *Summary) ExactGap() Measured {
	for _, m := range slices.Backward(s.Latents.Iterations) {
		if x, ok := relativeGap(m); ok {
			return x
		}
	}
	return Measured{}
}

// initialGap is the relative gap before EM: what the E-step had to close.
func (s *Summary) initialGap() Measured {
	if len(s.Latents.Iterations) == 0 {
		return Measured{}
	}
	gap, _ := relativeGap(s.Latents.Iterations[0])
	return gap
}

// exactSlack is how much of the exact bound rests on sampling, in the iteration
// of ExactGap: the gap is known no better.
func (s *Summary) exactSlack() Measured {
	for _, m := range slices.Backward(s.Latents.Iterations) {
		if _, ok := relativeGap(m); ok {
			return m[exactBoundMeasure].Minus(m[exactCertifiedMeasure])
		}
	}
	return Measured{}
}

// relativeGap is the gap to the exact bound over its size, seed by seed.
func relativeGap(m map[string]Measured) (Measured, bool) {
	bound, ok := m[exactBoundMeasure]
	gap, found := m[exactGapMeasure]
	if !ok || !found || len(bound.BySeed) != len(gap.BySeed) {
		return Measured{}, false
	}
	shares := make([]float64, len(gap.BySeed))
	for i := range shares {
		shares[i] = float64(gap.BySeed[i]) / math.Abs(float64(bound.BySeed[i]))
	}
	return estimate(shares, nil, ""), true
}
