package python

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

// task is a checked job on its way.
type task struct {
	job  *Job
	lim  Limits
	args [][]byte // encoded, for Calls
}

// execution runs one task on one server.
type execution struct {
	*task
	ctx   context.Context
	srv   *server
	out   Outcome
	start time.Time
}

// execute runs a task. The outcome's last result is of kind lost if that came
// to nothing through no fault of the program; err is for the process that did
// not come up.
func (s *server) execute(ctx context.Context, t *task) (Outcome, error) {
	x := &execution{task: t, ctx: ctx, srv: s, out: Outcome{ID: t.job.ID}}
	var err error
	switch {
	case t.job.Form == Calls:
		err = x.calls()
	case t.job.Form == Stdio:
		err = x.stdio()
	case t.job.SameProcess:
		err = x.sameProcess()
	default:
		err = x.asserts()
	}
	if !x.start.IsZero() {
		x.out.Duration = time.Since(x.start)
	}
	return x.out, err
}

// open spawns a process; the program's time begins with the first.
func (x *execution) open() (*session, error) {
	s, err := open(x.ctx, x.srv, x.lim)
	if err != nil {
		return nil, err
	}
	if x.start.IsZero() {
		x.start = time.Now()
	}
	s.end = x.start.Add(x.lim.Total)
	if x.job.Form != Stdio {
		_ = s.child.stdin.Close()
	}
	return s, nil
}

// add records a test's result and says whether to go on.
func (x *execution) add(r Result) bool {
	x.out.Results = append(x.out.Results, r)
	if r.Kind == lost {
		return false
	}
	last := len(x.out.Results) - 1
	goOn := x.job.Continue == nil || x.job.Continue(last, r)
	if x.job.Forget {
		x.out.Results[last].Value, x.out.Results[last].Stdout = nil, ""
	}
	return goOn
}

// frameSlack is what a reply holds beside a value.
const frameSlack = 4 << 10

// load has the program compiled and its body run by op, and says by a kind if
// that failed.
func (x *execution) load(s *session, until time.Time, op byte, fields ...[]byte) Result {
	f, r := s.exchange(until, frameSlack, op, fields...)
	switch {
	case r.Kind != "":
		return r
	case f.op == replyUnparsed:
		return failed(f)
	case f.op != replyParsed:
		return unexpected()
	}
	x.out.Parsed = true
	f, r = s.next(until, frameSlack)
	switch {
	case r.Kind != "":
		return r
	case f.op == replyRaised:
		return failed(f)
	case f.op != replyDone:
		return unexpected()
	}
	return Result{}
}

func (x *execution) calls() error {
	s, err := x.open()
	if err != nil {
		return err
	}
	defer s.close()
	if r := x.load(s, s.deadline(x.lim.PerTest), opLoad, []byte(x.job.Source), []byte(x.job.Entry)); r.Kind != "" {
		x.add(r)
		return nil
	}
	for _, args := range x.args {
		f, r := s.exchange(s.deadline(x.lim.PerTest), x.lim.MaxOutput+frameSlack, opCall, args, u64(x.lim.MaxOutput))
		if r.Kind != "" {
			x.add(r)
			return nil
		}
		r, usable := value(f)
		if !x.add(r) || !usable {
			return nil
		}
	}
	return nil
}

// value is the result of a call; usable is false if the process made no sense.
func value(f frame) (r Result, usable bool) {
	switch {
	case f.op == replyRaised || f.op == replyNoValue:
		r = failed(f)
		return r, r.Kind != judge.Crashed
	case f.op != replyValue || len(f.fields) == 0:
		return unexpected(), false
	}
	v, err := pyvalue.Decode(f.fields[0])
	if err != nil {
		return unexpected(), false
	}
	return Result{Value: v}, true
}

func (x *execution) stdio() error {
	for _, in := range x.job.Stdin {
		r, err := x.script(in)
		if err != nil {
			return err
		}
		if !x.add(r) || !x.out.Parsed || !time.Now().Before(x.start.Add(x.lim.Total)) {
			return nil
		}
	}
	return nil
}

// script runs the program once, with in as its standard input.
func (x *execution) script(in string) (Result, error) {
	s, err := x.open()
	if err != nil {
		return Result{}, err
	}
	defer s.close()
	go func() {
		_, _ = s.child.stdin.WriteString(in) // a program need not read it
		_ = s.child.stdin.Close()
	}()
	until := s.deadline(x.lim.PerTest)
	r := x.load(s, until, opScript, []byte(x.job.Source))
	if r.Kind == judge.Timeout || r.Kind == lost || !x.out.Parsed {
		s.close()
		r.Stdout = string(s.printed)
		return r, nil
	}
	e, ended := s.child.tryWait(until)
	s.close()
	switch {
	case s.overflow.Load():
		r = s.tooMuch()
	case r.Kind == judge.Error || r.Kind == judge.Memory:
	case !ended:
		r = tookLonger(stoppedSince(until))
	case e.lost:
		r = Result{Kind: lost}
	case e.status.Exited() && e.status.ExitStatus() == 0:
		r = Result{} // also by os._exit: what it printed is what counts
	case e.status.Exited():
		r = Result{Kind: judge.Error, Reason: "exited with a status other than 0"}
	case e.status.Signaled() && e.status.Signal() == unix.SIGKILL && r.Kind != "":
	default:
		r = s.death(e)
	}
	r.Stdout = string(s.printed)
	return r, nil
}
