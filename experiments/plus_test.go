package experiments

import (
	"maps"
	"math"
	"slices"
	"testing"

	"ra3/core/judge"
	"ra3/core/measure"
	"ra3/core/nn"
	"ra3/core/pocket"
	"ra3/core/trace"
)

// body takes a body as lines of text.
func body(t *testing.T, w *World, lines ...string) trace.Written {
	t.Helper()
	var x trace.Written
	for _, l := range lines {
		ids, err := w.Domain.Vocab.Encode("    " + l + "\n")
		if err != nil {
			t.Fatal(err)
		}
		x.Code, x.Lines, x.Phrases = append(x.Code, ids...), append(x.Lines, ids), append(x.Phrases, nil)
	}
	return x
}

// Plus tests catch what a problem's own tests cannot, and the ways of failing
// are counted on either.
func TestPlusTestsAreJudgedOnWhatPassed(t *testing.T) {
	c := resolved(t, "quick", `lanes=["base"]`, "eval.plus_tests=24")
	e, err := NewEngine(t.Context(), c, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	square := slices.IndexFunc(e.World.Domain.Intents, func(in pocket.Intent) bool { return in.Name == "square" })
	p := &trace.Program{Problem: trace.Problem{ID: "one", Steps: []int{square}, Tests: []trace.Test{{In: []int64{1, -2, 3}, Want: []int64{1, 4, 9}}}}}
	a := &attempts{programs: []*trace.Program{p}, n: 4, finished: []bool{true, true, true, false}, written: []trace.Written{
		body(t, e.World, "xs = [v * v for v in xs]", "return xs"),
		body(t, e.World, "if len(xs) < 2:", "    return xs", "xs = [v * v for v in xs]", "return xs"), // wrong on one element
		body(t, e.World, "xs = [v * 2 for v in xs]", "return xs"),
		body(t, e.World, "xs = xs"),
	}}
	var cases []judge.Case
	for _, w := range a.written {
		cases = append(cases, e.World.judgeCase(&p.Problem, w.Code))
	}
	if a.verdicts, err = e.pool.Judge(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	a.tally()
	plus, err := e.plus(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.trials, []measure.Trials{{N: 4, Correct: 2}}) || !slices.Equal(plus.trials, []measure.Trials{{N: 4, Correct: 1}}) {
		t.Errorf("trials %v, with plus tests %v", a.trials, plus.trials)
	}
	if got, want := a.failures(e.World), map[string]int{"wrong_intent": 1, "unfinished": 1}; !maps.Equal(got, want) {
		t.Errorf("failures %v, want %v", got, want)
	}
	if got, want := plus.failures(e.World), map[string]int{"wrong_intent": 1, "wrong_code": 1, "unfinished": 1}; !maps.Equal(got, want) {
		t.Errorf("failures on plus tests %v, want %v", got, want)
	}
	if a.unfinished() != 1 || len(p.Tests) != 1 {
		t.Errorf("%d unfinished, %d tests of the problem", a.unfinished(), len(p.Tests))
	}
	// The same tests whatever was judged before.
	again, err := e.plus(t.Context(), a)
	if err != nil || !slices.Equal(again.verdicts, plus.verdicts) {
		t.Errorf("%v: %v, before %v", err, again.verdicts, plus.verdicts)
	}
}

// A run with steps told vaguely and examples in the prompts goes through every
// phase and reports what its prompts allow and how bodies failed.
func TestKnobsOfThePromptRunThroughAllPhases(t *testing.T) {
	settings := append(slices.Clone(smallest), "seeds=1", "domain={vague=0.5,hidden=0.2,examples=2,tests=2,nuisance=2,invert=0.3}", "eval.plus_tests=6")
	c := resolved(t, "quick", settings...)
	run := func() (*Summary, *Results) {
		e, err := NewEngine(t.Context(), c, nil, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		steps(t, e, 1<<30)
		return Summarise(c, e.Results(), 0), e.Results()
	}
	s, r := run()
	if len(s.Prompts) != 4 {
		t.Errorf("prompts of %v", slices.Sorted(maps.Keys(s.Prompts)))
	}
	for family, p := range s.Prompts {
		one, ten := p.Ceiling["pass@1"], p.Ceiling["pass@10"]
		if p.Problems != c.Eval.Problems || p.Read != p.Problems || !(one.Mean > 0 && one.Mean <= ten.Mean && ten.Mean <= 1) || p.Nuisance.Mean < 4 {
			t.Errorf("%s: %+v", family, p)
		}
	}
	for _, lane := range c.Lanes {
		for _, family := range []string{"doc", "ask", "doc-plus", "ask-plus", "doc-long", "ask-long"} {
			plain := r.passed(c.Seed, lane, false, family, 1)
			if plain == nil || len(plain.Trials) != c.Eval.Problems {
				t.Fatalf("%s %s: %+v", lane, family, plain)
			}
			failed, counted := 0, 0
			for _, n := range plain.Trials {
				failed += n.N - n.Correct
			}
			for class, n := range s.Failures[lane][family] {
				if counted += n; !slices.Contains(pocket.Failures, pocket.Failure(class)) {
					t.Errorf("class %q", class)
				}
			}
			if failed != counted {
				t.Errorf("%s %s: %d failed, %d are classified", lane, family, failed, counted)
			}
		}
		for _, family := range Families {
			base, plus := r.passed(c.Seed, lane, false, family, 1), r.passed(c.Seed, lane, false, plusOf(family), 1)
			for i := range base.Trials {
				if plus.Trials[i].Correct > base.Trials[i].Correct || plus.Trials[i].N != base.Trials[i].N {
					t.Errorf("%s %s problem %d: %v, with plus tests %v", lane, family, i, base.Trials[i], plus.Trials[i])
				}
			}
		}
	}
}

// A prompt that says too little has no ceiling, and is left out of the mean.
func TestPromptsWithoutACeilingAreCounted(t *testing.T) {
	nan := Number(math.NaN())
	s := promptSummary([][]PromptMeasures{
		{{Ceilings: []Number{0.5}, Nuisance: 1}, {Ceilings: []Number{nan}, Nuisance: 3}, {Ceilings: []Number{1}, Nuisance: 5}},
		{{Ceilings: []Number{nan}, Nuisance: 2}, {Ceilings: []Number{nan}, Nuisance: 4}, {Ceilings: []Number{0.25}, Nuisance: 6}},
	}, []int{1}, "doc")
	near(t, "ceiling", s.Ceiling["pass@1"].Mean, (0.75+0.25)/2)
	near(t, "nuisance", s.Nuisance.Mean, 3.5)
	if s.Read != 1 || s.Problems != 3 {
		t.Errorf("%+v", s)
	}
	c := resolved(t, "quick", "domain.hidden=1", "eval.steps=[5]")
	w, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	ps, err := (corpus{w, c, 1}).heldOut(t.Context(), "doc", false, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := (corpus{w, c, 1}).read(t.Context(), ps[0], []int{1})
	if err != nil || !math.IsNaN(float64(m.Ceilings[0])) || m.Nuisance <= 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestPoliciesOfAnotherVocabularyAreRefused(t *testing.T) {
	w, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	shape := resolved(t, "quick", smallest...).ModelShape(w.Domain)
	for _, missing := range []int{0, 4} {
		shape.Vocab -= missing
		shape.Out -= missing
		m, err := nn.NewRandom(shape, stream(1, "test", 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.speaks(m); (err != nil) != (missing > 0) {
			t.Errorf("%d tokens fewer: %v", missing, err)
		}
	}
}
