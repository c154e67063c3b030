package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ra3/core/checkpoint/durable"
)

// State tells what a run is doing.
type State string

const (
	Running    State = "running"    // some process has it open for writing
	Finished   State = "finished"   // it has a summary
	Stopped    State = "stopped"    // neither
	Unreadable State = "unreadable" // see Info.Problem
)

// Info is a run as a listing shows it.
type Info struct {
	Name     string // base name of Dir
	Dir      string
	Manifest Manifest
	State    State
	Events   int64
	Updated  time.Time // when anything in it was last written
	Size     int64     // bytes
	Problem  string    // why the run cannot be read, one line; else empty
}

// List returns the runs in the directory root, by name; none if root does not
// exist. A run that cannot be read, or is of a newer format, is listed with its
// problem; other directories are passed over.
func List(root string) ([]Info, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, durable.Explain("list runs in", root, err)
	}
	var all []Info
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		// A link to a run counts, so the entry's own type does not decide.
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue
		}
		info, err := Inspect(dir)
		if err != nil {
			continue
		}
		all = append(all, info)
	}
	return all, nil
}

// Inspect is one run as List has it; ErrNotRun where there is none.
func Inspect(dir string) (Info, error) {
	info, err := inspect(dir)
	if errors.Is(err, ErrNotRun) {
		return info, err
	}
	if err != nil {
		info.State, info.Problem = Unreadable, err.Error()
	}
	return info, nil
}

// inspect fills in what it can, also when it returns an error.
func inspect(dir string) (Info, error) {
	info := Info{Name: filepath.Base(dir), Dir: dir}
	r := &Run{dir: dir}
	if err := r.loadConfig(); err != nil {
		return info, err
	}
	info.Manifest = r.manifest
	if err := info.measure(); err != nil {
		return info, err
	}
	var err error
	if info.Events, err = countEvents(r.path(eventsName)); err != nil {
		return info, err
	}
	info.State, err = r.state()
	return info, err
}

func (r *Run) state() (State, error) {
	held, err := locked(r.dir)
	if err != nil {
		return Unreadable, err
	}
	if held {
		return Running, nil
	}
	if _, err := os.Stat(r.path(summaryName)); err == nil {
		return Finished, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Unreadable, durable.Explain("read", r.path(summaryName), err)
	}
	return Stopped, nil
}

// measure sums sizes and finds the latest change. Files may come and go
// meanwhile: the run may be running.
func (info *Info) measure() error {
	root, err := filepath.EvalSymlinks(info.Dir)
	if err != nil {
		return durable.Explain("read", info.Dir, err)
	}
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && e.Name() != lockName && e.Name() != pidName {
			var file fs.FileInfo
			if file, err = e.Info(); err == nil {
				info.Size += file.Size()
				if file.ModTime().After(info.Updated) {
					info.Updated = file.ModTime()
				}
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return durable.Explain("read", info.Dir, err)
}

// countEvents reads only the end of the log: a listing must not take long.
func countEvents(path string) (n int64, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, durable.Explain("read", path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = durable.Explain("read", path, cerr)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return 0, durable.Explain("read", path, err)
	}
	line, _, err := lastLine(file, info.Size(), maxEventLine)
	if err != nil {
		return 0, durable.Explain("read", path, err)
	}
	if line == nil {
		return 0, nil
	}
	e, err := parseEvent(line)
	if err != nil {
		return 0, fmt.Errorf("%s: last line: %w", path, err)
	}
	return e.Seq, nil
}

// Remove deletes a run with all it holds. Directories that are not runs, and
// runs in use, are refused.
func Remove(dir string) error {
	if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("remove run: %s is a link; name the directory it leads to", dir)
	}
	if _, err := readConfig(dir); err != nil {
		return fmt.Errorf("remove run: %w", err)
	}
	dir, err := filepath.Abs(dir) // "." itself cannot be removed
	if err != nil {
		return fmt.Errorf("remove run: %w", err)
	}
	lock, err := acquire(dir)
	if err != nil {
		return fmt.Errorf("remove run: %w", err)
	}
	if err := removeContent(dir); err != nil {
		return fmt.Errorf("remove run: %w", also(err, lock.release()))
	}
	// From here on it is no run any more, so nobody opens it.
	if err := lock.release(); err != nil {
		return fmt.Errorf("remove run: %w", err)
	}
	return durable.Explain("remove run", dir, os.RemoveAll(dir))
}

// removeContent leaves the lock. run.toml goes last: what an interrupted Remove
// leaves is still a run, and can be removed.
func removeContent(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return durable.Explain("read", dir, err)
	}
	for _, e := range entries {
		switch e.Name() {
		case configName, lockName, pidName:
			continue
		}
		path := filepath.Join(dir, e.Name())
		if err := os.RemoveAll(path); err != nil {
			return durable.Explain("remove", path, err)
		}
	}
	path := filepath.Join(dir, configName)
	return durable.Explain("remove", path, os.Remove(path))
}
