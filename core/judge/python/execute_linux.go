package python

import (
	"bytes"
	"context"
	"crypto/rand"
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

// asserts runs the tests' text in a process of its own and relays its calls to
// the program's.
func (x *execution) asserts() error {
	program, err := x.open()
	if err != nil {
		return err
	}
	defer program.close()
	until := program.deadline(x.lim.PerTest)
	r := x.load(program, until, opLoad, []byte(x.job.Source), nil)
	if r.Kind != "" {
		x.add(r)
		return nil
	}
	exports, r := program.exchange(until, 2<<20, opExports)
	if r.Kind == "" {
		r, _ = value(exports)
	}
	if r.Kind != "" {
		x.add(r)
		return nil
	}
	tester, err := x.open()
	if err != nil {
		return err
	}
	defer tester.close()
	until = program.deadline(x.lim.PerTest)
	x.add(x.relay(program, tester, until, exports.fields[0]))
	return nil
}

func (x *execution) relay(program, tester *session, until time.Time, exports []byte) Result {
	limit := x.lim.MaxOutput + frameSlack
	f, r := tester.exchange(until, 2*limit, opTester, exports, []byte(x.job.Tests), u64(x.lim.MaxOutput))
	for {
		switch {
		case r.Kind != "":
			return r
		case f.op == replyDone:
			return Result{Kind: judge.Passed}
		case f.op == replyRaised:
			return asserted(f)
		case f.op != replyCall || len(f.fields) != 3:
			return unexpected()
		}
		var answer frame
		answer, r = program.exchange(until, 2*limit, opCallNamed, append(f.fields, u64(x.lim.MaxOutput))...)
		if r.Kind != "" {
			return r
		}
		op, fields := byte(opAnswer), answer.fields
		r, usable := value(answer)
		switch {
		case answer.op == replyRaised && usable && r.Kind == judge.Error && catchable(answer.fields[1]):
			op, fields = opAnswerError, answer.fields[1:]
		case r.Kind != "":
			return r
		case len(fields) > 1:
			if _, err := pyvalue.Decode(fields[1]); err != nil {
				return unexpected()
			}
		}
		f, r = tester.exchange(until, 2*limit, op, fields...)
	}
}

// catchable exceptions are passed on to the tests, which may expect them.
func catchable(name []byte) bool {
	switch string(name) {
	case "SystemExit", "KeyboardInterrupt", "GeneratorExit":
		return false
	}
	return true
}

// asserted is the result of a text of asserts that raised.
func asserted(f frame) Result {
	r := failed(f)
	if r.Kind == judge.Error && f.fields[0][0] == 'a' {
		r.Kind = judge.Wrong
	}
	return r
}

func (x *execution) sameProcess() error {
	s, err := x.open()
	if err != nil {
		return err
	}
	defer s.close()
	if r := x.load(s, s.deadline(x.lim.PerTest), opSameProcess, []byte(x.job.Source), []byte(x.job.Tests)); r.Kind != "" {
		x.add(r)
		return nil
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	f, r := s.exchange(s.deadline(x.lim.PerTest), frameSlack, opNonce, nonce)
	switch {
	case r.Kind != "":
	case f.op == replyRaised:
		r = asserted(f)
	case f.op == replyNonce && len(f.fields) == 1 && bytes.Equal(f.fields[0], nonce):
		r = Result{Kind: judge.Passed}
	default:
		r = unexpected()
	}
	x.add(r)
	return nil
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
		r = Result{Kind: judge.Timeout, Reason: "took longer than the time limit"}
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
