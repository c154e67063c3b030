package tui

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/theme"
)

// patience is how long a flow waits for what should take a moment.
const patience = time.Minute

// flow is somebody at the workbench: a real program that reads bytes as a
// keyboard sends them, with a real engine behind it.
type flow struct {
	t        *testing.T
	program  *tea.Program
	keyboard io.WriteCloser
	ended    chan error
	model    *model
}

// asked makes the program say what is on the screen.
type asked chan string

// watched is the model with an answer to asked.
type watched struct{ *model }

func (w watched) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if a, ok := msg.(asked); ok {
		a <- ansi.Strip(w.View())
		return w, nil
	}
	_, cmd := w.model.Update(msg)
	return w, cmd
}

// tinyEngine makes a run of the quick preset of about a second.
func tinyEngine(t *testing.T) *experiments.Engine {
	t.Helper()
	c, err := experiments.Resolve("quick", nil, []string{"model.precision=fp32", "seed=5", "mid.traces=20", "mid.updates=4", "mid.tokens=400", "mid.probe_every=2", "ra3.warm=2", "ra3.iterations=2",
		"ra3.e_updates=3", "ra3.e_batch=2", "ra3.group=2", "ra3.exact=2", "rlvr.updates=3", "rlvr.eval_every=1", "rlvr.eval_problems=2", "rlvr.eval_samples=2", "rlvr.problems=2", "rlvr.group=2",
		"rlvr.max_tokens=60", "eval.problems=6", "eval.samples=2", "eval.traces=4", "eval.max_tokens=80"})
	must(t, err)
	e, err := experiments.Create(t.Context(), filepath.Join(t.TempDir(), "flow"), c, 2)
	must(t, err)
	return e
}

// sitDown starts the workbench on a source.
func sitDown(t *testing.T, d Engine, w, h int) *flow {
	t.Helper()
	in, keyboard := io.Pipe()
	m := newModel(d, Options{Theme: &theme.Options{}, Name: "flow"})
	f := &flow{t: t, keyboard: keyboard, ended: make(chan error, 1), model: m}
	f.program = tea.NewProgram(watched{m}, tea.WithInput(in), tea.WithOutput(io.Discard), tea.WithAltScreen(), tea.WithoutSignalHandler())
	go func() { _, err := f.program.Run(); f.ended <- err }()
	f.program.Send(tea.WindowSizeMsg{Width: w, Height: h})
	t.Cleanup(func() {
		if t.Failed() {
			f.program.Kill()
			_ = stop(d) // it may have ended
		}
		keyboard.Close()
	})
	return f
}

// types sends bytes, as a terminal would; a pause of the hand between keys.
func (f *flow) types(keys ...string) {
	f.t.Helper()
	for _, k := range keys {
		if _, err := f.keyboard.Write([]byte(k)); err != nil {
			f.t.Fatal(err)
		}
		f.screen()
	}
}

func (f *flow) screen() string {
	f.t.Helper()
	a := make(asked, 1)
	f.program.Send(a)
	select {
	case s := <-a:
		return s
	case err := <-f.ended:
		f.t.Fatalf("the program has ended: %v", err)
	case <-time.After(patience):
		f.t.Fatal("the program does not answer")
	}
	return ""
}

// sees waits until the screen has every text.
func (f *flow) sees(want ...string) string {
	f.t.Helper()
	var s string
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		s = f.screen()
		n := 0
		for _, w := range want {
			if strings.Contains(s, w) {
				n++
			}
		}
		if n == len(want) {
			return s
		}
	}
	f.t.Fatalf("%q is not to be seen:\n%s", want, s)
	return ""
}

// leaves waits for the end of the program.
func (f *flow) leaves() {
	f.t.Helper()
	select {
	case err := <-f.ended:
		if err != nil {
			f.t.Fatal(err)
		}
	case <-time.After(patience):
		f.t.Fatal("the program does not end")
	}
}

const (
	enterKey = "\r"
	escKey   = "\x1b"
	upKey    = "\x1b[A"
	downKey  = "\x1b[B"
)

// An afternoon at the workbench: run until a condition, step, scrub, find, help,
// palette, a fork from a kept state, both branches over each other, a breakpoint,
// and leaving while it runs, with everything saved.
func TestAfternoon(t *testing.T) {
	e := tinyEngine(t)
	dir := e.Run().Dir()
	d := experiments.Drive(t.Context(), e, nil)
	f := sitDown(t, d, 120, 40)
	f.sees("1 Lab", "paused", "ready: space runs the plan")

	// Run until the second E-step of iteration 1 has its first update.
	f.types("b")
	f.sees("Run until, and breakpoints")
	f.types("bond<3")
	f.sees("bond")
	f.types("\x15", "at 8", enterKey)
	f.sees("at 8 fired at main:8", "8/")
	f.types("2", "s")
	f.sees("10/", "paused")

	// Scrubbing back and to LIVE again.
	f.types(",", ",")
	f.sees("VIEW 8", "is not")
	f.types("L")
	if s := f.sees("paused"); strings.Contains(s, "is not") {
		t.Errorf("L does not go back to LIVE:\n%s", s)
	}

	// The palette goes to a page, the finder to a line, help searches.
	f.types(":", "trace page")
	f.types("\x15", "go trace", enterKey)
	f.sees("Program 1/")
	f.types("/", "return", enterKey)
	f.sees("return")
	f.types("?", "/", "nmi")
	f.sees("Help for /nmi", "agreement of latents and hidden intents")
	f.types(enterKey, escKey)
	f.sees("Keys on this page")
	f.types(escKey)
	f.sees("Program 1/")

	// A fork with a changed setting, first refused, then made.
	f.types("F")
	f.sees("Fork: a branch with changed settings", "would repeat its parent")
	f.types("ra3.group=1")
	f.sees("out of range")
	f.types("\x15", "ra3.group=3")
	f.sees("ra3.group", "branch f1 leaves main")
	f.types(enterKey)
	f.sees("branch f1 leaves main:", "branch f1  seed 5", "paused")
	f.types("I")
	f.sees("EM 2/2", "paused")

	// The tree; main laid over the charts of f1.
	f.types("T")
	f.sees("Branches of this run", "f1", "ra3.group 2")
	f.types(upKey, "o")
	f.sees("[x]")
	f.types(escKey, escKey)
	f.types(":", "go lab", enterKey)
	f.sees("main")

	// A table is written of both branches, and y copies what makes the same file.
	f.types(":", "go bound", enterKey, "C", "C", "w")
	f.sees("wrote")
	f.types("y")
	f.sees("copied: ra3 plot")
	sameByCommand(t, f.model.command(), filepath.Join(dir, "plots"))

	// A breakpoint pauses a run; leaving while it runs is asked back, and saves.
	f.types("b", downKey, "reward>-1", enterKey)
	f.sees("breakpoints")
	f.types(" ")
	f.sees("fired at f1:", "paused")
	f.types("b", downKey, "\x15", enterKey)
	f.types(" ", "q")
	s := f.screen()
	if strings.Contains(s, "q again saves and quits") {
		f.types("q")
	}
	f.leaves()
	must(t, stop(d))
	must(t, f.model.unsaved(d))

	run, err := store.View(dir)
	must(t, err)
	branches, err := run.Branches()
	must(t, err)
	if len(branches) != 1 || branches[0].Name != "f1" || len(branches[0].Overrides) != 1 {
		t.Errorf("branches %+v", branches)
	}
	again, err := experiments.ResumeBranch(t.Context(), dir, "f1", 2)
	must(t, err)
	if n := len(again.Run().Notices()); n > 0 {
		t.Errorf("leaving left something to repair: %v", again.Run().Notices())
	}
	last := d.Record().History().Head("f1").Update
	if made, _ := again.Updates(); made != last {
		t.Errorf("f1 goes on after %d updates, %d were made", made, last)
	}
	must(t, again.Close())
}

// Leaving while the engine runs is asked back once; what was made is saved.
func TestLeavingWhileItRuns(t *testing.T) {
	c, err := experiments.Resolve("quick", nil, []string{"model.precision=fp32", "mid.updates=4000"})
	must(t, err)
	dir := filepath.Join(t.TempDir(), "run")
	e, err := experiments.Create(t.Context(), dir, c, 1)
	must(t, err)
	d := experiments.Drive(t.Context(), e, nil)
	f := sitDown(t, d, 80, 24)
	f.sees("paused")
	f.types(" ")
	f.sees("running", "/4000  loss")
	f.types("q")
	f.sees("q again saves and quits, esc stays")
	f.types("j")
	f.sees("running", "loss")
	f.types("q", "q")
	f.leaves()
	must(t, stop(d))
	must(t, f.model.unsaved(d))
	again, err := experiments.Resume(t.Context(), dir, 1)
	must(t, err)
	if made, _ := again.Updates(); made != len(d.Events(0, 1<<20)) || made < 1 || len(again.Run().Notices()) > 0 {
		t.Errorf("it goes on after %d updates, %d were made; repaired: %v", made, len(d.Events(0, 1<<20)), again.Run().Notices())
	}
	must(t, again.Close())
}
