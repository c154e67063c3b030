package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ra3/core/checkpoint/durable"
)

// Look names a stored look at example traces: traces/view.<branch>-<update>.jsonl.
type Look struct {
	Branch string
	Update int
}

const viewPrefix = "view."

// LookFile returns the record file of a look.
func LookFile(v Look) string {
	return TracesFile(fmt.Sprintf("%s%s-%d", viewPrefix, v.Branch, v.Update))
}

// Looks lists the looks that are stored, in no order.
func (r *Run) Looks() ([]Look, error) {
	dir := r.path(tracesName)
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, durable.Explain("list", dir, err)
	}
	var all []Look
	for _, e := range entries {
		name, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), viewPrefix)
		branch, update, cut := strings.Cut(name, "-")
		n, err := strconv.Atoi(update)
		if ok && cut && err == nil && n >= 0 && CheckBranchName(branch) == nil {
			all = append(all, Look{branch, n})
		}
	}
	return all, nil
}
