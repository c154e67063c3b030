package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

var cures = []struct {
	is   error
	cure string
}{
	{syscall.ENOSPC, "the disk is full: free space there or choose another directory"},
	{syscall.EDQUOT, "your disk quota is used up: free space there or choose another directory"},
	{syscall.EFBIG, "the file size limit is reached: raise it (ulimit -f) or choose another directory"},
	{syscall.EROFS, "choose a directory on a disk that can be written"},
	{syscall.ENOTDIR, "a part of the path is a file: choose another path"},
	{fs.ErrPermission, "change the permissions or choose another directory"},
	{fs.ErrNotExist, "check the path"},
}

// explained marks an error that already names its path and cure.
type explained struct {
	text  string
	cause error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.cause }

// Explain words a failed operation on path as "op path: cause; cure". The cause
// stays reachable by errors.Is; an explained error is returned as it is.
func Explain(op, path string, err error) error {
	if err == nil {
		return nil
	}
	var done *explained
	if errors.As(err, &done) {
		return err
	}
	cause := rootCause(err)
	text := fmt.Sprintf("%s %s: %v", op, path, cause)
	for _, c := range cures {
		if errors.Is(err, c.is) {
			text += "; " + c.cure
			break
		}
	}
	return &explained{text, err}
}

// rootCause strips the operation and path that package os puts before an
// error number: Explain gives both in the user's terms.
func rootCause(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	case *os.SyscallError:
		return e.Err
	}
	return err
}
