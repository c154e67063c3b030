//go:build !unix

package store

import "os"

func acquireKernel(string) (*lock, error) { return nil, errUnsupported }

func lockedKernel(string) (bool, error) { return false, errUnsupported }

// alive relies on FindProcess failing for a process that has gone, as on Windows.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	return p.Release() == nil
}
