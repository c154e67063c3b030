package experiments

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ra3/core/measure"
	"ra3/core/trace"
	"ra3/experiments/store"
)

// evaluated is a finished run that chose temperatures and post-trained one lane
// of three.
func evaluated(t *testing.T) (*store.Run, *Results) {
	t.Helper()
	c := resolved(t, "quick", append(slices.Clone(able), `lanes=["base","ra3","act"]`, `rlvr.lanes=["ra3"]`, "rlvr.updates=1",
		"eval.samples=5", "eval.after=true", "eval.long_steps=[3]", "eval.plus_tests=4", "eval.tune=[0.3,1.0]", "eval.tune_problems=2")...)
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	steps(t, e, 1<<30)
	results := e.Results().clone()
	finished(t, e)
	run, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	return run, &results
}

func evalRun(t *testing.T, run *store.Run, q EvalRequest) *EvalResult {
	t.Helper()
	res, err := EvalRun(t.Context(), run, q, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestEvalRepeatsARunThatChoseTemperatures(t *testing.T) {
	run, results := evaluated(t)
	c, err := ConfigOf(run)
	if err != nil {
		t.Fatal(err)
	}
	s, err := SummaryOf(run)
	if err != nil {
		t.Fatal(err)
	}
	apart := 0
	for _, lane := range c.Lanes {
		if results.temperatures(c, c.Seed, lane, false) != results.temperatures(c, c.Seed, lane, true) {
			apart++
		}
	}
	if apart == 0 || apart == len(c.Lanes) {
		t.Fatalf("%d of %d lanes chose apart for larger k; both kinds were to be seen: %+v", apart, len(c.Lanes), results.Tuned)
	}
	for _, after := range []bool{false, true} {
		want, tasks := s.Lanes, Tasks
		if after {
			want, tasks = s.AfterRLVR, []string{"doc", "ask", "doc-plus", "ask-plus"}
		}
		res := evalRun(t, run, EvalRequest{K: []int{1, 5}, After: after, Tasks: tasks})
		if got := slices.Sorted(maps.Keys(res.Lanes)); !slices.Equal(got, slices.Sorted(maps.Keys(want))) || after && !slices.Equal(got, []string{"ra3"}) {
			t.Errorf("after %v: lanes %v", after, got)
		}
		solved := 0
		for lane, families := range want {
			for _, task := range tasks {
				got, was := res.Lanes[lane][task], families[task]
				for k, w := range map[int]Measured{1: was.Pass1, 5: was.Pass5} {
					if g := got.Pass[k]; g.Mean != w.Mean || g.Lo != w.Lo || g.Hi != w.Hi || g.N != w.N {
						t.Errorf("after %v: %s %s: pass@%d %+v, the run had %+v", after, lane, task, k, g, w)
					}
				}
				solved += got.Verdicts["passed"]
				if after {
					continue
				}
				if !maps.Equal(got.Verdicts, s.Verdicts[lane][task]) || !maps.Equal(got.Failures, s.Failures[lane][task]) {
					t.Errorf("%s %s: %v, %v, the run had %v, %v", lane, task, got.Verdicts, got.Failures, s.Verdicts[lane][task], s.Failures[lane][task])
				}
			}
		}
		if solved == 0 {
			t.Errorf("after %v: nothing was solved, so nothing was compared", after)
		}
	}
	one := evalRun(t, run, EvalRequest{K: []int{1, 5}, Tasks: []string{"doc"}, Temperatures: trace.Temperatures{Code: 0.9, Decision: 0.9, Rationale: 0.2}})
	want := EvalSetting{Seed: c.Seed, Temperatures: trace.Temperatures{Code: 0.9, Decision: 0.9, Rationale: 0.2}}
	for lane, got := range one.Settings {
		if !slices.Equal(got, []EvalSetting{want}) {
			t.Errorf("%s was sampled at %+v", lane, got)
		}
	}

	_, err = EvalRun(t.Context(), run, EvalRequest{K: []int{1}, After: true, Lanes: []string{"act"}}, 1, nil)
	refusal(t, "a lane without post-training", err, "did not post-train lane act", "choose one of ra3", "--after")
}

// A run that was cut off before its choice was saved must not be evaluated at
// other temperatures unasked.
func TestEvalWithoutTheChosenTemperatures(t *testing.T) {
	c := resolved(t, "quick", append(slices.Clone(smallest), "seeds=1", `lanes=["base"]`, "rlvr.updates=0")...)
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 1)
	steps(t, e, 1<<30)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "checkpoints", "main-*"))
	if err != nil || len(kept) == 0 {
		t.Fatalf("%v: nothing was kept at the ends of stages", err)
	}
	for _, path := range kept {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	run, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = EvalRun(t.Context(), run, EvalRequest{K: []int{1}}, 1, nil)
	refusal(t, "nothing saved", err, "lane base", "--resume "+dir, "--temperature")
	evalRun(t, run, EvalRequest{K: []int{1}, Temperatures: trace.Unit()})
	_, err = EvalRun(t.Context(), run, EvalRequest{K: []int{1}, After: true}, 1, nil)
	refusal(t, "no post-training", err, "without --after")
}

func TestSamplingsAreSharedByTasks(t *testing.T) {
	c := resolved(t, "quick", append(slices.Clone(smallest), "eval.problems=40")...)
	hot, cold := trace.Temperatures{Code: 1, Decision: 1, Rationale: 1}, trace.Temperatures{Code: 0.5, Decision: 0.5, Rationale: 0.5}
	chosen := &Results{Tuned: []TuneResult{{1, "ntp", cold, 0.5, 0.6}, {1, "ntp", hot, 0.4, 0.7}}}
	q := EvalRequest{Lanes: []string{"ntp"}, Tasks: []string{"doc-plus", "doc", "ask-plus", "doc-long"}, K: []int{1, 5}}
	got := q.samplings(c, chosen, 1)
	unit := func(kind, family string, long bool, from, to int, t trace.Temperatures, plain, plus bool) sampling {
		return sampling{evalUnit{kind, family, long, from, to}, 1, "ntp", t, plain, plus}
	}
	want := []sampling{
		unit("pass", "doc", false, 0, 30, cold, true, true), unit("pass", "doc", false, 30, 40, cold, true, true),
		unit("many", "doc", false, 0, 30, hot, true, true), unit("many", "doc", false, 30, 40, hot, true, true),
		unit("pass", "ask", false, 0, 30, cold, false, true), unit("pass", "ask", false, 30, 40, cold, false, true),
		unit("many", "ask", false, 0, 30, hot, false, true), unit("many", "ask", false, 30, 40, hot, false, true),
		unit("pass", "doc", true, 0, 30, cold, true, false), unit("pass", "doc", true, 30, 40, cold, true, false),
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	q.K = []int{1}
	if got := q.samplings(c, chosen, 1); len(got) != 6 || slices.ContainsFunc(got, func(s sampling) bool { return s.many() }) {
		t.Errorf("for pass@1 alone: %+v", got)
	}
	q.K, q.Temperatures = []int{5}, hot
	if got := q.samplings(c, chosen, 1); len(got) != 6 || got[0].temperatures != hot {
		t.Errorf("at given temperatures: %+v", got)
	}
}

// pass@k with k above 1 has its samples apart where there are any.
func TestEvalFamilyReadsTheSamplesOfEachK(t *testing.T) {
	c := resolved(t, "quick", "seeds=1")
	var r Results
	for _, many := range []bool{false, true} {
		p := r.pass(c.Seed, "ntp", false, many, "doc")
		p.Trials, p.Kinds["passed"] = []measure.Trials{{N: 2, Correct: 1}, {N: 2, Correct: 0}}, 1
		if many {
			p.Trials, p.Kinds["passed"] = []measure.Trials{{N: 2, Correct: 2}, {N: 2, Correct: 1}}, 3
		}
	}
	f := EvalRequest{K: []int{1, 2}}.family(c, &r, "ntp", "doc")
	near(t, "pass@1", f.Pass[1].Mean, 0.25)
	near(t, "pass@2", f.Pass[2].Mean, 1)
	if !maps.Equal(f.Verdicts, map[string]int{"passed": 1}) {
		t.Errorf("verdicts %v", f.Verdicts)
	}
}
