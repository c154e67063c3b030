// Package arena hands out float32 memory that the garbage collector neither
// scans nor counts: activations are hundreds of megabytes that live as long as
// their owner, and on the heap they would double the collector's target. Where
// the system offers large pages, it is asked for them.
package arena

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Arena is one block of memory, given out piece by piece and returned whole.
// Whoever holds a slice of it must also hold the Arena: the memory goes when
// the Arena is closed or becomes unreachable.
type Arena struct {
	block []byte
	used  int
	clean runtime.Cleanup
}

// align is the boundary of every piece: a cache line and the widest vector.
const align = 64

// New reserves room for pieces that add up to floats elements, each of the
// pieces rounded up with Size. The memory is zero.
func New(floats int) (*Arena, error) {
	block, err := reserve(4 * floats)
	if err != nil {
		return nil, fmt.Errorf("reserve %d MB for activations: %w: use smaller batches or a smaller model", floats>>18, err)
	}
	a := &Arena{block: block}
	a.clean = runtime.AddCleanup(a, release, block)
	return a, nil
}

// Size is the number of floats that a piece of n takes.
func Size(n int) int { return (n + align/4 - 1) &^ (align/4 - 1) }

// Floats takes the next piece. It panics when the arena is too small, which is
// an error of its owner's arithmetic.
func (a *Arena) Floats(n int) []float32 {
	if n == 0 {
		return nil
	}
	from := a.used
	a.used += 4 * Size(n)
	if a.used > len(a.block) {
		panic(fmt.Sprintf("arena: %d bytes asked of %d", a.used, len(a.block)))
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&a.block[from])), n)
}

// Halves takes a piece of n 16-bit numbers.
func (a *Arena) Halves(n int) []uint16 {
	f := a.Floats((n + 1) / 2)
	if f == nil {
		return nil
	}
	return unsafe.Slice((*uint16)(unsafe.Pointer(&f[0])), n)
}

// Close gives the memory back at once. No slice of it may be used afterwards.
func (a *Arena) Close() {
	if a == nil || a.block == nil {
		return
	}
	a.clean.Stop()
	release(a.block)
	a.block = nil
}
