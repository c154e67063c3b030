package trace_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"ra3/core/nn"
	"ra3/core/pocket"
	"ra3/core/token"
	"ra3/core/trace"
	"ra3/fixtures"
)

// Tokens of the hand-made vocabulary.
const (
	pad int32 = iota
	rev
	act
	think
	newline
	ret
	codeA
	codeB
	wordP
	wordQ
	ask
	size
)

func handLayout(t testing.TB) *trace.Layout {
	v, err := token.New([]string{"<pad>", "<rev>", "<act>", "<think>", "\n", "return ", "a", "b", " p", " q", "do:"},
		[]token.Kind{token.Special, token.Special, token.Decision, token.Decision, token.Code, token.Code, token.Code, token.Code, token.Word, token.Word, token.Frame})
	if err != nil {
		t.Fatal(err)
	}
	if v.Size() != int(size) {
		t.Fatalf("%d tokens", v.Size())
	}
	return trace.NewLayout(v, act, think, rev, newline, ret, [][]int32{{wordP, wordP}, {wordP, wordQ}, {wordQ, wordP}})
}

// handProgram has a prompt of two tokens and three lines of one step each but
// for the last, which belongs to the second.
func handProgram() *trace.Program {
	return &trace.Program{
		Problem: trace.Problem{Prompt: []int32{ask, wordQ}},
		Lines:   [][]int32{{codeA, newline}, {codeB, codeB, newline}, {ret, codeA, newline}},
		Key:     []trace.LineKey{{Step: 0, Intent: 7}, {Step: 1, Intent: 3}, {Step: 1, Intent: 3}},
		Phrases: []int{2, 1},
	}
}

// pocketWorld is the embedded domain with its layout.
func pocketWorld(t testing.TB) (*pocket.Domain, *trace.Layout) {
	d, err := pocket.Parse(fixtures.Pocket)
	if err != nil {
		t.Fatal(err)
	}
	var words [][]int32
	for _, p := range d.Phrases {
		words = append(words, p.Words[:])
	}
	m := d.Marks()
	return d, trace.NewLayout(d.Vocab, m.Act, m.Think, m.Rev, m.Newline, m.Return, words)
}

// pocketPrograms draws n programs of one to four steps with random annotations.
func pocketPrograms(t testing.TB, d *pocket.Domain, n int) ([]*trace.Program, []trace.Annotation) {
	rng := rand.New(rand.NewPCG(1, 2))
	var ps []*trace.Program
	var as []trace.Annotation
	for i := range n {
		q := pocket.Request{Split: pocket.Base, Steps: 1 + i%4, Family: []string{"doc", "ask"}[i/4%2]}
		p, err := d.Draw(rng, pocket.Settings{Nuisance: i % 3, Invert: 0.3, Tests: 2}, q)
		if err != nil {
			t.Fatal(err)
		}
		a := make(trace.Annotation, len(p.Lines))
		for j := range a {
			a[j] = rng.IntN(len(d.Phrases)+10) - 10
			if a[j] < 0 {
				a[j] = trace.Act
			}
			if j == 0 && a[j] == trace.Act {
				a[j] = 0
			}
		}
		ps, as = append(ps, &p), append(as, a)
	}
	return ps, as
}

func reset(s *trace.Sequences, l *trace.Layout) *trace.Sequences {
	s.Reset(l.Classes(trace.Unit()))
	return s
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got %v\nwant %v", what, got, want)
	}
}

func TestPlainLayout(t *testing.T) {
	l, p := handLayout(t), handProgram()
	s := reset(new(trace.Sequences), l)
	l.Policy(s, p, nil, 0, 0.5)
	equal(t, "tokens", s.Batch.Tokens, []int32{ask, wordQ, codeA, newline, codeB, codeB, newline, ret, codeA})
	equal(t, "positions", s.Batch.Positions, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8})
	equal(t, "offsets", s.Batch.Offsets, []int32{0, 9})
	var rows []nn.Row
	var info []trace.RowInfo
	for i, id := range p.Code() {
		rows = append(rows, nn.Row{Index: int32(1 + i), Target: id, Class: 0, Weight: 0.5})
		info = append(info, trace.RowInfo{Line: []int{0, 0, 1, 1, 1, 2, 2, 2}[i], Part: trace.Code})
	}
	equal(t, "rows", s.Batch.Rows, rows)
	equal(t, "info", s.Info, info)
}

func TestSlottedLayout(t *testing.T) {
	l, p := handLayout(t), handProgram()
	s := reset(new(trace.Sequences), l)
	l.Policy(s, p, nil, 0, 0) // company: indices are into the whole batch
	n, rows := len(s.Batch.Tokens), len(s.Batch.Rows)
	l.Policy(s, p, trace.Annotation{1, trace.Act, 2}, 0, 2)
	body := []int32{think, wordP, wordQ, codeA, newline, act, codeB, codeB, newline, think, wordQ, wordP, ret, codeA, newline}
	classes := []int32{1, 3, 3, 0, 0, 2, 0, 0, 0, 2, 3, 3, 0, 0, 0}
	parts := []trace.Part{1, 2, 2, 0, 0, 1, 0, 0, 0, 1, 2, 2, 0, 0, 0}
	lines := []int{0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2}
	equal(t, "tokens", s.Batch.Tokens[n:], append([]int32{ask, wordQ}, body[:len(body)-1]...))
	equal(t, "offsets", s.Batch.Offsets, []int32{0, int32(n), int32(n + 1 + len(body))})
	equal(t, "sequences", s.Len(), 2)
	for i, id := range body {
		equal(t, "row", s.Batch.Rows[rows+i], nn.Row{Index: int32(n + 1 + i), Target: id, Class: classes[i], Weight: 2})
		equal(t, "info", s.Info[rows+i], trace.RowInfo{Sequence: 1, Line: lines[i], Part: parts[i]})
		equal(t, "part of class", trace.PartOfClass(classes[i]), parts[i])
	}
	if len(s.Batch.Rows) != rows+len(body) || len(s.Info) != len(s.Batch.Rows) {
		t.Errorf("%d rows and %d meanings for %d tokens", len(s.Batch.Rows)-rows, len(s.Info)-rows, len(body))
	}

	// What was generated is laid out as what was annotated.
	w := reset(new(trace.Sequences), l)
	l.Policy(w, p, nil, 0, 0)
	l.Tokens(w, p.Prompt, body, classes, 2)
	equal(t, "Tokens' batch", w.Batch, s.Batch)
	equal(t, "Tokens' info", w.Info, s.Info)
}

func TestGapMovesPositionsOnly(t *testing.T) {
	l, p := handLayout(t), handProgram()
	a := trace.Annotation{1, trace.Act, 2}
	near, far := reset(new(trace.Sequences), l), reset(new(trace.Sequences), l)
	for range 2 {
		l.Policy(near, p, a, 0, 1)
		l.Policy(far, p, a, 5, 1)
	}
	for i := range near.Batch.Positions {
		want := near.Batch.Positions[i]
		if want >= int32(len(p.Prompt)) {
			want += 5
		}
		equal(t, "position", far.Batch.Positions[i], want)
	}
	far.Batch.Positions = near.Batch.Positions
	equal(t, "all else", far, near)
}

func TestClassesAndTemperatures(t *testing.T) {
	l := handLayout(t)
	classes := l.Classes(trace.Temperatures{Code: 0.5, Decision: 2, Rationale: 4})
	inv := []float32{2, 1, 0.5, 0.25, 1} // the first slot and the act-only ones have one outcome, hence no temperature
	allowed := [][]int32{{newline, ret, codeA, codeB}, {think}, {act, think}, {wordP, wordQ}, {act}}
	for i, c := range classes {
		var set []int32
		for id, ok := range c.Allowed {
			if ok {
				set = append(set, int32(id))
			}
		}
		equal(t, "allowed", set, allowed[i])
		equal(t, "inverse temperature", c.InvTemp, inv[i])
		equal(t, "length", len(c.Allowed), int(size))
	}
	equal(t, "names", []string{trace.Code.String(), trace.Decision.String(), trace.Rationale.String()}, []string{"code", "decision", "rationale"})
}

func TestHindsightReadsBackwards(t *testing.T) {
	l, p := handLayout(t), handProgram()
	var s trace.Sequences
	s.Reset(trace.HindsightClasses(3, 1))
	l.Hindsight(&s, p, nil, 0)
	n := int32(len(s.Batch.Tokens))
	l.Hindsight(&s, p, trace.Annotation{1, trace.Act, 2}, 0.25)
	tokens := []int32{rev, ask, wordQ, ret, codeA, newline, codeB, codeB, newline, codeA, newline}
	equal(t, "tokens", s.Batch.Tokens, append(slices.Clone(tokens), tokens...))
	equal(t, "rows", s.Batch.Rows, []nn.Row{
		{Index: 5}, {Index: 8}, {Index: 10, Class: 1},
		{Index: n + 5, Target: 3, Weight: 0.25}, {Index: n + 8, Target: 0, Weight: 0.25}, {Index: n + 10, Target: 2, Class: 1, Weight: 0.25}})
	d := trace.Decision
	equal(t, "info", s.Info, []trace.RowInfo{{Line: 2, Part: d}, {Line: 1, Part: d}, {Line: 0, Part: d},
		{Sequence: 1, Line: 2, Part: d}, {Sequence: 1, Line: 1, Part: d}, {Sequence: 1, Line: 0, Part: d}})
	equal(t, "classes", trace.HindsightClasses(2, 0.5), []nn.Class{{InvTemp: 0.5}, {Allowed: []bool{false, true, true}, InvTemp: 0.5}})
}

func TestAnnotations(t *testing.T) {
	a := trace.Annotation{4, trace.Act, 2, trace.Act, trace.Act, 4}
	equal(t, "starts", a.Starts(), []bool{true, false, true, false, false, true})
	equal(t, "latents", a.Latents(), []int{4, 4, 2, 2, 2, 4})
	p := handProgram()
	equal(t, "comments", p.Comments(), trace.Annotation{2, 1, trace.Act})
	equal(t, "code", p.Code(), []int32{codeA, newline, codeB, codeB, newline, ret, codeA, newline})
}

func TestCommentsNameEveryStepOnce(t *testing.T) {
	d, _ := pocketWorld(t)
	ps, _ := pocketPrograms(t, d, 60)
	for _, p := range ps {
		a := p.Comments()
		var named []int
		for t := range a {
			if a[t] != trace.Act {
				named = append(named, a[t])
			}
		}
		equal(t, "phrases", named, p.Phrases)
		for i, z := range a.Latents() {
			equal(t, "intent", d.Phrases[z].Intent, p.Key[i].Intent)
		}
	}
}
