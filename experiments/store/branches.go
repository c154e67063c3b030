package store

import (
	"fmt"
	"strings"
)

// Main is the branch that every run begins with; it has no record.
const Main = "main"

// BranchesFile is the record file of a run's branches, in the order of their making.
const BranchesFile = "branches.jsonl"

// Branch is a line of history that left another one. Its records are those of
// its parent's line up to Update, then its own.
type Branch struct {
	Name   string `json:"name"`
	Parent string `json:"parent"`
	Update int    `json:"update"` // updates of the parent's line that it shares
	// Overrides are the settings it changes against its parent, as field=value.
	Overrides []string `json:"overrides,omitempty"`
	Random    Random   `json:"random"`
	Note      string   `json:"note,omitempty"`
}

// Random says where a branch's random numbers come from.
type Random string

const (
	// Common are the parent's own, so that the branch differs by its settings only.
	Common Random = "common"
	// Fresh are drawn anew; problems and traces stay the same.
	Fresh Random = "fresh"
)

// CheckBranchName refuses names that files and positions could not carry, and
// those of seeds' kept models.
func CheckBranchName(name string) error {
	plain := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' }
	if name == "" || len(name) > 40 || strings.ContainsFunc(name, func(c rune) bool { return !plain(c) }) {
		return fmt.Errorf("branch %q: use up to 40 small letters, digits and _", name)
	}
	return nil
}

// Branches lists the run's branches but main, in the order of their making. A
// torn last line is left out.
func (r *Run) Branches() ([]Branch, error) {
	all, _, err := ReadJSONL[Branch](r, BranchesFile)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{Main: true}
	for i, b := range all {
		switch {
		case CheckBranchName(b.Name) != nil || known[b.Name] || b.Update < 0 || b.Random != Common && b.Random != Fresh:
			return nil, fmt.Errorf("%s line %d: no branch; the file was changed or damaged", r.path(BranchesFile), i+1)
		case !known[b.Parent]:
			return nil, fmt.Errorf("%s line %d: branch %s leaves %q, which is not there; the file was changed or damaged", r.path(BranchesFile), i+1, b.Name, b.Parent)
		}
		known[b.Name] = true
	}
	return all, nil
}

// AddBranch records a branch. What it starts from must be stored already.
func (r *Run) AddBranch(b Branch) error {
	if err := CheckBranchName(b.Name); err != nil {
		return err
	}
	return AppendJSONL(r, BranchesFile, b)
}
