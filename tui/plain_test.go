package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"ra3/experiments"
)

// narration is what a narration has said so far.
type narration struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *narration) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *narration) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// Without commands a narration tells the whole plan, a phase a line and its end,
// in plain sentences, and what was found.
func TestPlainTellsThePlan(t *testing.T) {
	var out narration
	must(t, Plain(t.Context(), experiments.Drive(t.Context(), tinyEngine(t), nil), nil, false, &out))
	got := out.String()
	for _, want := range []string{"38 updates planned", "Seed 5, lane NTP: mid-train: on plain traces, 4 updates.\nNTP M 4/4", "RA3, EM iteration 2: E-step: latent discovery, 3 updates.\nRA3 EM2 E 3/3",
		"The engine has finished after 38 of 38 updates.", "Held out, doc, RA3: pass at 1 ", "not distinguishable"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not told:\n%s", want, got)
		}
	}
	if strings.Contains(got, "NTP M 2/") {
		t.Errorf("every update of a stage is told:\n%s", got)
	}
	for _, r := range got {
		if r > '~' || r < ' ' && r != '\n' {
			t.Fatalf("%q in a narration", r)
		}
	}
}

// What is said to a narration is done or answered with what could be.
func TestPlainObeys(t *testing.T) {
	e := tinyEngine(t)
	dir := e.Run().Dir()
	in, say := io.Pipe()
	var out narration
	ended := make(chan error, 1)
	go func() { ended <- Plain(t.Context(), experiments.Drive(t.Context(), e, nil), in, false, &out) }()
	at := 0
	for _, c := range []struct{ say, want string }{
		{"", ""}, {"step 2", "paused after 2 of 38 updates.\nLast: NTP M 2/4"}, {"STEP 1 phase", "paused after 4 of 38"}, {"step", "paused after 5 of 38"}, {"step x", "How far"}, {"step 0", "How far"}, {"step 1 iteration twice", "How far"},
		{"run 5", "takes nothing behind it"}, {"frobnicate", `"frobnicate" is not understood. Commands`}, {"results", "Nothing is measured"}, {"status", "paused after 5 of 38"}, {"help", "Commands, a line each"},
		{"run", "finished after 38 of 38"}, {"step", "The plan is done."}, {"results", "Held out, ask, Base"},
	} {
		if _, err := io.WriteString(say, c.say+"\n"); err != nil {
			t.Fatal(err)
		}
		for late := time.Now().Add(patience); !strings.Contains(out.String()[at:], c.want); time.Sleep(time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("after %q: %q is not told:\n%s", c.say, c.want, out.String()[at:])
			}
		}
		at = len(out.String())
	}
	must(t, say.Close())
	must(t, <-ended)
	again, err := experiments.Resume(t.Context(), dir, 1)
	must(t, err)
	if !again.Done() {
		t.Error("the end is not saved")
	}
	must(t, again.Close())
}

// failing is an output that takes some lines.
type failing struct{ left int }

var errFull = errors.New("nobody reads")

func (w *failing) Write(p []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// A narration that nobody hears any more ends the engine, saved; so do the end of
// the commands and that of the context.
func TestPlainEnds(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, d Engine) error{
		"output": func(ctx context.Context, d Engine) error { return Plain(ctx, d, nil, false, &failing{left: 5}) },
		"commands": func(ctx context.Context, d Engine) error {
			return Plain(ctx, d, strings.NewReader("step 3\nquit\n"), false, io.Discard)
		},
		"context": func(ctx context.Context, d Engine) error {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(50*time.Millisecond, cancel)
			in, say := io.Pipe()
			defer say.Close()
			return Plain(ctx, d, in, false, io.Discard)
		},
	} {
		e := tinyEngine(t)
		dir := e.Run().Dir()
		d := experiments.Drive(t.Context(), e, nil)
		if err := end(t.Context(), d); err != nil && !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case <-d.Done():
		default:
			t.Errorf("%s: the engine goes on", name)
		}
		again, err := experiments.Resume(t.Context(), dir, 1)
		must(t, err)
		if made, _ := again.Updates(); made != len(d.Events(0, 1<<10)) {
			t.Errorf("%s: goes on after %d of %d updates", name, made, len(d.Events(0, 1<<10)))
		}
		must(t, again.Close())
	}
}

// Commands from a pipe are carried out one after the other, whatever comes at once.
func TestPlainKeepsTheOrder(t *testing.T) {
	for _, c := range []struct {
		say  string
		want []string // in this order
		made int
	}{
		{"step 5 updates\nstatus\nquit\n", []string{"paused after 5 of 38 updates", "paused after 5 of 38 updates", "Saved."}, 5},
		{"step 2\nstep 1 phase\nstep\nstatus", []string{"paused after 2 of", "paused after 4 of", "paused after 5 of", "paused after 5 of", "Saved."}, 5},
		{"run\nstatus\nresults\nquit\n", []string{"has finished after 38 of 38", "has finished after 38 of 38", "Held out, doc"}, 38},
		{"step 3\npause\nstatus\nstep\n", []string{"paused after 3 of", "paused after 4 of"}, 4},
		{"step 3\nquit\nstep 3\n", []string{"paused after 3 of", "Saved."}, 3},
	} {
		var out narration
		d := experiments.Drive(t.Context(), tinyEngine(t), nil)
		must(t, Plain(t.Context(), d, strings.NewReader(c.say), false, &out))
		rest, ok := out.String(), false
		for _, want := range c.want {
			if _, rest, ok = strings.Cut(rest, want); !ok {
				t.Errorf("%q: %q is not told in its turn:\n%s", c.say, want, out.String())
				break
			}
		}
		if made := len(d.Events(0, 1<<10)); made != c.made {
			t.Errorf("%q: %d updates, want %d:\n%s", c.say, made, c.made, out.String())
		}
	}
}

// A pause behind a run ends it; what stands behind that finds the engine at rest.
func TestPlainPausesARun(t *testing.T) {
	var out narration
	d := experiments.Drive(t.Context(), tinyEngine(t), nil)
	must(t, Plain(t.Context(), d, strings.NewReader("run\npause\nstep 2\nstatus\n"), false, &out))
	if got := out.String(); strings.Contains(got, "finished") || strings.Count(got, "is paused after") < 3 {
		t.Errorf("run, pause, step, status:\n%s", got)
	}
}

// Typed pauses and questions do not wait; what would move the engine further does.
func TestPlainTyped(t *testing.T) {
	in, say := io.Pipe()
	defer say.Close()
	var out narration
	ended := make(chan error, 1)
	d := experiments.Drive(t.Context(), tinyEngine(t), nil)
	go func() { ended <- Plain(t.Context(), d, in, true, &out) }()
	_, err := io.WriteString(say, "run\nstep 7\nstatus\npause\n")
	must(t, err)
	for late := time.Now().Add(patience); !strings.Contains(out.String(), "1 command not carried out."); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("a typed pause waits:\n%s", out.String())
		}
	}
	if got := out.String(); !strings.Contains(got, "waits for what is under way") {
		t.Errorf("nothing says that a step waits:\n%s", got)
	}
	_, err = io.WriteString(say, "quit\n")
	must(t, err)
	must(t, <-ended)
	if made := len(d.Events(0, 1<<10)); made > 10 {
		t.Errorf("%d updates after a pause and a quit:\n%s", made, out.String())
	}
}
