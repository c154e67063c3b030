package tui

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ra3/experiments"
)

// screenChild, in the environment, makes the test binary a workbench of a fake
// engine.
const screenChild = "RA3_TEST_SCREEN"

func runScreen() int {
	t := &testing.B{} // newFake wants somewhere to fail
	f := newFake(t)
	f.write(f.log(192))
	f.latest <- f.snapshot(192, experiments.Paused)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGHUP, syscall.SIGTERM)
	defer stop()
	if _, err := Run(ctx, f, Options{Name: "screen", Mouse: true}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// tmux is a real terminal with a shell, of a server of its own.
type tmux struct {
	t      *testing.T
	socket string
}

func newTmux(t *testing.T, w, h int) *tmux {
	t.Helper()
	if testing.Short() {
		t.Skip("a real terminal")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("no tmux here")
	}
	x := &tmux{t, filepath.Join(t.TempDir(), "socket")}
	x.run("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), "env PS1='ready> ' LANG=C.UTF-8 sh")
	t.Cleanup(func() { x.run("kill-server") })
	x.waits("ready>")
	return x
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (x *tmux) keys(keys ...string) { x.run(append([]string{"send-keys"}, keys...)...) }
func (x *tmux) screen() string      { return x.run("capture-pane", "-p") }

// waits until the screen has a text; a slow machine only takes longer.
func (x *tmux) waits(want string) string {
	x.t.Helper()
	for range 600 {
		if s := x.screen(); strings.Contains(s, want) {
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	x.t.Fatalf("%q does not appear:\n%s", want, x.screen())
	return ""
}

// ends waits until the workbench has ended well.
func (x *tmux) ends() {
	x.t.Helper()
	x.waits("left with 0")
}

// In a real terminal: keys, sizes, suspension; a shell that is sane after the
// end and after ctrl+c.
func TestInATerminal(t *testing.T) {
	x := newTmux(t, 80, 24)
	start := fmt.Sprintf("%s=1 %s", screenChild, os.Args[0])
	if !filepath.IsAbs(os.Args[0]) {
		t.Skip("the test binary has no absolute path")
	}
	x.keys(start+"; echo left with $?", "Enter")
	x.waits("1 Lab")
	x.keys("3", "c")
	x.waits("Gap to the exact reference")
	x.keys(",")
	if s := x.waits("VIEW 191"); !strings.Contains(s, "is not") {
		t.Errorf("VIEW without its sign:\n%s", s)
	}
	x.keys("C-z")
	x.waits("Stopped") // keys before that would go to the workbench
	x.keys("stty -a | grep -o ' icanon' && echo sane", "Enter")
	if s := x.waits(" icanon\nsane"); strings.Contains(s, "Terms of the bound") {
		t.Errorf("the shell's screen is not given back:\n%s", s)
	}
	x.keys("fg; echo left with $?", "Enter")
	x.waits("Terms of the bound")
	x.run("resize-window", "-x", "36", "-y", "10")
	x.waits("needs 60x16, is 36x10")
	x.run("resize-window", "-x", "120", "-y", "40")
	if s := x.waits("Terms of the bound"); strings.Count(strings.TrimRight(s, "\n"), "\n") != 39 {
		t.Errorf("after a resize:\n%s", s)
	}
	x.keys("q")
	x.ends()
	x.keys("clear; stty -a | grep -o ' icanon' && echo again", "Enter")
	x.waits(" icanon\nagain")

	x.keys("clear", "Enter", start+"; echo left with $?", "Enter")
	x.waits("1 Lab")
	x.keys("C-c")
	x.ends()
	x.keys("clear; stty -a | grep -o ' icanon' && echo third", "Enter")
	x.waits(" icanon\nthird")

	// Killed from elsewhere, as by a shutdown.
	pid := filepath.Join(t.TempDir(), "pid")
	x.keys("clear", "Enter", "sh -c 'echo $$ >"+pid+"; "+screenChild+"=1 exec "+os.Args[0]+"'; echo left", "Enter")
	x.waits("1 Lab")
	raw, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("kill", strings.TrimSpace(string(raw))).CombinedOutput(); err != nil {
		t.Fatalf("kill: %v: %s", err, out)
	}
	x.waits("left")
	x.keys("clear; stty -a | grep -o ' icanon' && echo fourth", "Enter")
	x.waits(" icanon\nfourth")
}
