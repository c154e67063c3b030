package simd

import (
	"fmt"
	"syscall"
)

// permitTiles asks the kernel to save tiles when it switches threads; the grant
// is for the process, and for the threads that it starts later, too.
func permitTiles() error {
	const requestPermission, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
	if _, _, e := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, requestPermission, tileData, 0); e != 0 {
		return fmt.Errorf("the kernel refused the tile registers: %w", e)
	}
	return nil
}
