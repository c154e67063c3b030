//go:build linux && (amd64 || arm64)

package protect

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Filter is a seccomp program in classic BPF.
type Filter []unix.SockFilter

// SelfPID stands in ChildFilter for the id of the process that installs it,
// which only that process knows.
const SelfPID = 0x7ffffff1

// Offsets into struct seccomp_data. Arguments are 64 bits wide; all we look at
// fit the lower half, which comes first on little-endian machines.
const (
	offNr   = 0
	offArch = 4
	offArg0 = 16
	offArg1 = 24
)

const (
	retAllow = unix.SECCOMP_RET_ALLOW
	retKill  = unix.SECCOMP_RET_KILL_PROCESS
	retPerm  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	retNoSys = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)

	// lastKnown is the newest system call that was thought about here; what
	// later kernels add is as if it were not there.
	lastKnown = unix.SYS_SET_MEMPOLICY_HOME_NODE
	// The numbering of x32 on amd64.
	x32Bit = 0x40000000
)

func stmt(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }

func jump(code uint16, k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: code, K: k, Jt: yes, Jf: no}
}

func load(offset uint32) unix.SockFilter {
	return stmt(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset)
}

func ret(action uint32) unix.SockFilter { return stmt(unix.BPF_RET|unix.BPF_K, action) }

const (
	jeq  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	jge  = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	jset = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
)

// prologue refuses other architectures' numbering and unknown calls, and
// leaves the call's number in the accumulator.
func prologue() Filter {
	return Filter{
		load(offArch), jump(jeq, auditArch, 1, 0), ret(retKill),
		load(offNr), jump(jge, x32Bit, 0, 1), ret(retKill),
		jump(jge, lastKnown+1, 0, 1), ret(retNoSys),
		// glibc falls back to clone, whose flags can be looked at.
		jump(jeq, unix.SYS_CLONE3, 0, 1), ret(retNoSys),
	}
}

// deny appends a rule that refuses a call whatever its arguments.
func (f Filter) deny(calls ...uintptr) Filter {
	for _, nr := range calls {
		f = append(f, jump(jeq, uint32(nr), 0, 1), ret(retPerm))
	}
	return f
}

// denyFlags refuses a call with any of the bits set in the argument at off.
func (f Filter) denyFlags(nr uintptr, off, bits uint32) Filter {
	return append(f, jump(jeq, uint32(nr), 0, 4), load(off), jump(jset, bits, 0, 1), ret(retPerm), ret(retAllow))
}

// onlyFlags refuses a call unless one of the bits is set in the argument.
func (f Filter) onlyFlags(nr uintptr, off, bits uint32) Filter {
	return append(f, jump(jeq, uint32(nr), 0, 4), load(off), jump(jset, bits, 1, 0), ret(retPerm), ret(retAllow))
}

// denyValues refuses a call whose argument is one of the values.
func (f Filter) denyValues(nr uintptr, off uint32, values ...uint32) Filter {
	f = append(f, jump(jeq, uint32(nr), 0, uint8(2*len(values)+2)), load(off))
	for _, v := range values {
		f = append(f, jump(jeq, v, 0, 1), ret(retPerm))
	}
	return append(f, ret(retAllow))
}

// onlyValues refuses a call whose argument is none of the values.
func (f Filter) onlyValues(nr uintptr, off uint32, values ...uint32) Filter {
	f = append(f, jump(jeq, uint32(nr), 0, uint8(2*len(values)+2)), load(off))
	for _, v := range values {
		f = append(f, jump(jeq, v, 0, 1), ret(retAllow))
	}
	return append(f, ret(retPerm))
}

// ServerFilter holds for everything in a sandbox: no sockets beyond those it
// was given, no looking into other processes, no mounts, namespaces or kernel
// facilities that no judged program needs, no changing of file names or modes.
// Opening files is left to Landlock and the read-only root.
func ServerFilter() Filter {
	f := prologue()
	f = f.deny(
		unix.SYS_SOCKET, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE,
		unix.SYS_KCMP, unix.SYS_PIDFD_GETFD, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES,
		unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
		unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
		unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_ACCT,
		unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT,
		unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_FANOTIFY_INIT,
		unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, unix.SYS_IO_SETUP, unix.SYS_IO_SUBMIT,
		unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
		unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT, unix.SYS_SYSLOG,
		unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
		unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_PERSONALITY, unix.SYS_VHANGUP,
		// Memory that no limit on address space counts.
		unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET, unix.SYS_REMAP_FILE_PAGES,
		unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_SEMGET, unix.SYS_SEMCTL, unix.SYS_MSGGET, unix.SYS_MSGSND,
		unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK,
		unix.SYS_MKDIRAT, unix.SYS_MKNODAT, unix.SYS_UNLINKAT, unix.SYS_SYMLINKAT, unix.SYS_LINKAT, unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2,
		unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_TRUNCATE, unix.SYS_UTIMENSAT, unix.SYS_FALLOCATE,
		unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR,
	)
	f = f.deny(archDenied...)
	f = f.denyFlags(unix.SYS_CLONE, offArg0, cloneNew)
	return append(f, ret(retAllow))
}

// cloneNew are the flags of clone that make namespaces.
const cloneNew = unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWNS |
	unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP

// ChildFilter is added, in a program's own process, to ServerFilter: it can
// make threads but no process, execute nothing, and reach no process but itself
// with signals or limits. SelfPID must be replaced by its id.
func ChildFilter() Filter {
	f := prologue()
	f = f.deny(
		unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_TKILL, unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_SEND_SIGNAL,
		unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SETPGID,
	)
	f = f.deny(archForks...)
	f = f.onlyFlags(unix.SYS_CLONE, offArg0, unix.CLONE_THREAD)
	for _, nr := range []uintptr{unix.SYS_KILL, unix.SYS_TGKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO} {
		f = f.onlyValues(nr, offArg0, SelfPID)
	}
	for _, nr := range []uintptr{unix.SYS_PRLIMIT64, unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR} {
		f = f.onlyValues(nr, offArg0, 0, SelfPID)
	}
	// Whether it dies with its server is not its own to say.
	f = f.denyValues(unix.SYS_PRCTL, offArg0, unix.PR_SET_PDEATHSIG, unix.PR_SET_DUMPABLE, unix.PR_SET_PTRACER)
	// Signals by way of a descriptor's owner.
	f = f.denyValues(unix.SYS_FCNTL, offArg1, unix.F_SETOWN, unix.F_SETOWN_EX, unix.F_SETSIG)
	const fioSetOwn = 0x8901
	f = f.denyValues(unix.SYS_IOCTL, offArg1, fioSetOwn, unix.SIOCSPGRP, unix.TIOCSTI)
	return append(f, ret(retAllow))
}

// Bytes is the filter as the kernel reads it: an array of struct sock_filter.
func (f Filter) Bytes() []byte {
	var b []byte
	for _, s := range f {
		b = binary.NativeEndian.AppendUint16(b, s.Code)
		b = append(b, s.Jt, s.Jf)
		b = binary.NativeEndian.AppendUint32(b, s.K)
	}
	return b
}

// ChildFilterBytes is ChildFilter as the driver installs it.
func ChildFilterBytes() []byte { return ChildFilter().Bytes() }
