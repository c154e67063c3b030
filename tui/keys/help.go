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

// Entry describes a binding as help does.
func (b Binding) Entry() Entry {
	names := make([]string, len(b.Keys))
	for i, key := range b.Keys {
		names[i] = Name(key)
	}
	if b.Counts && len(names) > 0 {
		return Entry{strings.Join(names, " "), b.Help + " (20" + names[0] + ": twenty)"}
	}
	return Entry{strings.Join(names, " "), b.Help}
}

// Live lists the bindings that work in a context, each with those of its keys
// that mean it there: the context's own first, then the global ones.
func (t Table) Live(context Context) []Binding {
	var own, global []Binding
	for _, b := range t {
		var live []string
		for _, key := range b.Keys {
			if now, _ := t.Lookup(context, key); now.Context == b.Context && now.Action == b.Action {
				live = append(live, key)
			}
		}
		if live == nil {
			continue
		}
		b.Keys = live
		switch {
		case b.Context == context && context != Global:
			own = append(own, b)
		case b.Context == Global:
			global = append(global, b)
		}
	}
	return append(own, global...)
}

// Help lists what every key does in a context.
func (t Table) Help(context Context) []Entry {
	var out []Entry
	for _, b := range t.Live(context) {
		out = append(out, b.Entry())
	}
	return out
}

// Short returns the entries for a status line of w cells: the first key of
// each binding that works in the context and does something now, first ones
// first and minor ones last, otherwise in the table's order, as many as fit when
// written "keys help" with two blanks between. Help always has a place, so that
// the others can be found.
func (t Table) Short(context Context, w int, now func(Action) bool) []Entry {
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
	rank := func(b Binding) int {
		switch {
		case b.First:
			return 0
		case b.Minor:
			return 2
		}
		return 1
	}
	for r := range 3 {
		for _, b := range t {
			if rank(b) != r || b.Action == Help || len(b.Keys) == 0 || (b.Context != context && b.Context != Global) {
				continue
			}
			if meant, _ := t.Lookup(context, b.Keys[0]); meant.Action != b.Action || !now(b.Action) {
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
