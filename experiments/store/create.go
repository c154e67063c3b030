package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"ra3/core/checkpoint/durable"
)

// Create makes the run directory dir and takes its lock. run.toml becomes the
// format mark, config, which is TOML without a table named run, and the
// manifest. An existing run gives ErrExists, a run in use a *HeldError.
func Create(dir string, manifest Manifest, config []byte) (*Run, error) {
	text, err := composeConfig(manifest, config)
	if err != nil {
		return nil, fmt.Errorf("create run %s: %w", dir, err)
	}
	made := false
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		made = true
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, durable.Explain("create run", dir, err)
	}
	if err := checkVacant(dir); err != nil {
		return nil, fmt.Errorf("create run: %w", err)
	}
	lock, err := acquire(dir)
	if err != nil {
		return nil, fmt.Errorf("create run: %w", err)
	}
	// Once more, now that nobody else can be creating here.
	if err := checkVacant(dir); err != nil {
		return nil, fmt.Errorf("create run: %w", also(err, lock.release()))
	}
	r := &Run{dir: dir, lock: lock, config: bytes.Clone(config), manifest: manifest}
	if err := r.fill(text); err != nil {
		return nil, fmt.Errorf("create run: %w", r.abandon(made, err))
	}
	return r, nil
}

// checkVacant accepts a directory with nothing in it but what an interrupted
// Create leaves.
func checkVacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return durable.Explain("read", dir, err)
	}
	foreign := ""
	for _, e := range entries {
		vacant, err := leftover(e)
		if err != nil {
			return durable.Explain("read", filepath.Join(dir, e.Name()), err)
		}
		if !vacant {
			foreign = e.Name()
		}
		if e.Name() != configName {
			continue
		}
		if _, err := readConfig(dir); err == nil || errors.Is(err, ErrNewer) {
			return fmt.Errorf("%s: %w; continue it with ra3 run --resume %s, or choose another directory", dir, ErrExists, dir)
		}
	}
	if foreign != "" {
		return fmt.Errorf("%s: the directory holds other files (%s) and is not a run; choose an empty or a new one", dir, foreign)
	}
	return nil
}

// leftover tells whether an interrupted Create may have made e.
func leftover(e fs.DirEntry) (bool, error) {
	switch name := e.Name(); {
	case name == lockName, name == pidName, durable.IsAside(name):
		return true, nil
	case name == checkpointsName, name == tracesName, name == plotsName:
		return e.IsDir(), nil
	case name == eventsName:
		info, err := e.Info()
		return err == nil && info.Size() == 0, err
	}
	return false, nil
}

// fill writes what a new run consists of; run.toml comes last, since it is what
// makes the directory a run.
func (r *Run) fill(text []byte) error {
	if err := r.sweep(); err != nil { // of a Create that was killed
		return err
	}
	if err := r.makeDirs(); err != nil {
		return err
	}
	if err := r.openLog(); err != nil {
		return err
	}
	return durable.Replace(r.path(configName), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func (r *Run) makeDirs() error {
	for _, name := range []string{checkpointsName, tracesName, plotsName} {
		if err := os.MkdirAll(r.path(name), 0o777); err != nil {
			return durable.Explain("create", r.path(name), err)
		}
	}
	return nil
}

// abandon undoes a Create that failed with cause.
func (r *Run) abandon(made bool, cause error) error {
	if r.log != nil {
		cause = also(cause, r.log.Close())
	}
	names := []string{configName, eventsName, checkpointsName, tracesName, plotsName, lockName}
	for _, name := range names {
		// Without a report: a directory with content is to stay, and what else
		// cannot be removed does not hinder the next Create.
		_ = os.Remove(r.path(name))
	}
	cause = also(cause, r.lock.release())
	if made {
		_ = os.Remove(r.dir)
	}
	return cause
}
