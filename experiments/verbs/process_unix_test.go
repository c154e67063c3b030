//go:build unix

package verbs

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds what should take a fraction of a second.
const patience = time.Minute

// ra3Binary builds the command itself.
func ra3Binary(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the command")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command here")
	}
	path := filepath.Join(t.TempDir(), "ra3")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "ra3").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	return path
}

// process is the command at work, in a session of its own: no terminal.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string // of standard error
	write *os.File    // the other end of it, as the child has
	ended chan error
	said  []string
}

// start starts the command under a shell that first does what prepare says.
func start(t *testing.T, prepare, path string, args ...string) *process {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, lines: make(chan string, 1<<12), write: write, ended: make(chan error, 1)}
	p.cmd = exec.Command("sh", append([]string{"-c", prepare + ` exec "$0" "$@"`, path}, args...)...)
	p.cmd.Stderr, p.cmd.SysProcAttr = write, &syscall.SysProcAttr{Setsid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	go func() {
		for s := bufio.NewScanner(read); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has ended, or is to
		write.Close()
		read.Close()
	})
	return p
}

// waits for a line of standard error with a text.
func (p *process) waits(want string) {
	p.t.Helper()
	for _, line := range p.said {
		if strings.Contains(line, want) {
			return
		}
	}
	late := time.After(patience)
	for {
		select {
		case line := <-p.lines:
			if p.said = append(p.said, line); strings.Contains(line, want) {
				return
			}
		case <-late:
			p.t.Fatalf("%q is not said:\n%s", want, strings.Join(p.said, "\n"))
		}
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the end and returns the status.
func (p *process) ends() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("it does not end:\n%s", strings.Join(p.said, "\n"))
		return -1
	}
}

// still says that it does not end for a while; a slow machine cannot make that
// fail.
func (p *process) still() {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.t.Fatalf("it ended: %v", err)
	case <-time.After(time.Second / 2):
	}
}

// Every way to end the command from outside, whatever it was started by and
// whether or not it was suspended before, ends it with its work saved.
func TestSignals(t *testing.T) {
	// A signal that is caught here is at its default in children, also where this
	// test was itself started with interrupts ignored.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt, syscall.SIGHUP)
	defer signal.Stop(caught)
	path := ra3Binary(t)
	const plain, background, nohup = "", "trap '' INT;", "trap '' INT HUP;"
	for i, c := range []struct {
		verb, prepare string
		suspended     bool
		send          []os.Signal // of which the last ends it
	}{
		{"run", plain, false, []os.Signal{os.Interrupt}},
		{"run", plain, true, []os.Signal{syscall.SIGTERM}},
		{"run", plain, false, []os.Signal{syscall.SIGHUP}},
		{"run", background, true, []os.Signal{os.Interrupt}},
		{"run", nohup, true, []os.Signal{syscall.SIGHUP, os.Interrupt}},
		{"ablate", nohup, true, []os.Signal{os.Interrupt}},
		{"--plain", background, true, []os.Signal{os.Interrupt}},
	} {
		t.Run(fmt.Sprint(i, c.verb, c.suspended, c.send), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			args, run, again := []string{c.verb, "--out", dir}, dir, "run"
			args = append(args, "--set", "seed=3", "--set", "ra3.exact=2", "--threads", "1")
			switch c.verb {
			case "ablate":
				args, again = append(args, "--vary", "ra3.e_updates=3,4", "--seeds", "1"), "ablate"
			case "--plain":
				args[1] = "--run"
			}
			p := start(t, c.prepare, path, args...)
			if c.verb == "ablate" {
				p.waits("cells/")
				_, run, _ = strings.Cut(p.said[len(p.said)-1], ": ")
			}
			p.grows(run, 3)
			if c.suspended {
				p.signal(syscall.SIGSTOP)
				p.still()
				p.signal(syscall.SIGCONT)
				p.grows(run, records(run)+1)
			}
			for i, s := range c.send {
				if i > 0 {
					p.still()
				}
				p.signal(s)
			}
			if status := p.ends(); status != exitInterrupted {
				t.Errorf("status %d:\n%s", status, strings.Join(p.said, "\n"))
			}
			p.waits("saved: go on with ra3 ")
			// It goes on after what it had, with nothing to repair.
			made := records(run)
			p = start(t, "", path, again, "--resume", dir)
			p.grows(run, made+1)
			p.signal(syscall.SIGTERM)
			if status := p.ends(); status != exitInterrupted {
				t.Errorf("resumed: status %d:\n%s", status, strings.Join(p.said, "\n"))
			}
			if c.verb != "ablate" {
				p.waits(fmt.Sprintf("going on after update %d of", made))
			}
			p.waits("saved: go on with")
			if s := strings.Join(p.said, "\n"); strings.Contains(s, "note: ") {
				t.Errorf("the end left something to repair:\n%s", s)
			}
		})
	}
	t.Run("killed", func(t *testing.T) { killedAndResumed(t, path) })
	t.Run("twice", func(t *testing.T) { endedTwice(t, path) })
	t.Run("typed", func(t *testing.T) { typedAtItsTerminal(t, path) })
}

// records counts a run's events.
func records(dir string) int {
	raw, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		return 0 // not made yet
	}
	return bytes.Count(raw, []byte("\n"))
}

// grows waits until a run's log has so many events.
func (p *process) grows(dir string, n int) {
	p.t.Helper()
	for late := time.Now().Add(patience); records(dir) < n; time.Sleep(10 * time.Millisecond) {
		select {
		case line := <-p.lines:
			p.said = append(p.said, line)
		case err := <-p.ended:
			p.t.Fatalf("ended after %d records: %v\n%s", records(dir), err, strings.Join(p.said, "\n"))
		default:
		}
		if time.Now().After(late) {
			p.t.Fatalf("%s has %d records, want %d:\n%s", dir, records(dir), n, strings.Join(p.said, "\n"))
		}
	}
}
