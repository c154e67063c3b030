// Package store keeps runs on disk: one directory a run, with its configuration,
// an append-only log of events, checkpoints, records as JSON lines and a
// summary. A crash at any point loses at most what had not been flushed, and
// one process at a time writes a run.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"ra3/core/checkpoint/durable"
)

// The files and directories of a run.
const (
	configName      = "run.toml"
	eventsName      = "events.jsonl"
	summaryName     = "summary.json"
	lockName        = "lock"
	pidName         = "lock.pid" // in place of lock where the kernel has no locks
	checkpointsName = "checkpoints"
	tracesName      = "traces"
	plotsName       = "plots"
)

var (
	// ErrExists says that Create found a run already there.
	ErrExists = errors.New("a run is already there")
	// ErrNotRun says that a directory is not one that Create made.
	ErrNotRun = errors.New("not a run directory")
	// ErrNewer says that a run is of a later format than this program reads.
	ErrNewer = errors.New("newer run format")
	// ErrReadOnly says that a run opened by View was asked to write.
	ErrReadOnly = errors.New("the run is open for viewing only")
	// ErrGone says that a directory went while its run was written.
	ErrGone = errors.New("was removed or renamed while the run was written")
)

// Run is an open run directory. Its methods may be called from several goroutines.
type Run struct {
	dir      string
	lock     *lock // nil when viewing
	config   []byte
	manifest Manifest
	notices  []Notice

	mu         sync.Mutex // guards what follows
	log        *os.File   // nil when viewing or closed
	pending    []byte     // encoded events not yet in log
	seq        int64      // of the last event appended
	lastBranch string     // of the last event in the log when it was opened
	closed     bool
	listed     map[string][]string // parts of checkpoints, by path, as far as known
}

// Notice reports something that was repaired or left out, for the user to see.
type Notice struct {
	File string // base name within the run directory
	Line int    // counted from 1; 0 for the file as a whole
	Text string
}

func (n Notice) String() string {
	if n.Line == 0 {
		return n.File + ": " + n.Text
	}
	return fmt.Sprintf("%s line %d: %s", n.File, n.Line, n.Text)
}

// also adds a second error to the text of the first, on the same line.
func also(first, second error) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return fmt.Errorf("%w; also: %w", first, second)
}

// Open opens a run to continue it and takes its lock; a run in use gives a
// *HeldError. A torn last line of the event log is cut off, see Notices.
func Open(dir string) (*Run, error) {
	if _, err := readConfig(dir); err != nil { // before a lock file is put into a foreign directory
		return nil, fmt.Errorf("open run: %w", err)
	}
	lock, err := acquire(dir)
	if err != nil {
		return nil, fmt.Errorf("open run: %w", err)
	}
	r := &Run{dir: dir, lock: lock}
	if err := r.resume(); err != nil {
		if r.log != nil {
			err = also(err, r.log.Close())
		}
		return nil, fmt.Errorf("open run: %w", also(err, lock.release()))
	}
	return r, nil
}

func (r *Run) resume() error {
	if err := r.loadConfig(); err != nil {
		return err
	}
	if err := r.sweep(); err != nil {
		return err
	}
	if err := r.makeDirs(); err != nil {
		return err
	}
	return r.openLog()
}

// sweep removes what a process that was killed had not written to its end.
func (r *Run) sweep() error {
	dirs := []string{r.dir, r.path(checkpointsName), filepath.Join(r.path(checkpointsName), partsName), r.path(tracesName), r.path(plotsName)}
	branches, err := os.ReadDir(r.path(branchesName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return durable.Explain("read", r.path(branchesName), err)
	}
	for _, b := range branches {
		of := filepath.Join(r.path(branchesName), b.Name())
		dirs = append(dirs, of, filepath.Join(of, plotsName))
	}
	for _, dir := range dirs {
		if err := durable.Sweep(dir); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return err
		}
	}
	return nil
}

// View opens a run for reading, without a lock, also while another process
// writes it. It changes nothing on disk.
func View(dir string) (*Run, error) {
	r := &Run{dir: dir}
	if err := r.loadConfig(); err != nil {
		return nil, fmt.Errorf("view run: %w", err)
	}
	return r, nil
}

func (r *Run) loadConfig() error {
	text, err := readConfig(r.dir)
	if err != nil {
		return err
	}
	r.config, r.manifest, err = splitConfig(text)
	if err != nil {
		return fmt.Errorf("%s: %w", r.path(configName), err)
	}
	return nil
}

// Close flushes and syncs the log and gives up the lock. A second call does nothing.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	var err error
	if r.log != nil {
		err = also(r.sync(), r.log.Close())
		r.log = nil
	}
	if r.lock != nil {
		err = also(err, r.lock.release())
	}
	if err != nil {
		return fmt.Errorf("close run %s: %w", r.dir, err)
	}
	return nil
}

// writable fails for a run that is viewed, closed or gone. r.mu is held.
func (r *Run) writable() error {
	if r.closed {
		return fmt.Errorf("run %s: %w", r.dir, os.ErrClosed)
	}
	if r.lock != nil && r.log == nil {
		return fmt.Errorf("run %s: its log could not be opened again after it was cut; open the run anew", r.dir)
	}
	if r.lock == nil {
		return fmt.Errorf("run %s: %w; continue it with ra3 run --resume %s", r.dir, ErrReadOnly, r.dir)
	}
	// What is written now would have no place in a run, or make half of one anew.
	if _, err := os.Lstat(r.path(configName)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("run directory %s %w: if it was renamed, ra3 run --resume goes on with it there, from its last checkpoint; else start it again", r.dir, ErrGone)
	}
	return nil
}

func (r *Run) path(name string) string { return filepath.Join(r.dir, name) }

// Dir returns the run directory as it was given.
func (r *Run) Dir() string { return r.dir }

// PlotsDir returns the directory for the run's figures.
func (r *Run) PlotsDir() string { return r.path(plotsName) }

// Config returns the configuration as it was given to Create; do not change it.
func (r *Run) Config() []byte { return r.config }

// Manifest returns what run.toml says about the run as a whole.
func (r *Run) Manifest() Manifest { return r.manifest }

// Notices returns what opening the run repaired.
func (r *Run) Notices() []Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Notice(nil), r.notices...)
}
