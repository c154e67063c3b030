package keys

import "strconv"

// pages lists the pages in order, each with its own keys: page n is pages[n-1].
// A page is added here and, with what it draws, in tui's list of pages.
var pages = []struct {
	context Context
	keys    Table
}{
	{Lab, labKeys},
	{Trace, traceKeys},
	{Bound, boundKeys},
	{RLVR, rlvrKeys},
	{Ablate, ablateKeys},
	{Runs, runsKeys},
}

// Pages lists the pages' contexts; page n is Pages()[n-1].
func Pages() []Context {
	out := make([]Context, len(pages))
	for i, p := range pages {
		out[i] = p.context
	}
	return out
}

// Default is the workbench's table: the global keys, a digit for every page,
// and the pages' own keys.
func Default() Table {
	digits := Binding{Help: "page", Context: Global, Action: Page, Minor: true}
	for i := range pages {
		digits.Keys = append(digits.Keys, strconv.Itoa(i+1))
	}
	out := append(append(Table(nil), global...), digits)
	for _, p := range pages {
		out = append(out, p.keys...)
	}
	return out
}
