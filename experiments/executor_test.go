package experiments

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ra3/core/judge"
	"ra3/core/judge/python"
)

// Rewards from CPython's fork server are those of the pocket judge, so that a
// run learns the same from either.
func TestRewardsFromPython(t *testing.T) {
	probe, err := python.NewPool(t.Context(), python.Options{Mode: python.ForkServer})
	if err == nil {
		_, err = probe.Judge(t.Context(), []judge.Case{{Source: "def f(x):\n    return x\n", Entry: "f", Inputs: [][]any{{int64(1)}}, Want: []any{int64(1)}}})
		err = errors.Join(err, probe.Close())
	}
	if err != nil {
		t.Skipf("programs cannot be run here: %v", err)
	}
	logs := map[string]string{}
	for _, executor := range []string{executorStarlark, executorPython} {
		c := resolved(t, "quick", append(slices.Clone(smallest), "seeds=1", `rlvr.executor="`+executor+`"`)...)
		dir := filepath.Join(t.TempDir(), executor)
		e := create(t, dir, c, 2)
		steps(t, e, 1<<30)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		logs[executor] = content(t, dir)["events.jsonl"]
	}
	if got, want := logs[executorPython], logs[executorStarlark]; got != want || !strings.Contains(want, `"phase":"rlvr"`) {
		t.Errorf("events differ:\n%s\n%s", got, want)
	}
	if _, err := Resolve("quick", nil, []string{"rlvr.executor=perl"}); err == nil || !strings.Contains(err.Error(), "starlark, python") {
		t.Errorf("an unknown executor: %v", err)
	}
}

// Verdicts of one executor are verdicts of the other, but for what returns no
// plain value: wrong there, an error here.
func TestExecutorsAgree(t *testing.T) {
	p, err := python.NewPool(t.Context(), python.Options{Mode: python.ForkServer, Workers: 2})
	if err != nil {
		t.Skipf("programs cannot be run here: %v", err)
	}
	defer p.Close()
	starlark, err := judge.NewPool(t.Context(), 2, judge.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer starlark.Close()
	list := func(xs ...int64) []any {
		out := make([]any, len(xs))
		for i, x := range xs {
			out[i] = x
		}
		return out
	}
	var cases []judge.Case
	for _, body := range []string{
		"return sorted(xs)", "return xs", "return [x + 1 for x in xs]", "return 3", "return [1.0, 2.0]", "return xs[5]", "return None",
		"xs.sort()\n    return xs", "return [True, 2]", "while True:\n        pass", "return (", "return tuple(sorted(xs))",
	} {
		cases = append(cases, judge.Case{Source: "def f(xs):\n    " + body + "\n", Entry: "f", Inputs: [][]any{{list(2, 1)}, {list()}}, Want: []any{list(1, 2), list()}})
	}
	cases = append(cases, cases[0]) // the same again
	got, err := p.Judge(t.Context(), cases)
	if err != nil {
		t.Skipf("programs cannot be run here: %v", err)
	}
	want, err := starlark.Judge(t.Context(), cases)
	if err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		if got[i].Kind != want[i].Kind {
			t.Errorf("%q: CPython says %+v, Starlark %+v", cases[i].Source, got[i], want[i])
		}
	}
	if got[0].Kind != judge.Passed || got[len(got)-1] != got[0] {
		t.Errorf("%+v", got)
	}
	if _, err := p.Judge(t.Context(), []judge.Case{{Source: "", Entry: "f", Inputs: [][]any{{struct{}{}}}, Want: []any{nil}}}); err == nil || !strings.Contains(err.Error(), "may hold") {
		t.Errorf("a foreign value: %v", err)
	}
}
