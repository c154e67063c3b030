package tui

import (
	"ra3/experiments"
	"ra3/tui/keys"
)

// able is a page that knows when some of its actions are not to be had.
type able interface {
	// unable says why an action does nothing now, and how to come to it; "".
	unable(keys.Action) string
}

// disabled says why an action is not to be had now, in a few words; "" where
// it is. Help and the palette show it, and so does the status line when its key
// is pressed.
func (m *model) disabled(a keys.Action) string {
	if p, ok := m.page().(able); ok {
		if why := p.unable(a); why != "" {
			return why
		}
	}
	return m.amiss(a)
}

// amiss is why an action is not to be had on any page: what the run is like, not
// what is on the page.
func (m *model) amiss(a keys.Action) string {
	switch a {
	case keys.Run, keys.Update, keys.Phase, keys.Iteration, keys.Conditions, keys.Fork:
		if m.following() {
			return "this run is only looked at: ra3 --run DIR drives it"
		}
	}
	switch a {
	case keys.Run, keys.Update, keys.Phase, keys.Iteration:
		switch {
		case m.quitting:
			return "the run is being saved"
		case m.snap.State == experiments.Finished:
			return "the plan is done"
		}
	case keys.Picture:
		if m.plots == "" {
			return "this run has no directory to write to: start ra3 with --run DIR"
		}
	case keys.Bookmarks, keys.Copy:
		if m.engine.Dir() == "" {
			return "this run has no directory that a command could read"
		}
	}
	return ""
}
