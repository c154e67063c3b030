package protect

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Plan says which namespaces to ask for. What the kernel refuses there is an
// error of Start; Plans lists what to try next.
type Plan struct {
	User  bool `json:"user"`  // a user namespace of its own, with one id in it
	Space bool `json:"space"` // pid, network, IPC and host name namespaces
	Mount bool `json:"mount"` // a mount namespace with a read-only root of its own
}

// Plans are what is worth trying for this user, best first. Landlock, seccomp
// and resource limits are set under each of them, where the kernel has them.
func Plans() []Plan {
	plans := []Plan{{User: true, Space: true, Mount: true}}
	if os.Geteuid() == 0 {
		plans = append(plans, Plan{Space: true, Mount: true})
	}
	return append(plans, Plan{User: true, Space: true}, Plan{})
}

// Spec describes a process to start.
type Spec struct {
	Plan Plan
	Argv []string // Argv[0] is an absolute path
	Env  []string // the whole environment
	// Readable are the directories and files the process may read and execute
	// from, as absolute paths; nothing else is visible to it but /dev/null and
	// /dev/urandom.
	Readable []string
	// Files become descriptors 3, 4, ...; 0 and 1 are /dev/null.
	Files []*os.File
	// Threads bounds the number of tasks of the sandbox.
	Threads int
}

// ID is the user and group that a sandboxed process has inside its user
// namespace, and outside too where root starts it: nobody's.
const ID = 65534

// Process is a sandbox's first process. When it ends everything in its pid
// namespace ends.
type Process struct {
	cmd    *exec.Cmd
	stderr *head
}

// Pid is the process's id outside.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Kill may be called at any time from any goroutine; Wait must follow.
func (p *Process) Kill() { _ = p.cmd.Process.Kill() } // fails only once it has ended

// Wait waits for the end and returns how it ended with what was printed to
// standard error.
func (p *Process) Wait() (state *os.ProcessState, stderr string) {
	_ = p.cmd.Wait() // the state says more than the error
	return p.cmd.ProcessState, p.stderr.String()
}

// head keeps the first bytes written to it.
type head struct{ b []byte }

func (h *head) Write(p []byte) (int, error) {
	if room := 4096 - len(h.b); room > 0 {
		h.b = append(h.b, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (h *head) String() string { return strings.TrimSpace(string(h.b)) }

// ErrUnsupported: this system has no sandbox of ours.
var ErrUnsupported = errors.New("protect: sandboxes need Linux on amd64 or arm64")

// A launcher is this binary started to become the sandboxed process. The
// variable alone may have leaked into a user's shell.
const (
	launcherEnv = "RA3_SANDBOX"
	launcherArg = "sandbox-launcher"
	// launchFailed starts the line a launcher prints when it gives up.
	launchFailed = "sandbox launcher: "
	exitLauncher = 97
)

// launch is what the launcher is told.
type launch struct {
	Plan     Plan
	Argv     []string
	Env      []string
	Readable []string
	Files    int // descriptors after 2 to keep
	Threads  int
	DropTo   int            // user to become; 0: already is
	Trees    map[string]int // path to descriptor of a detached mount
}

func (s *Spec) check() error {
	switch {
	case len(s.Argv) == 0 || !strings.HasPrefix(s.Argv[0], "/"):
		return fmt.Errorf("protect: %q is no absolute path to a program", s.Argv)
	case s.Threads < 1:
		return fmt.Errorf("protect: %d tasks; allow at least 1", s.Threads)
	}
	for _, p := range s.Readable {
		if !strings.HasPrefix(p, "/") {
			return fmt.Errorf("protect: readable %q is no absolute path", p)
		}
	}
	return nil
}

// IsLaunchFailure reports whether a process's standard error says that its
// sandbox could not be set up, and why.
func IsLaunchFailure(stderr string) (reason string, ok bool) {
	for line := range strings.Lines(stderr) {
		if rest, found := strings.CutPrefix(line, launchFailed); found {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}
