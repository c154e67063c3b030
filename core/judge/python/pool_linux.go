package python

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ra3/core/judge"
	"ra3/core/judge/protect"
	"ra3/core/judge/pyvalue"
)

// Pool runs programs. Its methods may be called concurrently.
type Pool struct {
	opt         Options
	plan        protect.Plan
	protections protect.Protections
	interpreter Interpreter

	ctx     context.Context
	cancel  context.CancelFunc
	slots   chan *server  // the right to use a sandbox; nil: not started
	drained chan struct{} // closed when every sandbox has ended
}

// NewPool finds the interpreter and probes the protections. It fails where
// Python or the system is missing what it takes, and where the protections come
// to none unless AllowUnprotected is set. The pool closes itself when ctx ends.
func NewPool(ctx context.Context, opt Options) (*Pool, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	found, err := discover(ctx, opt)
	if err != nil {
		return nil, err
	}
	return assemble(ctx, opt, found), nil
}

// assemble makes a pool of what was found.
func assemble(ctx context.Context, opt Options, found discovery) *Pool {
	p := &Pool{opt: opt, plan: found.plan, protections: found.protections, interpreter: found.interpreter,
		slots: make(chan *server, opt.Workers), drained: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(ctx)
	for range opt.Workers {
		p.slots <- nil
	}
	context.AfterFunc(p.ctx, p.drain)
	return p
}

// drain takes every slot and keeps it: those in use come back soon, as what
// they run ends with the pool's context.
func (p *Pool) drain() {
	for range cap(p.slots) {
		if s := <-p.slots; s != nil {
			s.stop()
		}
	}
	close(p.drained)
}

// Close kills what runs and waits for its end. A Run under way returns
// ErrClosed. Closing twice is allowed.
func (p *Pool) Close() error {
	p.cancel()
	<-p.drained
	return nil
}

// Run returns one outcome per job, in order. Errors are for the caller's
// mistakes, for a sandbox that cannot be started, and for ctx; whatever a
// program does is an outcome.
func (p *Pool) Run(ctx context.Context, jobs []Job) ([]Outcome, error) {
	tasks := make([]*task, len(jobs))
	for i := range jobs {
		var err error
		if tasks[i], err = check(&jobs[i]); err != nil {
			return nil, fmt.Errorf("python: job %d: %w", i, err)
		}
	}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outs := make([]Outcome, len(jobs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(p.opt.Workers, len(jobs)) {
		wg.Go(func() {
			for i := range next {
				var err error
				if outs[i], err = p.do(run, tasks[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
feed:
	for i := range tasks {
		select {
		case next <- i:
		case <-run.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if run.Err() != nil {
		return nil, context.Cause(run)
	}
	return outs, nil
}

// Do runs one job as soon as a worker is free.
func (p *Pool) Do(ctx context.Context, job Job) (Outcome, error) {
	t, err := check(&job)
	if err != nil {
		return Outcome{}, fmt.Errorf("python: %w", err)
	}
	return p.do(ctx, t)
}

// attempts is how often a program is tried whose sandbox is lost: that may be
// another's fault (an out-of-memory killer's), but not every time.
const attempts = 3

func (p *Pool) do(ctx context.Context, t *task) (Outcome, error) {
	if reason := refuse(t.job); reason != "" {
		return Outcome{ID: t.job.ID, Results: []Result{{Kind: judge.Refused, Reason: reason}}}, nil
	}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.ctx, func() { cancel(ErrClosed) })()
	var s *server
	select {
	case s = <-p.slots:
	case <-run.Done():
		return Outcome{}, context.Cause(run)
	}
	defer func() { p.slots <- s }()
	for try := 1; ; try++ {
		var err error
		if s == nil || !s.alive() {
			if s != nil {
				s.stop()
			}
			if s, err = p.start(run); err != nil {
				if try < attempts && run.Err() == nil {
					continue
				}
				return Outcome{}, err
			}
		}
		out, err := s.execute(run, t)
		if p.opt.Mode == Fresh || err != nil {
			s.stop()
			s = nil
		}
		if run.Err() != nil {
			return Outcome{}, context.Cause(run)
		}
		n := len(out.Results)
		switch {
		case err != nil && try == attempts:
			return Outcome{}, err
		case err == nil && (n == 0 || out.Results[n-1].Kind != lost):
			return out, nil
		case try == attempts && out.Results[n-1].Reason != "":
			out.Results[n-1].Kind = judge.Timeout // on a machine as slow as that
			return out, nil
		case try == attempts:
			out.Results[n-1] = Result{Kind: judge.Crashed, Reason: "its sandbox ended, each time"}
			return out, nil
		}
	}
}

func (p *Pool) start(ctx context.Context) (*server, error) {
	s, err := startServer(ctx, p.plan, p.interpreter, p.preload(), p.opt.Site)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return s, err
}

// preload is what the driver imports before it forks: worth its time only
// where many programs share it.
func (p *Pool) preload() []string {
	if p.opt.Mode == ForkServer {
		return warm
	}
	return nil
}

// check looks for what only the caller can have got wrong.
func check(j *Job) (*task, error) {
	t := &task{job: j}
	var err error
	if t.lim, err = j.Limits.withDefaults(); err != nil {
		return nil, err
	}
	switch j.Form {
	case Calls:
		if j.Entry == "" {
			return nil, errors.New("calls without an entry; name the function")
		}
		if len(j.Args) == 0 {
			return nil, errNoTests
		}
		for i, args := range j.Args {
			b, err := pyvalue.Append(nil, pyvalue.List(args))
			if err != nil {
				return nil, fmt.Errorf("arguments of test %d: %w", i+1, err)
			}
			if len(b) > maxInput {
				return nil, fmt.Errorf("arguments of test %d are %d bytes, over %d", i+1, len(b), maxInput)
			}
			t.args = append(t.args, b)
		}
	case Asserts:
		if j.Tests == "" {
			return nil, errNoTests
		}
		if len(j.Tests) > maxInput {
			return nil, fmt.Errorf("the tests are %d bytes, over %d", len(j.Tests), maxInput)
		}
	case Stdio:
		if len(j.Stdin) == 0 {
			return nil, errNoTests
		}
	default:
		return nil, fmt.Errorf("unknown form %q; choose %s, %s or %s", j.Form, Calls, Asserts, Stdio)
	}
	return t, nil
}

var errNoTests = errors.New("no tests; a program without tests has no verdict")

// refuse says why a program is not run at all.
func refuse(j *Job) string {
	if len(j.Source) > maxSource {
		return fmt.Sprintf("source of %d bytes exceeds %d", len(j.Source), maxSource)
	}
	return ""
}
