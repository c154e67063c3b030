// Package keys holds the key table of the workbench as data, so that what a
// key does and what the help says about it cannot part, and reads counts and
// page numbers from digits.
package keys

import (
	"fmt"
	"slices"
	"strings"
)

// Action names what a key asks for. Screens switch on it.
type Action string

// The actions of the workbench.
const (
	Run       Action = "run"       // run or pause
	Update    Action = "update"    // step by optimiser updates
	Phase     Action = "phase"     // step by phases
	Iteration Action = "iteration" // step by EM iterations
	Page      Action = "page"      // Event.Page says which

	NextPage, PrevPage Action = "next-page", "prev-page"
	Up, Down           Action = "up", "down" // bound by the pages

	Earlier, Later             Action = "earlier", "later" // VIEW by a record
	IterationBack, IterationOn Action = "iteration-back", "iteration-on"
	Live                       Action = "live" // VIEW back to LIVE

	Conditions Action = "conditions" // run until, and breakpoints
	Fork       Action = "fork"
	Branches   Action = "branches"

	Picture, Help         Action = "picture", "help"
	Palette, Copy         Action = "palette", "copy"
	Show, Why             Action = "show", "why" // a figure as a picture, what a number is made of
	Bookmarks             Action = "bookmarks"
	Suspend               Action = "suspend"
	Back, Quit, Interrupt Action = "back", "quit", "interrupt"
)

// Context is the part of the screen that has the keys. Keys not bound there
// are looked up in Global.
type Context string

// Global holds the keys that work on every page.
const Global Context = "global"

// Binding gives an action its keys, as bubbletea names them.
type Binding struct {
	Keys    []string
	Help    string // what it does, in a few words
	Context Context
	Action  Action
	Counts  bool // a number typed before it repeats it: 20s
	Minor   bool // the line of keys shows it after all that are not
	First   bool // and this before all others: of pages that are not about the run's steps
}

// Table is an ordered list of bindings; help shows them in this order.
type Table []Binding

// global binds the keys of every page.
var global = Table{
	{Keys: []string{" "}, Help: "run/pause", Context: Global, Action: Run},
	{Keys: []string{"s"}, Help: "update", Context: Global, Action: Update, Counts: true},
	{Keys: []string{"S"}, Help: "phase", Context: Global, Action: Phase, Counts: true},
	{Keys: []string{"I"}, Help: "iteration", Context: Global, Action: Iteration, Counts: true},
	{Keys: []string{","}, Help: "back a record", Context: Global, Action: Earlier, Counts: true, Minor: true},
	{Keys: []string{"."}, Help: "on a record", Context: Global, Action: Later, Counts: true, Minor: true},
	{Keys: []string{"<"}, Help: "back an iteration", Context: Global, Action: IterationBack, Counts: true, Minor: true},
	{Keys: []string{">"}, Help: "on an iteration", Context: Global, Action: IterationOn, Counts: true, Minor: true},
	{Keys: []string{"L"}, Help: "back to live", Context: Global, Action: Live, Minor: true},
	{Keys: []string{"b"}, Help: "breakpoints, run until", Context: Global, Action: Conditions, Minor: true},
	{Keys: []string{"F"}, Help: "fork", Context: Global, Action: Fork, Minor: true},
	{Keys: []string{"T"}, Help: "tree of branches", Context: Global, Action: Branches, Minor: true},
	{Keys: []string{"tab"}, Help: "next page", Context: Global, Action: NextPage, Minor: true},
	{Keys: []string{"w"}, Help: "write PNG", Context: Global, Action: Picture, Minor: true},
	{Keys: []string{"v", "V"}, Help: "view as a picture", Context: Global, Action: Show, Minor: true},
	{Keys: []string{"y"}, Help: "copy as a command", Context: Global, Action: Copy, Minor: true},
	{Keys: []string{"enter", "W"}, Help: "why this number", Context: Global, Action: Why, Minor: true},
	{Keys: []string{"m"}, Help: "bookmarks, notes", Context: Global, Action: Bookmarks, Minor: true},
	{Keys: []string{":", "ctrl+p"}, Help: "commands", Context: Global, Action: Palette, Minor: true},
	{Keys: []string{"q"}, Help: "quit", Context: Global, Action: Quit, Minor: true},
	{Keys: []string{"shift+tab"}, Help: "previous page", Context: Global, Action: PrevPage, Minor: true},
	{Keys: []string{"?"}, Help: "help", Context: Global, Action: Help},
	{Keys: []string{"esc"}, Help: "back", Context: Global, Action: Back, Minor: true},
	{Keys: []string{"ctrl+z"}, Help: "suspend", Context: Global, Action: Suspend, Minor: true},
	{Keys: []string{"ctrl+c"}, Help: "quit at once", Context: Global, Action: Interrupt, Minor: true},
}

// Validate reports every binding without keys, help, context or action, every
// key bound twice in one context, and digits bound to anything but pages,
// which counts would swallow.
func (t Table) Validate() error {
	var faults []string
	owner := map[Context]map[string]Action{}
	for i, b := range t {
		if len(b.Keys) == 0 || strings.TrimSpace(b.Help) == "" || b.Context == "" || b.Action == "" {
			faults = append(faults, fmt.Sprintf("binding %d (%s) lacks keys, help, context or action", i+1, b.Action))
		}
		if owner[b.Context] == nil {
			owner[b.Context] = map[string]Action{}
		}
		for _, key := range b.Keys {
			if first, ok := owner[b.Context][key]; ok {
				faults = append(faults, fmt.Sprintf("key %q of context %s means both %s and %s", key, b.Context, first, b.Action))
			}
			owner[b.Context][key] = b.Action
			if isDigit(key) && b.Action != Page {
				faults = append(faults, fmt.Sprintf("digit %q is bound to %s, but digits are counts and pages", key, b.Action))
			}
		}
	}
	if faults != nil {
		return fmt.Errorf("key table: %s; give each binding its own keys and a help text", strings.Join(faults, "; "))
	}
	return nil
}

// Lookup finds what a key means in a context, else globally.
func (t Table) Lookup(context Context, key string) (Binding, bool) {
	for _, c := range []Context{context, Global} {
		for _, b := range t {
			if b.Context == c && slices.Contains(b.Keys, key) {
				return b, true
			}
		}
	}
	return Binding{}, false
}

func isDigit(key string) bool { return len(key) == 1 && key[0] >= '0' && key[0] <= '9' }
