package pocket

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"ra3/core/trace"
)

// tell draws how a program's prompt tells its steps and which examples it shows,
// and writes the prompt.
func (d *Domain) tell(rng *rand.Rand, s Settings, p *trace.Program) error {
	if s.Vague+s.Hidden > 0 {
		p.Told = make([]trace.Telling, len(p.Steps))
		for i := range p.Told {
			switch x := rng.Float64(); {
			case x < s.Hidden:
				p.Told[i] = trace.Hidden
			case x < s.Hidden+s.Vague:
				p.Told[i] = trace.Vague
			}
		}
	}
	text := d.sentence(rng, s, p)
	examples := s.Examples
	if p.Family == "ask" {
		examples = max(1, examples)
	}
	for range examples {
		in := make([]int64, 5)
		for j := range in {
			in[j] = int64(rng.IntN(19) - 9)
		}
		p.Shown = append(p.Shown, trace.Test{In: in, Want: slices.Clone(d.Apply(p.Steps, in))})
	}
	ids, err := d.Vocab.Encode(d.framed(p.Family, text, p.Shown))
	if err != nil {
		return fmt.Errorf("pocket domain: prompt: %w", err)
	}
	p.Prompt = ids
	return nil
}

// wording is what a prompt says of a step.
func (d *Domain) wording(p *trace.Program, step int) string {
	switch p.Telling(step) {
	case trace.Vague:
		return d.vague[d.Intents[p.Steps[step]].Family]
	case trace.Hidden:
		return d.hidden
	}
	return d.Phrases[p.Phrases[step]].Text
}

// sentence words the steps, joined in an order of telling.
func (d *Domain) sentence(rng *rand.Rand, s Settings, p *trace.Program) string {
	var b strings.Builder
	n := len(p.Steps)
	say := func(i int) { b.WriteString(" " + d.wording(p, i)) }
	for i := 0; i < n; {
		if i > 0 {
			join := d.joins.Then
			if i == n-1 {
				join = append(slices.Clone(join), d.joins.Last...)
			}
			b.WriteString(join[rng.IntN(len(join))])
		}
		if i+1 < n && rng.Float64() < s.Invert {
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
	return b.String()
}

// framed puts a sentence and examples into a family's frame: doctest lines in
// the docstring of "doc", assertions in the request of "ask".
func (d *Domain) framed(family, text string, shown []trace.Test) string {
	var b strings.Builder
	f := d.frame
	if family == "ask" {
		b.WriteString(f.AskOpen + text)
		open := f.AskAssert
		for _, t := range shown {
			b.WriteString(open + list(t.In) + f.AskEquals + list(t.Want))
			open = f.AskNext
		}
		b.WriteString(f.AskClose)
		return b.String()
	}
	b.WriteString(f.DocOpen + text)
	if len(shown) == 0 {
		b.WriteString(f.DocClose)
		return b.String()
	}
	open := f.DocExample
	for _, t := range shown {
		b.WriteString(open + list(t.In) + f.DocResult + list(t.Want))
		open = f.DocNext
	}
	b.WriteString(f.DocEnd)
	return b.String()
}

func list(xs []int64) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = strconv.FormatInt(x, 10)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
