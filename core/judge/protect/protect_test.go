package protect

import (
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	ServeIfChild()
	os.Exit(m.Run())
}

func whole() Protections {
	return Protections{UserNS: true, PidNS: true, NetNS: true, MountNS: true, IpcNS: true, Landlock: 7, Seccomp: true, NoNewPrivs: true, Rlimits: true, Nproc: true, UID: ID, Unprivileged: true}
}

func TestGrade(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Protections)
		want   Level
	}{
		{"all", func(*Protections) {}, Full},
		{"no user namespace", func(p *Protections) { p.UserNS = false }, Partial},
		{"no Landlock", func(p *Protections) { p.Landlock = 0 }, Partial},
		{"no mount namespace", func(p *Protections) { p.MountNS = false }, Partial},
		{"threads", func(p *Protections) { p.Nproc = false }, Partial},
		{"no seccomp", func(p *Protections) { p.Seccomp = false }, None},
		{"root", func(p *Protections) { p.Unprivileged = false }, None},
		{"no limits", func(p *Protections) { p.Rlimits = false }, None},
		{"reached", func(p *Protections) { p.Reached = []string{"write /tmp"} }, None},
	} {
		p := whole()
		c.change(&p)
		if got := p.Grade(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		p.Level = p.Grade()
		if s := p.String(); strings.Contains(s, "\n") || !strings.HasPrefix(s, string(c.want)) || (len(p.Missing()) > 0) != strings.Contains(s, "missing: ") {
			t.Errorf("%s: %q", c.name, s)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back Protections
		if err := json.Unmarshal(text, &back); err != nil || back.String() != p.String() {
			t.Errorf("%s: %s became %s (%v)", c.name, p.String(), back.String(), err)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sandboxes need Linux")
	}
	for name, s := range map[string]Spec{
		"no program":    {Threads: 1},
		"relative":      {Argv: []string{"python3"}, Threads: 1},
		"no tasks":      {Argv: []string{"/bin/true"}},
		"relative path": {Argv: []string{"/bin/true"}, Threads: 1, Readable: []string{"usr"}},
	} {
		if p, err := Start(s); err == nil {
			p.Kill()
			_, _ = p.Wait()
			t.Errorf("%s: no error", name)
		}
	}
	// A binary whose main does not ask whether it is a launcher must not start
	// itself without end.
	t.Setenv(launcherEnv, "1")
	if _, err := Start(Spec{Argv: []string{"/bin/true"}, Threads: 1}); err == nil || !strings.Contains(err.Error(), "ServeIfChild") {
		t.Errorf("a launcher starts launchers: %v", err)
	}
}

func TestLaunchFailure(t *testing.T) {
	for _, plan := range Plans() {
		p, err := Start(Spec{Plan: plan, Argv: []string{"/nonexistent"}, Readable: []string{"/usr"}, Threads: 16})
		if errors.Is(err, ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil {
			t.Logf("%+v: %v", plan, err)
			continue // not granted here
		}
		_, text := p.Wait()
		if reason, ok := IsLaunchFailure(text); !ok || strings.Contains(reason, "\n") {
			t.Errorf("%+v: %q", plan, text)
		}
	}
	if _, ok := IsLaunchFailure("Traceback: sandbox"); ok {
		t.Error("a program's own words are taken for the launcher's")
	}
}
