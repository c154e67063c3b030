package experiments

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ra3/experiments/store"
)

// stageStart is the update at which a stage begins in the plan.
func stageStart(t testing.TB, plan []Stage, phase string, iteration int) int {
	t.Helper()
	at := 0
	for _, s := range plan {
		if s.Phase == phase && s.Iteration == iteration {
			return at
		}
		at += s.Updates
	}
	t.Fatalf("no stage %s of iteration %d", phase, iteration)
	return 0
}

// forkTo makes a branch and fails where that is refused.
func forkTo(t testing.TB, e *Engine, q ForkRequest) store.Branch {
	t.Helper()
	b, err := e.Fork(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// oneSeed is smallest with one replicate and settings over it.
func oneSeed(settings ...string) []string {
	return append(append(append([]string{}, smallest...), "seeds=1"), settings...)
}

// A branch with a setting changed is, from there on, the run that had the
// setting from the start, where nothing read it before; main stays as it was.
func TestForkComputesWhatARunWithTheSettingWould(t *testing.T) {
	c := resolved(t, "quick", oneSeed()...)
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	at := stageStart(t, e.Plan, PhaseE, 1)
	concluded(t, e)
	b := forkTo(t, e, ForkRequest{From: Position{store.Main, at}, Overrides: []string{"ra3.learning_rate=0.01"}, Note: "hotter\nE-step"})
	if b.Name != "f1" || b.Parent != store.Main || b.Update != at || b.Random != store.Common || b.Note != "hotter E-step" {
		t.Errorf("branch %+v", b)
	}
	if made, _ := e.Updates(); made != at || e.Branch() != "f1" || e.Config.RA3.LearningRate != 0.01 {
		t.Errorf("after forking at %d on %s, rate %g", made, e.Branch(), e.Config.RA3.LearningRate)
	}
	finished(t, e)
	if last, err := ResumeLast(t.Context(), dir, 2); err != nil || last.Branch() != "f1" || !last.Done() {
		t.Errorf("the run goes on on %v, %v", last, err)
	} else if err := last.Close(); err != nil {
		t.Error(err)
	}

	other := uninterrupted(t, resolved(t, "quick", oneSeed("ra3.learning_rate=0.01")...), 2)
	h := historyOf(t, dir)
	theirs := historyOf(t, other).Line(store.Main, 0, 1<<30)
	mine := h.Line("f1", 0, h.Head("f1").Update)
	if len(mine) != len(theirs) {
		t.Fatalf("%d records on the branch, %d in the run", len(mine), len(theirs))
	}
	for i := range mine {
		if got, want := eventText(t, mine[i]), eventText(t, theirs[i]); got != want {
			t.Fatalf("update %d: %s\nwant %s", i+1, got, want)
		}
	}
	for _, e := range theirs {
		for name := range e.Measures {
			if _, ok := FormulaOf(name); !ok {
				t.Errorf("%s logs %s, of which no formula says what it is", e.Phase, name)
			}
		}
	}
	if got, want := content(t, dir)["branches/f1/summary.json"], content(t, other)["summary.json"]; got != want {
		t.Error("the branch's summary is not that of the run")
	}
	// Its policies, sampled again, are those of the run.
	branched, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	if mixed, err := MixedOf(branched, "f1"); err != nil || len(mixed) > 0 {
		t.Errorf("settings of one lane alone are called mixed: %q, %v", mixed, err)
	}
	whole, err := store.View(other)
	if err != nil {
		t.Fatal(err)
	}
	mineAgain, theirsAgain := evalRun(t, branched, EvalRequest{Branch: "f1", K: []int{1}, Lanes: []string{"ra3"}}), evalRun(t, whole, EvalRequest{K: []int{1}, Lanes: []string{"ra3"}})
	if !reflect.DeepEqual(mineAgain.Lanes, theirsAgain.Lanes) {
		t.Errorf("evaluated again: %+v\nwant %+v", mineAgain.Lanes, theirsAgain.Lanes)
	}
	if _, err := EvalRun(t.Context(), branched, EvalRequest{Branch: "f9"}, 2, nil); err == nil || !strings.Contains(err.Error(), "there is no branch f9: there are main, f1") {
		t.Errorf("an unknown branch: %v", err)
	}
	if err := ExportBase(branched, "f1", filepath.Join(t.TempDir(), "base.safetensors")); err != nil {
		t.Errorf("its base: %v", err)
	}
	// Main: the same files as of a run that was never left.
	got := content(t, dir)
	for name, text := range content(t, uninterrupted(t, c, 2)) {
		switch name {
		case "events.jsonl", "samples.jsonl", "verdicts.jsonl":
			if !strings.HasPrefix(got[name], text) {
				t.Errorf("%s of main was changed", name)
			}
		default:
			if got[name] != text {
				t.Errorf("%s of main was changed", name)
			}
		}
	}
	if main := h.Line(store.Main, 0, 1<<30); len(main) != len(theirs) {
		t.Errorf("main has %d records", len(main))
	}
}

// concluded runs an engine to its end without closing it.
func concluded(t testing.TB, e *Engine) {
	t.Helper()
	steps(t, e, 1<<30)
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Finish(); err != nil {
		t.Fatal(err)
	}
}

// historyOf indexes a stored run.
func historyOf(t testing.TB, dir string) *History {
	t.Helper()
	run, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := run.Events()
	if err != nil {
		t.Fatal(err)
	}
	branches, err := run.Branches()
	if err != nil {
		t.Fatal(err)
	}
	h, err := HistoryOf(branches, events)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// eventText is what an event says but for its branch and place in the log.
func eventText(t testing.TB, e store.Event) string {
	t.Helper()
	raw, err := e.Measures.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return stageOf(e).Key() + " " + string(raw) + e.Text
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Fresh random numbers change what is drawn, not the problems and traces; common
// ones change nothing until a setting does.
func TestForkWithFreshRandomNumbers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, resolved(t, "quick", oneSeed()...), 2)
	e1 := startOf(e.Plan, PhaseE, 1)
	steps(t, e, e1+2)
	main := e.Run()
	fresh := forkTo(t, e, ForkRequest{From: Position{store.Main, e1}, Random: store.Fresh, Name: "dice"})
	steps(t, e, 2)
	if fresh.Overrides != nil || e.salt == "" {
		t.Errorf("branch %+v", fresh)
	}
	again := forkTo(t, e, ForkRequest{From: Position{"dice", e1}, Overrides: []string{"rlvr.threshold=0.9"}})
	if again.Parent != "dice" || again.Update != e1 || e.salt != freshSalt("dice") {
		t.Errorf("a branch of the branch's beginning: %+v, salt %q", again, e.salt)
	}
	steps(t, e, 2)
	if err := main.Flush(); err != nil {
		t.Fatal(err)
	}
	h := historyOf(t, dir)
	texts := map[string]string{}
	for _, branch := range []string{store.Main, "dice", again.Name} {
		ev, ok := h.Event(Position{branch, e1 + 1})
		if !ok {
			t.Fatalf("%s has no record at %d", branch, e1+1)
		}
		texts[branch] = eventText(t, ev)
	}
	if texts["dice"] == texts[store.Main] {
		t.Error("fresh random numbers are the old ones")
	}
	if texts["dice"] != texts[again.Name] {
		t.Error("a branch with common random numbers draws others than its parent")
	}
	// The branch under way is cut back to its state, the others keep all.
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = reopen(t, dir, 2)
	if made, _ := e.Updates(); made != e1+2 || e.Branch() != store.Main {
		t.Errorf("main stands at %d", made)
	}
	if h = historyOf(t, dir); h.Head("dice").Update != e1+2 || h.Head(again.Name).Update != e1 {
		t.Errorf("heads %v, %v", h.Head("dice"), h.Head(again.Name))
	}
	if _, err := ResumeBranch(t.Context(), dir, "dice", 2); err == nil {
		t.Error("a run was opened twice")
	}
}
