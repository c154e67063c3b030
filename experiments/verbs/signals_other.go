//go:build !unix

package verbs

import "os"

// endings are the signals, beside the interrupt, that end a command with its
// work saved.
var endings []os.Signal

// mayBeTyped cannot tell.
func mayBeTyped() bool { return true }

// ignoreFileSignals has nothing to do: this system reports errors of writing.
func ignoreFileSignals() {}
