package trace

import "ra3/core/nn"

// Script is a grammar that forces given continuations: each begins at a state of
// its own and ends by itself, so that one call of generation scores them all.
type Script struct {
	classes []nn.Class
	tokens  []int32
	of      []int32 // class of each token
	last    []bool
}

// Script of no continuations, at the policy's own temperatures.
func (l *Layout) Script() *Script { return &Script{classes: l.Classes(Unit())} }

// Add appends the continuation "line t under decision u" and returns the state
// that it starts from.
func (s *Script) Add(l *Layout, t, u int, line []int32) (start int) {
	start = len(s.tokens)
	s.tokens, s.of = l.Slot(s.tokens, s.of, t, u)
	s.tokens = append(s.tokens, line...)
	for len(s.of) < len(s.tokens) {
		s.of = append(s.of, classCode)
	}
	s.last = append(s.last, make([]bool, len(s.tokens)-len(s.last))...)
	s.last[len(s.last)-1] = true
	return start
}

// Classes implements nn.Grammar.
func (s *Script) Classes() []nn.Class { return s.classes }

// Class implements nn.Grammar.
func (s *Script) Class(state int) int { return int(s.of[state]) }

// Forced implements nn.Forcing.
func (s *Script) Forced(state int) (int32, bool) { return s.tokens[state], true }

// Next implements nn.Grammar.
func (s *Script) Next(state int, _ int32) int {
	if s.last[state] {
		return -1
	}
	return state + 1
}
