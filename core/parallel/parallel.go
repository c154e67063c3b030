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
// Pieces are claimed in ascending order, and a worker finishes a piece before
// it claims another, so a piece may wait for pieces below it. A panic in fn is
// raised again in the caller; other pieces still run.
func For(threads, pieces int, fn func(piece, worker int)) {
	threads = min(threads, pieces)
	g := &grid{pieces: pieces, fn: fn}
	threads = max(1, threads)
	g.left.Add(threads)
	for w := 1; w < threads; w++ {
		start(share{g, w})
	}
	g.run(0)
	g.left.Wait()
	if g.failure != nil {
		panic(g.failure)
	}
}

// grid is the work of one call.
type grid struct {
	pieces  int
	fn      func(piece, worker int)
	next    atomic.Int64
	left    sync.WaitGroup
	once    sync.Once
	failure any
}

func (g *grid) run(worker int) {
	defer g.left.Done()
	for {
		i := int(g.next.Add(1)) - 1
		if i >= g.pieces {
			return
		}
		g.one(i, worker)
	}
}

func (g *grid) one(piece, worker int) {
	defer func() {
		if r := recover(); r != nil {
			g.once.Do(func() { g.failure = r })
		}
	}()
	g.fn(piece, worker)
}
