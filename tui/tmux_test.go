//go:build unix

package tui

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tmux is a real terminal on a socket of its own.
type tmux struct {
	t      *testing.T
	socket string
}

func newTmux(t *testing.T) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not there")
	}
	// Long names make sockets that cannot be bound.
	x := &tmux{t, filepath.Join("/tmp", fmt.Sprintf("ra3-%d.sock", os.Getpid()))}
	x.run("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "env", "PS1=sane:", "ENV=", "sh")
	t.Cleanup(func() {
		x.run("kill-server")
		_ = os.Remove(x.socket) // the server takes it along as a rule
	})
	return x
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (x *tmux) send(keys ...string) { x.run(append([]string{"send-keys"}, keys...)...) }
func (x *tmux) screen() string      { return x.run("capture-pane", "-p") }

// await waits until the screen shows a text; the limit is for a machine that is
// busy, not a promise.
func (x *tmux) await(what string) string {
	x.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got := x.screen(); strings.Contains(got, what) {
			return got
		}
	}
	x.t.Fatalf("the terminal never shows %q:\n%s", what, x.screen())
	return ""
}

// The program in a terminal: it draws, takes keys, follows the size, suspends
// and comes back, and leaves a sane shell behind after q, and after being killed
// by a signal that it can catch.
func TestTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the whole program")
	}
	x := newTmux(t)
	dir := t.TempDir()
	bin := filepath.Join(dir, "ra3")
	if out, err := exec.Command("go", "build", "-o", bin, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	x.send("cd "+dir+" && clear && "+bin+" --run r", "Enter")
	x.await("space run/pause")
	x.send("s")
	x.await("1/316")
	x.send(":")
	x.send("go bou")
	x.send("Enter")
	x.await("▸3 Bound")
	x.run("resize-window", "-x", "50", "-y", "12")
	x.await("needs 60x16")
	x.run("resize-window", "-x", "100", "-y", "30")
	if got := x.await("▸3 Bound"); len(strings.Split(strings.TrimRight(got, "\n"), "\n")) != 30 {
		t.Errorf("after resizing:\n%s", got)
	}
	x.send("C-z")
	x.await("sane:")
	x.send("clear; fg", "Enter")
	x.await("▸3 Bound")
	x.send("q")
	x.await("ra3 --run r")
	sane(x)
	x.send("clear; sh -c 'echo $$ >pid; exec "+bin+" --run r'", "Enter")
	x.await("space run/pause")
	raw, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.await("interrupted, saved")
	sane(x)
}

// sane says whether the shell echoes what is typed, on the main screen and with
// a visible cursor.
func sane(x *tmux) {
	x.t.Helper()
	x.send("clear; echo $((6*7))", "Enter")
	x.await("42")
	if got := strings.TrimSpace(x.run("display-message", "-p", "#{alternate_on} #{cursor_flag}")); got != "0 1" {
		x.t.Errorf("alternate screen and cursor: %s, want 0 1", got)
	}
	x.send("echo typed")
	x.await("echo typed")
	x.send("C-u")
}
