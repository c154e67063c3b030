// Package leak runs a package's tests and then looks for what they left: it is
// for TestMain alone.
package leak

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.uber.org/goleak"
)

// settles is how long what ends may take to be gone.
var settles = 5 * time.Second

// Run runs tests and returns their status, or 1 where all pass and a goroutine, a
// child process or a file descriptor is left.
func Run(tests func() int) int {
	before := descriptors()
	status := tests()
	if status != 0 {
		return status // a test that failed may have left anything
	}
	goroutines := func() []string {
		if err := goleak.Find(); err != nil {
			return []string{err.Error()}
		}
		return nil
	}
	if left := gone(goroutines); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "leak:", left[0])
		status = 1
	}
	if left := gone(children); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "leak: child processes are left: %s\n", strings.Join(left, ", "))
		status = 1
	}
	added := func() (more []string) {
		for fd, what := range descriptors() {
			if _, had := before[fd]; !had && !runtimeOwn(what) {
				more = append(more, fd+" "+what)
			}
		}
		return more
	}
	if left := gone(added); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "leak: file descriptors are left: %s\n", strings.Join(left, ", "))
		status = 1
	}
	return status
}

// gone waits until there is none of something, and returns what is left.
func gone(list func() []string) []string {
	late := time.Now().Add(settles)
	for {
		left := list()
		if len(left) == 0 || time.Now().After(late) {
			return left
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// children names the child processes, where /proc tells.
func children() (out []string) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil // the pattern is right
	}
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		name, rest, _ := strings.Cut(string(raw), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(os.Getpid()) {
			out = append(out, name+") "+f[0])
		}
	}
	return out
}

// descriptors lists the open ones with what they are, where /proc tells.
func descriptors() map[string]string {
	out := map[string]string{}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return out
	}
	for _, e := range entries {
		if what, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil { // that of the listing itself is closed
			out[e.Name()] = what
		}
	}
	return out
}

// runtimeOwn says of a descriptor that the Go runtime keeps it for ever.
func runtimeOwn(what string) bool {
	return strings.HasPrefix(what, "anon_inode:[event") || strings.HasPrefix(what, "/sys/fs/cgroup/") || strings.Contains(what, "pidfd")
}
