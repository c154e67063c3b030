package experiments

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ra3/experiments/store"
)

// long asks for the tests that take minutes.
var long = flag.Bool("long", false, "kill a run 50 times instead of 3")

// crashDir, in the environment, makes this binary carry on a run with forks until
// it is killed.
const crashDir = "RA3_TEST_CRASH_DIR"

func crashIfChild() {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return
	}
	if err := forkedRun(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// forkedRun makes a run with two branches, or goes on with it wherever it was
// left: main into its first EM iteration, a branch from its E-step to the end,
// main to the end, and a branch of the branch with fresh random numbers.
func forkedRun(ctx context.Context, dir string) (err error) {
	c, err := Resolve("quick", nil, oneSeed())
	if err != nil {
		return err
	}
	e, err := Resume(ctx, dir, 2)
	if errors.Is(err, store.ErrNotRun) || errors.Is(err, fs.ErrNotExist) {
		e, err = Create(ctx, dir, c, 2)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	e1, m1 := startOf(e.Plan, PhaseE, 1), startOf(e.Plan, PhaseM, 1)
	if err := goOn(ctx, e, m1+1); err != nil {
		return err
	}
	if err := branchTo(ctx, e, ForkRequest{From: Position{store.Main, e1}, Name: "hot", Overrides: []string{"ra3.learning_rate=0.01"}}); err != nil {
		return err
	}
	if err := goOn(ctx, e, 1<<30); err != nil {
		return err
	}
	if err := e.Switch(ctx, store.Main); err != nil {
		return err
	}
	if err := goOn(ctx, e, 1<<30); err != nil {
		return err
	}
	if err := branchTo(ctx, e, ForkRequest{From: Position{"hot", m1}, Name: "again", Random: store.Fresh}); err != nil {
		return err
	}
	return goOn(ctx, e, 1<<30)
}

func startOf(plan []Stage, phase string, iteration int) int {
	at := 0
	for _, s := range plan {
		if s.Phase == phase && s.Iteration == iteration {
			break
		}
		at += s.Updates
	}
	return at
}

// branchTo stands on a branch, made if it is not there.
func branchTo(ctx context.Context, e *Engine, q ForkRequest) error {
	branches, err := e.Run().Branches()
	if err != nil {
		return err
	}
	for _, b := range branches {
		if b.Name == q.Name {
			return e.Switch(ctx, q.Name)
		}
	}
	_, err = e.Fork(ctx, q)
	return err
}

// goOn makes updates until so many are made, and concludes the branch at its end.
func goOn(ctx context.Context, e *Engine, until int) error {
	for {
		made, _ := e.Updates()
		if made >= until {
			return e.Save()
		}
		_, err := e.Step(ctx)
		if errors.Is(err, io.EOF) {
			if err := e.Save(); err != nil {
				return err
			}
			_, err := e.Finish()
			return err
		}
		if err != nil {
			return err
		}
		if err := e.Run().Flush(); err != nil {
			return err
		}
		if made%4 == 0 {
			if err := e.Save(); err != nil {
				return err
			}
		}
	}
}

// Killed at random moments and gone on with, a run with forks ends as one that
// nothing happened to, bit for bit.
func TestKilledRunsEndTheSame(t *testing.T) {
	want := filepath.Join(t.TempDir(), "whole")
	if err := forkedRun(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	kills := 3
	if *long {
		kills = 50
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	size := func(dir string) int {
		raw, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
		if err != nil {
			return 0 // not made yet
		}
		return bytes.Count(raw, []byte("\n"))
	}
	total := size(want)
	rng := rand.New(rand.NewPCG(uint64(kills), 7))
	dir := filepath.Join(t.TempDir(), "killed")
	killed := 0
	for killed < kills {
		var said bytes.Buffer
		child := exec.Command(self)
		child.Env = append(os.Environ(), crashDir+"="+dir)
		child.Stderr = &said
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- child.Wait() }()
		target := size(dir) + 1 + rng.IntN(max(2, 2*total/kills))
		pause := time.Duration(rng.IntN(20_000)) * time.Microsecond
		late := time.After(3 * patience)
		for running := true; running; {
			select {
			case err := <-ended:
				if err != nil {
					t.Fatalf("after %d kills: %v: %s", killed, err, said.String())
				}
				// It came to its end: begin a new one.
				same(t, fmt.Sprintf("ended after %d kills", killed), content(t, dir), content(t, want))
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
				running = false
			case <-late:
				t.Fatal("the run makes no progress")
			case <-time.After(time.Millisecond):
				if size(dir) < target {
					continue
				}
				time.Sleep(pause)
				if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
				<-ended
				killed++
				running = false
			}
		}
	}
	t.Logf("killed %d times, at last with %d of %d records", killed, size(dir), total)
	if err := forkedRun(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	same(t, "killed", content(t, dir), content(t, want))
	if h := historyOf(t, dir); len(h.Branches()) != 3 || h.Head("again").Update != h.Head(store.Main).Update {
		t.Errorf("branches %+v", h.Branches())
	}
}
