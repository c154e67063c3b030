package store

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ra3/core/checkpoint"
	"ra3/core/checkpoint/durable"
)

const checkpointExt = ".safetensors"

// Checkpoint is a stored state, at a position (branch, update).
type Checkpoint struct {
	Branch  string
	Update  int
	Path    string
	Size    int64 // bytes
	Written time.Time
}

// CheckpointPath returns checkpoints/<branch>-<update>.safetensors in the run.
func (r *Run) CheckpointPath(branch string, update int) string {
	return filepath.Join(r.path(checkpointsName), fmt.Sprintf("%s-%d%s", branch, update, checkpointExt))
}

// checkPosition refuses names that could leave the directory or be hidden there.
func checkPosition(branch string, update int) error {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-", c)
	}
	if branch == "" || branch[0] == '.' || strings.ContainsFunc(branch, func(c rune) bool { return !plain(c) }) {
		return fmt.Errorf("branch %q: use letters, digits and ._- only, no dot in front", branch)
	}
	if update < 0 {
		return fmt.Errorf("negative update %d", update)
	}
	return nil
}

// SaveCheckpoint stores f at (branch, update), in place of what was there. The
// log is synced first, so that no checkpoint is ahead of its events.
func (r *Run) SaveCheckpoint(branch string, update int, f checkpoint.File, dtype checkpoint.DType) error {
	if err := checkPosition(branch, update); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	if err := r.Sync(); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	head, err := r.saveParts(f, dtype)
	if err != nil {
		return err
	}
	path := r.CheckpointPath(branch, update)
	r.mu.Lock()
	delete(r.listed, path)
	r.mu.Unlock()
	return checkpoint.Save(path, head, dtype)
}

// LoadCheckpoint reads the checkpoint at (branch, update).
func (r *Run) LoadCheckpoint(branch string, update int) (checkpoint.File, error) {
	if err := checkPosition(branch, update); err != nil {
		return checkpoint.File{}, fmt.Errorf("load checkpoint: %w", err)
	}
	path := r.CheckpointPath(branch, update)
	f, err := checkpoint.Load(path)
	if err != nil {
		return f, err
	}
	if f, err = r.loadParts(f); err != nil {
		return f, fmt.Errorf("load checkpoint %s: %w", path, err)
	}
	return f, nil
}

// CheckpointMeta reads the metadata of the checkpoint at (branch, update), and
// none of its tensors.
func (r *Run) CheckpointMeta(branch string, update int) (map[string]string, error) {
	if err := checkPosition(branch, update); err != nil {
		return nil, fmt.Errorf("load checkpoint: %w", err)
	}
	return checkpoint.LoadMeta(r.CheckpointPath(branch, update))
}

// Checkpoints lists what is stored, by branch and then update. Files of other
// names are passed over.
func (r *Run) Checkpoints() ([]Checkpoint, error) {
	dir := r.path(checkpointsName)
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, durable.Explain("list", dir, err)
	}
	var all []Checkpoint
	for _, e := range entries {
		branch, update, ok := parseCheckpoint(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if os.IsNotExist(err) { // pruned by the writer just now
			continue
		}
		if err != nil {
			return nil, durable.Explain("list", dir, err)
		}
		all = append(all, Checkpoint{branch, update, filepath.Join(dir, e.Name()), info.Size(), info.ModTime()})
	}
	slices.SortFunc(all, func(a, b Checkpoint) int {
		return cmp.Or(strings.Compare(a.Branch, b.Branch), cmp.Compare(a.Update, b.Update))
	})
	return all, nil
}

// parseCheckpoint is the reverse of CheckpointPath, for the base name. It takes
// only the spelling that CheckpointPath gives.
func parseCheckpoint(base string) (branch string, update int, ok bool) {
	name, ok := strings.CutSuffix(base, checkpointExt)
	at := strings.LastIndexByte(name, '-')
	if !ok || at < 0 {
		return "", 0, false
	}
	branch = name[:at]
	update, err := strconv.Atoi(name[at+1:])
	if err != nil || checkPosition(branch, update) != nil || strconv.Itoa(update) != name[at+1:] {
		return "", 0, false
	}
	return branch, update, true
}

// PruneCheckpoints removes all but the newest checkpoints of a branch, by update,
// and those that keep asks for (nil: no others), with the parts that no
// checkpoint needs any more; it returns those removed.
func (r *Run) PruneCheckpoints(branch string, newest int, keep func(update int) bool) ([]Checkpoint, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return nil, fmt.Errorf("prune checkpoints: %w", err)
	}
	if newest < 0 {
		return nil, fmt.Errorf("prune checkpoints of %s: negative number to keep %d", r.dir, newest)
	}
	all, err := r.Checkpoints()
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c Checkpoint) bool { return c.Branch != branch })
	all = all[:max(0, len(all)-newest)]
	all = slices.DeleteFunc(all, func(c Checkpoint) bool { return keep != nil && keep(c.Update) })
	for i, c := range all {
		if err := os.Remove(c.Path); err != nil {
			return all[:i], durable.Explain("remove", c.Path, err)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, r.collectParts()
}
