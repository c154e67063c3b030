package keys

import "strings"

// Entry is one line of help. Both parts are ASCII.
type Entry struct{ Keys, Help string }

// Name writes a key as help shows it.
func Name(key string) string {
	if key == " " {
		return "space"
	}
	return key
}

// entry describes a binding by those of its keys for which live holds.
func (b Binding) entry(live func(key string) bool) (Entry, bool) {
	var names []string
	for _, key := range b.Keys {
		if live(key) {
			names = append(names, Name(key))
		}
	}
	if names == nil {
		return Entry{}, false
	}
	if b.Counts {
		return Entry{strings.Join(names, " "), b.Help + " (20" + names[0] + ": twenty)"}, true
	}
	return Entry{strings.Join(names, " "), b.Help}, true
}

// Help lists what every key does in a context: its own bindings first, then
// the global ones, without keys that the context binds anew.
func (t Table) Help(context Context) []Entry {
	var own, global []Entry
	for _, b := range t {
		live := func(key string) bool {
			now, _ := t.Lookup(context, key)
			return now.Context == b.Context && now.Action == b.Action
		}
		e, ok := b.entry(live)
		switch {
		case !ok:
		case b.Context == context && context != Global:
			own = append(own, e)
		case b.Context == Global:
			global = append(global, e)
		}
	}
	return append(own, global...)
}

// Short returns the entries for a status line of w cells: the first key of
// each binding that works in the context, minor ones last, otherwise in the
// table's order, as many as fit when written "keys help" with two blanks
// between. Help always has a place, so that the others can be found.
func (t Table) Short(context Context, w int) []Entry {
	width := func(e Entry) int { return len(e.Keys) + 1 + len(e.Help) }
	var out []Entry
	var last Entry
	for _, b := range t {
		if b.Action == Help && len(b.Keys) > 0 {
			last = Entry{Name(b.Keys[0]), b.Help}
		}
	}
	room := w - width(last)
	if room < 0 {
		return nil
	}
	for _, minor := range []bool{false, true} {
		for _, b := range t {
			if b.Minor != minor || b.Action == Help || len(b.Keys) == 0 || (b.Context != context && b.Context != Global) {
				continue
			}
			if now, _ := t.Lookup(context, b.Keys[0]); now.Action != b.Action {
				continue
			}
			e := Entry{Name(b.Keys[0]), b.Help}
			if need := width(e) + 2; need <= room {
				out = append(out, e)
				room -= need
			}
		}
	}
	return append(out, last)
}
