package experiments

import "ra3/experiments/store"

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
	Made     int      // updates along its line
	Total    int      // of its plan
	Finished bool
}
