//go:build unix

package verbs

import (
	"os"
	"os/signal"
	"syscall"
)

// endings are the signals that end a command with its work saved.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// ignoreFileSignals has writes fail with an error, which is reported, where the
// system would rather kill the process: beyond the file size limit, and to a
// pipe that nobody reads.
func ignoreFileSignals() { signal.Ignore(syscall.SIGXFSZ, syscall.SIGPIPE) }
