package nn

import (
	"math"
	"runtime"
	"sync/atomic"
)

// turnstile makes the tiles of a step add to the one gradient in tile order,
// whichever threads they run on, so that its bits do not depend on how many
// there are. A tile passes the same stops as every other, one for each group of
// parameters, and passes a stop after the tile before it has. Threads thus run
// the backward pass one stop behind each other and hardly wait.
type turnstile struct {
	passed []atomic.Int32 // per tile, the stops behind it
}

func newTurnstile(tiles int) *turnstile { return &turnstile{passed: make([]atomic.Int32, tiles)} }

// enter waits until the tile before has passed the stop.
func (t *turnstile) enter(tile, stop int) {
	if tile == 0 {
		return
	}
	for t.passed[tile-1].Load() <= int32(stop) {
		runtime.Gosched()
	}
}

func (t *turnstile) leave(tile, stop int) { t.passed[tile].Store(int32(stop) + 1) }

// finish lets later tiles pass, once the tiles before have, also when this one
// gave up half-way.
func (t *turnstile) finish(tile int) {
	const every = math.MaxInt32 - 1
	t.enter(tile, every)
	t.leave(tile, every)
}

// gradientSum is a tile's way to the step's gradient: between enter and leave, the
// next group of parameters is this tile's alone.
type gradientSum struct {
	sum   *Params
	turns *turnstile
	tile  int
	stop  int
}

func (g *gradientSum) enter() { g.turns.enter(g.tile, g.stop) }

func (g *gradientSum) leave() {
	g.turns.leave(g.tile, g.stop)
	g.stop++
}

// adds is false for the tile that comes first and sets the sums.
func (g *gradientSum) adds() bool { return g.tile > 0 }

// clearFirst empties a sum that is only ever added to.
func (g *gradientSum) clearFirst(sum []float32) {
	if g.tile == 0 {
		clear(sum)
	}
}
