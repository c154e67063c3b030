//go:build !linux

package judge

import (
	"fmt"
	"os"
	"syscall"
)

// limitProcess leaves the bound to the guard, which looks at the heap every
// few milliseconds: these systems do not hold a process to a limit on data.
func limitProcess(int) error { return nil }

// childAttr is empty: a worker without parent reads the end of its input, or
// is ended by its guard.
func childAttr() *syscall.SysProcAttr { return nil }

func executablePath() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("judge: finding this program's file: %w", err)
	}
	return path, nil
}
