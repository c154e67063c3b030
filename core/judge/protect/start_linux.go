package protect

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

const executable = "/proc/self/exe" // the running binary even if replaced on disk

// Start starts a sandboxed process. It returns once the launcher runs: whether
// the sandbox came about shows when the process speaks, or ends.
func Start(spec Spec) (*Process, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	if auditArch == 0 {
		return nil, ErrUnsupported
	}
	if os.Getenv(launcherEnv) != "" {
		// Its main went on to do what its parent does: do not begin again.
		return nil, fmt.Errorf("protect: this process was started as a launcher (%s is set); main must call judge.ServeIfChild first", launcherEnv)
	}
	l := launch{Plan: spec.Plan, Argv: spec.Argv, Env: spec.Env, Readable: spec.Readable, Files: len(spec.Files), Threads: spec.Threads}
	root := os.Geteuid() == 0
	attr := &syscall.SysProcAttr{Setpgid: true}
	if spec.Plan.Space {
		attr.Cloneflags |= unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS
	}
	if spec.Plan.Mount {
		attr.Cloneflags |= unix.CLONE_NEWNS
	}
	switch {
	case spec.Plan.User:
		attr.Cloneflags |= unix.CLONE_NEWUSER
		hostUID, hostGID := os.Geteuid(), os.Getegid()
		if root {
			hostUID, hostGID = ID, ID
		}
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: ID, HostID: hostUID, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: ID, HostID: hostGID, Size: 1}}
		// Only root may shed supplementary groups there.
		attr.GidMappingsEnableSetgroups = root
		attr.Credential = &syscall.Credential{Uid: ID, Gid: ID, NoSetGroups: !root}
		// Over its own namespaces, to build the root; the launcher drops them.
		attr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
	case root:
		l.DropTo = ID
	}
	extra := spec.Files
	if spec.Plan.Mount && root {
		trees, err := detach(spec.Readable)
		if err != nil {
			return nil, err
		}
		l.Trees = make(map[string]int)
		for path, f := range trees {
			defer f.Close()
			l.Trees[path] = 3 + len(extra)
			extra = append(extra[:len(extra):len(extra)], f)
		}
	}
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("protect: %w", err)
	}
	p := &Process{cmd: exec.Command(executable, launcherArg, string(text)), stderr: new(head)}
	p.cmd.Env = []string{launcherEnv + "=1", "GOMAXPROCS=1", "GOTRACEBACK=none"}
	p.cmd.Stderr = p.stderr
	p.cmd.ExtraFiles = extra
	p.cmd.SysProcAttr = attr
	p.cmd.Dir = "/"
	if err := p.cmd.Start(); err != nil {
		if errors.Is(err, unix.EACCES) && (root || spec.Plan.User) {
			return nil, fmt.Errorf("protect: user %d may not run this program's own file; let others execute it (chmod o+rx): %w", ID, err)
		}
		return nil, fmt.Errorf("protect: starting a sandbox: %w", err)
	}
	return p, nil
}

// detach copies the mounts below paths for the sandbox to attach: what lies
// under a directory closed to the unprivileged id (a Python in root's home) can
// be shown to it that way, and nothing else of that directory.
func detach(paths []string) (map[string]*os.File, error) {
	trees := make(map[string]*os.File)
	for _, p := range paths {
		fd, err := unix.OpenTree(unix.AT_FDCWD, p, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		if err != nil {
			for _, f := range trees {
				_ = f.Close()
			}
			return nil, fmt.Errorf("protect: copying the mount of %s: %w", p, err)
		}
		trees[p] = os.NewFile(uintptr(fd), p)
	}
	return trees, nil
}
