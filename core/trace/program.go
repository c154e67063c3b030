// Package trace holds programs as lines, annotates them with latents, and lays
// both out as token sequences for the policy and for the hindsight sampler.
package trace

// Program is an expert trace for a problem: what a policy is trained to write.
type Program struct {
	Problem
	Lines [][]int32 // tokens of each line a_1..a_T, each ending in a newline
	// Key holds, per line, the step it serves (0-based) and that step's hidden
	// intent; the closing line belongs to the last step. Only measures read it,
	// and the comments of the base corpus.
	Key []LineKey
	// Phrases is each step's phrase of the inventory, in the order of execution:
	// what comments call it, and the prompt too where it names the step.
	Phrases []int
}

// LineKey is the answer key of one line.
type LineKey struct{ Step, Intent int }

// Problem is a prompt with hidden tests.
type Problem struct {
	ID     string
	Family string  // "doc" or "ask", with "-long" where longer than trained
	Prompt []int32 // ends where the first line of the body begins
	Steps  []int   // hidden intents in the order of execution
	Tests  []Test
	// Told is how the prompt tells each step; nil where it names them all.
	Told []Telling
	// Shown are the examples in the prompt.
	Shown []Test
}

// Telling is how much of a step a prompt says.
type Telling uint8

// The tellings, from all to nothing.
const (
	Named  Telling = iota // by a phrase of its intent
	Vague                 // by the intent's family
	Hidden                // that there is a step
)

// Telling is how the prompt tells a step.
func (p *Problem) Telling(step int) Telling {
	if p.Told == nil {
		return Named
	}
	return p.Told[step]
}

// Test is one test or example: f(In) must return Want.
type Test struct{ In, Want []int64 }

// Code is the body's tokens without any annotation.
func (p *Program) Code() []int32 {
	var ids []int32
	for _, l := range p.Lines {
		ids = append(ids, l...)
	}
	return ids
}

// Act is the decision to keep the latent in force.
const Act = -1

// Annotation holds one decision a line: Act, or the index of the latent chosen
// there (think). The first is Act only in the act-only control, where all are.
type Annotation []int

// ActOnly is the annotation of the act-only control: slots without latents.
func (p *Program) ActOnly() Annotation {
	a := make(Annotation, len(p.Lines))
	for t := range a {
		a[t] = Act
	}
	return a
}

// Starts marks the lines that think.
func (a Annotation) Starts() []bool {
	s := make([]bool, len(a))
	for i, u := range a {
		s[i] = u != Act
	}
	return s
}

// Latents gives the latent in force at every line.
func (a Annotation) Latents() []int {
	z := make([]int, len(a))
	for i, u := range a {
		if u == Act && i > 0 {
			u = z[i-1]
		}
		z[i] = u
	}
	return z
}

// Comments is the annotation by the program's own phrases at the first line of
// each step: what a commented program says of itself.
func (p *Program) Comments() Annotation {
	a := make(Annotation, len(p.Lines))
	for t := range a {
		a[t] = Act
		if t == 0 || p.Key[t].Step != p.Key[t-1].Step {
			a[t] = p.Phrases[p.Key[t].Step]
		}
	}
	return a
}
