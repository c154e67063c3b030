package experiments

import (
	"errors"
	"fmt"
	"strings"

	"ra3/experiments/store"
)

// ForkRequest asks for a branch from a kept state with changed settings.
type ForkRequest struct {
	From      Position
	Name      string       // "": f1, f2, ...
	Overrides []string     // field=value
	Random    store.Random // "": store.Common
	Note      string
}

// Change is a setting that differs between two configurations.
type Change struct{ Field, From, To string }

// BranchInfo is a branch as a face shows it.
type BranchInfo struct {
	store.Branch
	Config   Config   // its parent's with the overrides
	Plan     []Stage  //
	Changes  []Change // against its parent
	Mixed    []string // settings that hold for some of its lanes or seeds only; see Mixed
	Made     int      // updates along its line
	Total    int      // of its plan
	Finished bool
}

// CheckFork says, in one line, why a branch cannot be made as asked for; else it
// returns the branch that it would be and its configuration. What only the stored
// state tells (whether it holds all models the settings need) Engine.Fork checks.
func (r *Record) CheckFork(q ForkRequest) (store.Branch, Config, error) {
	b := store.Branch{Name: q.Name, Random: q.Random, Note: oneLineOf(q.Note)}
	fail := func(err error) (store.Branch, Config, error) { return b, Config{}, err }
	if r.run == nil {
		return fail(errNothingStored)
	}
	if _, ok := r.Branch(q.From.Branch); !ok {
		return fail(fmt.Errorf("there is no branch %s: there are %s", q.From.Branch, strings.Join(r.names(), ", ")))
	}
	if head := r.History().Head(q.From.Branch).Update; q.From.Update < 0 || q.From.Update > head {
		return fail(fmt.Errorf("%s is not on its line: it has updates 0 to %d", q.From, head))
	}
	from := r.leaves(q.From)
	if !r.Kept(q.From) && q.From != r.History().Head(q.From.Branch) {
		return fail(fmt.Errorf("no state is kept at %s: the nearest before it is %s", q.From, r.NearestKept(q.From)))
	}
	b.Parent, b.Update = from.Branch, from.Update
	switch b.Random {
	case "":
		b.Random = store.Common
	case store.Common, store.Fresh:
	default:
		return fail(fmt.Errorf("random numbers %q: allowed are %s, %s", q.Random, store.Common, store.Fresh))
	}
	if b.Name == "" {
		for n := 1; ; n++ {
			b.Name = fmt.Sprintf("f%d", n)
			if _, ok := r.Branch(b.Name); !ok {
				break
			}
		}
	}
	if err := store.CheckBranchName(b.Name); err != nil {
		return fail(err)
	}
	if _, ok := r.Branch(b.Name); ok {
		return fail(fmt.Errorf("branch %s is there already: choose another name", b.Name))
	}
	parent, _ := r.Branch(from.Branch)
	c, err := parent.Config.with(q.Overrides)
	if err != nil {
		return fail(errors.New(strings.TrimPrefix(err.Error(), "--set ")))
	}
	changes, err := ConfigDiff(parent.Config, c)
	if err != nil {
		return fail(err)
	}
	if len(changes) == 0 && b.Random == store.Common {
		return fail(errors.New("the branch would repeat its parent: change a setting, or ask for fresh random numbers"))
	}
	for _, x := range changes {
		b.Overrides = append(b.Overrides, x.Field+"="+x.To)
	}
	return b, c, checkChange(parent.Config, c, from.Update)
}

func (r *Record) names() []string {
	var names []string
	for _, b := range r.Branches() {
		names = append(names, b.Name)
	}
	return names
}

func oneLineOf(text string) string { return strings.Join(strings.Fields(text), " ") }
