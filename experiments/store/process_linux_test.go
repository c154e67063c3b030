package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The tests in this file run the test binary again as a second process, in the
// role that the environment names.
const roleKey = "RA3_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	roles := map[string]func(dir string) error{
		"hold":  holdChild,
		"limit": limitChild,
		"full":  fullChild,
		"user":  userChild,
	}
	role, ok := roles[os.Getenv(roleKey)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(os.Args[1]); err != nil {
		fmt.Println(err)
		if errors.Is(err, errNotHere) {
			os.Exit(3)
		}
		os.Exit(1)
	}
	os.Exit(0)
}

var errNotHere = errors.New("not possible here")

func childCommand(t *testing.T, role, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), roleKey+"="+role)
	return cmd
}

// runChild returns what the child printed, or skips the test if it cannot be run here.
func runChild(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() == 3) {
		t.Skipf("%v: %s", err, out)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// holdChild keeps the run open until its input ends.
func holdChild(dir string) error {
	r, err := Open(dir)
	if err != nil {
		return err
	}
	if err := r.Append(event(int(r.LastSeq()) + 1)); err != nil {
		return err
	}
	if err := r.Flush(); err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return r.Close()
}

// holder starts a child that has the run open, and returns how to end it.
func startHolder(t *testing.T, dir string) (pid int, end func(kill bool)) {
	t.Helper()
	cmd := childCommand(t, "hold", dir)
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "open\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	return cmd.Process.Pid, func(kill bool) {
		t.Helper()
		if !kill {
			must(t, in.Close())
			must(t, cmd.Wait())
			return
		}
		must(t, cmd.Process.Kill())
		if err := cmd.Wait(); err == nil {
			t.Error("the holder was not killed")
		}
	}
}

func TestTwoProcesses(t *testing.T) {
	r, dir := create(t)
	must(t, r.Close())
	for i, kill := range []bool{false, true, false} {
		pid, end := startHolder(t, dir)
		_, err := Open(dir)
		var held *HeldError
		if !errors.As(err, &held) || held.PID != pid || held.Host != thisProcess().Host {
			t.Errorf("a second opener got %v, holder is %d", err, pid)
		}
		wantError(t, err, nil, fmt.Sprintf("process %d", pid), "ra3 runs show")
		v, err := View(dir)
		must(t, err)
		checkEvents(t, v, i+1, 0)
		must(t, v.Close())
		if all, err := List(filepath.Dir(dir)); err != nil || len(all) != 1 || all[0].State != Running {
			t.Errorf("listed %+v, %v", all, err)
		}
		end(kill)
		r, err := Open(dir)
		must(t, err)
		if r.LastSeq() != int64(i+1) {
			t.Errorf("last seq %d", r.LastSeq())
		}
		must(t, r.Close())
	}
}

func TestManyOpenersOneWins(t *testing.T) {
	r, dir := create(t)
	must(t, r.Close())
	const n = 4
	outcomes := make(chan error, n)
	cmds := make([]*exec.Cmd, n)
	ins := make([]io.Closer, n)
	for i := range n {
		cmds[i] = childCommand(t, "hold", dir)
		in, err := cmds[i].StdinPipe()
		must(t, err)
		out, err := cmds[i].StdoutPipe()
		must(t, err)
		must(t, cmds[i].Start())
		ins[i] = in
		go func() {
			line, err := bufio.NewReader(out).ReadString('\n')
			if err == nil && line != "open\n" {
				err = errors.New(line)
			}
			outcomes <- err
		}()
	}
	won := 0
	for range n {
		if err := <-outcomes; err == nil {
			won++
		} else if !strings.Contains(err.Error(), "is being written by") {
			t.Errorf("an opener says %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d openers hold the run", won)
	}
	for i := range n {
		must(t, ins[i].Close())
		_ = cmds[i].Wait() // the losers fail, as counted above
	}
}

// outOfRoom fills the disk under the run r with events and records and checks
// that nothing is lost or torn. small makes room again.
func outOfRoom(r *Run, want error, small func() error) error {
	n := 0
	var err error
	for ; err == nil && n < 10000; n++ {
		if err = r.Append(event(n + 1)); err == nil {
			err = r.Flush()
		}
	}
	fmt.Println(err)
	if !errors.Is(err, want) {
		return fmt.Errorf("after %d events: %w", n, err)
	}
	if err := AppendJSONL(r, SamplesFile, strings.Repeat("x", 1<<20)); !errors.Is(err, want) {
		return fmt.Errorf("append record: %w", err)
	}
	if records, err := readRecords[string](r, SamplesFile); len(records) != 0 || err != nil {
		return fmt.Errorf("a failed append left %d records, %v", len(records), err)
	}
	if err := r.WriteSummary(strings.Repeat("x", 1<<20)); !errors.Is(err, want) {
		return fmt.Errorf("write summary: %w", err)
	}
	if err := small(); err != nil {
		return err
	}
	if err := r.Flush(); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	events, notices, err := r.Events()
	if err != nil || len(events) != n || len(notices) != 0 {
		return fmt.Errorf("%d of %d events, %v, %v", len(events), n, notices, err)
	}
	return r.Close()
}

// limitChild meets a limit on the size of files.
func limitChild(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	r, err := Create(dir, testManifest, testConfig)
	if err != nil {
		return err
	}
	limit := syscall.Rlimit{Cur: 10000, Max: 1 << 30}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return fmt.Errorf("%w: %w", errNotHere, err)
	}
	return outOfRoom(r, syscall.EFBIG, func() error {
		limit.Cur = limit.Max
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
	})
}

// fullChild runs on a disk of its own of 256 KiB, in its own mount namespace.
func fullChild(dir string) error {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=262144"); err != nil {
		return fmt.Errorf("%w: %w", errNotHere, err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 100<<10), 0o666); err != nil {
		return err
	}
	run := filepath.Join(dir, "r")
	r, err := Create(run, testManifest, testConfig)
	if err != nil {
		return err
	}
	if err := outOfRoom(r, syscall.ENOSPC, func() error { return os.Remove(ballast) }); err != nil {
		return err
	}
	// Now to the last byte: a full disk must not stop the removal that frees it.
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o666); !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("ballast: %w", err)
	}
	if _, err := Create(filepath.Join(dir, "r2"), testManifest, testConfig); !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("create: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "r2")); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("a failed Create left its directory: %w", err)
	}
	return Remove(run)
}

// userChild has no right to write in dir.
func userChild(dir string) error {
	if _, err := Create(filepath.Join(dir, "new"), testManifest, testConfig); !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("create: %w", err)
	}
	run := filepath.Join(dir, "r1")
	_, err := Open(run)
	if !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("open: %w", err)
	}
	fmt.Println(err)
	r, err := View(run)
	if err != nil {
		return err
	}
	if events, _, err := r.Events(); err != nil || len(events) != 2 {
		return fmt.Errorf("%d events, %w", len(events), err)
	}
	if all, err := List(dir); err != nil || len(all) != 1 || all[0].State != Stopped {
		return fmt.Errorf("listed %v, %w", all, err)
	}
	return r.Close()
}

func TestFileSizeLimit(t *testing.T) {
	out := runChild(t, childCommand(t, "limit", filepath.Join(t.TempDir(), "r")))
	if !strings.Contains(out, "ulimit") {
		t.Errorf("message %q", out)
	}
}

func TestFullDisk(t *testing.T) {
	cmd := childCommand(t, "full", t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if out := runChild(t, cmd); !strings.Contains(out, "the disk is full") {
		t.Errorf("message %q", out)
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	if os.Getuid() == 0 {
		testReadOnlyAsOther(t)
		return
	}
	r, dir := create(t)
	appendEvents(t, r, 1, 2)
	must(t, r.Close())
	root := filepath.Dir(dir)
	must(t, os.Chmod(filepath.Join(dir, lockName), 0o444))
	must(t, os.Chmod(dir, 0o555))
	must(t, os.Chmod(root, 0o555))
	defer func() {
		must(t, os.Chmod(root, 0o755))
		must(t, os.Chmod(dir, 0o755))
	}()
	must(t, userChild(root))
}

// testReadOnlyAsOther lets a child of another user try: root may write anywhere.
func testReadOnlyAsOther(t *testing.T) {
	root, err := os.MkdirTemp("", "ra3-store-") // t.TempDir is closed to other users
	must(t, err)
	defer func() { must(t, os.RemoveAll(root)) }()
	must(t, os.Chmod(root, 0o755))
	r, err := Create(filepath.Join(root, "r1"), testManifest, testConfig)
	must(t, err)
	appendEvents(t, r, 1, 2)
	must(t, r.Close())
	binary, err := os.ReadFile(os.Args[0])
	must(t, err)
	exe := filepath.Join(root, "test-binary")
	must(t, os.WriteFile(exe, binary, 0o755))
	must(t, os.Chmod(exe, 0o755))
	cmd := exec.CommandContext(t.Context(), exe, root)
	cmd.Env = append(os.Environ(), roleKey+"=user")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out := runChild(t, cmd); !strings.Contains(out, "permission denied") {
		t.Errorf("message %q", out)
	}
}
