package experiments

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"ra3/experiments/store"
)

// smallest is a run of every phase for two seeds, from a model too small to
// solve anything, which makes it quick.
var smallest = []string{"seeds=2", "domain.tests=2", "model={dim=8,layers=1,heads=1,ff=8}",
	"base={source=\"train\",updates=3,tokens=128,programs=8}", "sampler={updates=2,tokens=128}",
	"mid={traces=260,updates=4,tokens=160,probe_every=2,stop_every=2,steps=[2,3]}", "ra3={warm=2,iterations=2,e_updates=2,e_batch=2,group=2,exact=1}",
	"rlvr={updates=2,eval_every=2,eval_problems=1,eval_samples=2,problems=2,group=2,max_tokens=16}",
	"eval={problems=2,samples=2,traces=2,max_tokens=16,prune_samples=2,after=true,long_steps=[4],tune=[0.5,1.0],tune_problems=1}"}

// able starts from the embedded base, which solves some problems, so that
// post-training has rewards to learn from.
var able = []string{"domain.tests=2", "domain.nuisance=0", "mid={traces=6,updates=4,tokens=200,probe_every=2,steps=[2]}",
	"ra3={warm=2,iterations=1,e_updates=2,e_batch=2,group=2,exact=1}",
	"rlvr={updates=3,eval_every=2,eval_problems=2,eval_samples=2,problems=3,group=6,max_tokens=80,steps=[2]}",
	"eval={problems=3,samples=2,traces=2,max_tokens=80,prune_samples=2,steps=[2]}"}

func create(t testing.TB, dir string, c Config, threads int) *Engine {
	t.Helper()
	e, err := Create(t.Context(), dir, c, threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // a second Close does nothing
	return e
}

func reopen(t testing.TB, dir string, threads int) *Engine {
	t.Helper()
	e, err := Resume(t.Context(), dir, threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// steps makes up to n updates; fewer where the plan ends.
func steps(t testing.TB, e *Engine, n int) {
	t.Helper()
	for range n {
		if _, err := e.Step(t.Context()); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			s, _, u, _ := e.Position()
			t.Fatalf("seed %d %s update %d: %v", s.Seed, s.Key(), u, err)
		}
	}
}

// finished runs e to its end, saves it as runs are, and closes it.
func finished(t testing.TB, e *Engine) {
	t.Helper()
	steps(t, e, 1<<30)
	if !e.Done() {
		t.Fatal("the plan is not done")
	}
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

// uninterrupted makes a whole run in a new directory.
func uninterrupted(t testing.TB, c Config, threads int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	finished(t, create(t, dir, c, threads))
	return dir
}

// content is what a run directory says of its science: every record file whole,
// the summary but for its wall time, models kept, not figures nor locks.
func content(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case name == "lock" || name == "lock.pid":
		case filepath.Ext(name) == ".safetensors":
			// Only the models kept at the ends of iterations and seeds: how long it
			// took stands in the running state.
			if keptModels.MatchString(filepath.Base(name)) {
				h := fnv.New64a()
				h.Write(raw)
				files[name] = "hash " + strconv.FormatUint(h.Sum64(), 16)
			}
		case filepath.Base(name) == "summary.json":
			files[name] = withoutWallTime(t, raw)
		default:
			files[name] = string(raw)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func withoutWallTime(t testing.TB, summary []byte) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(summary, &v); err != nil {
		t.Fatal(err)
	}
	if _, ok := v["wall_seconds"].(float64); !ok {
		t.Errorf("wall_seconds is %v", v["wall_seconds"])
	}
	delete(v, "wall_seconds")
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// same compares two contents file by file and shows the first difference.
func same(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	names := slices.Sorted(maps.Keys(want))
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: there is a %s", what, name)
		}
	}
	for _, name := range names {
		g, ok := got[name]
		if !ok {
			t.Errorf("%s: there is no %s", what, name)
			continue
		}
		if g == want[name] {
			continue
		}
		gl, wl := bytes.Split([]byte(g), []byte("\n")), bytes.Split([]byte(want[name]), []byte("\n"))
		for i := range max(len(gl), len(wl)) {
			var a, b []byte
			if i < len(gl) {
				a = gl[i]
			}
			if i < len(wl) {
				b = wl[i]
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %s differs from line %d of %d (want %d):\n got %.400s\nwant %.400s", what, name, i+1, len(gl), len(wl), a, b)
				break
			}
		}
	}
}

func TestRunsRepeatThemselvesForAnyThreads(t *testing.T) {
	for name, settings := range map[string][]string{"smallest": smallest, "able": able} {
		t.Run(name, func(t *testing.T) {
			c := resolved(t, "quick", settings...)
			want := content(t, uninterrupted(t, c, 1))
			for _, file := range []string{"run.toml", "events.jsonl", "samples.jsonl", "verdicts.jsonl", "summary.json"} {
				if len(want[file]) == 0 {
					t.Errorf("there is no %s", file)
				}
			}
			for _, threads := range []int{2, 3} {
				same(t, strconv.Itoa(threads)+" threads", content(t, uninterrupted(t, c, threads)), want)
			}
			if name == "able" {
				return
			}
			same(t, "once more", content(t, uninterrupted(t, c, 1)), want)
			other := c
			other.Seed += 100
			if got := content(t, uninterrupted(t, other, 2)); got["samples.jsonl"] == want["samples.jsonl"] {
				t.Error("another seed gave the same samples")
			}
		})
	}
}

// The directory is a by-product: an engine that writes nothing makes the same
// events and finds the same.
func TestAnEngineWithoutADirectoryIsTheSame(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	c.Seeds = 1
	dir := uninterrupted(t, c, 2)
	r, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := r.Events()
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(t.Context(), c, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	made, total := e.Updates()
	if made != 0 || total != len(want) {
		t.Errorf("%d of %d updates, the log has %d events", made, total, len(want))
	}
	for i := range want {
		ev, err := e.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a, errA := json.Marshal(ev)
		b, errB := json.Marshal(want[i])
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Fatalf("event %d is\n%s, was\n%s (%v, %v)", i, a, b, errA, errB)
		}
		if made, _ := e.Updates(); made != i+1 {
			t.Errorf("%d updates made after event %d", made, i+1)
		}
	}
	if _, err := e.Step(t.Context()); !errors.Is(err, io.EOF) || !e.Done() {
		t.Errorf("after the last update: %v", err)
	}
	if err := e.Save(); err != nil {
		t.Error(err)
	}
	s, err := e.Finish()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := withoutWallTime(t, raw); got != content(t, dir)["summary.json"] {
		t.Errorf("the summary differs: %s", got)
	}
}

// The embedded base is of one shape; another is refused before a directory is
// made for it.
func TestAShapeThatTheBaseHasNot(t *testing.T) {
	c := resolved(t, "quick", "model.dim=48")
	dir := filepath.Join(t.TempDir(), "run")
	e, err := Create(context.Background(), dir, c, 1)
	if err == nil {
		_, err = e.Step(t.Context())
		_ = e.Close()
	}
	refusal(t, "another shape", err, "embedded base", `base.source = "train"`)
}

// keptModels are the checkpoints of seeds' ends and EM iterations, of any branch.
var keptModels = regexp.MustCompile(`^([a-z0-9_]+\.)?s[0-9]+-`)
