package pocket

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
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

// drawTests draws inputs on which every step matters: leaving any one out must
// change some output, or a wrong plan would pass. Most outputs keep at least
// two elements.
func (d *Domain) drawTests(rng *rand.Rand, steps []int, n int) ([]trace.Test, bool) {
	tests := make([]trace.Test, n)
	short := 0
	for i := range tests {
		in := make([]int64, 7+rng.IntN(4))
		for j := range in {
			in[j] = int64(rng.IntN(19) - 9)
		}
		tests[i] = trace.Test{In: in, Want: slices.Clone(d.Apply(steps, in))}
		if len(tests[i].Want) < 2 {
			short++
		}
	}
	if short*4 > n {
		return nil, false
	}
	for drop := range steps {
		rest := slices.Delete(slices.Clone(steps), drop, drop+1)
		same := true
		for _, t := range tests {
			same = same && slices.Equal(d.Apply(rest, t.In), t.Want)
		}
		if same {
			return nil, false
		}
	}
	return tests, true
}

func (d *Domain) write(rng *rand.Rand, s Settings, q Request, steps []int, tests []trace.Test) (trace.Program, error) {
	p := trace.Program{Problem: trace.Problem{Family: q.Family, Steps: steps, Tests: tests}}
	for _, i := range steps {
		p.Phrases = append(p.Phrases, d.first[i]+rng.IntN(len(d.Intents[i].Phrases)))
	}
	prompt, err := d.Vocab.Encode(d.prompt(rng, s, q.Family, p.Phrases, steps))
	if err != nil {
		return p, fmt.Errorf("pocket domain: prompt: %w", err)
	}
	p.Prompt = prompt
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
	prompt, err := d.Vocab.Encode(d.prompt(rng, s, p.Family, p.Phrases, p.Steps))
	if err != nil {
		return p, fmt.Errorf("pocket domain: prompt: %w", err)
	}
	p.Prompt = prompt
	return p, nil
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

// prompt words the steps in one sentence and frames it as the family does.
func (d *Domain) prompt(rng *rand.Rand, s Settings, family string, phrases, steps []int) string {
	var b strings.Builder
	f := d.frame
	if family == "ask" {
		b.WriteString(f.AskOpen)
	} else {
		b.WriteString(f.DocOpen)
	}
	say := func(i int) { b.WriteString(" " + d.Phrases[phrases[i]].Text) }
	for i := 0; i < len(steps); {
		if i > 0 {
			join := d.joins.Then
			if i == len(steps)-1 {
				join = append(slices.Clone(join), d.joins.Last...)
			}
			b.WriteString(join[rng.IntN(len(join))])
		}
		if i+1 < len(steps) && rng.Float64() < s.Invert {
			say(i + 1)
			if rng.IntN(2) == 0 {
				b.WriteString(d.joins.After)
			} else {
				b.WriteString(d.joins.Before)
			}
			say(i)
			i += 2
			continue
		}
		say(i)
		i++
	}
	if family == "ask" {
		in := make([]int64, 5)
		for j := range in {
			in[j] = int64(rng.IntN(19) - 9)
		}
		b.WriteString(f.AskAssert + list(in) + f.AskEquals + list(d.Apply(steps, in)) + f.AskClose)
	} else {
		b.WriteString(f.DocClose)
	}
	return b.String()
}

func list(xs []int64) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = strconv.FormatInt(x, 10)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
