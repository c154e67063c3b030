package trace_test

import (
	"testing"

	"ra3/core/trace"
)

func TestScriptForcesEachContinuationToItsEnd(t *testing.T) {
	l, p := handLayout(t), handProgram()
	s := l.Script()
	starts := []int{s.Add(l, 0, 1, p.Lines[0]), s.Add(l, 1, trace.Act, p.Lines[1]), s.Add(l, 1, 2, p.Lines[1])}
	tokens := [][]int32{{think, wordP, wordQ, codeA, newline}, {act, codeB, codeB, newline}, {think, wordQ, wordP, codeB, codeB, newline}}
	classes := [][]int{{1, 3, 3, 0, 0}, {2, 0, 0, 0}, {2, 3, 3, 0, 0, 0}}
	for i, state := range starts {
		for n, want := range tokens[i] {
			id, forced := s.Forced(state)
			if !forced || id != want || s.Class(state) != classes[i][n] {
				t.Errorf("continuation %d, token %d: %d of class %d (forced %v), want %d of class %d", i, n, id, s.Class(state), forced, want, classes[i][n])
			}
			state = s.Next(state, id)
		}
		if state >= 0 {
			t.Errorf("continuation %d goes on in state %d", i, state)
		}
	}
	equal(t, "classes", s.Classes(), l.Classes(trace.Unit()))
}
