package simd

import (
	"math/rand/v2"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns n elements that end where the next access is a fault.
func fenced[T float32 | uint16](t *testing.T, n int) []T {
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

// TestFenced16 puts every operand just before a page that must not be touched.
func TestFenced16(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	r := rand.New(rand.NewPCG(23, 24))
	for range 150 {
		m, k, n := 1+r.IntN(70), 1+r.IntN(100), 1+r.IntN(100)
		x, w := fenced[float32](t, m*k), fenced[float32](t, k*n)
		copy(x, normals(r, m*k))
		copy(w, normals(r, k*n))
		a, xt := fenced[uint16](t, m*pad16(k)), fenced[uint16](t, k*pad16(m))
		Round16(a, pad16(k), x, k, m, k)
		Transpose16(xt, pad16(m), x, k, m, k)
		var p Packed16
		if r.IntN(2) == 0 {
			p.Pack(w, n, 1, k, n)
		} else {
			p.Pack(w, 1, k, k, n)
		}
		data := fenced[uint16](t, len(p.data))
		copy(data, p.data)
		p.data = data
		c, want := fenced[float32](t, m*n), make([]float32, m*n)
		Gemm16(m, a, pad16(k), &p, c, n, true)
		gemm16Go(m, a, pad16(k), &p, want, n, false)
		for i := range want {
			if c[i] != want[i] {
				t.Fatalf("%dx%dx%d: element %d is %g, want %g", m, k, n, i, c[i], want[i])
			}
		}
	}
}
