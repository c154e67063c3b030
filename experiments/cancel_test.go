package experiments

import (
	"context"
	"errors"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"ra3/core/checkpoint"
)

// fingerprint hashes everything that later updates and the summary depend on.
// Left out is what making an update again finds as it was: an optimiser that
// has made no step, and the held-out look before the first update of
// post-training.
func fingerprint(t testing.TB, e *Engine) string {
	t.Helper()
	part := newState()
	*part = *e.st
	part.opts = nil
	f, err := part.encode(stateMeta{})
	if err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	put := func(name string, data []float32) {
		h.Write([]byte(name))
		h.Write(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), 4*len(data)))
	}
	for name, o := range e.st.opts {
		if o.Step > 0 {
			f.Tensors = append(f.Tensors, checkpoint.Tensor{Name: name + strconv.Itoa(o.Step) + "m", Data: o.M}, checkpoint.Tensor{Name: name + "v", Data: o.V})
		}
	}
	slices.SortFunc(f.Tensors, func(a, b checkpoint.Tensor) int { return strings.Compare(a.Name, b.Name) })
	for _, x := range f.Tensors {
		put(x.Name, x.Data)
	}
	results := e.st.results
	if n := len(results.RLVR); n > 0 && results.RLVR[n-1].Update == 0 {
		results.RLVR = results.RLVR[:n-1]
	}
	part.results, part.models = results, nil
	if f, err = part.encode(stateMeta{Seq: e.seq, Samples: e.records.samples, Verdicts: e.records.verdicts}); err != nil {
		t.Fatal(err)
	}
	h.Write([]byte(f.Meta["ra3"]))
	return strconv.FormatUint(h.Sum64(), 16)
}

// looks is a context that ends right after it was asked for its error so many
// times, wherever in an update that is.
type looks struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func after(parent context.Context, n int) *looks {
	l := &looks{}
	l.Context, l.cancel = context.WithCancel(parent)
	l.left.Store(int64(n))
	if n <= 0 {
		l.cancel()
	}
	return l
}

func (l *looks) Err() error {
	err := l.Context.Err()
	if l.left.Add(-1) == 0 {
		l.cancel()
	}
	return err
}

// An update that is cancelled, wherever in it, gives context.Canceled and
// leaves the engine as it was; made again it is the same.
func TestCancelledUpdatesLeaveNoTrace(t *testing.T) {
	one := append(slices.Clone(smallest), "seeds=1")
	for name, settings := range map[string][]string{"smallest": one, "able": able} {
		t.Run(name, func(t *testing.T) {
			c := resolved(t, "quick", settings...)
			dir := filepath.Join(t.TempDir(), "run")
			e := create(t, dir, c, 2)
			cancelled := map[string]int{}
			for !e.Done() {
				s, _, update, _ := e.Position()
				if err := e.prepare(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				before := fingerprint(t, e)
				for n := 0; ; n = 6*n + 1 {
					ctx := after(t.Context(), n)
					_, err := e.Step(ctx)
					ctx.cancel()
					if err == nil {
						break
					}
					cancelled[s.Phase]++
					if !errors.Is(err, context.Canceled) {
						t.Fatalf("%s update %d, cancelled after %d looks: %v", s.Key(), update, n, err)
					}
					if got := fingerprint(t, e); got != before {
						t.Fatalf("%s update %d, cancelled after %d looks, changed the state", s.Key(), update, n)
					}
					if again, _, u, ok := e.Position(); !ok || again != s || u != update {
						t.Fatalf("%s update %d, cancelled, moved to %s %d", s.Key(), update, again.Key(), u)
					}
				}
			}
			t.Log("cancelled, by phase:", cancelled)
			finished(t, e)
			same(t, "cancelled again and again", content(t, dir), content(t, uninterrupted(t, c, 2)))
		})
	}
}

// The context of the whole engine ends, as on an interrupt, at the last moment
// at which an update can still be abandoned, or just after it. What is saved
// then is either before the update or after it.
func TestInterruptedUpdatesResume(t *testing.T) {
	c := resolved(t, "quick", able...)
	want := content(t, uninterrupted(t, c, 2))
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	for !e.Done() {
		s, _, update, _ := e.Position()
		due := s.Phase == PhaseRLVR && s.Lane == "ra3" || s.Phase == PhaseM && s.Iteration == 1
		if !due || update != 1 {
			steps(t, e, 1)
			continue
		}
		if err := e.Save(); err != nil {
			t.Fatal(err)
		}
		early, late := frozen(t, dir), frozen(t, dir)
		all := after(t.Context(), 1<<40)
		if _, err := e.Step(all); err != nil {
			t.Fatal(err)
		}
		for before, copied := range []string{late, early} {
			interrupt(t, copied, 1<<40-int(all.left.Load())-before)
			finished(t, reopen(t, copied, 2))
			same(t, s.Key()+" interrupted", content(t, copied), want)
		}
	}
}

// interrupt resumes a run, ends its context after so many looks into the next
// update, and saves, as a program does on an interrupt.
func interrupt(t *testing.T, dir string, looks int) {
	t.Helper()
	ctx := after(t.Context(), looks)
	e, err := Resume(ctx.Context, dir, 2)
	if err != nil {
		t.Fatal(err)
	}
	// What the update needs is there before it is counted how often it looks.
	s, _, _, _ := e.Position()
	if err := e.prepare(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, f := range Families {
		if _, err := e.heldOut(t.Context(), f, false, max(e.Config.Eval.Problems, e.Config.Eval.Traces)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = e.Step(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("%s: the interrupt is told as: %v", s.Key(), err)
	}
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

// A disk that takes no more in the middle of a run: the update that met it is
// made again when there is room, once, and the run ends as if nothing had been.
func TestFailingWritesLeaveNoTrace(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	want := content(t, uninterrupted(t, c, 2))
	for name, obstacle := range map[string]string{
		"samples":             "samples.jsonl",
		"verdicts":            "verdicts.jsonl",
		"annotated traces":    filepath.Join("traces", "s1-em01.jsonl"),
		"models of iteration": filepath.Join("checkpoints", "s1-em01-*.safetensors"),
		"models of the seed":  filepath.Join("checkpoints", "s1-end-*.safetensors"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			e := create(t, dir, c, 2)
			failures := 0
			_, total := e.Updates()
			for !e.Done() {
				// A directory that is not empty stands where the file is to be.
				made, _ := e.Updates()
				path := filepath.Join(dir, strings.Replace(obstacle, "*", strconv.Itoa(made+1), 1))
				aside := path + "-aside"
				if err := os.Rename(path, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o777); err != nil {
					t.Fatal(err)
				}
				_, err := e.Step(t.Context())
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(aside, path); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				if err != nil {
					failures++
					if failures > total {
						t.Fatalf("it fails for ever: %v", err)
					}
					if strings.Contains(err.Error(), "\n") {
						t.Errorf("more than a line: %q", err)
					}
					if now, _ := e.Updates(); now != made {
						t.Errorf("update %d failed (%v) and was counted", made+1, err)
					}
					steps(t, e, 1)
				}
			}
			if failures == 0 {
				t.Error("nothing failed")
			}
			finished(t, e)
			same(t, "after "+strconv.Itoa(failures)+" failures", content(t, dir), want)
		})
	}
}

// The log cannot be written: nothing was learned.
func TestAnEventThatCannotBeLoggedIsNoUpdate(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	e := create(t, filepath.Join(t.TempDir(), "run"), c, 2)
	steps(t, e, 2)
	if err := e.run.Close(); err != nil {
		t.Fatal(err)
	}
	before := fingerprint(t, e)
	if _, err := e.Step(t.Context()); err == nil {
		t.Fatal("a closed log took an event")
	}
	if fingerprint(t, e) != before {
		t.Error("the failed update changed the state")
	}
}

// How long a cancelled update goes on, at the sizes of the quick preset. The
// bound only catches what does not listen at all.
func TestCancelIsHeard(t *testing.T) {
	c := resolved(t, "quick", "mid.traces=250", "mid.updates=2", "mid.probe_every=1", "ra3={warm=1,iterations=1,e_updates=1}", "rlvr={updates=1,eval_every=1,problems=6}",
		"eval={problems=10,samples=4,traces=30}")
	e := create(t, filepath.Join(t.TempDir(), "run"), c, 2)
	worst := map[string]time.Duration{}
	for !e.Done() {
		s, _, _, _ := e.Position()
		for _, delay := range []time.Duration{20, 60, 150} {
			ctx, cancel := context.WithCancel(t.Context())
			asked := make(chan time.Time, 1)
			timer := time.AfterFunc(delay*time.Millisecond, func() { asked <- time.Now(); cancel() })
			_, err := e.Step(ctx)
			if !timer.Stop() {
				late := time.Since(<-asked)
				worst[s.Phase] = max(worst[s.Phase], late)
				if late > 10*time.Second {
					t.Errorf("%s went on for %v", s.Key(), late)
				}
			}
			cancel()
			if err == nil || e.Done() {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		steps(t, e, 1)
	}
	t.Log("longest after a cancel, by phase:", worst)
}
