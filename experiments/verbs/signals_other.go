//go:build !unix

package verbs

import "os"

// endings are the signals that end a command with its work saved.
var endings = []os.Signal{os.Interrupt}

// ignoreFileSignals has nothing to do: this system reports errors of writing.
func ignoreFileSignals() {}
