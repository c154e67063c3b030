//go:build unix

package verbs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// killedAndResumed kills a run again and again; gone on with on the command line
// it writes the log of one that was left alone.
func killedAndResumed(t *testing.T, path string) {
	const most = 40
	log := func(dir string) string {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfterN(string(raw), "\n", most+1)
		return strings.Join(lines[:most], "")
	}
	long := append(append([]string{}, tiny...), "--set", "mid.updates=400")
	whole, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "killed")
	p := start(t, "", path, append([]string{"run", "--out", whole}, long...)...)
	p.grows(whole, most)
	p.signal(syscall.SIGTERM)
	p.ends()
	args := append([]string{"run", "--out", dir}, long...)
	for n := 1; n < 4; n++ {
		p := start(t, "", path, args...)
		p.grows(dir, 10*n)
		p.signal(syscall.SIGKILL)
		p.ends()
		args = []string{"run", "--resume", dir}
	}
	p = start(t, "", path, args...)
	p.grows(dir, most)
	p.signal(syscall.SIGTERM)
	p.ends()
	if log(dir) != log(whole) {
		t.Error("a run that was killed goes on with other results")
	}
}

// endedTwice interrupts a run that cannot say that it was saved, because nobody
// reads what it says; the second interrupt ends it, and nothing is lost.
func endedTwice(t *testing.T, path string) {
	dir := filepath.Join(t.TempDir(), "out")
	p := start(t, "", path, "run", "--out", dir, "--threads", "1")
	p.grows(dir, 3)
	// Text without a line's end fills first the reader's buffer, then the pipe.
	text, fd := bytes.Repeat([]byte("x"), 1<<12), int(p.write.Fd())
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 300)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break // full
		}
		if _, err := unix.Write(fd, text); err != nil {
			t.Fatal(err)
		}
	}
	p.signal(os.Interrupt)
	p.still()
	p.signal(os.Interrupt)
	if status := p.ends(); status != exitInterrupted {
		t.Errorf("status %d", status)
	}
	made := records(dir)
	p = start(t, "", path, "run", "--resume", dir)
	p.waits(fmt.Sprintf("going on after update %d of", made))
	p.signal(syscall.SIGTERM)
	p.ends()
}

// typedAtItsTerminal types ctrl+c at a terminal where a shell without job
// control has a run in the background: it goes on, and says how to end it.
func typedAtItsTerminal(t *testing.T, path string) {
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("no tmux here")
	}
	dir := t.TempDir()
	socket, out, script := filepath.Join(dir, "socket"), filepath.Join(dir, "out"), filepath.Join(dir, "script")
	text := fmt.Sprintf("trap : INT\n%s run --out %s --threads 1 2>%s/said &\nwait\nwait\necho waited\n", path, out, dir)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tmux := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("tmux", append([]string{"-S", socket}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("tmux %v: %v: %s", args, err, out)
		}
	}
	tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh "+script)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", socket, "kill-server").Run() }) // it may have ended with its shell
	p := &process{t: t, lines: make(chan string), ended: make(chan error)}
	p.grows(out, 3)
	tmux("send-keys", "C-c")
	said := func(want string) string {
		t.Helper()
		for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(20 * time.Millisecond) {
			raw, err := os.ReadFile(filepath.Join(dir, "said"))
			if err == nil && strings.Contains(string(raw), want) {
				return string(raw)
			}
		}
		t.Fatalf("%q is not said", want)
		return ""
	}
	text = said("goes on after ctrl+c: kill ")
	p.grows(out, records(out)+1)
	var pid int
	_, after, _ := strings.Cut(text, "kill ")
	if _, err := fmt.Sscan(after, &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	said("saved: go on with")
}
