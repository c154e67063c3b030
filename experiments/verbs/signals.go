package verbs

import (
	"context"
	"os"
	"os/signal"
)

// interruptible returns a context that the first interrupt ends; if force is
// set, the second one ends the process at once. The handler lasts until stop.
func interruptible(parent context.Context, force bool) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	got := make(chan os.Signal, 2)
	var wanted []os.Signal
	for _, s := range endings {
		// Under nohup and in background jobs the shell has some of these ignored.
		if !signal.Ignored(s) {
			wanted = append(wanted, s)
		}
	}
	if len(wanted) > 0 {
		signal.Notify(got, wanted...)
	}
	ended := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-ended:
				return
			case <-got:
				cancel()
				if force && n > 0 {
					os.Exit(exitInterrupted)
				}
			}
		}
	}()
	return ctx, func() {
		signal.Stop(got)
		close(ended)
		cancel()
	}
}
