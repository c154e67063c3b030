package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"ra3/core/checkpoint/durable"
)

// branchesName is the directory of what branches other than main have found.
const branchesName = "branches"

// BranchDir is where a branch's summary and report are: for main the run's own
// directory, for others branches/<name>. It may not exist yet.
func (r *Run) BranchDir(branch string) string {
	if branch == Main {
		return r.dir
	}
	return r.path(filepath.Join(branchesName, branch))
}

// WriteSummary writes main's summary.json, whose presence marks the run as
// finished. JSON has no NaN: the caller gives null in its place.
func (r *Run) WriteSummary(summary any) error { return r.WriteSummaryOf(Main, summary) }

// WriteSummaryOf writes a branch's summary.json.
func (r *Run) WriteSummaryOf(branch string, summary any) error {
	text, err := json.MarshalIndent(summary, "", "  ")
	if err != nil {
		return fmt.Errorf("write summary of %s: %w", r.dir, oneLine(err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	dir, err := r.MakeBranchDir(branch)
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(dir, summaryName), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// MakeBranchDir makes BranchDir where it is not there.
func (r *Run) MakeBranchDir(branch string) (string, error) {
	if err := CheckBranchName(branch); err != nil {
		return "", err
	}
	dir := r.BranchDir(branch)
	return dir, durable.Explain("create", dir, os.MkdirAll(dir, 0o777))
}

// PlotsOf is the directory for a branch's figures.
func (r *Run) PlotsOf(branch string) string { return filepath.Join(r.BranchDir(branch), plotsName) }

// ReadSummary reads main's summary.json into the value that summary points to. A
// run that has not finished gives an error that is fs.ErrNotExist.
func (r *Run) ReadSummary(summary any) error { return r.ReadSummaryOf(Main, summary) }

// ReadSummaryOf reads a branch's summary.json.
func (r *Run) ReadSummaryOf(branch string, summary any) error {
	path := filepath.Join(r.BranchDir(branch), summaryName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if branch != Main {
			return fmt.Errorf("branch %s of run %s has no summary, it has not finished; finish it with ra3 run --resume %s --branch %s: %w", branch, r.dir, r.dir, branch, fs.ErrNotExist)
		}
		return fmt.Errorf("run %s has no summary, it has not finished; finish it with ra3 run --resume %s: %w", r.dir, r.dir, fs.ErrNotExist)
	}
	if err != nil {
		return durable.Explain("read", path, err)
	}
	if err := json.Unmarshal(text, summary); err != nil {
		return fmt.Errorf("read %s: %w; the file was changed or damaged", path, oneLine(err))
	}
	return nil
}
