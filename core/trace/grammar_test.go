package trace_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"ra3/core/trace"
)

// replay walks body through g and fails unless every token may stand where it
// does and the end comes with the last token, not before.
func replay(t *testing.T, g *trace.Grammar, body, classes []int32) {
	t.Helper()
	state := g.Start()
	for i, id := range body {
		if state < 0 {
			t.Fatalf("the grammar ended after %d of %d tokens", i, len(body))
		}
		class := g.Class(state)
		if int32(class) != classes[i] {
			t.Fatalf("token %d is drawn from class %d, laid out in class %d", i, class, classes[i])
		}
		if !g.Classes()[class].Allowed[id] {
			t.Fatalf("token %d (%d) is not allowed in class %d", i, id, class)
		}
		state = g.Next(state, id)
	}
	if state != -1 {
		t.Fatalf("state %d after the whole body, want -1", state)
	}
}

// body is the laid-out program's targets and their classes.
func body(l *trace.Layout, p *trace.Program, a trace.Annotation) (ids, classes []int32) {
	s := reset(new(trace.Sequences), l)
	l.Policy(s, p, a, 0, 1)
	for _, r := range s.Batch.Rows {
		ids, classes = append(ids, r.Target), append(classes, r.Class)
	}
	return ids, classes
}

func TestGrammarAcceptsWhatIsLaidOut(t *testing.T) {
	d, l := pocketWorld(t)
	ps, as := pocketPrograms(t, d, 120)
	for i, p := range ps {
		ids, classes := body(l, p, nil)
		replay(t, l.Grammar(trace.Plain, trace.Unit()), ids, classes)
		for _, a := range []trace.Annotation{as[i], p.Comments()} {
			ids, classes = body(l, p, a)
			replay(t, l.Grammar(trace.Slotted, trace.Unit()), ids, classes)
		}
		ids, classes = body(l, p, p.ActOnly())
		replay(t, l.Grammar(trace.ActOnly, trace.Unit()), ids, classes)
	}
}

func TestParseInvertsTheLayout(t *testing.T) {
	d, l := pocketWorld(t)
	ps, as := pocketPrograms(t, d, 120)
	for i, p := range ps {
		ids, classes := body(l, p, nil)
		w := l.Parse(ids, classes)
		equal(t, "plain lines", w.Lines, p.Lines)
		equal(t, "plain code", w.Code, p.Code())
		equal(t, "plain phrases", w.Phrases, make([][]int32, len(p.Lines)))

		ids, classes = body(l, p, as[i])
		w = l.Parse(ids, classes)
		equal(t, "lines", w.Lines, p.Lines)
		equal(t, "code", w.Code, p.Code())
		for j, u := range as[i] {
			var want []int32
			if u != trace.Act {
				want = l.Rationales[u]
			}
			if !slices.Equal(w.Phrases[j], want) {
				t.Errorf("line %d: phrase %v, want %v", j, w.Phrases[j], want)
			}
		}
	}
}

func TestParseKeepsAnUnfinishedLine(t *testing.T) {
	l := handLayout(t)
	w := l.Parse([]int32{think, wordP, wordQ, codeA, newline, act, codeB}, []int32{1, 3, 3, 0, 0, 2, 0})
	equal(t, "lines", w.Lines, [][]int32{{codeA, newline}, {codeB}})
	equal(t, "phrases", w.Phrases, [][]int32{{wordP, wordQ}, nil})
	equal(t, "cut in a slot", l.Parse([]int32{think, wordP}, []int32{1, 3}), trace.Written{})
	equal(t, "nothing", l.Parse(nil, nil), trace.Written{})
}

// wellFormed checks a generated body against what the grammar promises.
func wellFormed(t *testing.T, l *trace.Layout, f trace.Format, finished bool, ids, classes []int32) {
	t.Helper()
	slotted := f == trace.Slotted
	w := l.Parse(ids, classes)
	if got := slices.Concat(w.Lines...); !slices.Equal(got, w.Code) {
		t.Fatalf("lines %v, code %v", w.Lines, w.Code)
	}
	if len(w.Phrases) != len(w.Lines) {
		t.Fatalf("%d lines, %d phrases", len(w.Lines), len(w.Phrases))
	}
	returned := false
	for i, line := range w.Lines {
		if n := len(w.Phrases[i]); n != 0 && (!slotted || n != len(l.Rationales[0])) {
			t.Fatalf("line %d: phrase %v", i, w.Phrases[i])
		}
		if i == 0 && slotted && len(w.Phrases[0]) == 0 {
			t.Fatal("the first line keeps a latent that is not there")
		}
		for j, id := range line {
			if id == l.Newline != (j == len(line)-1) && (finished || i < len(w.Lines)-1) {
				t.Fatalf("line %d is %v", i, line)
			}
		}
		last := i == len(w.Lines)-1
		returned = slices.Contains(line, l.Return)
		if returned && !last {
			t.Fatalf("line %d of %d returns", i, len(w.Lines))
		}
	}
	if finished && !returned {
		t.Fatal("ended without a return")
	}
}

// write generates at most n tokens, each picked from its class by pick.
func write(g *trace.Grammar, n int, pick func(allowed []int32) int32) (ids, classes []int32, finished bool) {
	state := g.Start()
	for len(ids) < n && state >= 0 {
		class := g.Class(state)
		var allowed []int32
		for id, ok := range g.Classes()[class].Allowed {
			if ok {
				allowed = append(allowed, int32(id))
			}
		}
		id := pick(allowed)
		ids, classes = append(ids, id), append(classes, int32(class))
		state = g.Next(state, id)
	}
	return ids, classes, state < 0
}

func TestRandomWritingParses(t *testing.T) {
	l := handLayout(t)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, format := range []trace.Format{trace.Plain, trace.Slotted, trace.ActOnly} {
		g := l.Grammar(format, trace.Unit())
		done := 0
		for range 2000 {
			ids, classes, finished := write(g, 30, func(allowed []int32) int32 { return allowed[rng.IntN(len(allowed))] })
			if finished {
				done++
			}
			wellFormed(t, l, format, finished, ids, classes)
		}
		if done < 200 || done == 2000 {
			t.Errorf("format %v: %d of 2000 bodies end; both kinds were to be seen", format, done)
		}
	}
}

func FuzzGrammar(f *testing.F) {
	f.Add(uint8(trace.Slotted), []byte{0, 1, 2, 3, 4, 5})
	f.Add(uint8(trace.Plain), []byte{2, 0, 1, 0})
	f.Add(uint8(trace.ActOnly), []byte{2, 0, 1, 0, 3})
	l := handLayout(f)
	f.Fuzz(func(t *testing.T, kind uint8, choices []byte) {
		format := trace.Format(kind % 3)
		g := l.Grammar(format, trace.Unit())
		at := 0
		ids, classes, finished := write(g, len(choices), func(allowed []int32) int32 {
			at++
			return allowed[int(choices[at-1])%len(allowed)]
		})
		wellFormed(t, l, format, finished, ids, classes)
	})
}
