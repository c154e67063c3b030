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

// layer is one of the layers, named for people.
type layer struct {
	group, name string
	has         bool
}

func (p *Protections) layers() []layer {
	return []layer{
		{"namespaces", "user namespace", p.UserNS}, {"namespaces", "pid namespace", p.PidNS}, {"namespaces", "network namespace", p.NetNS},
		{"namespaces", "mount namespace", p.MountNS}, {"namespaces", "ipc namespace", p.IpcNS},
		{"filters", "Landlock", p.Landlock > 0}, {"filters", "seccomp", p.Seccomp}, {"filters", "no new privileges", p.NoNewPrivs},
		{"limits", "resource limits", p.Rlimits}, {"limits", "bound on threads", p.Nproc}, {"limits", "unprivileged id", p.Unprivileged},
	}
}

// Missing are the layers that are not in place.
func (p *Protections) Missing() []string {
	var missing []string
	for _, l := range p.layers() {
		if !l.has {
			missing = append(missing, l.name)
		}
	}
	return missing
}

// Grade is the level that the other fields amount to.
func (p *Protections) Grade() Level {
	switch {
	case len(p.Reached) > 0 || !p.Seccomp || !p.NoNewPrivs || !p.Rlimits || !p.Unprivileged:
		return None
	case len(p.Missing()) > 0:
		return Partial
	}
	return Full
}

// Lines say in full what is in place and what is not.
func (p *Protections) Lines() []string {
	var lines []string
	for _, group := range []string{"namespaces", "filters", "limits"} {
		var names []string
		for _, l := range p.layers() {
			if l.group == group && l.has {
				names = append(names, strings.TrimSuffix(l.name, " namespace"))
			}
		}
		if len(names) > 0 {
			lines = append(lines, group+": "+strings.Join(names, ", "))
		}
	}
	if missing := p.Missing(); len(missing) > 0 {
		lines = append(lines, "missing: "+strings.Join(missing, ", "))
	}
	if len(p.Reached) > 0 {
		lines = append(lines, "a program can "+strings.Join(p.Reached, ", "))
	}
	return lines
}

// String is one line for people.
func (p *Protections) String() string { return string(p.Level) + ": " + strings.Join(p.Lines(), "; ") }
