package store

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func event(i int) Event {
	return Event{
		Branch: "main", Seed: 1, Lane: "ra3", Phase: "estep", Iteration: i / 10, Update: i, Kind: "update",
		Measures: Measures{"bound": -1.5 * float64(i), "act": 0.25}, Text: fmt.Sprintf("a < b \"%d\"", i),
	}
}

func appendEvents(t *testing.T, r *Run, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		must(t, r.Append(event(i)))
	}
	must(t, r.Flush())
}

// checkEvents checks that r holds the events 1 to n and gives the number of notices.
func checkEvents(t *testing.T, r *Run, n, wantNotices int) {
	t.Helper()
	events, notices, err := r.Events()
	must(t, err)
	if len(events) != n || len(notices) != wantNotices {
		t.Fatalf("%d events, notices %v; want %d and %d", len(events), notices, n, wantNotices)
	}
	for i, e := range events {
		want := event(i + 1)
		want.Seq = int64(i + 1)
		if !reflect.DeepEqual(e, want) {
			t.Fatalf("event %d is %+v, want %+v", i+1, e, want)
		}
	}
}

func TestEventBytes(t *testing.T) {
	e := event(3)
	e.Seq = 9
	e.Measures = Measures{"z": math.NaN(), "a": math.Inf(1), "m": math.Inf(-1), "big": 1e300, "tenth": 0.1, "zero": math.Copysign(0, -1)}
	want := `{"seq":9,"branch":"main","seed":1,"lane":"ra3","phase":"estep","iteration":0,"update":3,"kind":"update",` +
		`"measures":{"a":"inf","big":1e+300,"m":"-inf","tenth":0.1,"z":null,"zero":-0},"text":"a < b \"3\""}` + "\n"
	line, err := encodeLine(e)
	must(t, err)
	if string(line) != want {
		t.Errorf("got %s, want %s", line, want)
	}
	back, err := parseEvent(line[:len(line)-1])
	must(t, err)
	again, err := encodeLine(back)
	must(t, err)
	if string(again) != want || !math.Signbit(back.Measures["zero"]) {
		t.Errorf("came back as %s", again)
	}
}

func TestParseEventRefuses(t *testing.T) {
	for _, line := range []string{
		"", " ", "null", "7", "[]", "{}", `{"seq":0}`, `{"seq":1`, `{"seq":1}}`, `{"seq":1} {"seq":2}`, `{"seq":1.5}`,
		`{"seq":1,"other":2}`, `{"seq":1,"measures":{"a":"NaN"}}`, `{"seq":1,"measures":{"a":[]}}`,
		`{"seq":1,"measures":{"a":1e999}}`, `{"seq":1,"measures":null}`, "\x00\x00",
	} {
		if e, err := parseEvent([]byte(line)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q gave %+v, %v", line, e, err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	e := event(3)
	e.Seq = 1
	e.Measures["nan"], e.Measures["inf"] = math.NaN(), math.Inf(-1)
	line, err := encodeLine(e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add([]byte(`{"seq":1}`))
	f.Add([]byte(`{"seq":1,"measures":{}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := parseEvent(line)
		if err != nil {
			return
		}
		first, err := encodeLine(e)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if bytes.Count(first, []byte("\n")) != 1 {
			t.Fatalf("not one line: %q", first)
		}
		back, err := parseEvent(first[:len(first)-1])
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		second, err := encodeLine(back)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%q became %q, %v", first, second, err)
		}
	})
}

// A crash can leave any number of the bytes of the last record.
func TestTornAtEveryByte(t *testing.T) {
	r, dir := create(t)
	appendEvents(t, r, 1, 3)
	must(t, r.Close())
	path := filepath.Join(dir, eventsName)
	whole := read(t, path)
	start := strings.LastIndex(whole[:len(whole)-1], "\n") + 1
	for cut := start; cut <= len(whole); cut++ {
		write(t, path, whole[:cut])
		left, notices := 2, 1
		switch cut {
		case start:
			notices = 0
		case len(whole):
			left, notices = 3, 0
		}
		v, err := View(dir)
		must(t, err)
		checkEvents(t, v, left, notices)
		must(t, v.Close())
		if read(t, path) != whole[:cut] {
			t.Fatalf("cut at %d: viewing changed the log", cut)
		}
		r, err := Open(dir)
		must(t, err)
		if len(r.Notices()) != notices || r.LastSeq() != int64(left) {
			t.Fatalf("cut at %d: notices %v, last seq %d", cut, r.Notices(), r.LastSeq())
		}
		checkEvents(t, r, left, notices)
		appendEvents(t, r, left+1, 4)
		checkEvents(t, r, 4, notices)
		must(t, r.Close())
	}
}

func TestTornFirstLine(t *testing.T) {
	r, dir := create(t)
	must(t, r.Close())
	write(t, filepath.Join(dir, eventsName), strings.Repeat("\x00", 3*readBlock))
	r, err := Open(dir)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	appendEvents(t, r, 1, 2)
	checkEvents(t, r, 2, 1)
}

func TestBrokenLineIsNamed(t *testing.T) {
	r, dir := create(t)
	appendEvents(t, r, 1, 5)
	must(t, r.Close())
	path := filepath.Join(dir, eventsName)
	lines := strings.SplitAfter(read(t, path), "\n")
	for _, change := range []func([]string) []string{
		func(l []string) []string { l[2] = "garbage\n"; return l },
		func(l []string) []string { return append(l[:2], l[3:]...) },
		func(l []string) []string { l[2] = "\n"; return l },
		func(l []string) []string { l[2] = strings.Repeat("x", 2*maxEventLine) + "\n"; return l },
	} {
		write(t, path, strings.Join(change(append([]string(nil), lines...)), ""))
		v, err := View(dir)
		must(t, err)
		_, _, err = v.Events()
		wantError(t, err, nil, path, "line 3", "damaged")
		must(t, v.Close())
	}
	write(t, path, strings.Join(lines[:4], "")+"garbage\n")
	_, err := Open(dir)
	wantError(t, err, nil, path, "last line", "damaged")
	held, err := locked(dir)
	if err != nil || held {
		t.Errorf("a failed Open keeps the lock: %v, %v", held, err)
	}
}

func TestLongEvents(t *testing.T) {
	r, _ := create(t)
	long := Event{Kind: "note", Text: strings.Repeat("x", 5*readBlock)}
	for range 3 {
		must(t, r.Append(long))
	}
	wantError(t, r.Append(Event{Kind: "note", Text: strings.Repeat("x", maxEventLine)}), nil, "shorten", "note")
	events, _, err := r.Events()
	must(t, err)
	if len(events) != 3 || r.LastSeq() != 3 || events[2].Text != long.Text {
		t.Errorf("%d events, last seq %d", len(events), r.LastSeq())
	}
}

func TestTruncate(t *testing.T) {
	r, dir := create(t)
	appendEvents(t, r, 1, 10)
	must(t, r.Truncate(10))
	must(t, r.Truncate(99))
	checkEvents(t, r, 10, 0)
	must(t, r.Append(event(11))) // pending events are dropped too
	must(t, r.Truncate(6))
	checkEvents(t, r, 6, 0)
	appendEvents(t, r, 7, 8)
	must(t, r.Close())
	r, err := Open(dir)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	checkEvents(t, r, 8, 0)
	wantError(t, r.Truncate(-1), nil, "negative")
	must(t, r.Truncate(0))
	checkEvents(t, r, 0, 0)
	appendEvents(t, r, 1, 1)
	checkEvents(t, r, 1, 0)
}

func TestConcurrentUse(t *testing.T) {
	r, dir := create(t)
	v, err := View(dir)
	must(t, err)
	defer func() { must(t, v.Close()) }()
	const writers, each = 4, 200
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for i := range each {
				if err := r.Append(event(i)); err != nil {
					t.Error(err)
				}
				if i%20 == 0 {
					if err := r.Flush(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for seen := 0; seen < writers*each/2 && !t.Failed(); {
		time.Sleep(time.Millisecond) // leaves the processor to the writers
		events, _, err := v.Events()
		if err != nil || len(events) < seen {
			t.Errorf("%d events after %d, %v", len(events), seen, err)
		}
		seen = len(events)
	}
	group.Wait()
	events, _, err := r.Events()
	if err != nil || len(events) != writers*each {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func BenchmarkAppend(b *testing.B) {
	r, err := Create(filepath.Join(b.TempDir(), "r"), testManifest, testConfig)
	if err != nil {
		b.Fatal(err)
	}
	e := event(1)
	for b.Loop() {
		if err := r.Append(e); err != nil {
			b.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkEvents(b *testing.B) {
	r, err := Create(filepath.Join(b.TempDir(), "r"), testManifest, testConfig)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 10000 {
		if err := r.Append(event(i)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, _, err := r.Events(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10000, "ns/event")
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
}
