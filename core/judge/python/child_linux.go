package python

import (
	"errors"
	"os"
	"time"
)

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
