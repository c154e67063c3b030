package trace

import (
	"slices"

	"ra3/core/nn"
)

// Foresight is the grammar by which a policy annotates given programs from left
// to right: the programs' code is forced, decisions and rationales are drawn,
// rationales from the inventory only. One grammar serves all its programs; their
// states lie end to end.
type Foresight struct {
	l       *Layout
	classes []nn.Class
	states  []foresightState
	starts  []int // of each program
	// The inventory as a tree of prefixes: node 0 is the empty one. Class
	// numClasses+i holds the words that may follow prefix i.
	children []map[int32]int
	leaf     map[int]int // latent that a whole rationale's node stands for
	inner    []int       // prefixes that are not whole
}

type foresightState struct {
	class, token int32 // token -1: drawn
	node         int   // prefix of the rationale, at a word
	code         int   // state of the line's first code token
	next         int   // state after a forced token
}

// Foresight makes the grammar of these programs; slots are drawn at a
// temperature. Latents of the same words are all taken for the first of them.
func (l *Layout) Foresight(ps []*Program, temperature float64) *Foresight {
	f := &Foresight{l: l, classes: l.Classes(Temperatures{1, temperature, temperature}), leaf: map[int]int{}}
	f.plant(float32(1 / temperature))
	for _, p := range ps {
		f.starts = append(f.starts, len(f.states))
		for t, line := range p.Lines {
			f.line(t, line, t+1 == len(p.Lines))
		}
	}
	return f
}

// plant builds the tree of rationales and the classes of their words.
func (f *Foresight) plant(invTemp float32) {
	f.children = []map[int32]int{{}}
	for z, words := range f.l.Rationales {
		at := 0
		for _, w := range words {
			next, ok := f.children[at][w]
			if !ok {
				next = len(f.children)
				f.children = append(f.children, map[int32]int{})
				f.children[at][w] = next
			}
			at = next
		}
		if _, taken := f.leaf[at]; !taken {
			f.leaf[at] = z
		}
	}
	for node, next := range f.children {
		allowed := make([]bool, len(f.l.word))
		for w := range next {
			allowed[w] = true
		}
		if len(next) > 0 {
			f.inner = append(f.inner, node)
			f.classes = append(f.classes, nn.Class{Allowed: allowed, InvTemp: invTemp})
		}
	}
}

// wordClass is the class of the words after a prefix.
func (f *Foresight) wordClass(node int) int32 {
	return numClasses + int32(slices.Index(f.inner, node))
}

// line appends the states of one line: its decision, a word after every prefix,
// its code.
func (f *Foresight) line(t int, line []int32, last bool) {
	at := len(f.states)
	code := at + 1 + len(f.inner)
	class := int32(classDecide)
	if t == 0 {
		class = classFirst
	}
	f.states = append(f.states, foresightState{class: class, token: -1, code: code})
	for _, node := range f.inner {
		f.states = append(f.states, foresightState{class: f.wordClass(node), token: -1, node: node, code: code})
	}
	for i, id := range line {
		f.states = append(f.states, foresightState{class: classCode, token: id, next: code + i + 1})
	}
	if last {
		f.states[len(f.states)-1].next = -1
	}
}

// Start is the state in which program i begins.
func (f *Foresight) Start(i int) int { return f.starts[i] }

// Classes implements nn.Grammar.
func (f *Foresight) Classes() []nn.Class { return f.classes }

// Class implements nn.Grammar.
func (f *Foresight) Class(state int) int { return int(f.states[state].class) }

// Forced implements nn.Forcing.
func (f *Foresight) Forced(state int) (int32, bool) {
	id := f.states[state].token
	return id, id >= 0
}

// Next implements nn.Grammar.
func (f *Foresight) Next(state int, id int32) int {
	s := f.states[state]
	word := s.class >= numClasses
	node := 0
	switch {
	case s.token >= 0:
		return s.next
	case word:
		node = f.children[s.node][id]
		if _, whole := f.leaf[node]; whole {
			return s.code
		}
	case id == f.l.Act:
		return s.code
	}
	words := s.code - len(f.inner)
	return words + slices.Index(f.inner, node)
}

// Read takes a sample of program p apart: its decisions, and the log-probability
// that each was drawn with, rationale included.
func (f *Foresight) Read(p *Program, s nn.Sample) (Annotation, []float64) {
	a, logq := make(Annotation, len(p.Lines)), make([]float64, len(p.Lines))
	at := 0
	for t, line := range p.Lines {
		a[t] = Act
		logq[t] = float64(s.LogP[at])
		think := s.Tokens[at] == f.l.Think
		at++
		if think {
			node := 0
			for range f.l.Rationales[0] {
				node = f.children[node][s.Tokens[at]]
				logq[t] += float64(s.LogP[at])
				at++
			}
			a[t] = f.leaf[node]
		}
		at += len(line)
	}
	return a, logq
}

// Slots appends an annotated program with rows under this grammar: those of
// line t's decision and rationale weigh weights[t], code weighs nothing.
func (f *Foresight) Slots(s *Sequences, p *Program, a Annotation, weights []float32) {
	from := len(s.Batch.Rows)
	f.l.Policy(s, p, a, 0, 0)
	node := 0
	for i := from; i < len(s.Batch.Rows); i++ {
		row, at := &s.Batch.Rows[i], s.Info[i]
		switch at.Part {
		case Decision:
			row.Weight, node = weights[at.Line], 0
		case Rationale:
			row.Weight, row.Class = weights[at.Line], f.wordClass(node)
			node = f.children[node][row.Target]
		}
	}
}
