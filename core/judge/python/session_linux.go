package python

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"golang.org/x/sys/unix"

	"ra3/core/judge"
)

// session is one process of a program, from its spawning to its end, with the
// limits it runs under.
type session struct {
	ctx     context.Context
	child   *child
	results *bufio.Reader
	lim     Limits
	end     time.Time // of the program's whole time
	unwatch func() bool

	printed  []byte
	overflow atomic.Bool
	drained  chan struct{} // standard output has ended
}

// spawnTimeout bounds fork and confinement, which no program is charged for.
const spawnTimeout = 20 * time.Second

// open spawns a process and waits until it is confined. Standard output is kept
// up to the limit; a process that prints more is killed.
func open(ctx context.Context, srv *server, lim Limits) (*session, error) {
	seconds := int(lim.Total/time.Second) + 2
	c, err := srv.spawn(int64(lim.MemoryMB)<<20, seconds)
	if err != nil {
		return nil, err
	}
	s := &session{ctx: ctx, child: c, results: bufio.NewReaderSize(c.results, 4<<10), lim: lim, drained: make(chan struct{})}
	s.unwatch = context.AfterFunc(ctx, func() {
		_ = c.results.SetReadDeadline(time.Unix(1, 0))
		_ = c.requests.SetWriteDeadline(time.Unix(1, 0))
	})
	go s.collect()
	f, err := s.reply(4<<10, time.Now().Add(spawnTimeout))
	switch {
	case err == nil && f.op == replyReady:
		return s, nil
	case err == nil && f.op == replyBroken && len(f.fields) == 1:
		err = fmt.Errorf("python: confining a program: %s", f.fields[0])
	case err == nil:
		err = fmt.Errorf("python: confining a program: %w", errFrame)
	}
	s.close()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("python: a program's process did not come up: %w", err)
}

// close kills the process if it still lives.
func (s *session) close() ending {
	s.unwatch()
	e := s.child.kill()
	<-s.drained
	return e
}

func (s *session) collect() {
	defer close(s.drained)
	b := make([]byte, 16<<10)
	for {
		n, err := s.child.stdout.Read(b)
		room := s.lim.MaxOutput - len(s.printed)
		if n > room {
			s.printed = append(s.printed, b[:max(room, 0)]...)
			if !s.overflow.Swap(true) {
				_ = s.child.server.send('K', s.child.number, 0, 0) // close will do it again
			}
		} else {
			s.printed = append(s.printed, b[:n]...)
		}
		if err != nil {
			return
		}
	}
}

// deadline is d from now, or the end of the program's time.
func (s *session) deadline(d time.Duration) time.Time {
	if t := time.Now().Add(d); s.end.IsZero() || t.Before(s.end) {
		return t
	}
	return s.end
}

func (s *session) ask(until time.Time, op byte, fields ...[]byte) error {
	_ = s.child.requests.SetWriteDeadline(until)
	if err := s.ctx.Err(); err != nil {
		return err
	}
	_, err := s.child.requests.Write(appendFrame(nil, op, fields...))
	return err
}

func (s *session) reply(limit int, until time.Time) (frame, error) {
	_ = s.child.results.SetReadDeadline(until)
	if err := s.ctx.Err(); err != nil {
		return frame{}, err
	}
	begun := time.Now()
	f, err := readFrame(s.results, limit)
	if errors.Is(err, os.ErrDeadlineExceeded) && begun.Before(until) && stoppedSince(until) {
		err = errStopped
	}
	return f, err
}

// errStopped is a deadline that passed while this process did not run.
var errStopped = errors.New("stopped while it waited")

// asleep is how late a deadline may be noticed by a process that runs.
const asleep = time.Second / 2

// stoppedSince says whether a deadline is noticed so late that this process, and
// with it perhaps the program, was stopped: by ctrl+z, or a machine that slept.
func stoppedSince(deadline time.Time) bool { return time.Since(deadline) > asleep }

// tookLonger is a result at a deadline; the program is not blamed, at first, for
// time in which nothing ran.
func tookLonger(stopped bool) Result {
	r := Result{Kind: judge.Timeout, Reason: "took longer than the time limit"}
	if stopped {
		r.Kind = lost
	}
	return r
}

// exchange asks and waits for the reply until the deadline. A result with a
// kind says why there is none; the process is then of no more use.
func (s *session) exchange(until time.Time, limit int, op byte, fields ...[]byte) (frame, Result) {
	err := s.ask(until, op, fields...)
	if err == nil || errors.Is(err, unix.EPIPE) { // a process that is dead may have said why
		return s.next(until, limit)
	}
	return frame{}, s.why(err)
}

func (s *session) next(until time.Time, limit int) (frame, Result) {
	f, err := s.reply(limit, until)
	if err != nil {
		return frame{}, s.why(err)
	}
	return f, Result{}
}

// closedGrace is how long a process that has closed its channel may take to be
// seen dead.
const closedGrace = time.Second

// why explains a conversation that broke off. Kind lost asks for another try.
func (s *session) why(err error) Result {
	switch {
	case s.ctx.Err() != nil:
		return Result{Kind: lost}
	case s.overflow.Load():
		return s.tooMuch()
	case errors.Is(err, errStopped):
		return tookLonger(true)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return tookLonger(false)
	case errors.Is(err, errFrame):
		return unexpected()
	}
	e, ended := s.child.tryWait(time.Now().Add(closedGrace))
	if s.overflow.Load() {
		return s.tooMuch()
	}
	if !ended {
		return Result{Kind: judge.Crashed, Reason: "closed the judge's channel"}
	}
	return s.death(e)
}

// lost is the kind of a result that is not the program's doing.
const lost judge.Kind = "lost"

func (s *session) tooMuch() Result {
	return Result{Kind: judge.Error, Reason: fmt.Sprintf("printed more than %d bytes", s.lim.MaxOutput)}
}

// death explains how a process ended before it answered.
func (s *session) death(e ending) Result {
	switch {
	case e.lost:
		return Result{Kind: lost}
	case e.status.Exited():
		return Result{Kind: judge.Crashed, Reason: fmt.Sprintf("exited with status %d before it answered", e.status.ExitStatus())}
	case e.status.Signal() == unix.SIGXCPU:
		return Result{Kind: judge.Timeout, Reason: "used up its processor time"}
	case e.rssKB > uint64(s.lim.MemoryMB)<<10*9/10:
		return Result{Kind: judge.Memory, Reason: "died at the memory limit"}
	}
	return Result{Kind: judge.Crashed, Reason: "killed by " + unix.SignalName(e.status.Signal())}
}

// failed turns the fields of a failure reply into a result.
func failed(f frame) Result {
	if len(f.fields) != 3 || len(f.fields[0]) != 1 {
		return unexpected()
	}
	name, text := oneLine(f.fields[1]), oneLine(f.fields[2])
	if f.op == replyNoValue {
		if f.fields[0][0] != 'm' {
			return Result{Kind: judge.Error, Reason: "returned no plain value: " + text}
		}
	}
	r := Result{Kind: judge.Error, Reason: name}
	if text != "" {
		r.Reason += ": " + text
	}
	if f.fields[0][0] == 'm' {
		r.Kind = judge.Memory
	}
	return r
}

// oneLine makes text from a program fit to be shown.
func oneLine(b []byte) string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(string(b), "?"))
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "..."
	}
	return strings.TrimSpace(s)
}

// unexpected is the result of a reply that makes no sense where it came.
func unexpected() Result {
	return Result{Kind: judge.Crashed, Reason: "wrote into the judge's channel"}
}
