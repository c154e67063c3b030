// Package parallel spreads a fixed number of pieces of work over threads. What
// the pieces are never depends on how many threads there are, which is what
// keeps results bit-identical for any number of them.
package parallel

import (
	"sync"
	"sync/atomic"
)

// For calls fn(piece, worker) once for every piece in [0, pieces), on up to
// threads goroutines, worker in [0, threads) naming the one that runs it, so
// that fn may use scratch memory of that worker. It returns when all are done.
// Pieces are claimed in ascending order. A panic in fn is raised again in the
// caller.
func For(threads, pieces int, fn func(piece, worker int)) {
	if threads > pieces {
		threads = pieces
	}
	if threads <= 1 {
		for i := 0; i < pieces; i++ {
			fn(i, 0)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var failure any
	run := func(worker int) {
		defer wg.Done()
		defer func() {
			if r := recover(); r != nil {
				once.Do(func() { failure = r })
			}
		}()
		for {
			i := int(next.Add(1)) - 1
			if i >= pieces {
				return
			}
			fn(i, worker)
		}
	}
	wg.Add(threads)
	for w := 1; w < threads; w++ {
		go run(w)
	}
	run(0)
	wg.Wait()
	if failure != nil {
		panic(failure)
	}
}
