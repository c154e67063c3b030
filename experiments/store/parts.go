package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ra3/core/checkpoint"
	"ra3/core/checkpoint/durable"
)

// Tensors named <kind>/<name>/... are stored once for all checkpoints that hold
// the same: those of a kind and name are a part, in a file named after its
// content. A checkpoint lists its parts in its metadata. Checkpoints without that
// list hold all their tensors themselves.
const (
	partsName = "parts" // under checkpoints
	partsKey  = "parts" // of the metadata
)

func (r *Run) partPath(hash string) string {
	return filepath.Join(r.path(checkpointsName), partsName, hash+checkpointExt)
}

// partOf names the part that a tensor belongs to; "" for none.
func partOf(tensor string) string {
	kind, rest, ok := strings.Cut(tensor, "/")
	name, _, inner := strings.Cut(rest, "/")
	if !ok || !inner || kind == "" || name == "" {
		return ""
	}
	return kind + "/" + name
}

// saveParts stores the parts of f that are not there yet and returns f with
// their list in their place.
func (r *Run) saveParts(f checkpoint.File, dtype checkpoint.DType) (checkpoint.File, error) {
	head := checkpoint.File{Meta: map[string]string{}}
	parts := map[string]*checkpoint.File{}
	for _, t := range f.Tensors {
		name := partOf(t.Name)
		if name == "" {
			head.Tensors = append(head.Tensors, t)
			continue
		}
		if parts[name] == nil {
			parts[name] = &checkpoint.File{}
		}
		parts[name].Tensors = append(parts[name].Tensors, t)
	}
	for k, v := range f.Meta {
		head.Meta[k] = v
	}
	if len(parts) == 0 {
		return head, nil
	}
	dir := filepath.Join(r.path(checkpointsName), partsName)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return head, durable.Explain("create", dir, err)
	}
	list := map[string]string{}
	for name, part := range parts {
		sum := sha256.New()
		if err := checkpoint.Write(sum, *part, dtype); err != nil {
			return head, err
		}
		hash := hex.EncodeToString(sum.Sum(nil)[:16])
		list[name] = hash
		path := r.partPath(hash)
		if _, err := os.Stat(path); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return head, durable.Explain("write", path, err)
		}
		if err := checkpoint.Save(path, *part, dtype); err != nil {
			return head, err
		}
	}
	text, err := json.Marshal(list) // names sorted: equal states give equal bytes
	if err != nil {
		return head, fmt.Errorf("list of parts: %w", err)
	}
	head.Meta[partsKey] = string(text)
	return head, nil
}

// loadParts puts the tensors that f lists back into it.
func (r *Run) loadParts(f checkpoint.File) (checkpoint.File, error) {
	list, err := partsIn(f.Meta)
	if err != nil {
		return f, err
	}
	delete(f.Meta, partsKey)
	for _, hash := range list {
		part, err := checkpoint.Load(r.partPath(hash))
		if err != nil {
			return f, err
		}
		f.Tensors = append(f.Tensors, part.Tensors...)
	}
	return f, nil
}

// partsIn reads a checkpoint's list of parts.
func partsIn(meta map[string]string) ([]string, error) {
	text, ok := meta[partsKey]
	if !ok {
		return nil, nil
	}
	var list map[string]string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("checkpoint: its list of parts is broken (%w): use an earlier one", err)
	}
	var hashes []string
	for _, hash := range list {
		if raw, err := hex.DecodeString(hash); err != nil || len(raw) != 16 {
			return nil, fmt.Errorf("checkpoint: its list of parts names %q: use an earlier one", hash)
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// collectParts removes parts that no checkpoint lists. Where one cannot be read
// nothing is removed. r.mu is held.
func (r *Run) collectParts() error {
	dir := filepath.Join(r.path(checkpointsName), partsName)
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return durable.Explain("list", dir, err)
	}
	all, err := r.Checkpoints()
	if err != nil {
		return err
	}
	used, known := map[string]bool{}, map[string][]string{}
	for _, c := range all {
		hashes, ok := r.listed[c.Path]
		if !ok {
			meta, err := checkpoint.LoadMeta(c.Path)
			if err == nil {
				hashes, err = partsIn(meta)
			}
			if err != nil {
				return nil // whoever loads it will say so
			}
		}
		known[c.Path] = hashes
		for _, h := range hashes {
			used[h] = true
		}
	}
	r.listed = known
	for _, e := range entries {
		hash, ok := strings.CutSuffix(e.Name(), checkpointExt)
		if !ok || used[hash] {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return durable.Explain("remove", path, err)
		}
	}
	return nil
}
