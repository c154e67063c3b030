package experiments

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ra3/experiments/store"
)

// patience is how long a test waits for what should take milliseconds.
const patience = 3 * time.Minute

// waitFor reads snapshots until one passes.
func waitFor(t testing.TB, d *Driver, what string, ok func(Snapshot) bool) Snapshot {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case s, open := <-d.Snapshots():
			if !open {
				t.Fatalf("the driver ended while waiting for %s", what)
			}
			if ok(s) {
				return s
			}
			if s.State == Failed {
				t.Fatalf("waiting for %s: %v", what, s.Err)
			}
		case <-late:
			t.Fatalf("waited too long for %s", what)
		}
	}
}

func drive1(t testing.TB, settings ...string) *Driver {
	t.Helper()
	c := resolved(t, "quick", append(append([]string{}, smallest...), settings...)...)
	d := Drive(t.Context(), create(t, filepath.Join(t.TempDir(), "run"), c, 2), nil)
	t.Cleanup(func() { stop(t, d) })
	return d
}

func send(t testing.TB, d *Driver, i Intent) {
	t.Helper()
	if !d.Send(i) {
		t.Errorf("intent %+v was not taken", i)
	}
}

// stop ends a driver and returns its last snapshot.
func stop(t testing.TB, d *Driver) (last Snapshot) {
	t.Helper()
	d.Send(Intent{Kind: Stop})
	late := time.After(patience)
	for {
		select {
		case s, open := <-d.Snapshots():
			if !open {
				<-d.Done()
				return last
			}
			last = s
		case <-late:
			t.Fatal("the driver does not stop")
		}
	}
}

// stepped sends one step and waits until it is done.
func stepped(t testing.TB, d *Driver, g Granularity, n int) Snapshot {
	t.Helper()
	send(t, d, Intent{Kind: Step, Granularity: g, Count: n})
	return waitFor(t, d, "a step by "+string(g), func(s Snapshot) bool {
		return s.State == Finished || s.State == Paused && s.Note == "stepped"
	})
}

func TestDriverStopsWhereItSays(t *testing.T) {
	d := drive1(t, "seeds=1")
	s := waitFor(t, d, "the first snapshot", func(Snapshot) bool { return true })
	if s.State != Paused || s.Made != 0 || s.Seq != 0 || s.Stage != d.Plan()[0] || s.Total == 0 {
		t.Errorf("at first %+v", s)
	}
	if s = stepped(t, d, ByUpdate, 1); s.Made != 1 || s.Update != 1 || s.Seq != 1 {
		t.Errorf("after an update %+v", s)
	}
	if s = stepped(t, d, ByUpdate, 0); s.Made != 2 {
		t.Errorf("a count of 0 is 1; made %d", s.Made)
	}
	// Phase by phase: always at the beginning of the next stage.
	made := 0
	for i, stage := range d.Plan() {
		made += stage.Updates
		if stage.Phase == PhaseE {
			break
		}
		s = stepped(t, d, ByPhase, 1)
		if s.Index != i+1 || s.Update != 0 || s.Made != made {
			t.Fatalf("after phase %s: stage %d, update %d, made %d of %d", stage.Key(), s.Index, s.Update, s.Made, made)
		}
	}
	if s.Stage.Phase != PhaseE || s.Stage.Iteration != 1 {
		t.Fatalf("before the first E-step: %+v", s.Stage)
	}
	// From within an iteration to its end.
	stepped(t, d, ByUpdate, 1)
	if s = stepped(t, d, ByIteration, 1); s.Stage.Phase != PhaseE || s.Stage.Iteration != 2 || s.Update != 0 {
		t.Errorf("after an iteration %+v", s.Stage)
	}
	if s = stepped(t, d, ByIteration, 1); s.Stage.Phase != PhaseTune || s.Update != 0 {
		t.Errorf("after the last iteration %+v", s.Stage)
	}
	if s = stepped(t, d, ByPhase, 2); s.Stage.Lane != d.Config().Lanes[1] || s.Stage.Phase != PhaseTune || s.Update != 0 {
		t.Errorf("after two phases %+v", s.Stage)
	}
	// Snapshot and log agree.
	events := d.Events(0, 1<<20)
	if len(events) != s.Made || int64(len(events)) != s.Seq || events[len(events)-1].Seq != s.Seq {
		t.Errorf("%d events, made %d, seq %d", len(events), s.Made, s.Seq)
	}
	if s = stepped(t, d, ByUpdate, 1<<20); s.State != Finished || s.Made != s.Total || s.Summary == nil {
		t.Errorf("at the end %s, %d of %d", s.State, s.Made, s.Total)
	}
	send(t, d, Intent{Kind: Run})
	waitFor(t, d, "an answer after the end", func(s Snapshot) bool { return s.State == Finished && s.Note == "the plan is done" })
	// What was driven is what an engine alone does.
	last := stop(t, d)
	if last.State != Stopped && last.State != Finished || last.Err != nil {
		t.Errorf("at last %s, %v", last.State, last.Err)
	}
	same(t, "driven", content(t, d.Dir()), content(t, uninterrupted(t, resolved(t, "quick", append(smallest, "seeds=1")...), 2)))
}

func TestDriverEvents(t *testing.T) {
	d := drive1(t)
	stepped(t, d, ByUpdate, 5)
	for _, c := range []struct{ from, limit, want int }{{0, 2, 2}, {3, 100, 2}, {4, 1, 1}, {5, 1, 0}, {50, 1, 0}, {0, 0, 0}, {1, math.MaxInt, 4}, {-1, 2, 2}, {0, -1, 0}} {
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("Events(%d, %d): %v", c.from, c.limit, r)
				}
			}()
			if got := len(d.Events(c.from, c.limit)); got != c.want {
				t.Errorf("Events(%d, %d) gave %d, want %d", c.from, c.limit, got, c.want)
			}
		}()
	}
}

// A pause while an update runs shows at once as pending and abandons the
// update; intents of any number never block; going on gives the same run.
func TestDriverPausesWithinAnUpdate(t *testing.T) {
	c := resolved(t, "quick", able...)
	d := Drive(t.Context(), create(t, filepath.Join(t.TempDir(), "run"), c, 2), nil)
	var longest time.Duration
	for i := 0; ; i++ {
		send(t, d, Intent{Kind: Run})
		time.Sleep(time.Duration(i*7%120) * time.Millisecond)
		asked := time.Now()
		// Whatever else was asked for meanwhile must not delay the pause.
		send(t, d, Intent{Kind: Run})
		send(t, d, Intent{Kind: Pause})
		s := waitFor(t, d, "a pause", func(s Snapshot) bool {
			return s.State == Finished || s.State == Paused && s.Note == "paused" && s.Pending == ""
		})
		longest = max(longest, time.Since(asked))
		if s.State == Finished {
			break
		}
		if i%5 == 4 {
			stepped(t, d, ByUpdate, 1) // pauses alone would get nowhere
		}
	}
	t.Log("longest from asking to pausing:", longest)
	if last := stop(t, d); last.Err != nil {
		t.Error(last.Err)
	}
	same(t, "paused again and again", content(t, d.Dir()), content(t, uninterrupted(t, c, 2)))
}

func TestDriverIntentsNeverBlock(t *testing.T) {
	d := drive1(t)
	done := make(chan int)
	go func() {
		refused := 0
		for range 10000 {
			if !d.Send(Intent{Kind: Run}) {
				refused++
			}
		}
		done <- refused
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("sending blocks")
	}
	stopWhenTaken(t, d)
	if d.Send(Intent{Kind: Run}) && d.Send(Intent{Kind: Run}) {
		t.Error("a driver that has ended takes intents")
	}
}

// stopWhenTaken stops a driver whose queue of intents may be full.
func stopWhenTaken(t testing.TB, d *Driver) {
	t.Helper()
	late := time.After(patience)
	for !d.Send(Intent{Kind: Stop}) {
		select {
		case <-late:
			t.Fatal("the queue stays full")
		case <-time.After(time.Millisecond):
		}
	}
	select {
	case <-d.Done():
	case <-late:
		t.Fatal("the driver does not stop")
	}
}

// Nobody reads snapshots: the driver goes on, and the one snapshot left is the
// newest.
func TestDriverDoesNotWaitForReaders(t *testing.T) {
	d := drive1(t, "seeds=1")
	send(t, d, Intent{Kind: Run})
	late := time.Now().Add(patience)
	total := 0
	for _, s := range d.Plan() {
		total += s.Updates
	}
	for len(d.Events(0, 1<<20)) < total {
		if time.Now().After(late) {
			t.Fatal("it waits")
		}
		time.Sleep(time.Millisecond)
	}
	if s := waitFor(t, d, "the end", func(s Snapshot) bool { return s.State == Finished }); s.Made != total || s.Summary == nil || s.Summary.Lanes["ra3"] == nil {
		t.Errorf("%d made of %d, summary %v", s.Made, total, s.Summary)
	}
}

// Snapshots are immutable: one kept while the engine goes on stays what it was,
// also for a reader that is slow (and under the race detector).
func TestSnapshotsDoNotChange(t *testing.T) {
	d := drive1(t, "seeds=1")
	send(t, d, Intent{Kind: Run})
	type kept struct {
		s   Snapshot
		raw string
	}
	picture := func(s Snapshot) string {
		raw, err := json.Marshal([]any{s.Stage, s.Made, s.Trace, s.Summary})
		if err != nil {
			t.Error(err)
		}
		return string(raw)
	}
	var all []kept
	for {
		s := waitFor(t, d, "more", func(Snapshot) bool { return true })
		all = append(all, kept{s, picture(s)})
		for _, ev := range d.Events(max(0, s.Made-2), 2) {
			if _, err := json.Marshal(ev); err != nil {
				t.Error(err)
			}
		}
		if s.State == Finished {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	traces := 0
	for i, k := range all {
		if picture(k.s) != k.raw {
			t.Errorf("snapshot %d changed", i)
		}
		if i > 0 && k.s.Made < all[i-1].s.Made {
			t.Errorf("snapshot %d is older than the one before", i)
		}
		if k.s.Trace != nil {
			traces++
		}
	}
	if traces == 0 {
		t.Error("no snapshot shows traces")
	}
}

func TestDriverLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, how := range []string{"stop paused", "stop running", "context", "finish"} {
		c := resolved(t, "quick", smallest...)
		ctx, cancel := context.WithCancel(t.Context())
		dir := filepath.Join(t.TempDir(), "run")
		e, err := Create(ctx, dir, c, 2)
		if err != nil {
			t.Fatal(err)
		}
		d := Drive(ctx, e, nil)
		switch how {
		case "stop running", "context":
			send(t, d, Intent{Kind: Run})
			time.Sleep(50 * time.Millisecond)
		case "finish":
			stepped(t, d, ByUpdate, 1<<20)
		}
		if how == "context" {
			cancel()
			<-d.Done()
		} else {
			stop(t, d)
		}
		cancel()
		// Its directory is free and its state saved.
		e = reopen(t, dir, 1)
		made, _ := e.Updates()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if how != "context" && made != len(d.Events(0, 1<<20)) {
			t.Errorf("%s: saved after %d of %d updates", how, made, len(d.Events(0, 1<<20)))
		}
	}
	for late := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// A context that ends says so, not that the engine has failed.
func TestDriverIsNotFailedByTheEndOfItsContext(t *testing.T) {
	c := resolved(t, "quick", able...)
	for i := range 6 {
		ctx, cancel := context.WithCancel(t.Context())
		e, err := Create(ctx, filepath.Join(t.TempDir(), "run"), c, 2)
		if err != nil {
			t.Fatal(err)
		}
		d := Drive(ctx, e, nil)
		send(t, d, Intent{Kind: Run})
		time.AfterFunc(time.Duration(150+100*i)*time.Millisecond, cancel)
		var last Snapshot
		for s := range d.Snapshots() {
			if s.State == Failed {
				t.Errorf("failed: %v", s.Err)
			}
			last = s
		}
		<-d.Done()
		if last.State != Stopped || last.Err != nil {
			t.Errorf("at last %s, %v", last.State, last.Err)
		}
		cancel()
	}
}

// An update that panics is reported; the driver lives, and what it then saves is
// not the torn state but the last good one.
func TestDriverReportsPanics(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	steps(t, e, 3)
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	e.Config.Mid.ProbeEvery = 0 // divided by once an M-step update is made
	d := Drive(t.Context(), e, nil)
	send(t, d, Intent{Kind: Run})
	var s Snapshot
	for late := time.After(patience); s.State != Failed; {
		select {
		case s = <-d.Snapshots():
		case <-late:
			t.Fatal("no failure is reported")
		}
	}
	if s.Err == nil || !strings.Contains(s.Err.Error(), "defect") || strings.Contains(s.Note, "\n") || s.Note == "" {
		t.Errorf("failed with %v, note %q", s.Err, s.Note)
	}
	stop(t, d)
	same(t, "after a panic", content(t, finishedFrom(t, dir)), content(t, uninterrupted(t, c, 2)))
}

func finishedFrom(t testing.TB, dir string) string {
	t.Helper()
	finished(t, reopen(t, dir, 2))
	return dir
}

// The first sitting's events are passed on; a driver of a resumed run goes on
// after them.
func TestDriverOfAResumedRun(t *testing.T) {
	d := drive1(t, "seeds=1")
	stepped(t, d, ByUpdate, 7)
	stop(t, d)
	e := reopen(t, d.Dir(), 2)
	past, _, err := e.Run().Events()
	if err != nil || len(past) != 7 {
		t.Fatalf("%d events, %v", len(past), err)
	}
	mine := append(make([]store.Event, 0, 100), past...)
	d = Drive(t.Context(), e, mine)
	s := waitFor(t, d, "the first snapshot", func(Snapshot) bool { return true })
	if s.Made != 7 || s.Seq != 7 {
		t.Errorf("resumed at %d, seq %d", s.Made, s.Seq)
	}
	stepped(t, d, ByUpdate, 1)
	if got := d.Events(0, 100); len(got) != 8 || !reflect.DeepEqual(got[:7], past) || got[7].Seq != 8 {
		t.Errorf("%d events", len(got))
	}
	if !reflect.DeepEqual(mine[:8][7], store.Event{}) {
		t.Error("the caller's slice was written to")
	}
	stop(t, d)
}

// Unknown units of stepping are refused or taken as updates, never as for ever.
func TestDriverUnknownGranularity(t *testing.T) {
	d := drive1(t, "seeds=1")
	send(t, d, Intent{Kind: Step, Count: 1})
	s := waitFor(t, d, "a pause", func(s Snapshot) bool { return s.State == Finished || s.State == Paused && s.Made > 0 })
	if s.Made != 1 {
		t.Errorf("a step without a unit made %d updates", s.Made)
	}
}

// A state that could not be saved is told with the last snapshot.
func TestDriverTellsOfAFailedSave(t *testing.T) {
	d := drive1(t, "seeds=1")
	stepped(t, d, ByUpdate, 2)
	if err := d.engine.run.Close(); err != nil {
		t.Fatal(err)
	}
	if last := stop(t, d); last.Err == nil || errors.Is(last.Err, context.Canceled) {
		t.Errorf("the state could not be saved, the driver says %v", last.Err)
	}
}

// A finished run shows the newest look that is stored, and one that keeps only its
// newest state stores looks as well.
func TestDriverOfAFinishedRunShowsItsLook(t *testing.T) {
	d := drive1(t, "seeds=1")
	stop(t, d)
	e := reopen(t, d.Dir(), 2)
	e.KeepNewest()
	finished(t, e)
	e = reopen(t, d.Dir(), 2)
	past, _, err := e.Run().Events()
	if err != nil {
		t.Fatal(err)
	}
	d = Drive(t.Context(), e, past)
	s := waitFor(t, d, "a look", func(s Snapshot) bool { return s.Trace != nil })
	if s.State != Finished || len(s.Trace.Programs) == 0 || s.TraceAt.Update == 0 || s.TraceAt.Update >= s.Made {
		t.Errorf("%s at %d shows %d programs of %v", s.State, s.Made, len(s.Trace.Programs), s.TraceAt)
	}
	all, err := e.Run().Checkpoints()
	kept := slices.DeleteFunc(all, func(c store.Checkpoint) bool { return c.Branch != store.Main })
	if err != nil || len(kept) != 1 {
		t.Errorf("states kept: %v, %v", kept, err)
	}
	stop(t, d)
}
