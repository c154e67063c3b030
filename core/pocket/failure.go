package pocket

import (
	"slices"

	"ra3/core/token"
	"ra3/core/trace"
)

// Failure is the way in which a generated body failed.
type Failure string

// The failure classes.
const (
	WrongIntent  Failure = "wrong_intent"   // a step does what the plan has nowhere
	WrongOrder   Failure = "wrong_order"    // the plan's steps in another order
	StopsEarly   Failure = "stops_early"    // the plan's beginning only
	SkipsSteps   Failure = "skips_steps"    // the plan without some step before its last
	ExtraSteps   Failure = "extra_steps"    // the plan and more
	WrongCode    Failure = "wrong_code"     // code that is no step's, or not that of the policy's own right plan
	DoesNotParse Failure = "does_not_parse" // as the judge says
	Unfinished   Failure = "unfinished"     // cut at the token limit
)

// Failures are the classes in the order of reports.
var Failures = []Failure{WrongIntent, WrongOrder, StopsEarly, SkipsSteps, ExtraSteps, WrongCode, DoesNotParse, Unfinished}

// Classify says how a body that did not pass its problem's tests failed. It is
// judged by the intents that its code spells out. Where the code spells out none
// the policy's rationales, if it wrote any, tell a wrong plan from wrong code;
// and a right plan in rationales makes any failure one of the code.
func (d *Domain) Classify(p *trace.Problem, w trace.Written, parses, finished bool) Failure {
	switch {
	case !finished:
		return Unfinished
	case !parses:
		return DoesNotParse
	}
	planned := d.planned(w)
	if slices.Equal(planned, p.Steps) {
		return WrongCode
	}
	segments, whole := d.Segments(d.text(w.Lines))
	if whole {
		wrote := make([]int, len(segments))
		for i, s := range segments {
			wrote[i] = s.Intent
		}
		return departure(wrote, p.Steps)
	}
	// A rationale may stay in force over several steps, so that a plan that
	// leaves some out is no wrong one.
	if f := departure(planned, p.Steps); f == WrongIntent || f == WrongOrder || f == ExtraSteps {
		return f
	}
	return WrongCode
}

// planned are the intents of a body's rationales; the same one thought again is
// one step, and -1 stands for words that are no phrase of the inventory. Learned
// codes say nothing of intents and plan nothing.
func (d *Domain) planned(w trace.Written) []int {
	var plan []int
	for _, words := range w.Phrases {
		if len(words) == 0 || d.Vocab.Kind(words[0]) == token.Latent {
			continue
		}
		intent := -1
		for _, p := range d.Phrases {
			// A longer rationale words the same intent again.
			if slices.Equal(p.Words[:], words[:min(2, len(words))]) {
				intent = p.Intent
			}
		}
		if len(plan) == 0 || plan[len(plan)-1] != intent {
			plan = append(plan, intent)
		}
	}
	return plan
}

// departure says how a sequence of intents differs from the plan.
func departure(wrote, plan []int) Failure {
	sorted := func(xs []int) []int { return slices.Sorted(slices.Values(xs)) }
	switch {
	case slices.Equal(wrote, plan):
		return WrongCode
	case len(wrote) < len(plan) && slices.Equal(wrote, plan[:len(wrote)]):
		return StopsEarly
	case within(wrote, plan):
		return SkipsSteps
	case within(plan, wrote):
		return ExtraSteps
	case slices.Equal(sorted(wrote), sorted(plan)):
		return WrongOrder
	}
	return WrongIntent
}

// within reports whether xs is ys with some elements left out.
func within(xs, ys []int) bool {
	for _, y := range ys {
		if len(xs) > 0 && xs[0] == y {
			xs = xs[1:]
		}
	}
	return len(xs) == 0
}
