//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// acquireKernel takes an flock, which ends with the process that has it, so a
// dead process never blocks.
func acquireKernel(dir string) (*lock, error) {
	path := filepath.Join(dir, lockName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := holdFile(file, path); err != nil {
		return nil, also(err, file.Close())
	}
	return &lock{file: file}, nil
}

func holdFile(file *os.File, path string) error {
	if err := flock(file, unix.LOCK_EX); err != nil {
		return err
	}
	// The run may have been removed, and made anew, since the file was opened:
	// a lock on a file without a name protects nothing.
	ours, err := file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(ours, named) {
		return errHeld
	}
	// The lock holds without the name in it, and on a full disk it must: Remove
	// takes it too.
	_ = file.Truncate(0)
	_, _ = file.WriteAt(thisProcess().encode(), 0)
	return nil
}

func lockedKernel(dir string) (held bool, err error) {
	file, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return false, err
	}
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	err = flock(file, unix.LOCK_SH)
	if errors.Is(err, errHeld) {
		return true, nil
	}
	return false, err
}

func flock(file *os.File, how int) error {
	for {
		err := unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return errHeld
		case errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOLCK):
			return errUnsupported
		}
		return err
	}
}

func alive(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}
