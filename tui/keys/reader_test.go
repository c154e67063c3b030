package keys

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// do feeds keys; "|" is a pause long enough to expire.
func do(r *Reader, keys string) (events []Event) {
	ticket := 0
	for _, key := range strings.Fields(keys) {
		var now []Event
		switch key {
		case "|":
			now = r.Expire(ticket)
		case "space":
			now, ticket = r.Press(" ")
		default:
			now, ticket = r.Press(key)
		}
		events = append(events, now...)
	}
	return events
}

func TestReader(t *testing.T) {
	page := func(n int) Event { return Event{Action: Page, Count: 1, Page: n} }
	one := func(a Action) Event { return Event{Action: a, Count: 1} }
	for _, c := range []struct {
		keys    string
		want    []Event
		pending string
	}{
		{"s", []Event{one(Update)}, ""},
		{"2 0 s", []Event{{Action: Update, Count: 20}}, ""},
		{"2 s", []Event{{Action: Update, Count: 2}}, ""},
		{"1 2 I", []Event{{Action: Iteration, Count: 12}}, ""},
		{"3 S s", []Event{{Action: Phase, Count: 3}, one(Update)}, ""},
		{"2", nil, "2"},
		{"2 |", []Event{page(2)}, ""},
		{"2 | s", []Event{page(2), one(Update)}, ""},
		{"2 ]", []Event{page(2), one(NextProgram)}, ""},
		{"2 | 1 ]", []Event{page(2), page(1)}, ""}, // ] means nothing in lab
		{"2 z", []Event{page(2)}, ""},
		{"2 space", []Event{page(2), one(Run)}, ""},
		{"9 |", nil, "9"},
		{"9 | s", []Event{{Action: Update, Count: 9}}, ""},
		{"9 j", []Event{one(Down)}, ""},
		{"2 0 | s", []Event{{Action: Update, Count: 20}}, ""},
		{"2 0 j", []Event{one(Down)}, ""},
		{"2 esc", nil, ""},
		{"2 0 esc s", []Event{one(Update)}, ""},
		{"esc", []Event{one(Back)}, ""},
		{"0", nil, ""},
		{"0 s", []Event{one(Update)}, ""},
		{"1 2 3 4 5 6 7 s", []Event{{Action: Update, Count: 12345}}, ""},
		{"2 ctrl+c", []Event{page(2), one(Interrupt)}, ""},
		{"| |", nil, ""},
	} {
		r := NewReader(Default(), Pages())
		if got := do(r, c.keys); !slices.Equal(got, c.want) || r.Pending() != c.pending {
			t.Errorf("%q: %v pending %q, want %v pending %q", c.keys, got, r.Pending(), c.want, c.pending)
		}
	}
}

func TestStaleTicketsDoNothing(t *testing.T) {
	r := NewReader(Default(), Pages())
	_, first := r.Press("2")
	_, second := r.Press("0")
	if first == second || first == 0 {
		t.Fatalf("tickets %d, %d", first, second)
	}
	if got := r.Expire(first); got != nil || r.Pending() != "20" {
		t.Errorf("the first digit's pause gave %v, pending %q", got, r.Pending())
	}
	r.Press("s")
	_, third := r.Press("2")
	if got := r.Expire(second); got != nil {
		t.Errorf("an old pause gave %v", got)
	}
	if got := r.Expire(third); len(got) != 1 || got[0].Page != 2 || r.Context() != Trace {
		t.Errorf("the pause gave %v in %s", got, r.Context())
	}
	if got := r.Expire(third); got != nil {
		t.Errorf("a pause counted twice: %v", got)
	}
}

func TestEnterChangesLookup(t *testing.T) {
	r := NewReader(Default(), Pages())
	if got := do(r, "]"); got != nil {
		t.Errorf("] in lab gave %v", got)
	}
	r.Enter(Trace)
	if got := do(r, "]"); len(got) != 1 || got[0].Action != NextProgram {
		t.Errorf("] in trace gave %v", got)
	}
	if got := do(NewReader(Default(), nil), "1 s"); len(got) != 1 || got[0].Count != 1 {
		t.Errorf("without pages: %v", got)
	}
}

// Any sequence of keys keeps the invariants: counts of at least one, pages
// that exist, few digits held.
func TestAnyKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	pool := []string{"0", "1", "2", "3", "9", "s", "S", "I", "]", "esc", "tab", "|", "é", "", "alt+x"}
	for range 2000 {
		r := NewReader(Default(), Pages())
		ticket := 0
		for range 30 {
			key := pool[rng.IntN(len(pool))]
			var events []Event
			if key == "|" {
				events = r.Expire(ticket)
			} else {
				events, ticket = r.Press(key)
			}
			for _, e := range events {
				if e.Count < 1 || e.Action == "" || (e.Action == Page) != (e.Page >= 1 && e.Page <= len(Pages())) {
					t.Fatalf("event %+v", e)
				}
			}
			if len(r.Pending()) > maxDigits || strings.HasPrefix(r.Pending(), "0") {
				t.Fatalf("pending %q", r.Pending())
			}
		}
	}
}
