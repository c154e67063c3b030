package judge

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

const executable = "/proc/self/exe" // the running binary even if replaced on disk

const rlimitData = 2 // RLIMIT_DATA on every Linux architecture Go supports

// dataSlackMB covers the runtime's own tables and fragmentation.
const dataSlackMB = 64

// limitProcess bounds how far this process's private writable memory may grow.
// RLIMIT_DATA counts that (since Linux 4.7) and not the address space the Go
// runtime merely reserves, which RLIMIT_AS would. An allocation beyond it ends
// the process with the runtime's "out of memory".
func limitProcess(mb int) error {
	used, err := dataSize()
	if err != nil {
		return err
	}
	bound := used + uint64(mb+dataSlackMB)<<20
	if err := syscall.Setrlimit(rlimitData, &syscall.Rlimit{Cur: bound, Max: bound}); err != nil {
		return fmt.Errorf("judge: bounding memory to %d bytes: %w", bound, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("judge: forbidding core files: %w", err)
	}
	return nil
}

// dataSize is the size in bytes that RLIMIT_DATA compares.
func dataSize() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("judge: reading this process's size; is /proc mounted: %w", err)
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmData:")); ok {
			kb, err := strconv.ParseUint(string(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(" kB"))), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("judge: VmData in /proc/self/status: %w", err)
			}
			return kb << 10, nil
		}
	}
	return 0, fmt.Errorf("judge: no VmData in /proc/self/status; is /proc mounted")
}

// childAttr has the kernel kill a worker with its parent. The signal comes when
// the thread that started the worker ends, which in a Go program is rarely
// before the process; a worker lost that way is replaced like any other.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

func executablePath() (string, error) { return executable, nil }
