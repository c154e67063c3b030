// Package protect starts processes that cannot harm the machine or the run:
// in namespaces of their own where the kernel grants them, under Landlock,
// seccomp and resource limits, with an unprivileged id and an empty
// environment. What holds is probed inside the child and reported.
package protect

import "strings"

// Level sums Protections up.
type Level string

// The levels.
const (
	// Full: every layer is in place and every probe was turned away.
	Full Level = "full"
	// Partial: every probe was turned away, but by fewer layers.
	Partial Level = "partial"
	// None: some probe reached a file, the network or another process.
	None Level = "none"
)

// Protections is what holds for a sandboxed process: layers as the kernel
// shows them for the running process, effects as the process itself found them.
// That a call to set something up returned success is not taken for an answer.
type Protections struct {
	Level Level `json:"level"`

	// Layers.
	UserNS     bool `json:"userns"`
	PidNS      bool `json:"pidns"`
	NetNS      bool `json:"netns"`
	MountNS    bool `json:"mountns"`
	IpcNS      bool `json:"ipcns"`
	Landlock   int  `json:"landlock_abi"` // 0: none
	Seccomp    bool `json:"seccomp"`
	NoNewPrivs bool `json:"no_new_privs"`
	Rlimits    bool `json:"rlimits"`         // address space, processor time, files, core
	Nproc      bool `json:"nproc_effective"` // the number of threads is bounded

	// UID is the user id outside the sandbox that the process acts with, and
	// Unprivileged tells that it is not root's and has no capabilities.
	UID          int  `json:"uid"`
	Unprivileged bool `json:"unprivileged"`

	// Reached names the probes that were not turned away, as in "write /tmp".
	Reached []string `json:"reached,omitempty"`
}

// layers are named for people, in the order of the struct.
func (p *Protections) layers() (have, missing []string) {
	for _, l := range []struct {
		name string
		has  bool
	}{
		{"user namespace", p.UserNS}, {"pid namespace", p.PidNS}, {"network namespace", p.NetNS}, {"mount namespace", p.MountNS}, {"ipc namespace", p.IpcNS},
		{"Landlock", p.Landlock > 0}, {"seccomp", p.Seccomp}, {"no new privileges", p.NoNewPrivs},
		{"resource limits", p.Rlimits}, {"bound on threads", p.Nproc}, {"unprivileged id", p.Unprivileged},
	} {
		if l.has {
			have = append(have, l.name)
		} else {
			missing = append(missing, l.name)
		}
	}
	return have, missing
}

// Missing are the layers that are not in place.
func (p *Protections) Missing() []string {
	_, missing := p.layers()
	return missing
}

// Grade is the level that the other fields amount to. A root-owned process
// without a user namespace of its own is no worse for it, once its id and
// capabilities are gone.
func (p *Protections) Grade() Level {
	missing := p.Missing()
	switch {
	case len(p.Reached) > 0 || !p.Seccomp || !p.NoNewPrivs || !p.Rlimits || !p.Unprivileged:
		return None
	case len(missing) == 0 || len(missing) == 1 && !p.UserNS:
		return Full
	}
	return Partial
}

// String is one line for people.
func (p *Protections) String() string {
	have, missing := p.layers()
	s := string(p.Level) + ": " + strings.Join(have, ", ")
	if len(missing) > 0 {
		s += "; missing: " + strings.Join(missing, ", ")
	}
	if len(p.Reached) > 0 {
		s += "; a program can " + strings.Join(p.Reached, ", ")
	}
	return s
}
