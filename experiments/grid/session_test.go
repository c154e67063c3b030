package grid

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ra3/core/judge"
	"ra3/experiments"
	"ra3/experiments/leak"
	"ra3/experiments/store"
)

// The judge's workers are this test binary, started again.
func TestMain(m *testing.M) {
	judge.ServeIfChild()
	os.Exit(leak.Run(m.Run))
}

// tiny is a grid of two cells and their gates, of about a second each.
var tiny = Spec{Preset: "quick", Vary: []string{"mid.traces=20,24"}, Seeds: 1, Gate: ShowGate, Lanes: []string{"ntp", "ra3"}, Set: []string{
	"model.precision=fp32", "mid.updates=4", "mid.tokens=400", "mid.probe_every=4", "ra3.warm=2", "ra3.iterations=1", "ra3.e_updates=1", "ra3.e_batch=2", "ra3.group=2", "ra3.exact=0",
	"rlvr.updates=2", "rlvr.eval_every=2", "rlvr.eval_problems=2", "rlvr.eval_samples=2", "rlvr.problems=2", "rlvr.group=2", "rlvr.max_tokens=60",
	"eval.problems=6", "eval.samples=10", "eval.traces=4", "eval.max_tokens=80", "eval.plus_tests=0"}}

// plainHooks do what ra3 ablate does, but for figures.
func plainHooks() Hooks {
	return Hooks{
		Conclude: func(_ context.Context, e *experiments.Engine) error { _, err := e.Finish(); return err },
		Publish:  func(_ context.Context, a *Ablation, r *Result) error { return a.Write(r, nil) },
	}
}

// settled waits for a session's end and checks what holds after every end: no
// task is at work, and the directory is free.
func settled(t *testing.T, s *Session, dir string) State {
	t.Helper()
	<-s.Done()
	st := s.Latest()
	if st.Running || st.Rate != 0 || st.Left != 0 {
		t.Errorf("at work after its end: %+v", st)
	}
	for _, p := range st.Tasks {
		if p.State == Running {
			t.Errorf("%s is at work after the end", p.Name)
		}
	}
	if h, err := store.Holder(dir); h != nil || err != nil {
		t.Errorf("the directory is held after the end: %v %v", h, err)
	}
	return st
}

func allFinished(st State) bool {
	return st.Tasks != nil && !slices.ContainsFunc(st.Tasks, func(p Progress) bool { return p.State != Finished })
}

// whole is what every way to make the grid must end with.
func whole(t *testing.T) (dir string, files map[string][]byte) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "whole")
	s := Start(t.Context(), open(t, dir, tiny), 2, plainHooks())
	seen, last := 0, -1
	for range s.Changed() {
		st := s.Latest()
		made, total := 0, 0
		for _, p := range st.Tasks {
			made, total = made+p.Made, total+p.Total
		}
		if made < last {
			t.Errorf("progress went from %d to %d", last, made)
		}
		last = made
		if seen++; st.Running && st.At >= 0 && st.Stage.Phase != "" && st.Left <= 0 && st.Rate > 0 && made < total {
			t.Errorf("at work without an estimate of the time: %+v", st)
		}
	}
	if st := settled(t, s, dir); st.Err != nil || !allFinished(st) || seen < 4 {
		t.Fatalf("%d states, the last %+v", seen, st)
	}
	return dir, made(t, dir)
}

// made reads the files that results are in.
func made(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, pattern := range []string{JSONFile, CSVFile, experiments.ReportFile, gridFile, "*/*/events.jsonl"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, p := range paths {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				t.Fatal(err)
			}
			out[rel] = text
		}
	}
	return out
}

// A session stopped at any moment, by Stop or by its context, leaves a grid that
// goes on to the same files, byte for byte, and no goroutine.
func TestSessionStopped(t *testing.T) {
	_, want := whole(t)
	before := runtime.NumGoroutine()
	dir := filepath.Join(t.TempDir(), "cut")
	stops := 0
	for i := 0; ; i++ {
		a, err := Open(dir, tiny)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		s := Start(ctx, a, 1+i%2, plainHooks())
		for n := i % 5; n > 0; n-- { // after the n-th state
			<-s.Changed()
		}
		if i < 12 {
			if i%2 == 0 {
				s.Stop()
			} else {
				cancel()
			}
			s.Stop() // twice does nothing more
		}
		st := settled(t, s, dir)
		cancel()
		if st.Err != nil {
			t.Fatalf("stop %d: %v", i, st.Err)
		}
		if allFinished(st) {
			break
		}
		stops++
	}
	if stops < 5 {
		t.Errorf("stopped %d times only", stops)
	}
	got := made(t, dir)
	for name, text := range want {
		if !bytes.Equal(got[name], text) {
			t.Errorf("%s differs after %d stops", name, stops)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	for late := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// Whatever fails in a cell ends the session with the cell's name, leaves the
// directory free, and the grid can be gone on with.
func TestSessionFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fails")
	full := errors.New("the disk is full")
	for _, c := range []struct {
		name string
		do   func(*Hooks)
	}{
		{"conclude", func(h *Hooks) { h.Conclude = func(context.Context, *experiments.Engine) error { return full } }},
		{"panic", func(h *Hooks) { h.Conclude = func(context.Context, *experiments.Engine) error { panic("surprise") } }},
		{"publish", func(h *Hooks) { h.Publish = func(context.Context, *Ablation, *Result) error { return full } }},
	} {
		name := c.name
		a, err := Open(dir, tiny)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		h := plainHooks()
		c.do(&h)
		st := settled(t, Start(t.Context(), a, 2, h), dir)
		switch {
		case st.Err == nil:
			t.Errorf("%s: no error", name)
		case name == "panic" && !strings.Contains(st.Err.Error(), "surprise (a defect"):
			t.Errorf("%s: %v", name, st.Err)
		case name != "panic" && !errors.Is(st.Err, full):
			t.Errorf("%s: %v", name, st.Err)
		case name == "conclude" && !strings.Contains(st.Err.Error(), "gate 001-mid.traces_20: "):
			t.Errorf("%s does not name the cell: %v", name, st.Err)
		}
		if name != "publish" && (st.At < 0 || st.Tasks[st.At].State != Failed) {
			t.Errorf("%s: no task failed: %+v", name, st)
		}
	}
	// A cell that somebody drives by hand cannot be made.
	a, err := Open(dir, tiny)
	if err != nil {
		t.Fatal(err)
	}
	release, err := store.Hold(a.Tasks()[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	st := settled(t, Start(t.Context(), a, 2, plainHooks()), dir)
	var held *store.HeldError
	if !errors.As(st.Err, &held) || strings.Contains(st.Err.Error(), "\n") {
		t.Errorf("a held cell: %v", st.Err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	// Nothing of that was lost, or is in the way.
	a, err = Open(dir, tiny)
	if err != nil {
		t.Fatal(err)
	}
	if st := settled(t, Start(t.Context(), a, 2, plainHooks()), dir); st.Err != nil || !allFinished(st) {
		t.Errorf("after all that: %+v", st)
	}
}

// A pace counts phases apart, and what was not measured with the mean of all.
func TestPace(t *testing.T) {
	var p Pace
	if s, n := p.Estimate(map[string]int{"M": 10}); s != 0 || n != 0 {
		t.Errorf("%g seconds of nothing", s)
	}
	p.Add("M", 10, 5*time.Second)
	kept := p.Clone()
	p.Add("eval", 10, 20*time.Second)
	if s, n := p.Estimate(map[string]int{"M": 4, "eval": 2, "rlvr": 4}); s != 4*0.5+2*2+4*1.25 || n != 6 {
		t.Errorf("%g seconds, %d measured", s, n)
	}
	if s, _ := kept.Estimate(map[string]int{"eval": 2}); s != 1 {
		t.Errorf("a clone changed: %g", s)
	}
	// Phases that were not measured here are taken from elsewhere; those that were,
	// and the mean of other runs, are not.
	var other Pace
	other.AddRun([]experiments.PhaseTime{{Phase: "M", Updates: 10, Seconds: 1000}, {Phase: "rlvr", Updates: 2, Seconds: 6}})
	other.Add("", 10, time.Hour)
	need := map[string]int{"M": 4, "eval": 2, "rlvr": 4}
	if both := p.Or(other); p.Covers(need) || !both.Covers(need) || both.Phases() != 3 {
		t.Errorf("%+v of %+v and %+v", both, p, other)
	} else if s, n := both.Estimate(need); s != 4*0.5+2*2+4*3 || n != 10 {
		t.Errorf("%g seconds, %d measured", s, n)
	}
	if all := (Pace{}).Or(other); all.Phases() != 3 {
		t.Errorf("%+v", all)
	}
	a := open(t, t.TempDir(), tiny)
	tasks, err := a.Progress()
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := tiny.Cost()
	left := a.Left(tasks)
	for phase, n := range whole.ByPhase {
		if left[phase] != n {
			t.Errorf("%s: %d left of %d", phase, left[phase], n)
		}
	}
	tasks[0].Made, tasks[1].State, tasks[2].State = 3, Finished, Skipped
	if after := a.Left(tasks); after[experiments.PhaseM] >= left[experiments.PhaseM] || after[experiments.PhaseRLVR]*2 != left[experiments.PhaseRLVR] {
		t.Errorf("%v after %v", after, left)
	}
}
