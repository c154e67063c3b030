package simd

import (
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns n elements that end where the next access is a fault.
func fenced[T float32 | uint16 | int32](t *testing.T, n int) []T {
	t.Helper()
	page := syscall.Getpagesize()
	var e T
	bytes := n * int(unsafe.Sizeof(e))
	size := (bytes + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("mmap: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(m[size:], syscall.PROT_NONE); err != nil {
		t.Skipf("mprotect: %v", err)
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&m[size-bytes])), n)
}

// fence returns a copy of x that ends at a fence.
func fence[T float32 | uint16 | int32](t *testing.T, x []T) []T {
	t.Helper()
	y := fenced[T](t, len(x))
	copy(y, x)
	return y
}

// atFences calls f with copies of the operands that end at fences and with
// copies in common memory: it must fault at none and leave the same bits.
func atFences(t *testing.T, what string, f func(x [][]float32), operands ...[]float32) {
	t.Helper()
	got, want := make([][]float32, len(operands)), make([][]float32, len(operands))
	for i, x := range operands {
		got[i], want[i] = fence(t, x), clone(x)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if err := recover(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}()
	f(got)
	f(want)
	for i := range operands {
		same(t, what, got[i], want[i])
	}
}

// TestFence reads just before and just after the end.
func TestFence(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, n := range []int{1, 1023, 1024, 1025} {
		x := fence(t, make([]float32, n))
		read := func(i int) (v float32, fault bool) {
			defer func() { fault = recover() != nil }()
			return *(*float32)(unsafe.Add(unsafe.Pointer(&x[0]), 4*i)), false
		}
		if _, fault := read(n - 1); fault {
			t.Errorf("the last of %d is out of reach", n)
		}
		if _, fault := read(n); !fault {
			t.Errorf("nothing stops a read after %d", n)
		}
	}
}
