package arena

import "syscall"

// largePages asks for 2 MB pages. A refusal costs speed alone.
func largePages(b []byte) {
	const hugePage = 14 // MADV_HUGEPAGE
	_ = syscall.Madvise(b, hugePage)
}
