package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ra3/core/checkpoint/durable"
)

// HeldError says who has a run open for writing.
type HeldError struct {
	Dir  string
	PID  int    // 0 if unknown
	Host string // empty if unknown
}

func (e *HeldError) Error() string {
	who := "another process"
	if e.PID != 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	if e.Host != "" {
		who += " on " + e.Host
	}
	return fmt.Sprintf("%s is being written by %s; stop that first, or look on with ra3 runs show %s", e.Dir, who, e.Dir)
}

// holder is the content of a lock file.
type holder struct {
	PID  int
	Host string
}

func thisProcess() holder {
	host, err := os.Hostname()
	if err != nil {
		host = "" // only told to the user; the lock holds without it
	}
	return holder{os.Getpid(), host}
}

func (h holder) encode() []byte { return fmt.Appendf(nil, "pid %d\nhost %s\n", h.PID, h.Host) }

// parseHolder reads what it can: a lock file may be empty, or about to be written.
func parseHolder(text []byte) holder {
	var h holder
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "pid":
			if pid, err := strconv.Atoi(value); err == nil && pid > 0 {
				h.PID = pid
			}
		case "host":
			h.Host = strings.ToValidUTF8(value, "?")
		}
	}
	return h
}

func readHolder(dir string) holder {
	for _, name := range []string{lockName, pidName} {
		// Without a file the holder is unknown, which HeldError says.
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			if h := parseHolder(text); h.PID != 0 {
				return h
			}
		}
	}
	return holder{}
}

// lock is a taken lock.
type lock struct {
	file    *os.File // locked by the kernel; nil for a pid file
	pidFile string   // to be removed on release; empty for a kernel lock
}

var (
	errHeld        = errors.New("held")
	errUnsupported = errors.New("the file system has no locks")
)

// A listing holds a shared lock for the moment it looks, so a first refusal
// does not yet mean that somebody writes.
const (
	lockTries = 6
	lockPause = 20 * time.Millisecond
)

// acquire takes the lock of the run directory dir or returns a *HeldError.
func acquire(dir string) (*lock, error) {
	for try := 1; ; try++ {
		l, err := acquireKernel(dir)
		if errors.Is(err, errUnsupported) {
			l, err = acquirePIDFile(dir)
		}
		switch {
		case err == nil:
			return l, nil
		case !errors.Is(err, errHeld):
			return nil, durable.Explain("lock", dir, err)
		case try == lockTries:
			h := readHolder(dir)
			return nil, &HeldError{dir, h.PID, h.Host}
		}
		time.Sleep(lockPause)
	}
}

// locked tells whether somebody has the run open for writing.
func locked(dir string) (bool, error) {
	held, err := lockedKernel(dir)
	if errors.Is(err, errUnsupported) {
		held, err = lockedPIDFile(dir)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, durable.Explain("look at the lock of", dir, err)
	}
	return held, nil
}

func (l *lock) release() error {
	if l.file != nil {
		// An empty lock file names nobody. Closing is what unlocks, so it comes last.
		err := l.file.Truncate(0)
		return also(err, l.file.Close())
	}
	if err := os.Remove(l.pidFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return durable.Explain("remove lock", l.pidFile, err)
	}
	return nil
}

// acquirePIDFile is the lock where the kernel offers none: a file that only one
// process can create. One that its process left behind by dying is taken over;
// of another machine's process that cannot be known, so it counts as alive.
func acquirePIDFile(dir string) (*lock, error) {
	path := filepath.Join(dir, pidName)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		held, err := lockedPIDFile(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if held {
			return nil, errHeld
		}
		if err := dropStale(dir); err != nil {
			return nil, err
		}
		return nil, errHeld // the next try creates it, or finds who was faster
	}
	if err != nil {
		return nil, err
	}
	_, err = file.Write(thisProcess().encode())
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, also(err, os.Remove(path))
	}
	return &lock{pidFile: path}, nil
}

// dropStale removes the lock of a dead process. It renames first and looks
// again, lest it remove a lock that was taken in between.
func dropStale(dir string) error {
	path := filepath.Join(dir, pidName)
	stale := fmt.Sprintf("%s.stale-%d", path, os.Getpid())
	if err := os.Rename(path, stale); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	text, err := os.ReadFile(stale)
	if err != nil {
		return err
	}
	if h := parseHolder(text); holds(h) {
		if err := os.Link(stale, path); err != nil {
			return err
		}
	}
	return os.Remove(stale)
}

func lockedPIDFile(dir string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, pidName))
	if err != nil {
		return false, err
	}
	return holds(parseHolder(text)), nil
}

// holds tells whether h may still be writing. An unreadable holder may be one
// that has created its file and not yet written it.
func holds(h holder) bool {
	return h.PID == 0 || h.Host != thisProcess().Host || alive(h.PID)
}

// Hold takes the lock of a directory that holds runs and is none itself, so that
// one process at a time writes it; a directory in use gives a *HeldError.
func Hold(dir string) (release func() error, err error) {
	l, err := acquire(dir)
	if err != nil {
		return nil, err
	}
	return l.release, nil
}
