package python

import (
	"bytes"
	"crypto/rand"
	"time"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

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
