package experiments

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ra3/experiments/store"
)

// settled reads snapshots until the driver has acted on what was asked and stands.
func settled(t testing.TB, d *Driver, what string, ok func(Snapshot) bool) Snapshot {
	t.Helper()
	return waitFor(t, d, what, func(s Snapshot) bool { return s.State != Running && s.Pending == "" && ok(s) })
}

func TestDriverRunsUntilAndBreaks(t *testing.T) {
	d := drive1(t, "seeds=1")
	e1 := startOf(d.Plan(), PhaseE, 1)
	send(t, d, Intent{Kind: Until, When: "at 2"})
	s := settled(t, d, "update 2", func(s Snapshot) bool { return s.Fired != nil })
	if s.Made != 2 || s.State != Paused || !strings.Contains(s.Note, "at 2 fired at main:2") {
		t.Errorf("until at 2: made %d, %s, note %q", s.Made, s.State, s.Note)
	}
	send(t, d, Intent{Kind: Until, When: "at 1"})
	settled(t, d, "a refusal", func(s Snapshot) bool { return strings.Contains(s.Note, "has made 2") })
	send(t, d, Intent{Kind: Until, When: "bond<3"})
	settled(t, d, "a refusal", func(s Snapshot) bool { return strings.Contains(s.Note, "bond") })
	send(t, d, Intent{Kind: Break, When: "E bound<1e9, annotated>100"})
	s = settled(t, d, "breakpoints", func(s Snapshot) bool { return s.Breakpoints == "E bound<1e9, annotated>100" })
	var fired []string
	for range 2 {
		send(t, d, Intent{Kind: Run})
		made := s.Made
		s = settled(t, d, "a breakpoint", func(s Snapshot) bool { return s.Made > made })
		if s.Fired == nil {
			t.Fatalf("paused at %d without a reason: %s", s.Made, s.Note)
		}
		fired = append(fired, s.Fired.Measure)
		if f := s.Fired; f.Position != (Position{store.Main, s.Made}) || f.Seq != s.Seq || !strings.Contains(s.Note, f.Position.String()) {
			t.Errorf("fired %+v at %d, note %q", f, s.Made, s.Note)
		}
	}
	// Once each: afterwards they stay on that side.
	if strings.Join(fired, " ") != "annotated bound" {
		t.Errorf("fired %v", fired)
	}
	if p := d.Record().History().Seek(Position{store.Main, e1}, ByUpdate, 1); p.Update != e1+1 {
		t.Errorf("after the E-step's start comes %v", p)
	}
	send(t, d, Intent{Kind: Break})
	settled(t, d, "no breakpoints", func(s Snapshot) bool { return s.Breakpoints == "" })
	send(t, d, Intent{Kind: Run})
	settled(t, d, "the end", func(s Snapshot) bool { return s.State == Finished })
}

func TestDriverForksAndSwitches(t *testing.T) {
	d := drive1(t, "seeds=1")
	e1 := startOf(d.Plan(), PhaseE, 1)
	send(t, d, Intent{Kind: Until, When: fmt.Sprint("at ", e1+1)})
	s := settled(t, d, "an update of the E-step", func(s Snapshot) bool { return s.Fired != nil })
	for _, c := range []struct {
		q    ForkRequest
		want string
	}{
		{ForkRequest{From: Position{store.Main, e1}, Overrides: []string{"ra3.group=1"}}, "out of range"},
		{ForkRequest{From: Position{store.Main, e1}, Overrides: []string{"ra3.grup=4"}}, "unknown field"},
		{ForkRequest{From: Position{store.Main, 99}, Overrides: []string{"ra3.group=4"}}, "not on its line"},
		{ForkRequest{From: Position{"x", 1}, Overrides: []string{"ra3.group=4"}}, "no branch x"},
		{ForkRequest{From: Position{store.Main, e1}}, "repeat its parent"},
	} {
		if _, _, err := d.Record().CheckFork(c.q); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v, want %q", c.q, err, c.want)
		}
		send(t, d, Intent{Kind: Fork, Fork: &c.q})
		s = settled(t, d, "a refusal", func(s Snapshot) bool { return strings.Contains(s.Refused, c.want) })
		if s.Branch != store.Main || s.Made != e1+1 || s.State != Paused {
			t.Errorf("after a refusal on %s at %d, %s", s.Branch, s.Made, s.State)
		}
	}
	// Asked for in the middle of a run, it is done at once.
	send(t, d, Intent{Kind: Run})
	q := ForkRequest{From: Position{store.Main, e1}, Overrides: []string{"ra3.e_updates=3"}}
	send(t, d, Intent{Kind: Fork, Fork: &q})
	s = settled(t, d, "a branch", func(s Snapshot) bool { return s.Branch == "f1" })
	if s.Made != e1 || s.State != Paused || s.Refused != "" || d.Config().RA3.EUpdates != 3 || updatesIn(d.Plan()) != s.Total {
		t.Errorf("on the branch at %d, %s; %d E-step updates, total %d", s.Made, s.State, d.Config().RA3.EUpdates, s.Total)
	}
	mainHead := d.Record().History().Head(store.Main).Update
	send(t, d, Intent{Kind: Run})
	s = settled(t, d, "the branch's end", func(s Snapshot) bool { return s.State == Finished })
	if s.Made != s.Total || s.Summary == nil {
		t.Errorf("the branch ended at %d of %d", s.Made, s.Total)
	}
	send(t, d, Intent{Kind: Switch, Branch: "nobody"})
	settled(t, d, "a refusal", func(s Snapshot) bool { return strings.Contains(s.Refused, "nobody") })
	send(t, d, Intent{Kind: Switch, Branch: store.Main})
	s = settled(t, d, "main", func(s Snapshot) bool { return s.Branch == store.Main })
	if s.Made != mainHead || s.State != Paused {
		t.Errorf("main stands at %d, was left at %d; %s", s.Made, mainHead, s.State)
	}
	send(t, d, Intent{Kind: Run})
	settled(t, d, "main's end", func(s Snapshot) bool { return s.State == Finished })
	checkRecord(t, d, "f1", e1)
	dir := d.Dir()
	if last := stop(t, d); last.Err != nil {
		t.Error(last.Err)
	}
	// Main is what it would have been alone.
	got, want := content(t, dir), content(t, uninterrupted(t, resolved(t, "quick", oneSeed()...), 2))
	if got["summary.json"] != want["summary.json"] {
		t.Error("main's summary differs")
	}
	// A follower sees the same.
	f, err := Follow(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	checkRecord(t, f, "f1", e1)
	fs := <-f.Snapshots()
	if fs.State != Viewing || fs.Branch != store.Main || fs.Made != fs.Total || fs.Summary == nil || fs.Trace == nil || !f.ReadOnly() || f.Send(Intent{Kind: Run}) {
		t.Errorf("viewed: %s on %s at %d of %d, summary %v", fs.State, fs.Branch, fs.Made, fs.Total, fs.Summary != nil)
	}
	if !f.Send(Intent{Kind: Stop}) {
		t.Error("a follower does not take Stop")
	}
	<-f.Done()
	// A resumed driver goes on with any branch.
	e := reopen(t, dir, 2)
	if err := e.Switch(t.Context(), "f1"); err != nil || !e.Done() {
		t.Errorf("the branch again: %v, done %v", err, e.Done())
	}
}

// checkRecord looks at what a source says of a finished run with one branch.
func checkRecord(t *testing.T, src Source, branch string, left int) {
	t.Helper()
	r := src.Record()
	bs := r.Branches()
	if len(bs) != 2 || bs[1].Name != branch || bs[1].Update != left || !bs[0].Finished || !bs[1].Finished || len(bs[1].Changes) != 1 {
		t.Fatalf("branches %+v", bs)
	}
	for _, b := range bs {
		views := 0
		for _, m := range r.Timeline(b.Name) {
			if m.Made != m.Updates || m.To-m.From != m.Updates || !m.State {
				t.Errorf("%s: stage %s from %d to %d, made %d, kept %v", b.Name, m.Key(), m.From, m.To, m.Made, m.State)
			}
			want := b.Name
			if m.To <= left {
				want = store.Main
			}
			if m.Branch != want {
				t.Errorf("%s: stage %s until %d is of %s", b.Name, m.Key(), m.To, m.Branch)
			}
			if m.View {
				views++
				v, at, err := r.View(Position{b.Name, m.To})
				if err != nil || at != (Position{want, m.To}) || len(v.Programs) != exampleTraces || len(v.Programs[0].Lines) == 0 {
					t.Errorf("%s: view at %d: %v at %v", b.Name, m.To, err, at)
				}
			}
		}
		if views < 5 {
			t.Errorf("%s: %d views", b.Name, views)
		}
		traces, at, err := r.Annotated(Position{b.Name, b.Total})
		if made, _ := r.History().Event(at); err != nil || len(traces) != 260 || made.Phase != PhaseAnnotate || made.Iteration != 2 || len(LatentsIn(traces)) == 0 {
			t.Errorf("%s: %d annotated traces of %+v, %v", b.Name, len(traces), made, err)
		}
		_, at, err = r.Annotated(Position{b.Name, left + 1})
		if made, _ := r.History().Event(at); err != nil || made.Iteration != 0 {
			t.Errorf("%s: within the first E-step the annotation is of %+v, %v", b.Name, made, err)
		}
		w, err := r.WhySummary(b.Name, "lanes.ra3.doc.pass@1", nil)
		if err != nil || w.Records == 0 || w.First >= w.Last || w.N == 0 || !strings.Contains(w.Text, "k = 1") {
			t.Errorf("%s: %+v, %v", b.Name, w, err)
		}
	}
	f := RLVRFigure(r.History().Whole(branch))
	for i, s := range f.Series {
		for j := range s.X {
			if ws := r.History().WhyPoint(f, i, j); len(ws) != 1 || ws[0].Value != s.Y[j] {
				t.Errorf("series %s point %d is %g, explained by %+v", s.Name, j, s.Y[j], ws)
			}
		}
	}
}

// A follower keeps up with a run that another process would write, also when the
// log is cut.
func TestFollowerFollows(t *testing.T) {
	c := resolved(t, "quick", oneSeed()...)
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f, err := Follow(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	see := func(what string, ok func(Snapshot) bool) Snapshot {
		t.Helper()
		late := time.After(patience)
		for {
			select {
			case s := <-f.Snapshots():
				if s.Err != nil {
					t.Fatal(s.Err)
				}
				if ok(s) {
					return s
				}
			case <-late:
				t.Fatalf("the follower does not see %s", what)
			}
		}
	}
	flush := func() {
		t.Helper()
		if err := e.Run().Flush(); err != nil {
			t.Fatal(err)
		}
	}
	steps(t, e, 7)
	flush()
	if s := see("seven updates", func(s Snapshot) bool { return s.Made == 7 }); s.State != Following || len(f.Events(0, 100)) != 7 {
		t.Errorf("%s with %d events", s.State, len(f.Events(0, 100)))
	}
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	steps(t, e, 3)
	flush()
	see("ten updates", func(s Snapshot) bool { return s.Made == 10 })
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	see("that nobody writes it", func(s Snapshot) bool { return s.State == Viewing })
	e = reopen(t, dir, 2) // as after a crash: cut to its state
	made, _ := e.Updates()
	s := see("the cut", func(s Snapshot) bool { return s.Epoch > 0 })
	if made >= 10 || s.Made != made || f.Record().History().Head(store.Main).Update != made {
		t.Errorf("epoch %d, head %v", s.Epoch, f.Record().History().Head(store.Main))
	}
	forkTo(t, e, ForkRequest{From: Position{store.Main, made}, Overrides: []string{"ra3.group=3"}, Random: store.Fresh})
	steps(t, e, 2)
	flush()
	if s := see("the branch", func(s Snapshot) bool { return s.Branch == "f1" && s.Made == made+2 }); f.Config().RA3.Group != 3 {
		t.Errorf("the branch's group is %d at %d", f.Config().RA3.Group, s.Made)
	}
	cancel()
	<-f.Done()
}

func TestSettingsReach(t *testing.T) {
	c := resolved(t, "quick", oneSeed("lanes=[\"base\",\"ntp\",\"ra3\"]")...)
	fields, err := c.settings()
	if err != nil {
		t.Fatal(err)
	}
	for field := range fields {
		if _, ok := reachOf(field); !ok {
			t.Errorf("%s: nothing says what it acts on: add it to reaches", field)
		}
	}
	plan := Plan(c)
	afterNTP := updatesIn(plan[:3])
	e1, m1 := startOf(plan, PhaseE, 1), startOf(plan, PhaseM, 1)
	all := updatesIn(plan)
	for _, x := range []struct {
		made int
		set  string
		want string // in the error; "" for none
	}{
		{0, "domain.nuisance=1", ""}, {0, "model.dim=16", ""}, {0, "seed=9", "keeps its seed"},
		{3, "domain.nuisance=1", "settled when"}, {3, "base.learning_rate=0.1", "no effect"}, {2, "base.learning_rate=0.1", ""}, {2, "base.updates=2", "leaves no update"},
		{afterNTP, "mid.learning_rate=0.01", ""}, {afterNTP, "mid.updates=6", "which is done"}, {afterNTP, "mid.traces=300", "settled when"}, {e1, "ra3.group=3", ""},
		{e1, "ra3.e_updates=5", ""}, {e1, "ra3.iterations=1", ""}, {m1, "ra3.iterations=1", ""}, {m1 + 1, "ra3.iterations=1", "which is done"}, {m1, "ra3.exact=2", ""}, {e1, "ra3.latents=codes", "out of range"},
		{all, "ra3.group=3", "no effect"}, {all, "seeds=2", ""}, {all, "rlvr.updates=3", "which is done"}, {e1, "rlvr.updates=3", ""}, {e1, "rlvr.kl=0.1", ""},
		{e1, "eval.samples=3", ""}, {all, "eval.samples=3", "settled when"}, {e1, "model.precision=fp32", "keeps the precision"}, {e1, "lanes=[\"base\",\"ntp\"]", "which is done"},
		{e1, "rlvr.threshold=0.9", ""}, {all, "rlvr.threshold=0.9", "nothing is left"},
	} {
		n, err := c.with([]string{x.set})
		if err == nil {
			err = checkChange(c, n, x.made)
		}
		switch {
		case x.want == "" && err != nil:
			t.Errorf("%s after %d: %v", x.set, x.made, err)
		case x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s after %d: %v, want %q", x.set, x.made, err, x.want)
		}
	}
}

func TestThin(t *testing.T) {
	var ps []int
	for i := range 500 {
		ps = thin(append(ps, i*10), 8)
		if len(ps) > 8 || ps[0] != 0 || ps[len(ps)-1] != i*10 {
			t.Fatalf("after %d: %v", i, ps)
		}
	}
	if got := thin([]int{1, 2, 3}, 48); len(got) != 3 {
		t.Errorf("thinned %v", got)
	}
}
