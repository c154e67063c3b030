package judge

import (
	"errors"
	"runtime"

	"go.starlark.net/starlark"
)

const (
	reasonSteps  = "step limit"
	reasonMemory = "memory limit"
	reasonWall   = "wall limit"
	reasonDepth  = "nested too deeply"
	reasonParse  = "does not parse: "
)

// budget is what one test may use.
type budget struct {
	x      *executor
	thread *starlark.Thread
	steps  uint64 // absolute bound on thread.Steps
	alloc  uint64 // absolute bound on bytes allocated
	spent  Kind   // Timeout or Memory once used up
}

const budgetKey = "budget"

const (
	// Looks at the bytes allocated come after firstCheck steps, then ever more
	// rarely up to checkEvery, and more often while they grow fast.
	firstCheck = 64
	checkEvery = 4096
	// testShare is the share of a worker's memory that a test may allocate: one
	// in testShare.
	testShare = 8
)

func (x *executor) begin() *budget {
	b := &budget{x: x, thread: &starlark.Thread{Name: "program"}}
	now := x.allocated()
	if now-x.collected > uint64(x.lim.MemoryMB)<<20/4 {
		runtime.GC()
		now = x.allocated()
		x.collected = now
	}
	b.steps = x.lim.Steps
	b.alloc = now + uint64(x.lim.MemoryMB)<<20/testShare
	b.thread.SetLocal(budgetKey, b)
	pause, last := uint64(firstCheck), now
	b.thread.SetMaxExecutionSteps(min(pause, b.steps))
	b.thread.OnMaxSteps = func(t *starlark.Thread) {
		if b.check() != nil {
			return
		}
		if seen := x.allocated(); seen-last > (b.alloc-last)/16 {
			pause, last = max(pause/8, 1), seen
		} else {
			pause, last = min(pause*4, checkEvery), seen
		}
		t.SetMaxExecutionSteps(min(t.Steps+pause, b.steps))
	}
	return b
}

var errSpent = errors.New("limit reached")

// check cancels the thread once its budget is used up.
func (b *budget) check() error {
	switch {
	case b.spent != "":
	case b.thread.Steps >= b.steps:
		b.spent = Timeout
	case b.x.allocated() > b.alloc:
		b.spent = Memory
	default:
		return nil
	}
	b.thread.Cancel(reasonSteps)
	return errSpent
}

// charge adds n steps for a built-in that is about to walk n elements, which
// the interpreter could not interrupt.
func charge(t *starlark.Thread, n int) error {
	if n <= 0 {
		return nil
	}
	t.Steps += uint64(n)
	if b, ok := t.Local(budgetKey).(*budget); ok && t.Steps >= b.steps {
		return b.check()
	}
	return nil
}

// reserve says that a built-in is about to allocate n bytes at once. Large
// requests beyond the budget are denied before they are made, so that verdicts
// do not hang on how fast this machine maps memory.
func reserve(t *starlark.Thread, n int) error {
	const small = 64 << 10
	b, ok := t.Local(budgetKey).(*budget)
	if !ok || n < small {
		return nil
	}
	if b.spent == "" && b.x.allocated()+uint64(n) > b.alloc {
		b.spent = Memory
	}
	return b.check()
}
