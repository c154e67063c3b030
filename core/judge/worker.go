package judge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
)

// startTimeout bounds the handshake, which includes the binary's own start.
const startTimeout = 10 * time.Second

// worker is one child process. One goroutine at a time uses it.
type worker struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr headBuffer
	lim    Limits
	frame  []byte
}

// headBuffer keeps the first bytes written to it: the runtime names the cause
// of death there.
type headBuffer struct{ b []byte }

func (h *headBuffer) Write(p []byte) (int, error) {
	if room := 4096 - len(h.b); room > 0 {
		h.b = append(h.b, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// startWorker starts a worker, a second time if the first took too long: this
// process may have been stopped meanwhile.
func startWorker(ctx context.Context, lim Limits) (*worker, error) {
	w, err := tryWorker(ctx, lim)
	if errors.Is(err, errSlowStart) && ctx.Err() == nil {
		return tryWorker(ctx, lim)
	}
	return w, err
}

var errSlowStart = errors.New("no answer within the time to start")

func tryWorker(ctx context.Context, lim Limits) (*worker, error) {
	path, err := executablePath()
	if err != nil {
		return nil, err
	}
	w := &worker{cmd: exec.Command(path, workerArg), lim: lim}
	// Little else from the environment: a candidate has no use for it.
	w.cmd.Env = []string{workerEnv + "=1", "GOMAXPROCS=1", "GOGC=400", "GOTRACEBACK=none"}
	if root := os.Getenv("SYSTEMROOT"); root != "" { // Windows cannot start without
		w.cmd.Env = append(w.cmd.Env, "SYSTEMROOT="+root)
	}
	w.cmd.Stderr = &w.stderr
	w.cmd.SysProcAttr = childAttr()
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("judge: starting a worker: %w", err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("judge: starting a worker: %w", err)
	}
	w.out = bufio.NewReaderSize(out, 16<<10)
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("judge: starting a worker from %s: %w", path, err)
	}
	if err := w.greet(ctx); err != nil {
		state := w.stop()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case len(w.stderr.b) > 0:
			return nil, fmt.Errorf("judge: worker did not start (%s): %s", state, clean(string(w.stderr.b), 300))
		}
		return nil, fmt.Errorf("judge: worker did not start (%s); does main call judge.ServeIfChild first: %w", state, err)
	}
	return w, nil
}

func (w *worker) greet(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, errSlowStart)
	defer cancel()
	defer context.AfterFunc(ctx, w.kill)()
	defer func() {
		if err != nil && context.Cause(ctx) == errSlowStart {
			err = fmt.Errorf("judge: %w", errSlowStart)
		}
	}()
	if w.frame, err = writeFrame(w.in, w.frame, encodeSetup(w.lim)); err != nil {
		return err
	}
	hello, err := readFrame(w.out, maxSetup)
	if err != nil {
		return fmt.Errorf("judge: waiting for a worker: %w", err)
	}
	_, err = checkMagic(hello)
	return err
}

// kill may be called at any time from any goroutine; stop must follow.
func (w *worker) kill() { _ = w.cmd.Process.Kill() } // fails only once it has ended

// stop kills the process, if it still lives, and waits for its end.
func (w *worker) stop() *os.ProcessState {
	w.kill()
	_ = w.in.Close()
	_ = w.cmd.Wait() // the state says more than the error
	return w.cmd.ProcessState
}

// ending says in which state a batch left its worker.
type ending int

const (
	alive   ending = iota
	retired        // healthy, but asked to be replaced
	overrun        // killed for the wall limit
	died           // by itself, or by another hand
	broken         // it does not speak the protocol
)

// run sends jobs in one frame and stores outcomes as they come. It returns how
// many came; unless the ending is alive, the process must be stopped, and the
// job after those is the one it was on.
func (w *worker) run(ctx context.Context, jobs []*job) (int, ending) {
	var late atomic.Bool
	timer := time.AfterFunc(w.lim.Timeout, func() {
		late.Store(true)
		w.kill()
	})
	defer timer.Stop()
	defer context.AfterFunc(ctx, w.kill)()

	var batch []byte
	for _, j := range jobs {
		batch = append(batch, j.encoded...)
	}
	lost := func(n int, otherwise ending) (int, ending) {
		if late.Load() {
			return n, overrun
		}
		return n, otherwise
	}
	var err error
	if w.frame, err = writeFrame(w.in, w.frame, batch); err != nil {
		return lost(0, died)
	}
	for n, j := range jobs {
		bound := 64 + (j.tests+1)*(w.lim.MaxOutput+2*maxReason+64)
		frame, err := readFrame(w.out, bound)
		if err != nil {
			return lost(n, died)
		}
		out, retire, err := decodeReply(frame)
		if err != nil {
			return n, broken
		}
		j.out = out
		if retire || !timer.Stop() {
			// Killed just after this reply: no fault of the next program.
			return n + 1, retired
		}
		timer.Reset(w.lim.Timeout)
	}
	return len(jobs), alive
}

// causeOfDeath explains a worker that died on a program; ok is false if the
// program cannot be blamed by what is known.
func (w *worker) causeOfDeath(state *os.ProcessState) (out outcome, ok bool) {
	text := string(w.stderr.b)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case state.ExitCode() == exitMemory,
		has("out of memory", "cannot allocate memory", "cannot map pages", "failed to allocate", "errno=12"):
		return stopped(Memory, reasonMemory), true
	case has("stack exceeds", "stack overflow"):
		return stopped(Error, reasonDepth), true
	}
	return nil, false
}
