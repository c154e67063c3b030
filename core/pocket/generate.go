package pocket

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"ra3/core/trace"
)

// Settings are the knobs of the domain.
type Settings struct {
	// Nuisance is how much of a program does not matter to its tests: 0 one
	// template an intent and fixed identifiers, 1 all templates and identifiers
	// drawn once a function, 2 identifiers drawn for every step.
	Nuisance int `toml:"nuisance" json:"nuisance"`
	// Invert is the probability that two steps are told in reverse order ("B
	// after A"; "B, but before that A").
	Invert float64 `toml:"invert" json:"invert"`
	// Tests is the number of hidden tests of a problem.
	Tests int `toml:"tests" json:"tests"`
	// Vague is the probability that a prompt tells a step by its family only
	// ("keep items"), Hidden that it tells no more than that there is one ("one
	// step"); together at most 1. The other steps are named.
	Vague  float64 `toml:"vague" json:"vague"`
	Hidden float64 `toml:"hidden" json:"hidden"`
	// Examples is the number of inputs and outputs that a prompt shows; a prompt
	// of family "ask" shows at least one.
	Examples int `toml:"examples" json:"examples"`
}

// Request says what kind of program is wanted.
type Request struct {
	Split  Split
	Steps  int
	Family string // "doc" or "ask"
}

// attempts bounds the search for a program that fits a request.
const attempts = 20000

// Draw generates one program. A request that no composition meets is an error.
func (d *Domain) Draw(rng *rand.Rand, s Settings, q Request) (trace.Program, error) {
	for range attempts {
		steps := d.drawSteps(rng, q.Steps)
		if d.SplitOf(steps) != q.Split {
			continue
		}
		tests, ok := d.drawTests(rng, steps, s.Tests)
		if !ok {
			continue
		}
		return d.write(rng, s, q, steps, tests)
	}
	return trace.Program{}, fmt.Errorf("pocket domain: no program of %d steps in split %s after %d draws: choose other steps", q.Steps, q.Split, attempts)
}

// drawSteps draws distinct intents, neighbours from different families.
func (d *Domain) drawSteps(rng *rand.Rand, k int) []int {
	var steps []int
	for tries := 0; len(steps) < k; tries++ {
		if tries > 100*k {
			steps, tries = steps[:0], 0
		}
		i := rng.IntN(len(d.Intents))
		if slices.Contains(steps, i) || len(steps) > 0 && d.Intents[steps[len(steps)-1]].Family == d.Intents[i].Family {
			continue
		}
		steps = append(steps, i)
	}
	return steps
}

// drawTests draws the tests of a composition, or reports that on these inputs
// it is none to ask for.
func (d *Domain) drawTests(rng *rand.Rand, steps []int, n int) ([]trace.Test, bool) {
	tests := make([]trace.Test, n)
	for i := range tests {
		in := make([]int64, 7+rng.IntN(4))
		for j := range in {
			in[j] = int64(rng.IntN(19) - 9)
		}
		tests[i] = trace.Test{In: in, Want: slices.Clone(d.Apply(steps, in))}
	}
	return tests, d.tested(steps, tests)
}

// tested reports whether tests do for a composition: most outputs keep at least
// two elements, and every step matters, for leaving any one out must change some
// output, or a wrong plan would pass.
func (d *Domain) tested(steps []int, tests []trace.Test) bool {
	short := 0
	for _, t := range tests {
		if len(t.Want) < 2 {
			short++
		}
	}
	if short*4 > len(tests) {
		return false
	}
	for drop := range steps {
		rest := slices.Concat(steps[:drop], steps[drop+1:])
		if !slices.ContainsFunc(tests, func(t trace.Test) bool { return !slices.Equal(d.Apply(rest, t.In), t.Want) }) {
			return false
		}
	}
	return true
}

func (d *Domain) write(rng *rand.Rand, s Settings, q Request, steps []int, tests []trace.Test) (trace.Program, error) {
	p := trace.Program{Problem: trace.Problem{Family: q.Family, Steps: steps, Tests: tests}}
	for _, i := range steps {
		p.Phrases = append(p.Phrases, d.first[i]+rng.IntN(len(d.Intents[i].Phrases)))
	}
	if err := d.tell(rng, s, &p); err != nil {
		return p, err
	}
	names := d.drawNames(rng, s)
	line := func(text string, step int) error {
		ids, err := d.Vocab.Encode("    " + text + "\n")
		if err != nil {
			return fmt.Errorf("pocket domain: intent %s: %w", d.Intents[steps[step]].Name, err)
		}
		p.Lines = append(p.Lines, ids)
		p.Key = append(p.Key, trace.LineKey{Step: step, Intent: steps[step]})
		return nil
	}
	for step, i := range steps {
		if s.Nuisance >= 2 {
			names = d.drawNames(rng, s)
		}
		ts := d.Intents[i].Templates
		t := ts[0]
		if s.Nuisance > 0 {
			t = ts[rng.IntN(len(ts))]
		}
		for _, l := range t {
			if err := line(names.Replace(l), step); err != nil {
				return p, err
			}
		}
	}
	return p, line("return xs", len(steps)-1)
}

// Concat joins programs into one: their bodies one after the other, their steps
// told in one prompt of the first part's family. It has no tests.
func (d *Domain) Concat(rng *rand.Rand, s Settings, parts []*trace.Program) (trace.Program, error) {
	p := trace.Program{Problem: trace.Problem{Family: parts[0].Family}}
	for i, part := range parts {
		step := len(p.Steps)
		p.Steps = append(p.Steps, part.Steps...)
		p.Phrases = append(p.Phrases, part.Phrases...)
		n := len(part.Lines)
		if i < len(parts)-1 {
			n-- // only the last part returns
		}
		p.Lines = append(p.Lines, part.Lines[:n]...)
		for _, k := range part.Key[:n] {
			p.Key = append(p.Key, trace.LineKey{Step: step + k.Step, Intent: k.Intent})
		}
	}
	return p, d.tell(rng, s, &p)
}

func (d *Domain) drawNames(rng *rand.Rand, s Settings) *strings.Replacer {
	var pairs []string
	for _, role := range []string{"i", "x", "y", "z"} {
		choice := d.names[role]
		name := choice[0]
		if s.Nuisance > 0 {
			name = choice[rng.IntN(len(choice))]
		}
		pairs = append(pairs, "{"+role+"}", name)
	}
	return strings.NewReplacer(pairs...)
}
