package protect

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// archDenied are calls of this architecture alone.
var archDenied = []uintptr{unix.SYS_KEXEC_FILE_LOAD}

// archForks is empty: here fork is a clone.
var archForks []uintptr
