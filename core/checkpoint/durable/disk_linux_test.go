package durable

import (
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

const childKey = "RA3_DURABLE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childKey) {
	case "":
		os.Exit(m.Run())
	case "limit":
		os.Exit(fileLimitChild(os.Args[1]))
	case "tmpfs":
		os.Exit(fullDiskChild(os.Args[1]))
	}
}

// child runs this binary again in the given role.
func child(t *testing.T, role, dir string, attr *syscall.SysProcAttr) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0], dir)
	cmd.Env = append(os.Environ(), childKey+"="+role)
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func failingReplace(dir string, want error) int {
	path := filepath.Join(dir, "a")
	if err := Replace(path, put("old")); err != nil {
		fmt.Println("small file:", err)
		return 1
	}
	err := Replace(path, func(w io.Writer) error {
		_, err := w.Write(make([]byte, 1<<20))
		return err
	})
	if !errors.Is(err, want) || strings.Contains(err.Error(), asideMark) {
		fmt.Println("error:", err)
		return 1
	}
	b, rerr := os.ReadFile(path)
	entries, derr := os.ReadDir(dir)
	if rerr != nil || derr != nil || string(b) != "old" || len(entries) != 1 {
		fmt.Println("left behind:", len(b), "bytes,", entries, rerr, derr)
		return 1
	}
	fmt.Println(err)
	return 0
}

func fileLimitChild(dir string) int {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: 4096}); err != nil {
		fmt.Println(err)
		return 1
	}
	return failingReplace(dir, syscall.EFBIG)
}

const noMount = 3

func fullDiskChild(dir string) int {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=65536"); err != nil {
		fmt.Println(err)
		return noMount
	}
	return failingReplace(dir, syscall.ENOSPC)
}

func TestFileSizeLimit(t *testing.T) {
	out, err := child(t, "limit", t.TempDir(), nil)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.Contains(out, "ulimit") {
		t.Errorf("message %q", out)
	}
}

func TestFullDisk(t *testing.T) {
	out, err := child(t, "tmpfs", t.TempDir(), &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	})
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() == noMount) {
		t.Skipf("no private mounts here: %v %s", err, out)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.Contains(out, "the disk is full") {
		t.Errorf("message %q", out)
	}
}
