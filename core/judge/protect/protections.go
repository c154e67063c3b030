// Package protect starts processes that cannot harm the machine or the run:
// in namespaces of their own where the kernel grants them, under Landlock,
// seccomp and resource limits, with an unprivileged id and an empty
// environment. What holds is probed inside the child and reported.
package protect

// Level sums Protections up.
type Level string

// The levels.
const (
	// Full: every layer is in place and every probe was turned away.
	Full Level = "full"
	// Partial: the probes were turned away, but by fewer layers.
	Partial Level = "partial"
	// None: some probe reached a file, the network or another process.
	None Level = "none"
)

// Protections is what holds for a sandboxed process, by its own probes: that a
// call to set something up returned success is not taken for an answer.
type Protections struct {
	Level Level `json:"level"`

	// Layers.
	UserNS      bool `json:"userns"`
	PidNS       bool `json:"pidns"`
	NetNS       bool `json:"netns"`
	MountNS     bool `json:"mountns"`
	IpcNS       bool `json:"ipcns"`
	ProcMounted bool `json:"proc_mounted"` // a /proc that shows the sandbox alone
	Landlock    int  `json:"landlock_abi"` // 0: none
	LandlockNet bool `json:"landlock_net"` // TCP refused by Landlock too
	Seccomp     bool `json:"seccomp"`
	NoNewPrivs  bool `json:"no_new_privs"`
	NprocHolds  bool `json:"nproc_effective"` // RLIMIT_NPROC bounds threads
	Rlimits     bool `json:"rlimits"`         // address space, CPU, files, core
	Cgroup      bool `json:"cgroup"`          // memory and pids of the tree bounded by a cgroup

	// UID is the user id outside the sandbox that the process acts with.
	UID int `json:"uid"`
	// Capabilities it holds, even if only over its own namespaces.
	Capabilities bool `json:"capabilities"`

	// Effects, each tried: what a candidate can still do.
	CanConnect bool `json:"can_connect"` // reach a TCP, UDP or unix socket
	CanWrite   bool `json:"can_write"`   // create or change any file
	CanRead    bool `json:"can_read"`    // read files outside Python and the system libraries
	CanFork    bool `json:"can_fork"`    // start another process
	CanSignal  bool `json:"can_signal"`  // signal a process that is not its own
	CanSee     bool `json:"can_see"`     // see processes outside the sandbox in /proc

	// Missing says in words what is not in place and why, for people.
	Missing []string `json:"missing,omitempty"`
}
