package trace_test

import (
	"testing"

	"ra3/core/nn"
	"ra3/core/trace"
)

// An annotation walked through the grammar is read back from its tokens, with
// the log-probabilities of its slots; code is forced, slots are not; and the rows
// to learn from have the classes that were drawn from.
func TestForesightWalksAnAnnotation(t *testing.T) {
	l, p := handLayout(t), handProgram()
	f := l.Foresight([]*trace.Program{{Lines: [][]int32{{codeA, newline}}}, p}, 2)
	a := trace.Annotation{1, trace.Act, 2}
	var seq trace.Sequences
	seq.Reset(f.Classes())
	f.Slots(&seq, p, a, []float32{0.5, 0.25, 2})
	state := f.Start(1)
	var s nn.Sample
	for i, row := range seq.Batch.Rows {
		if f.Class(state) != int(row.Class) {
			t.Errorf("row %d has class %d, the grammar %d", i, row.Class, f.Class(state))
		}
		id, forced := f.Forced(state)
		code := seq.Info[i].Part == trace.Code
		if forced != code || forced && id != row.Target {
			t.Errorf("row %d: forced %v to %d, want %d", i, forced, id, row.Target)
		}
		allowed := f.Classes()[row.Class].Allowed
		if !allowed[row.Target] {
			t.Errorf("row %d: its token is not allowed", i)
		}
		want := []float32{0.5, 0.25, 2}[seq.Info[i].Line]
		if code {
			want = 0
		}
		equal(t, "weight", row.Weight, want)
		s.Tokens, s.LogP = append(s.Tokens, row.Target), append(s.LogP, -float32(i))
		state = f.Next(state, row.Target)
	}
	if state >= 0 {
		t.Errorf("the program ends in state %d", state)
	}
	got, logq := f.Read(p, s)
	equal(t, "annotation", got, a)
	// Slots are rows 0, 1, 2; 5; 9, 10, 11.
	equal(t, "log q", logq, []float64{-3, -5, -30})

	// After p may come p or q, after q only p: the inventory is pp, pq, qp.
	words := map[int32][]bool{}
	for _, w := range []int32{wordP, wordQ} {
		s := f.Next(f.Next(f.Start(0), think), w)
		words[w] = f.Classes()[f.Class(s)].Allowed
	}
	equal(t, "after p", []bool{words[wordP][wordP], words[wordP][wordQ]}, []bool{true, true})
	equal(t, "after q", []bool{words[wordQ][wordP], words[wordQ][wordQ]}, []bool{true, false})
	equal(t, "temperature", f.Classes()[f.Class(f.Start(0)+1)].InvTemp, float32(0.5))
}
