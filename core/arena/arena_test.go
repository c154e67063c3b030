package arena

import (
	"runtime"
	"testing"
	"unsafe"
)

func TestPiecesAreAlignedZeroAndApart(t *testing.T) {
	a, err := New(Size(3) + Size(17) + Size(5))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	x, y, z := a.Floats(3), a.Floats(17), a.Halves(10)
	for i := range y {
		if y[i] != 0 || uintptr(unsafe.Pointer(&y[0]))%align != 0 {
			t.Fatal("not zero, or not aligned")
		}
		y[i] = 7
	}
	if x[2] != 0 || z[0] != 0 || len(z) != 10 || a.Floats(0) != nil {
		t.Error("pieces overlap, or have a wrong length")
	}
	defer func() {
		if recover() == nil {
			t.Error("more than the whole was given out")
		}
	}()
	a.Floats(1)
}

func TestCloseTwiceAndNothing(t *testing.T) {
	a, err := New(100)
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	a.Close()
	(*Arena)(nil).Close()
}

// The memory is no part of the heap that sets the collector's pace.
func TestTheHeapDoesNotGrow(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a, err := New(64 << 20 / 4)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.HeapAlloc - before.HeapAlloc; runtime.GOOS == "linux" && grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	a.Close()
}
