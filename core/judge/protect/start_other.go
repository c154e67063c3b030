//go:build !linux

package protect

// Start fails: the sandbox is made of what Linux offers.
func Start(Spec) (*Process, error) { return nil, ErrUnsupported }

// ServeIfChild returns at once: there are no launchers here.
func ServeIfChild() {}

// LandlockABI is 0 here.
func LandlockABI() int { return 0 }

// ChildFilterBytes is empty here.
func ChildFilterBytes() []byte { return nil }
