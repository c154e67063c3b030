package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"ra3/core/checkpoint/durable"
)

// flushBytes is how many bytes of events wait in memory at most before Append
// writes them by itself.
const flushBytes = 1 << 16

// openLog opens the event log for appending and cuts off a torn last line.
func (r *Run) openLog() error {
	path := r.path(eventsName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return durable.Explain("open", path, err)
	}
	r.log = file
	torn, line, _, err := cutTorn(file, maxEventLine)
	if err != nil {
		return durable.Explain("read", path, err)
	}
	if torn > 0 {
		r.notices = append(r.notices, tornNotice(eventsName, torn))
	}
	r.seq = 0
	if line != nil {
		e, err := parseEvent(line)
		if err != nil {
			return fmt.Errorf("%s: last line: %w; the file was changed or damaged, remove that line to go on", path, err)
		}
		r.seq, r.lastBranch = e.Seq, e.Branch
	}
	return nil
}

// LastBranch is the branch that was at work last when the run was opened for
// writing; main where none was.
func (r *Run) LastBranch() string { return cmp.Or(r.lastBranch, Main) }

// Append adds e to the log as the next event; e.Seq is assigned. Events wait in
// memory until Flush, or until 64 KiB of them have gathered. An error that is
// not from the disk means the event was not added; after an error from the disk
// the event is kept, and written when a later Flush succeeds: do not append it again.
func (r *Run) Append(e Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return fmt.Errorf("append event: %w", err)
	}
	e.Seq = r.seq + 1
	line, err := encodeLine(e)
	if err != nil {
		return fmt.Errorf("append event %d of kind %q: %w", e.Seq, e.Kind, err)
	}
	if len(line) > maxEventLine {
		return fmt.Errorf("append event %d of kind %q: %d bytes are over the limit of %d; shorten its text",
			e.Seq, e.Kind, len(line), maxEventLine)
	}
	r.seq = e.Seq
	r.pending = append(r.pending, line...)
	if len(r.pending) < flushBytes {
		return nil
	}
	return r.flush()
}

// LastSeq returns the Seq of the last event appended, 0 for an empty log. Of a
// run that is being viewed it is 0: see Events.
func (r *Run) LastSeq() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seq
}

// Flush hands the waiting events to the operating system: they then survive the
// end of this process, and other processes see them.
func (r *Run) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return fmt.Errorf("flush events: %w", err)
	}
	return r.flush()
}

// flush writes the pending bytes. What a full disk does not take stays pending,
// so that a line begun is ended, not repeated, when there is room again.
func (r *Run) flush() error {
	if len(r.pending) == 0 {
		return nil
	}
	n, err := r.log.Write(r.pending)
	r.pending = r.pending[:copy(r.pending, r.pending[n:])]
	return durable.Explain("write", r.path(eventsName), err)
}

// Sync flushes and makes the log survive a loss of power.
func (r *Run) Sync() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return fmt.Errorf("sync events: %w", err)
	}
	return r.sync()
}

func (r *Run) sync() error {
	if err := r.flush(); err != nil {
		return err
	}
	return durable.Explain("sync", r.path(eventsName), r.log.Sync())
}

// Events reads the whole log, including the events not yet flushed. A torn last
// line is left out with a notice; a broken line before it is an error that
// names file and line.
func (r *Run) Events() ([]Event, []Notice, error) {
	path := r.path(eventsName)
	file, size, notices, err := r.openEvents(path)
	if err != nil {
		return nil, nil, durable.Explain("read", path, err)
	}
	var events []Event
	torn, err := eachLine(io.LimitReader(file, size), maxEventLine, func(number int, line []byte) error {
		e, err := parseEvent(line)
		if err == nil && e.Seq != int64(number) {
			err = fmt.Errorf("seq is %d", e.Seq)
		}
		if err != nil {
			return damaged(number, err)
		}
		events = append(events, e)
		return nil
	})
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, nil, durable.Explain("read", path, err)
	}
	if torn > 0 {
		notices = append(notices, tornNotice(eventsName, torn))
	}
	return events, notices, nil
}

// openEvents opens the log for one reading up to its present size, which in the
// writer's hands is the end of a line. Reading needs no lock then, so that
// appending can go on meanwhile.
func (r *Run) openEvents(path string) (*os.File, int64, []Notice, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.log != nil {
		if err := r.flush(); err != nil {
			return nil, 0, nil, err
		}
	}
	var notices []Notice
	for _, n := range r.notices {
		if n.File == eventsName {
			notices = append(notices, n)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, nil, also(err, file.Close())
	}
	return file, info.Size(), notices, nil
}

func damaged(number int, err error) error {
	return fmt.Errorf("line %d: %w; the file was changed or damaged, keep its first %d lines to go on", number, err, number-1)
}

// Truncate drops the events with Seq > seq, as when training goes on from a
// checkpoint older than the log. The log is written aside and renamed.
func (r *Run) Truncate(seq int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writable(); err != nil {
		return fmt.Errorf("truncate events: %w", err)
	}
	if seq < 0 {
		return fmt.Errorf("truncate events of %s: negative seq %d", r.dir, seq)
	}
	if seq >= r.seq {
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	path := r.path(eventsName)
	err := keepLines(path, seq, maxEventLine, func(line []byte) error {
		e, err := parseEvent(line)
		if err == nil && e.Seq != seq {
			err = fmt.Errorf("seq is %d", e.Seq)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("truncate events: %w", err)
	}
	// The open file is the one that was replaced: never append to it again.
	old := r.log
	r.log = nil
	err = durable.Explain("close", path, old.Close())
	if openErr := r.openLog(); openErr != nil {
		err = also(err, openErr)
		if r.log != nil {
			err = also(err, r.log.Close())
			r.log = nil
		}
	}
	if err == nil && r.seq != seq {
		err = errors.New("the log was changed by another program")
	}
	if err != nil {
		return fmt.Errorf("truncate events: %w", err)
	}
	return nil
}
