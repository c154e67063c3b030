package pocket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"ra3/core/trace"
)

// ErrTooMany is the reason why a prompt that says too little is not read.
var ErrTooMany = errors.New("too many compositions fit the prompt")

// maxReadings bounds the compositions that Read goes through: all of four
// hidden steps, not of five.
const maxReadings = 200_000

// Reading is what a perfect reader makes of a prompt: the compositions that fit
// it, all as likely, grouped by what they do on the problem's hidden tests.
type Reading struct {
	Compositions int
	// Masses of the groups, largest first; they sum to 1.
	Masses []float64
}

// Ceiling is the expected pass@k of that reader, who submits a member of each of
// the k likeliest groups.
func (r *Reading) Ceiling(k int) float64 {
	var sum float64
	for _, m := range r.Masses[:min(k, len(r.Masses))] {
		sum += m
	}
	return min(1, sum)
}

// Read enumerates the compositions that a problem's prompt allows: a named step
// is its intent, a vague one any of its family, a hidden one any at all; intents
// are distinct and neighbours of different families; every example holds. Of the
// hidden tests the reader knows the inputs, on which every step must matter as
// Draw has it, and so knows no less than the prompt says: no policy can be
// expected to score above the ceiling. The splits are not known to it.
//
// A prompt that leaves more than maxReadings is ErrTooMany; up to there it may
// take a second, most take less than a millisecond.
func (d *Domain) Read(ctx context.Context, p *trace.Problem) (*Reading, error) {
	options, n := d.options(p)
	if n > maxReadings {
		return nil, fmt.Errorf("pocket domain: prompt of problem %q: %w (%d, at most %d are read): name more of its steps", p.ID, ErrTooMany, n, maxReadings)
	}
	r := &reader{d: d, p: p, options: options, steps: make([]int, len(options)), groups: map[string]int{}, tests: slices.Clone(p.Tests)}
	examples := make([][]int64, len(p.Shown))
	for i, t := range p.Shown {
		examples[i] = t.In
	}
	if err := r.extend(ctx, 0, examples); err != nil {
		return nil, err
	}
	if r.n == 0 {
		return nil, fmt.Errorf("pocket domain: no composition fits the prompt of problem %q: its examples or tests are not its own", p.ID)
	}
	out := &Reading{Compositions: r.n}
	for _, count := range slices.SortedFunc(maps.Values(r.groups), func(a, b int) int { return cmp.Compare(b, a) }) {
		out.Masses = append(out.Masses, float64(count)/float64(r.n))
	}
	return out, nil
}

// options lists what each step may be, and bounds their combinations.
func (d *Domain) options(p *trace.Problem) (options [][]int, n int) {
	n = 1
	for step, intent := range p.Steps {
		var o []int
		for i := range d.Intents {
			switch p.Telling(step) {
			case trace.Named:
				if i != intent {
					continue
				}
			case trace.Vague:
				if d.Intents[i].Family != d.Intents[intent].Family {
					continue
				}
			}
			o = append(o, i)
		}
		options = append(options, o)
		n = min(n*len(o), maxReadings*len(d.Intents)) // no overflow
	}
	return options, n
}

// reader goes through the compositions depth first.
type reader struct {
	d       *Domain
	p       *trace.Problem
	options [][]int
	steps   []int        // the composition under way
	tests   []trace.Test // the hidden inputs and what it makes of them
	key     []byte
	groups  map[string]int // compositions by outputs on the hidden tests
	n       int
}

// extend goes through the compositions that begin with the first steps;
// examples are what those make of the examples' inputs.
func (r *reader) extend(ctx context.Context, step int, examples [][]int64) error {
	if step == len(r.options) {
		r.group(examples)
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	after := make([][]int64, len(examples))
	for _, i := range r.options[step] {
		if slices.Contains(r.steps[:step], i) || step > 0 && r.d.Intents[i].Family == r.d.Intents[r.steps[step-1]].Family {
			continue
		}
		r.steps[step] = i
		for e := range examples {
			after[e] = r.d.Intents[i].do(examples[e])
		}
		if err := r.extend(ctx, step+1, after); err != nil {
			return err
		}
	}
	return nil
}

// group counts the composition if it fits.
func (r *reader) group(examples [][]int64) {
	for e, got := range examples {
		if !slices.Equal(got, r.p.Shown[e].Want) {
			return
		}
	}
	for t := range r.tests {
		r.tests[t].Want = r.d.Apply(r.steps, r.tests[t].In)
	}
	if !r.d.tested(r.steps, r.tests) {
		return
	}
	r.key = r.key[:0]
	for _, t := range r.tests {
		for _, x := range t.Want {
			r.key = append(strconv.AppendInt(r.key, x, 36), ' ')
		}
		r.key = append(r.key, '\n')
	}
	r.groups[string(r.key)]++
	r.n++
}
