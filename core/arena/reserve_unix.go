//go:build unix

package arena

import "syscall"

// reserve maps anonymous memory, which starts on a page and as zeros.
func reserve(n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	largePages(b)
	return b, nil
}

func release(b []byte) {
	if len(b) > 0 {
		// The only failure is a block that was never mapped.
		_ = syscall.Munmap(b)
	}
}
