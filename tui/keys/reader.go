package keys

import "strconv"

// maxDigits bounds a count at 99,999 steps; further digits are ignored.
const maxDigits = 5

// Event is what the reader made of a key.
type Event struct {
	Action Action
	Count  int // at least 1
	Page   int // with the action Page: 1 for the first
}

// Reader turns key presses into events. Digits are the reason for it: they
// count the next step (20s), and a single one also chooses a page.
//
// The rule: a digit is held. If a key that counts follows, the digits are its
// count. If any other key follows, or Expire is called because the pause was
// long, a single digit that is a page's number switches to that page, and then
// the other key acts there; other digits are dropped by another key and stay
// through a pause. Esc only drops the digits. A 0 cannot begin a count.
//
// The reader has no clock. The zero value is not usable; see NewReader.
type Reader struct {
	table   Table
	pages   []Context
	digits  string
	ticket  int
	current Context
}

// NewReader reads keys by a table; pages are the contexts that digits choose,
// and the first is current.
func NewReader(table Table, pages []Context) *Reader {
	r := &Reader{table: table, pages: pages, current: Global}
	if len(pages) > 0 {
		r.current = pages[0]
	}
	return r
}

// Enter says that the screen now shows another context, by tab or in help.
func (r *Reader) Enter(c Context) { r.current = c }

// Context is the current context.
func (r *Reader) Context() Context { return r.current }

// Pending is the digits held so far, for the status line; empty if none.
func (r *Reader) Pending() string { return r.digits }

// Press reads one key. The events, none to two, are to be acted on in order;
// a Page event has already changed the reader's context. A ticket above zero
// asks the caller to call Expire with it after a pause, about 400 ms.
func (r *Reader) Press(key string) (events []Event, ticket int) {
	if isDigit(key) && (key != "0" || r.digits != "") {
		if len(r.digits) < maxDigits {
			r.digits += key
		}
		r.ticket++
		return nil, r.ticket
	}
	b, ok := r.table.Lookup(r.current, key)
	if r.digits != "" {
		count := r.count()
		switch {
		case ok && b.Counts:
			r.digits = ""
			return []Event{{Action: b.Action, Count: count}}, 0
		case ok && b.Action == Back:
			r.digits = ""
			return nil, 0
		}
		events = r.turn()
		r.digits = ""
		b, ok = r.table.Lookup(r.current, key)
	}
	if ok {
		events = append(events, Event{Action: b.Action, Count: 1})
	}
	return events, 0
}

// Expire reports that the pause asked for with a ticket is over. Tickets of
// earlier keys do nothing.
func (r *Reader) Expire(ticket int) []Event {
	if ticket != r.ticket || r.digits == "" {
		return nil
	}
	return r.turn()
}

// turn switches to the page that a single held digit names.
func (r *Reader) turn() []Event {
	n := r.count()
	if len(r.digits) != 1 || n > len(r.pages) {
		return nil
	}
	r.digits = ""
	r.current = r.pages[n-1]
	return []Event{{Action: Page, Count: 1, Page: n}}
}

// count is the number held; digits are few and decimal, so it cannot fail.
func (r *Reader) count() int {
	n, err := strconv.Atoi(r.digits)
	if err != nil {
		return 1
	}
	return n
}
