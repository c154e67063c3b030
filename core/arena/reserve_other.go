//go:build !unix

package arena

import "unsafe"

// reserve takes collected memory where there is no portable way to map any: a
// slice of floats with no pointers, which is not scanned either.
func reserve(n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	f := make([]float32, n/4+align/4)
	skip := (-int(uintptr(unsafe.Pointer(&f[0])))&(align-1) + 3) / 4
	return unsafe.Slice((*byte)(unsafe.Pointer(&f[skip])), n), nil
}

func release([]byte) {}
