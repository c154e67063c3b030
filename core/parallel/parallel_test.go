package parallel

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestForRunsEveryPieceOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		counts := make([]atomic.Int32, 100)
		For(threads, len(counts), func(i, w int) {
			if w < 0 || w >= threads {
				t.Errorf("worker %d of %d", w, threads)
			}
			counts[i].Add(1)
		})
		for i := range counts {
			if n := counts[i].Load(); n != 1 {
				t.Fatalf("%d threads: piece %d ran %d times", threads, i, n)
			}
		}
	}
}

func TestForRaisesPanicsInTheCaller(t *testing.T) {
	defer func() {
		if recover() != "broken" {
			t.Error("the panic was lost")
		}
	}()
	For(2, 10, func(i, _ int) {
		if i == 5 {
			panic("broken")
		}
	})
}

// A piece may wait for the one below it, whatever the number of threads.
func TestPiecesMayWaitForEarlierOnes(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		done := make([]atomic.Bool, 200)
		For(threads, len(done), func(i, _ int) {
			for i > 0 && !done[i-1].Load() {
				runtime.Gosched()
			}
			done[i].Store(true)
		})
	}
}

func TestCallsMayOverlapAndNest(t *testing.T) {
	var n atomic.Int64
	For(4, 20, func(int, int) {
		For(3, 10, func(int, int) { n.Add(1) })
	})
	if n.Load() != 200 {
		t.Errorf("%d pieces ran, want 200", n.Load())
	}
}

func TestWorkersLeave(t *testing.T) {
	before := runtime.NumGoroutine()
	For(8, 100, func(int, int) {})
	deadline := time.Now().Add(20 * idle)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(idle / 10)
	}
}

func BenchmarkFor(b *testing.B) {
	for b.Loop() {
		For(2, 2, func(int, int) {})
	}
}
