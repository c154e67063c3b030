//go:build unix

package verbs

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// endings are the signals, beside the interrupt, that end a command with its
// work saved.
var endings = []os.Signal{syscall.SIGTERM, syscall.SIGHUP}

// mayBeTyped says whether a terminal's ctrl+c reaches this process: it does
// where its group is in the foreground of a terminal that controls it.
func mayBeTyped() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close() // only asked
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// ignoreFileSignals has writes fail with an error, which is reported, where the
// system would rather kill the process: beyond the file size limit, and to a
// pipe that nobody reads.
func ignoreFileSignals() { signal.Ignore(syscall.SIGXFSZ, syscall.SIGPIPE) }
