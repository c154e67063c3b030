package judge

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"ra3/core/judge/protect"
)

const (
	// Both mark a worker: the variable alone may have leaked into a user's shell.
	workerEnv = "RA3_JUDGE_WORKER"
	workerArg = "judge-worker"

	exitUsage  = 2
	exitMemory = 90 // the guard found the heap over its bound
	exitWall   = 91 // the guard found the program over time and the parent silent
)

// ServeIfChild serves as a judge worker, or becomes a sandbox of the Python
// executor, and exits, if this process was started as one; otherwise it returns
// at once. It must come first in main, and in TestMain of packages that test
// with a Pool.
func ServeIfChild() {
	protect.ServeIfChild()
	if os.Getenv(workerEnv) == "" {
		return
	}
	if len(os.Args) != 2 || os.Args[1] != workerArg {
		fmt.Fprintf(os.Stderr, "judge: %s is set, but this process was not started as a worker; unset %s\n", workerEnv, workerEnv)
		os.Exit(exitUsage)
	}
	if st, err := os.Stdin.Stat(); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		fmt.Fprintf(os.Stderr, "judge: a worker is started by the program itself, not by hand; unset %s\n", workerEnv)
		os.Exit(exitUsage)
	}
	// An interrupt typed at the terminal reaches the whole group; the parent
	// decides what becomes of its workers.
	signal.Ignore(os.Interrupt)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve answers batches until the parent closes the pipe.
func serve(in io.Reader, out io.Writer) error {
	setup, err := readFrame(in, maxSetup)
	if err != nil {
		return fmt.Errorf("judge: reading the setup: %w", err)
	}
	lim, err := decodeSetup(setup)
	if err != nil {
		return err
	}
	// Collect early, so that the process bound is met by live data only.
	debug.SetMemoryLimit(int64(lim.MemoryMB) << 20 / 4)
	debug.SetMaxStack(lim.MemoryMB << 20 / 4)
	if err := limitProcess(lim.MemoryMB); err != nil {
		return err
	}
	buf, err := writeFrame(out, nil, encodeHello())
	if err != nil {
		return err
	}

	x := newExecutor(lim)
	g := newGuard(lim)
	in = bufio.NewReaderSize(in, 64<<10)
	var reply []byte
	for {
		frame, err := readFrame(in, maxBatch)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("judge: reading a batch: %w", err)
		}
		batch, err := decodeBatch(frame)
		if err != nil {
			return err
		}
		for i := range batch {
			g.start()
			reply = x.run(append(reply[:0], 0), &batch[i])
			g.stop()
			retire := g.grown()
			if retire {
				reply[0] = 1
			}
			if buf, err = writeFrame(out, buf, reply); err != nil {
				return err
			}
			if retire {
				return nil
			}
		}
	}
}

// guard ends the process from within: memory where the system has no limit to
// set on a process, and time where the parent has died without taking its
// children along.
type guard struct {
	deadline *time.Timer
	running  atomic.Bool
	wall     time.Duration
	grownAt  uint64
	mapped   []metrics.Sample
}

func newGuard(lim Limits) *guard {
	bound := uint64(lim.MemoryMB) << 20
	// The parent's own limit must come first.
	g := &guard{wall: 2*lim.Timeout + time.Second}
	g.deadline = time.AfterFunc(g.wall, func() { os.Exit(exitWall) })
	g.deadline.Stop()
	g.mapped = []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
	}
	metrics.Read(g.mapped)
	g.grownAt = g.mapped[0].Value.Uint64() + bound/4

	go func() {
		live := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for range time.Tick(20 * time.Millisecond) {
			if !g.running.Load() {
				continue
			}
			metrics.Read(live)
			if live[0].Value.Uint64() > bound {
				os.Exit(exitMemory)
			}
		}
	}()
	return g
}

func (g *guard) start() {
	g.running.Store(true)
	g.deadline.Reset(g.wall)
}

func (g *guard) stop() {
	g.deadline.Stop()
	g.running.Store(false)
}

// grown says that this process has mapped so much that its next program would
// meet a tighter bound than a fresh worker's.
func (g *guard) grown() bool {
	metrics.Read(g.mapped)
	return g.mapped[0].Value.Uint64() > g.grownAt
}
