package python

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Interpreter is the Python that a pool runs.
type Interpreter struct {
	Path    string `json:"path"`    // of the binary itself, links and shims resolved
	Version string `json:"version"` // as in 3.11.7
	// readable is what it takes to run: itself, its library, shared libraries.
	readable []string
	// installed are the directories of installed packages.
	installed []string
}

//go:embed describe.py
var describe string

// ErrNoPython: there is no interpreter to run programs with.
var ErrNoPython = errors.New("python: no python3 found on the PATH; install Python 3.9 or newer, or name one")

const describeTimeout = 20 * time.Second

// FindInterpreter asks the Python at path, or the python3 on the PATH where path
// is empty, about itself. No program runs in that; it is the user's own Python.
func FindInterpreter(ctx context.Context, path string) (Interpreter, error) {
	if path == "" {
		found, err := exec.LookPath("python3")
		if err != nil {
			return Interpreter{}, ErrNoPython
		}
		path = found
	}
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-I", "-c", describe).Output()
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n")
			return Interpreter{}, fmt.Errorf("python: %s does not run: %w: %s", path, err, lines[len(lines)-1])
		}
		return Interpreter{}, fmt.Errorf("python: %s does not run: %w", path, err)
	}
	var d struct {
		Executable string
		Version    []int
		Paths      []string
		Installed  []string
		Missing    []string
	}
	if err := json.Unmarshal(out, &d); err != nil || len(d.Version) != 3 || !filepath.IsAbs(d.Executable) {
		return Interpreter{}, fmt.Errorf("python: %s answers with what no Python should: %.100q", path, out)
	}
	py := Interpreter{Path: d.Executable, Version: fmt.Sprintf("%d.%d.%d", d.Version[0], d.Version[1], d.Version[2])}
	switch {
	case slices.Compare(d.Version, []int{3, 9}) < 0:
		return Interpreter{}, fmt.Errorf("python: %s is Python %s, and judging needs 3.9 or newer; name another", path, py.Version)
	case len(d.Missing) > 0:
		return Interpreter{}, fmt.Errorf("python: %s (%s) lacks %s, which judging needs; install the full standard library", path, py.Version, strings.Join(d.Missing, ", "))
	}
	py.readable = readable(append(d.Paths, d.Executable))
	py.installed = d.Installed
	return py, nil
}

// system are the directories that hold what about every program needs: the
// loader, the C library, time zones. Nothing in them is private.
var system = []string{"/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache"}

// readable adds the system's directories to paths, and leaves out what is not
// there, links, and what lies below another.
func readable(paths []string) []string {
	var all []string
	for _, p := range append(slices.Clone(system), paths...) {
		real, err := filepath.EvalSymlinks(p)
		if err != nil || real == "/" {
			continue
		}
		all = append(all, real)
		// A path that leads there by another way must lead there inside too.
		if st, err := os.Lstat(p); err == nil && real != p && st.Mode()&os.ModeSymlink == 0 && !under(p, "/lib") {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	var out []string
	for _, p := range slices.Compact(all) {
		if len(out) == 0 || !under(p, out[len(out)-1]) {
			out = append(out, p)
		}
	}
	return out
}

// under reports whether path is dir or lies below it.
func under(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
