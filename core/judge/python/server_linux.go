package python

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ra3/core/judge/protect"
)

//go:embed driver.py
var driver string

// boot executes the driver, its first argument, with a copy of the builtins:
// what a program does to the original does not reach it.
const boot = `import builtins as b,sys;exec(compile(sys.argv.pop(1),"<driver>","exec"),{"__builtins__":dict(vars(b)),"__name__":"driver"})`

const (
	startTimeout = 30 * time.Second
	// killGrace is how long the server may take to report a killed program
	// before the whole sandbox is killed.
	killGrace = 5 * time.Second
	// maxThreads bounds the tasks of a sandbox: the server, two programs' processes
	// and their threads.
	maxThreads = 64
)

// warm are the modules that a fork server has loaded before it forks.
var warm = []string{"math", "cmath", "collections", "itertools", "functools", "operator", "re", "heapq", "bisect", "string", "random",
	"typing", "copy", "json", "datetime", "decimal", "fractions", "statistics", "enum", "dataclasses", "threading", "atexit"}

// server is one sandbox with a driver in it. One goroutine at a time uses it.
type server struct {
	proc    *protect.Process
	control *os.File
	version string

	mu       sync.Mutex
	ended    map[uint32]chan ending // by the number of the child
	next     uint32
	lost     error         // why the server is no more
	gone     chan struct{} // closed then
	stopOnce sync.Once
}

// ending is how a child's process ended.
type ending struct {
	status unix.WaitStatus
	rssKB  uint64
	lost   bool // with its server: nothing is known
}

// startServer starts a sandbox under plan and waits until the driver speaks.
func startServer(ctx context.Context, plan protect.Plan, py Interpreter, preload []string, site bool) (*server, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("python: making the control socket: %w", err)
	}
	if err := unix.SetNonblock(pair[0], true); err != nil {
		return nil, fmt.Errorf("python: control socket: %w", err)
	}
	control, theirs := os.NewFile(uintptr(pair[0]), "control"), os.NewFile(uintptr(pair[1]), "control of the driver")
	env := []string{"PYTHONHASHSEED=0", "PYTHONUTF8=1", "PYTHONDONTWRITEBYTECODE=1"}
	if site {
		// Linear algebra needs no threads here, and has too few tasks for them.
		env = append(env, "PYTHONPATH="+strings.Join(py.installed, ":"), "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1")
	}
	proc, err := protect.Start(protect.Spec{
		Plan:     plan,
		Argv:     []string{py.Path, "-S", "-s", "-c", boot, driver, hex.EncodeToString(protect.ChildFilterBytes()), strings.Join(preload, ",")},
		Env:      env,
		Readable: py.readable,
		Files:    []*os.File{theirs},
		Threads:  maxThreads,
	})
	_ = theirs.Close() // the driver's end is its own: when it dies we read the end
	if err != nil {
		_ = control.Close()
		return nil, err
	}
	s := &server{proc: proc, control: control, ended: make(map[uint32]chan ending), gone: make(chan struct{})}
	if err := s.greet(ctx); err != nil {
		s.lose(err)
		state, stderr := proc.Wait()
		_ = control.Close()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case stderr != "":
			if reason, ok := protect.IsLaunchFailure(stderr); ok {
				return nil, fmt.Errorf("python: setting up the sandbox: %s", reason)
			}
			lines := strings.Split(stderr, "\n")
			return nil, fmt.Errorf("python: %s did not start in the sandbox (%s): %s", py.Path, state, lines[len(lines)-1])
		}
		return nil, fmt.Errorf("python: %s did not start in the sandbox (%s); does main call judge.ServeIfChild first: %w", py.Path, state, err)
	}
	go s.listen()
	return s, nil
}

func (s *server) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = s.control.SetReadDeadline(time.Unix(1, 0)) })()
	b := make([]byte, 64)
	n, err := s.control.Read(b)
	if err != nil {
		return fmt.Errorf("waiting for the driver: %w", err)
	}
	if n < 1 || b[0] != 'H' {
		return fmt.Errorf("the driver greets with %q", b[:n])
	}
	s.version = string(b[1:n])
	return nil
}

// listen passes on how children ended, until the server is gone.
func (s *server) listen() {
	b := make([]byte, 64)
	for {
		n, err := s.control.Read(b)
		if err == nil && (n != 17 || b[0] != 'X') {
			err = fmt.Errorf("the driver says %q", b[:n])
		}
		if err != nil {
			s.lose(err)
			return
		}
		number := binary.LittleEndian.Uint32(b[1:])
		e := ending{status: unix.WaitStatus(binary.LittleEndian.Uint32(b[5:])), rssKB: binary.LittleEndian.Uint64(b[9:])}
		s.mu.Lock()
		ch := s.ended[number]
		delete(s.ended, number)
		s.mu.Unlock()
		if ch != nil {
			ch <- e
		}
	}
}

// lose kills the sandbox and tells whoever waits for one of its children.
func (s *server) lose(err error) {
	s.proc.Kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		return
	}
	s.lost = err
	for number, ch := range s.ended {
		ch <- ending{lost: true}
		delete(s.ended, number)
	}
	close(s.gone)
}

// stop kills the sandbox and waits for its end.
func (s *server) stop() {
	s.lose(errors.New("stopped"))
	s.stopOnce.Do(func() {
		_, _ = s.proc.Wait()
		_ = s.control.Close()
	})
}

func (s *server) alive() bool {
	select {
	case <-s.gone:
		return false
	default:
		return true
	}
}

// spawn forks a process in the sandbox that may grow to memory bytes and use
// the processor for so many seconds, and waits until it is confined.
func (s *server) spawn(memory int64, seconds int) (*child, error) {
	c := &child{server: s, end: make(chan ending, 1)}
	var theirs []int
	defer func() {
		for _, fd := range theirs {
			_ = unix.Close(fd)
		}
	}()
	for _, p := range []struct {
		ours  **os.File
		write bool
	}{{&c.requests, true}, {&c.results, false}, {&c.stdin, true}, {&c.stdout, false}} {
		f, fd, err := pipe(p.write)
		if err != nil {
			c.close()
			return nil, err
		}
		*p.ours = f
		theirs = append(theirs, fd)
	}
	s.mu.Lock()
	if s.lost != nil {
		s.mu.Unlock()
		c.close()
		return nil, fmt.Errorf("python: the sandbox is gone: %w", s.lost)
	}
	s.next++
	c.number = s.next
	s.ended[c.number] = c.end
	s.mu.Unlock()
	if err := s.send('S', c.number, uint64(memory), uint64(seconds), theirs...); err != nil {
		s.lose(err)
		c.close()
		return nil, err
	}
	return c, nil
}

func (s *server) send(op byte, number uint32, memory, seconds uint64, fds ...int) error {
	b := binary.LittleEndian.AppendUint32([]byte{op}, number)
	b = binary.LittleEndian.AppendUint64(b, memory)
	b = binary.LittleEndian.AppendUint64(b, seconds)
	var rights []byte
	if len(fds) > 0 {
		rights = unix.UnixRights(fds...)
	}
	raw, err := s.control.SyscallConn()
	if err != nil {
		return fmt.Errorf("python: control socket: %w", err)
	}
	var sent error
	err = raw.Write(func(fd uintptr) bool {
		sent = unix.Sendmsg(int(fd), b, rights, nil, unix.MSG_NOSIGNAL)
		return sent != unix.EAGAIN
	})
	if err = errors.Join(err, sent); err != nil {
		return fmt.Errorf("python: telling the driver: %w", err)
	}
	return nil
}

// pipe returns our end, for use with deadlines, and the descriptor of theirs,
// which blocks.
func pipe(weWrite bool) (ours *os.File, theirs int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return nil, 0, fmt.Errorf("python: making a pipe: %w", err)
	}
	mine, theirs := p[0], p[1]
	if weWrite {
		mine, theirs = p[1], p[0]
	}
	if err := unix.SetNonblock(mine, true); err != nil {
		_, _ = unix.Close(mine), unix.Close(theirs)
		return nil, 0, fmt.Errorf("python: making a pipe: %w", err)
	}
	return os.NewFile(uintptr(mine), "pipe"), theirs, nil
}

// child is a process in a sandbox, for one program.
type child struct {
	server                           *server
	number                           uint32
	requests, results, stdin, stdout *os.File
	end                              chan ending
	ended                            *ending
}

func (c *child) close() {
	for _, f := range []*os.File{c.requests, c.results, c.stdin, c.stdout} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// kill ends the process, whatever it is doing, and waits for its end. A server
// that does not answer is killed with all it holds.
func (c *child) kill() ending {
	if c.ended == nil {
		if err := c.server.send('K', c.number, 0, 0); err != nil {
			c.server.lose(err)
		}
		c.wait(killGrace)
	}
	c.close()
	return *c.ended
}

// wait waits for the process to end by itself, up to the given time; ok is
// false if it has not.
func (c *child) wait(d time.Duration) (e ending) {
	if c.ended != nil {
		return *c.ended
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case e = <-c.end:
	case <-timer.C:
		c.server.lose(errors.New("the driver does not answer"))
		e = <-c.end
	}
	c.ended = &e
	return e
}

// tryWait waits until the deadline for the process to end by itself.
func (c *child) tryWait(deadline time.Time) (ending, bool) {
	if c.ended != nil {
		return *c.ended, true
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case e := <-c.end:
		c.ended = &e
		return e, true
	case <-timer.C:
		return ending{}, false
	}
}
