//go:build linux

package python

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ra3/core/judge/protect"
)

// TestPlans probes under every plan, also those that are only for systems that
// grant less: what a plan leaves out is missing from the report, and no probe
// gets through anyway.
func TestPlans(t *testing.T) {
	py, err := FindInterpreter(t.Context(), "/usr/bin/python3")
	if err != nil {
		t.Skip(err)
	}
	for i, plan := range protect.Plans() {
		p, err := probe(t.Context(), plan, py)
		if err != nil {
			t.Logf("%+v: %v", plan, err)
			if i == 0 {
				t.Skip("this machine grants no namespaces")
			}
			continue
		}
		t.Logf("%+v: %s", plan, p.String())
		if p.UserNS != plan.User || p.MountNS != plan.Mount || p.PidNS != plan.Space || p.NetNS != plan.Space || p.IpcNS != plan.Space {
			t.Errorf("%+v: namespaces %+v", plan, p)
		}
		if p.Landlock != protect.LandlockABI() || !p.Seccomp || !p.Rlimits || !p.Unprivileged || len(p.Reached) > 0 {
			t.Errorf("%+v: %s", plan, p.String())
		}
		want := protect.Partial
		if plan.Mount && plan.User && plan.Space && p.Landlock > 0 {
			want = protect.Full
		}
		if p.Level != want {
			t.Errorf("%+v: level %s, want %s", plan, p.Level, want)
		}
	}
}

// TestAsOrdinaryUser runs TestPlans as nobody, where this is root.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("this is an ordinary user already")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A copy: the test's own directory may be closed to others.
	dir, err := os.MkdirTemp("/var/tmp", "ra3-user-")
	if err != nil {
		t.Skip(err)
	}
	defer os.RemoveAll(dir)
	text, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "test")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(copied, text, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied, "-test.run=^(TestPlans|TestMeasure)$", "-test.v")
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/bin:/bin", "HOME=/nonexistent"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65533, Gid: 65533}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if text := string(out); strings.Contains(text, "--- SKIP: TestPlans") {
		t.Skipf("an ordinary user has no Python or namespaces here:\n%s", text)
	} else if !strings.Contains(text, "--- PASS: TestMeasure") {
		t.Errorf("%s", text)
	}
}

// TestUnprotectedIsRefused: protections that come to none need a flag.
func TestUnprotectedIsRefused(t *testing.T) {
	d := discovery{protections: protect.Protections{Level: protect.None, Reached: []string{"write /tmp"}}}
	err := d.allowed(Options{})
	if !errors.Is(err, ErrUnprotected) || !strings.Contains(err.Error(), "a program can write /tmp") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
	if err := d.allowed(Options{AllowUnprotected: true}); err != nil {
		t.Error(err)
	}
	d.protections.Level = protect.Partial
	if err := d.allowed(Options{}); err != nil {
		t.Error(err)
	}
}

// TestProbeFindsHoles runs the probe in plain Python, where all is open: it must
// notice.
func TestProbeFindsHoles(t *testing.T) {
	py, err := FindInterpreter(t.Context(), "")
	if err != nil {
		t.Skip(err)
	}
	targets, err := newTargets()
	if err != nil {
		t.Fatal(err)
	}
	defer targets.close()
	all := map[string]any{}
	for name, n := range targets.numbers {
		all[name] = n
	}
	for name, p := range targets.paths {
		all[name] = p
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), py.Path, "-I", "-c", probeSource+"\nimport json, sys\nprint(json.dumps(probe(json.loads(sys.argv[1]), 8, 1 << 62)))", string(text))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found struct {
		Reached []string
		Limits  bool
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"connect TCP", "send UDP", "connect a unix socket", "connect an abstract socket", "write " + targets.dir, "change a file's mode", "change a file",
		"read /etc/passwd", "read /proc/self/mem", "signal the judge", "signal its parent", "see processes", "start a process", "execute a file", "list /"} {
		if !slices.Contains(found.Reached, want) {
			t.Errorf("the probe did not find that it can %s: %v", want, found.Reached)
		}
	}
	if found.Limits {
		t.Error("the probe finds limits where there are none")
	}
}

func TestNoInterpreter(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := FindInterpreter(t.Context(), ""); !errors.Is(err, ErrNoPython) {
		t.Error(err)
	}
	for path, want := range map[string]string{"/nonexistent/python3": "does not run", "/bin/false": "does not run", "/bin/echo": "answers with what no Python should"} {
		if _, err := FindInterpreter(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", path, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewPool(ctx, Options{Python: "/usr/bin/python3"}); err == nil {
		t.Error("a pool under an ended context")
	}
}
