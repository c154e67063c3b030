package experiments

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Condition says when a running engine is to pause. It is read from text:
//
//	exact_gap<0.05       a measure crosses a value (< <= > >=)
//	reward flat 200      no trend over the last 200 values: the means of their
//	                     halves are within two standard errors of each other
//	reward flat 200 0.01 the means of the halves differ by less than 0.01
//	nan                  any measure is not finite
//	loss_code nan        this one is not
//	at 120               the branch has made 120 updates
//
// Lane and phase may stand in front, as in "ra3 rlvr reward flat 50"; without
// them a measure is watched in every lane and phase, each by itself.
type Condition struct {
	Lane, Phase string // "" for any
	Measure     string // "" for any (nan), or none (at)
	Kind        ConditionKind
	Less        bool    // of Crosses: below Value, else above
	Equal       bool    // of Crosses: Value itself counts
	Value       float64 // of Crosses
	N           int     // of Flat: values; of Reaches: updates
	Within      float64 // of Flat: difference that counts as none; 0: two standard errors
}

// ConditionKind names what a condition watches for.
type ConditionKind string

// The kinds.
const (
	Crosses   ConditionKind = "crosses"
	Flat      ConditionKind = "flat"
	NotFinite ConditionKind = "nan"
	Reaches   ConditionKind = "at"
)

// flatAtLeast is the fewest values that a trend can be told from; flatAtMost
// bounds what is remembered.
const (
	flatAtLeast = 4
	flatAtMost  = 100_000
)

// Phases lists the phases of a run in their order.
var Phases = []string{PhasePretrain, PhaseSampler, PhaseAnnotate, PhaseE, PhaseM, PhaseTune, PhaseEval, PhaseRLVR, PhaseEvalRL}

const conditionHelp = "want e.g. exact_gap<0.05, reward flat 200, nan, at 120"

// ParseCondition reads a condition; its errors are one line.
func ParseCondition(text string) (Condition, error) {
	var c Condition
	words := conditionWords(text)
	fail := func(format string, args ...any) (Condition, error) {
		return Condition{}, fmt.Errorf("condition %q: "+format, append([]any{text}, args...)...)
	}
	if len(words) > 1 && slices.Contains(LaneNames(), words[0]) {
		c.Lane, words = words[0], words[1:]
	}
	if len(words) > 1 && slices.Contains(Phases, words[0]) {
		c.Phase, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return fail("%s", conditionHelp)
	}
	switch words[0] {
	case "nan":
		if len(words) > 1 {
			return fail("nothing may follow nan")
		}
		c.Kind = NotFinite
		return c, nil
	case "at":
		n, err := strconv.Atoi(strings.Join(words[1:], " "))
		if err != nil || n < 1 || c.Lane != "" || c.Phase != "" {
			return fail("want a number of updates, as in at 120")
		}
		c.Kind, c.N = Reaches, n
		return c, nil
	}
	c.Measure, words = words[0], words[1:]
	if err := checkMeasure(c.Measure); err != nil {
		return fail("%w", err)
	}
	if len(words) == 0 {
		return fail("what of %s: <, >, flat or nan; %s", c.Measure, conditionHelp)
	}
	switch op := words[0]; op {
	case "nan":
		if len(words) > 1 {
			return fail("nothing may follow nan")
		}
		c.Kind = NotFinite
	case "flat":
		var err error
		if len(words) < 2 || len(words) > 3 {
			return fail("want the number of values, as in %s flat 200", c.Measure)
		}
		if c.N, err = strconv.Atoi(words[1]); err != nil || c.N < flatAtLeast || c.N > flatAtMost {
			return fail("flat over %s values: want a number from %d to %d", words[1], flatAtLeast, flatAtMost)
		}
		if len(words) == 3 {
			if c.Within, err = strconv.ParseFloat(words[2], 64); err != nil || !(c.Within > 0) || math.IsInf(c.Within, 0) {
				return fail("flat within %s: want a number above 0", words[2])
			}
		}
		c.Kind = Flat
	case "<", "<=", ">", ">=":
		v, err := strconv.ParseFloat(strings.Join(words[1:], " "), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return fail("want a number after %s", op)
		}
		c.Kind, c.Value, c.Less, c.Equal = Crosses, v, op[0] == '<', len(op) == 2
	default:
		return fail("%q is unknown: %s", op, conditionHelp)
	}
	return c, nil
}

// ParseConditions reads conditions separated by commas; none from an empty text.
func ParseConditions(text string) ([]Condition, error) {
	var all []Condition
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		c, err := ParseCondition(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// ParseUntil reads the conditions of one run of a branch that has made some of
// all its updates. There is at least one; one on updates lies ahead and within
// the plan.
func ParseUntil(text string, made, total int) ([]Condition, error) {
	all, err := ParseConditions(text)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("until what: %s", conditionHelp)
	}
	for _, c := range all {
		if c.Kind == Reaches && (c.N <= made || c.N > total) {
			return nil, fmt.Errorf("condition %q: the branch has made %d of %d updates", c, made, total)
		}
	}
	return all, nil
}

// conditionWords splits at spaces and around comparisons.
func conditionWords(text string) []string {
	var b strings.Builder
	last := rune(0)
	for _, r := range text {
		compares := r == '<' || r == '>' || r == '=' && (last == '<' || last == '>')
		was := last == '<' || last == '>' || last == '='
		if (compares != was || compares && r != '=') && last != 0 {
			b.WriteByte(' ')
		}
		if unicode.IsSpace(r) {
			r = ' '
		}
		b.WriteRune(r)
		if last = r; !compares && r == '=' {
			last = '?' // a lone = belongs to its word
		}
	}
	return strings.Fields(b.String())
}

// String writes the condition as ParseCondition reads it.
func (c Condition) String() string {
	var words []string
	for _, w := range []string{c.Lane, c.Phase} {
		if w != "" {
			words = append(words, w)
		}
	}
	number := func(v float64) string { // an exponent as people write it: 1e9, 2e-5
		return strings.NewReplacer("e+0", "e", "e+", "e", "e-0", "e-").Replace(strconv.FormatFloat(v, 'g', -1, 64))
	}
	switch c.Kind {
	case Crosses:
		op := ">"
		if c.Less {
			op = "<"
		}
		if c.Equal {
			op += "="
		}
		words = append(words, c.Measure+op+number(c.Value))
	case Flat:
		words = append(words, c.Measure, "flat", strconv.Itoa(c.N))
		if c.Within > 0 {
			words = append(words, number(c.Within))
		}
	case Reaches:
		words = append(words, "at", strconv.Itoa(c.N))
	case NotFinite:
		if c.Measure != "" {
			words = append(words, c.Measure)
		}
		words = append(words, "nan")
	}
	return strings.Join(words, " ")
}

// holds says whether a value is on the condition's side.
func (c Condition) holds(v float64) bool {
	switch {
	case c.Equal && v == c.Value:
		return true
	case c.Less:
		return v < c.Value
	}
	return v > c.Value
}
