package judge

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
)

// Pool is a set of worker processes. Its methods may be called concurrently.
type Pool struct {
	lim     Limits
	ctx     context.Context
	cancel  context.CancelFunc
	slots   chan *worker  // the right to use a worker; nil: not started
	drained chan struct{} // closed when every worker has ended
	cache   cache
}

// ErrClosed is returned by Judge after Close.
var ErrClosed = errors.New("judge: the pool is closed")

// NewPool starts one worker, to learn at once whether that works, and the
// others as they are needed. The pool closes itself when ctx ends. Zero fields
// of lim take their defaults.
func NewPool(ctx context.Context, workers int, lim Limits) (*Pool, error) {
	lim, err := lim.withDefaults()
	if err != nil {
		return nil, err
	}
	if workers < 1 {
		return nil, fmt.Errorf("judge: %d workers; choose at least 1", workers)
	}
	first, err := startWorker(ctx, lim)
	if err != nil {
		return nil, err
	}
	p := &Pool{lim: lim, slots: make(chan *worker, workers), drained: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.slots <- first
	for range workers - 1 {
		p.slots <- nil
	}
	context.AfterFunc(p.ctx, p.drain)
	return p, nil
}

// drain takes every slot and keeps it: those in use come back soon, as their
// batches run under the pool's context.
func (p *Pool) drain() {
	for range cap(p.slots) {
		if w := <-p.slots; w != nil {
			w.stop()
		}
	}
	close(p.drained)
}

// Close kills the workers and waits for their end. A Judge under way returns
// ErrClosed. Closing twice is allowed.
func (p *Pool) Close() error {
	p.cancel()
	<-p.drained
	return nil
}

// job is a distinct program on its way.
type job struct {
	encoded []byte
	key     [sha256.Size]byte
	tests   int
	retried bool
	out     outcome
}

// Judge returns one verdict per case, in order. Errors are for the caller's
// mistakes (values of unknown types, unequal lengths), for workers that cannot
// be started, and for ctx; whatever a program does is a verdict.
func (p *Pool) Judge(ctx context.Context, cases []Case) ([]Verdict, error) {
	outs, err := p.execute(ctx, cases)
	if err != nil {
		return nil, err
	}
	verdicts := make([]Verdict, len(cases))
	for i := range cases {
		verdicts[i] = verdict(outs[i], cases[i].Want)
	}
	return verdicts, nil
}

// execute returns what each case's program did, running equal ones once.
func (p *Pool) execute(ctx context.Context, cases []Case) ([]outcome, error) {
	outs := make([]outcome, len(cases))
	jobOf := make([]*job, len(cases))
	byKey := make(map[[sha256.Size]byte]*job)
	var jobs []*job
	for i := range cases {
		c := &cases[i]
		if err := checkCase(c); err != nil {
			return nil, fmt.Errorf("judge: case %d: %w", i, err)
		}
		if reason := refuse(c.Source, c.Entry); reason != "" {
			outs[i] = stopped(Refused, reason)
			continue
		}
		encoded, err := appendProgram(nil, c)
		if err != nil {
			return nil, fmt.Errorf("judge: case %d: %w", i, err)
		}
		if len(encoded) > maxBatch {
			return nil, fmt.Errorf("judge: case %d: inputs of %d bytes exceed %d; split the tests", i, len(encoded), maxBatch)
		}
		key := sha256.Sum256(encoded)
		if out, ok := p.cache.get(key); ok {
			outs[i] = out
			continue
		}
		j := byKey[key]
		if j == nil {
			j = &job{encoded: encoded, key: key, tests: len(c.Inputs)}
			byKey[key] = j
			jobs = append(jobs, j)
		}
		jobOf[i] = j
	}
	if err := p.runAll(ctx, jobs); err != nil {
		return nil, err
	}
	for _, j := range jobs {
		p.cache.put(j.key, j.out)
	}
	for i, j := range jobOf {
		if j != nil {
			outs[i] = j.out
		}
	}
	return outs, nil
}

func checkCase(c *Case) error {
	if len(c.Inputs) != len(c.Want) {
		return fmt.Errorf("%d inputs but %d wanted results; give one for each", len(c.Inputs), len(c.Want))
	}
	if len(c.Want) == 0 {
		return errors.New("no tests; a program without tests has no verdict")
	}
	for i, w := range c.Want {
		if _, err := appendValue(nil, w, 0); err != nil {
			return fmt.Errorf("wanted result of test %d: %w", i+1, err)
		}
		if _, bad := w.(opaque); bad {
			return fmt.Errorf("wanted result of test %d: not a plain value", i+1)
		}
	}
	return nil
}

// runAll spreads jobs over the workers, a chunk at a time.
func (p *Pool) runAll(ctx context.Context, jobs []*job) error {
	if p.ctx.Err() != nil {
		return p.closedBy(ctx)
	}
	if len(jobs) == 0 {
		return ctx.Err()
	}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.ctx, func() { cancel(ErrClosed) })()

	chunks := make(chan []*job)
	var wg sync.WaitGroup
	for range min(cap(p.slots), (len(jobs)+chunkPrograms-1)/chunkPrograms) {
		wg.Go(func() {
			for chunk := range chunks {
				if err := p.runChunk(run, chunk); err != nil {
					cancel(err)
				}
			}
		})
	}
	for len(jobs) > 0 && run.Err() == nil {
		n := chunkSize(jobs)
		select {
		case chunks <- jobs[:n]:
			jobs = jobs[n:]
		case <-run.Done():
		}
	}
	close(chunks)
	wg.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case run.Err() != nil:
		return context.Cause(run)
	}
	return nil
}

func (p *Pool) closedBy(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return ErrClosed
}

const (
	chunkPrograms = 16
	chunkBytes    = 1 << 20
)

func chunkSize(jobs []*job) int {
	bytes := 0
	for n, j := range jobs {
		bytes += len(j.encoded)
		if n == chunkPrograms || n > 0 && bytes > chunkBytes {
			return n
		}
	}
	return len(jobs)
}

// runChunk holds one worker slot until every job has an outcome, replacing the
// worker as often as the jobs ruin it.
func (p *Pool) runChunk(ctx context.Context, jobs []*job) (err error) {
	var w *worker
	select {
	case w = <-p.slots:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { p.slots <- w }()
	for len(jobs) > 0 {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if w == nil {
			if w, err = startWorker(ctx, p.lim); err != nil {
				return err
			}
		}
		n, end := w.run(ctx, jobs)
		jobs = jobs[n:]
		if end == alive && ctx.Err() == nil {
			continue
		}
		dead, state := w, w.stop()
		w = nil
		if len(jobs) == 0 || ctx.Err() != nil || end == retired {
			continue
		}
		j := jobs[0]
		out, known := dead.causeOfDeath(state)
		switch {
		case known && end == died:
			j.out = out
		case !j.retried:
			// Possibly the victim of something outside (another's signal, a machine
			// that slept, a terminal's ctrl+z that stopped all): once more, on a new
			// worker.
			j.retried = true
			continue
		case end == overrun || state.ExitCode() == exitWall:
			j.out = stopped(Timeout, reasonWall)
		default:
			j.out = stopped(Crashed, "worker ended without an answer")
		}
		jobs = jobs[1:]
	}
	return context.Cause(ctx)
}
