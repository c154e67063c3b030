//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func TestSecondOpenerInOneProcess(t *testing.T) {
	r, dir := create(t)
	_, err := Open(dir)
	var held *HeldError
	if !errors.As(err, &held) || held.PID != os.Getpid() {
		t.Errorf("got %v", err)
	}
	must(t, r.Close())
	r, err = Open(dir)
	must(t, err)
	must(t, r.Close())
}

// A listing looks at locks by taking them for a moment; openers must not mind.
func TestListingDoesNotDisturb(t *testing.T) {
	r, dir := create(t)
	must(t, r.Close())
	var stop atomic.Bool
	var group sync.WaitGroup
	group.Go(func() {
		for !stop.Load() {
			if _, err := locked(dir); err != nil {
				t.Error(err)
			}
		}
	})
	for range 50 {
		r, err := Open(dir)
		if err != nil {
			t.Error(err)
			break
		}
		must(t, r.Close())
	}
	stop.Store(true)
	group.Wait()
}

func TestLockOfRemovedRun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lockName)
	file, err := os.Create(path)
	must(t, err)
	defer func() { must(t, file.Close()) }()
	must(t, os.Remove(path))
	must(t, os.WriteFile(path, nil, 0o666))
	if err := holdFile(file, path); !errors.Is(err, errHeld) {
		t.Errorf("a lock without a name was taken: %v", err)
	}
}

func TestParseHolder(t *testing.T) {
	want := holder{42, "host.example"}
	if got := parseHolder(want.encode()); got != want {
		t.Errorf("got %v", got)
	}
	for _, text := range []string{"", "pid", "pid x\nhost", "pid -1", "\x00\x01"} {
		if got := parseHolder([]byte(text)); got.PID != 0 {
			t.Errorf("%q gave %v", text, got)
		}
	}
}

func TestPIDFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, pidName)
	l, err := acquirePIDFile(dir)
	must(t, err)
	if _, err := acquirePIDFile(dir); !errors.Is(err, errHeld) {
		t.Errorf("taken twice: %v", err)
	}
	if held, err := lockedPIDFile(dir); err != nil || !held {
		t.Errorf("held %v, %v", held, err)
	}
	if h := readHolder(dir); h != thisProcess() {
		t.Errorf("holder %v", h)
	}
	must(t, l.release())

	// Process numbers end far below this one.
	must(t, os.WriteFile(path, holder{1<<31 - 2, thisProcess().Host}.encode(), 0o666))
	if held, err := lockedPIDFile(dir); err != nil || held {
		t.Errorf("a dead process holds: %v, %v", held, err)
	}
	if _, err := acquirePIDFile(dir); !errors.Is(err, errHeld) {
		t.Errorf("first try: %v", err)
	}
	l, err = acquirePIDFile(dir)
	must(t, err)
	// Whoever still believes in the dead process must not break the new lock.
	must(t, dropStale(dir))
	if held, err := lockedPIDFile(dir); err != nil || !held {
		t.Errorf("the lock was broken: %v, %v", held, err)
	}
	must(t, l.release())
	must(t, dropStale(dir))

	must(t, os.WriteFile(path, holder{1<<31 - 2, "elsewhere.example"}.encode(), 0o666))
	if _, err := acquirePIDFile(dir); !errors.Is(err, errHeld) {
		t.Errorf("another machine's lock was taken: %v", err)
	}
}

// A directory that is no run can be held too, by one process at a time.
func TestHold(t *testing.T) {
	dir := t.TempDir()
	release, err := Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	var held *HeldError
	if _, err := Hold(dir); !errors.As(err, &held) || held.Dir != dir {
		t.Errorf("held twice: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}
