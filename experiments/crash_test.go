package experiments

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"ra3/core/checkpoint"
	"ra3/experiments/store"
)

// long asks for the tests that take minutes.
var long = flag.Bool("long", false, "kill a run 50 times instead of 6")

// moment is when a child is to be killed.
type moment int

// The moments, in turn.
const (
	anytime   moment = iota // some records on, and a while
	saving                  // while a file is written aside, some records on
	branching               // when a branch was recorded, its directory made or its first record written
	moments
)

// Killed at random moments, in the middle of saving and of making branches among
// them, and gone on with by the engine or by the driver, a run with forks ends as
// one that nothing happened to, bit for bit, with the same states kept.
func TestKilledRunsEndTheSame(t *testing.T) {
	want := filepath.Join(t.TempDir(), "whole")
	if err := forkedRun(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	total, wantStates := recordsIn(want), states(t, want)
	kills := 6
	if *long {
		kills = 50
	}
	rng := rand.New(rand.NewPCG(uint64(kills), 7))
	dir := filepath.Join(t.TempDir(), "killed")
	hit, ends := map[string]int{}, 0
	for killed, try := 0, 0; killed < kills; try++ {
		before := recordsIn(dir)
		m := moment(try) % moments
		what := killAt(t, dir, m, before+1+rng.IntN(max(2, 4*total/kills)), time.Duration(rng.IntN(20_000))*time.Microsecond, try%2 == 1)
		if what == "" {
			// It came to its end first: begin a new one.
			ends++
			same(t, fmt.Sprintf("ended after %d kills", killed), content(t, dir), content(t, want))
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			continue
		}
		killed++
		if left := aside(dir); len(left) > 0 {
			what += ", in the middle of " + kindOf(dir, left[0])
		}
		hit[what]++
	}
	t.Logf("killed %d times (%v), at last with %d of %d records; %d ends between", kills, hit, recordsIn(dir), total, ends)
	if err := forkedRun(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	same(t, "killed", content(t, dir), content(t, want))
	if got := states(t, dir); !maps.Equal(got, wantStates) {
		t.Errorf("states kept:\n%v, want\n%v", got, wantStates)
	}
	if h := historyOf(t, dir); len(h.Branches()) != 3 || h.Head("again").Update != h.Head(store.Main).Update {
		t.Errorf("branches %+v", h.Branches())
	}
}

// killAt carries a run on in a child and kills it at a moment, at the latest when
// the log has so many records and a pause has passed. It says at which; "" if the
// run ended before.
func killAt(t *testing.T, dir string, m moment, records int, pause time.Duration, driver bool) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	child := exec.Command(self)
	child.Env = append(os.Environ(), crashDir+"="+dir)
	if driver {
		child.Env = append(child.Env, crashDriver+"=1")
	}
	child.Stderr = &said
	branches := branchFiles(dir)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	late := time.After(3 * patience)
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %s", err, said.String())
			}
			return ""
		case <-late:
			t.Fatal("the run makes no progress")
		case <-time.After(200 * time.Microsecond):
		}
		what := "anywhere"
		switch {
		case m == saving && recordsIn(dir) >= records && len(aside(dir)) > 0:
			what = "saving"
		case m == branching && branchFiles(dir) != branches:
			what = "branching"
		case recordsIn(dir) >= records && m == anytime, recordsIn(dir) >= records+60:
			time.Sleep(pause)
		default:
			continue
		}
		if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		if <-ended == nil {
			return ""
		}
		return what
	}
}

// recordsIn counts the records of a run's log.
func recordsIn(dir string) int {
	raw, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		return 0 // not made yet
	}
	return bytes.Count(raw, []byte("\n"))
}

// aside lists the files of a run that are just being written.
func aside(dir string) (out []string) {
	for _, in := range []string{"", "checkpoints", "checkpoints/parts", "traces", "branches/*"} {
		found, err := filepath.Glob(filepath.Join(dir, in, ".*.aside-*"))
		if err != nil {
			return nil // the patterns are right
		}
		out = append(out, found...)
	}
	return out
}

// kindOf says what a file that is written aside is, by its directory.
func kindOf(dir, path string) string {
	if filepath.Dir(path) == dir {
		return "the run"
	}
	return filepath.Base(filepath.Dir(path))
}

// branchFiles changes when a branch is recorded or gets a directory or state.
func branchFiles(dir string) string {
	var size int64
	if info, err := os.Stat(filepath.Join(dir, store.BranchesFile)); err == nil {
		size = info.Size()
	}
	dirs, _ := filepath.Glob(filepath.Join(dir, "branches", "*"))              // the pattern is right
	kept, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "[ah][go]*-*")) // of again and hot
	return fmt.Sprint(size, len(dirs), min(len(kept), 2))
}

// states hashes the tensors of every state that a run keeps, by position.
func states(t *testing.T, dir string) map[string]string {
	t.Helper()
	run, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := run.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range kept {
		f, err := run.LoadCheckpoint(c.Branch, c.Update)
		if err != nil {
			t.Fatal(err)
		}
		h := fnv.New64a()
		slices.SortFunc(f.Tensors, func(a, b checkpoint.Tensor) int { return strings.Compare(a.Name, b.Name) })
		for _, x := range f.Tensors {
			h.Write([]byte(x.Name))
			h.Write(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x.Data))), 4*len(x.Data)))
		}
		out[fmt.Sprintf("%s:%d", c.Branch, c.Update)] = strconv.FormatUint(h.Sum64(), 16)
	}
	return out
}
