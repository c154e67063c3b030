package protect

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ServeIfChild becomes the sandboxed process, if this process was started as a
// launcher; otherwise it returns at once. It must come first in main.
func ServeIfChild() {
	if os.Getenv(launcherEnv) == "" {
		return
	}
	if len(os.Args) != 3 || os.Args[1] != launcherArg {
		fmt.Fprintf(os.Stderr, "ra3: %s is set, but this process was not started as a launcher; unset %s\n", launcherEnv, launcherEnv)
		os.Exit(2)
	}
	// Rights are a thread's own: all must be given up on the one that executes.
	runtime.LockOSThread()
	err := become(os.Args[2])
	fmt.Fprintf(os.Stderr, "%s%v\n", launchFailed, err)
	os.Exit(exitLauncher)
}

// become sets the sandbox up from the inside and replaces this process by the
// program. It returns only on failure. The order matters: each step takes away
// what an earlier one needed.
func become(text string) error {
	var l launch
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return fmt.Errorf("reading its orders: %w", err)
	}
	if err := keepFiles(l); err != nil {
		return err
	}
	readable := l.Readable
	if l.Plan.Mount {
		if err := enterRoot(l); err != nil {
			return err
		}
	}
	if err := limit(l); err != nil {
		return err
	}
	if l.DropTo != 0 {
		if err := dropTo(l.DropTo); err != nil {
			return err
		}
	}
	if err := dropCapabilities(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbidding new privileges: %w", err)
	}
	if err := restrictFiles(readable); err != nil {
		return err
	}
	if err := installFilter(ServerFilter()); err != nil {
		return err
	}
	return fmt.Errorf("executing %s: %w", l.Argv[0], syscall.Exec(l.Argv[0], l.Argv, l.Env))
}

// keepFiles makes 0 and 1 /dev/null and marks all but the promised descriptors
// to be closed by the program's start. Standard error stays until the program
// replaces it.
func keepFiles(l launch) error {
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening /dev/null: %w", err)
	}
	for fd := range 2 {
		if err := unix.Dup3(null, fd, 0); err != nil {
			return fmt.Errorf("giving /dev/null as descriptor %d: %w", fd, err)
		}
	}
	first := uint(3 + l.Files)
	if err := unix.CloseRange(first, ^uint(0)>>33, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("closing other descriptors: %w", err)
	}
	return nil
}

type bound struct {
	name  string
	which int
	value uint64
}

// limit sets what holds for every process of the sandbox. Address space and
// processor time are set for each program by the driver.
func limit(l launch) error {
	bounds := []bound{
		{"core files", unix.RLIMIT_CORE, 0},
		{"file size", unix.RLIMIT_FSIZE, 0},
		{"open files", unix.RLIMIT_NOFILE, 64},
		{"stack", unix.RLIMIT_STACK, 8 << 20},
		{"locked memory", unix.RLIMIT_MEMLOCK, 0},
		{"message queues", unix.RLIMIT_MSGQUEUE, 0},
		{"pending signals", unix.RLIMIT_SIGPENDING, 64},
	}
	// The kernel counts tasks by user and user namespace: without one of its own
	// a sandbox would be charged for the user's others, and for other sandboxes.
	if l.Plan.User {
		bounds = append(bounds, bound{"tasks", unix.RLIMIT_NPROC, uint64(l.Threads)})
	}
	for _, r := range bounds {
		// A lower limit of the user's own stays.
		var now unix.Rlimit
		if err := unix.Getrlimit(r.which, &now); err != nil {
			return fmt.Errorf("reading the limit of %s: %w", r.name, err)
		}
		n := min(r.value, now.Max)
		if err := unix.Setrlimit(r.which, &unix.Rlimit{Cur: n, Max: n}); err != nil {
			return fmt.Errorf("limiting %s to %d: %w", r.name, n, err)
		}
	}
	return nil
}

// dropTo gives up root for good, where no user namespace has done so.
func dropTo(id int) error {
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("leaving root's groups: %w", err)
	}
	if err := syscall.Setresgid(id, id, id); err != nil {
		return fmt.Errorf("becoming group %d: %w", id, err)
	}
	if err := syscall.Setresuid(id, id, id); err != nil {
		return fmt.Errorf("becoming user %d: %w", id, err)
	}
	return nil
}

func dropCapabilities() error {
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("clearing ambient capabilities: %w", err)
	}
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&head, &none[0]); err != nil {
		return fmt.Errorf("dropping capabilities: %w", err)
	}
	return nil
}

// installFilter loads a seccomp program for this thread and what it executes.
func installFilter(f Filter) error {
	prog := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	if err := seccomp(&prog); err != nil {
		return fmt.Errorf("installing the system call filter: %w", err)
	}
	return nil
}

func seccomp(prog *unix.SockFprog) error {
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(prog)))
	if errno != 0 {
		return errno
	}
	return nil
}
