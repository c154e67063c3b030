package parallel

import (
	"sync/atomic"
	"testing"
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
