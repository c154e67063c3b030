package verbs

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"time"
)

// together is how far apart two signals may come and be one wish: a wrapper may
// pass on what the terminal has sent to both.
const together = 300 * time.Millisecond

// interruptible returns a context that the first interrupt ends; if force is
// set, the second one ends the process at once. The handler lasts until stop.
func (e *Env) interruptible(parent context.Context, force bool) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	got := make(chan os.Signal, 2)
	// A shell without job control starts background jobs with interrupts ignored,
	// so that what is typed at its terminal does not end them. One that was sent on
	// purpose is heard all the same, lest kill -9 be the only way to end a run.
	background := signal.Ignored(os.Interrupt)
	wanted := []os.Signal{os.Interrupt}
	for _, s := range endings {
		if !signal.Ignored(s) { // nohup has hang-ups ignored, and means it
			wanted = append(wanted, s)
		}
	}
	signal.Notify(got, wanted...)
	ended := make(chan struct{})
	var heard atomic.Bool
	go func() {
		var first time.Time
		for {
			select {
			case <-ended:
				return
			case s := <-got:
				if s == os.Interrupt && background && mayBeTyped() {
					e.aside("ra3: a background job goes on after ctrl+c: kill %d ends it, saved", os.Getpid())
					continue
				}
				heard.Store(true)
				cancel()
				if first.IsZero() {
					first = time.Now()
				} else if force && time.Since(first) > together {
					e.aside("ra3: interrupted again, ended at once: what is on disk is whole, and goes on from there")
					os.Exit(exitInterrupted)
				}
			}
		}
	}()
	return ctx, func() {
		cancel()
		if force && heard.Load() {
			return // what is still to be said may hang, and the second one must end it
		}
		signal.Stop(got)
		close(ended)
	}
}

// aside notes something where a bar may stand on the line. It waits for a
// reader that does not read only briefly.
func (e *Env) aside(format string, args ...any) {
	if e.StderrTTY {
		format = "\r\x1b[K" + format
	}
	said := make(chan struct{})
	go func() {
		defer close(said)
		e.note(format, args...)
	}()
	select {
	case <-said:
	case <-time.After(time.Second / 5):
	}
}
