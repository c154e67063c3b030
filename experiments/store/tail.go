package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"ra3/core/checkpoint/durable"
)

// ErrRewound says that the log was truncated or replaced since a cursor was
// made. What was read may no longer be in it: start again with the cursor returned.
var ErrRewound = errors.New("the event log was rewound")

// Cursor is a place in the event log for Tail. The zero Cursor is its start.
type Cursor struct {
	Seq        int64 // of the last event read
	offset     int64 // bytes
	generation int64
}

// follower keeps the log open between calls of Tail. While it is open its
// identity is not given to another file, so that a replaced log is noticed.
type follower struct {
	mu         sync.Mutex
	file       *os.File
	generation int64
	ended      bool
}

// Tail reads the complete events after c, up to maxEvents and about maxBytes of
// them (one event at least, if there is one), and returns the cursor to go on
// from. No events and no error mean that nothing was added. It sees what the
// writer has flushed, and works while another process writes.
func (r *Run) Tail(c Cursor, maxEvents, maxBytes int) ([]Event, Cursor, error) {
	path := r.path(eventsName)
	t := &r.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return nil, c, fmt.Errorf("run %s: %w", r.dir, os.ErrClosed)
	}
	size, err := t.follow(path)
	if err != nil {
		return nil, c, durable.Explain("read", path, err)
	}
	if c.offset > 0 && (c.generation != t.generation || size < c.offset) {
		return nil, Cursor{}, fmt.Errorf("%s: %w", path, ErrRewound)
	}
	c.generation = t.generation
	block, err := readGrown(t.file, c.offset, size, max(1, maxBytes))
	if err != nil {
		return nil, c, durable.Explain("read", path, err)
	}
	var events []Event
	for line := range bytes.Lines(block) {
		if len(events) >= max(1, maxEvents) {
			break
		}
		e, err := parseEvent(line[:len(line)-1])
		if err == nil && e.Seq != c.Seq+1 {
			err = fmt.Errorf("seq is %d", e.Seq)
		}
		if err != nil {
			return nil, c, durable.Explain("read", path, damaged(int(c.Seq+1), err))
		}
		events = append(events, e)
		c.Seq = e.Seq
		c.offset += int64(len(line))
	}
	return events, c, nil
}

// follow opens the log at path, anew if it was replaced, and returns its size.
func (t *follower) follow(path string) (int64, error) {
	if t.file != nil {
		ours, err := t.file.Stat()
		if err != nil {
			return 0, err
		}
		named, err := os.Stat(path)
		if err != nil {
			return 0, err
		}
		if os.SameFile(ours, named) {
			return ours.Size(), nil
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	// The old file is closed after the new one is open: see follower.
	if err := t.close(); err != nil {
		return 0, also(err, file.Close())
	}
	t.file = file
	t.generation++
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (t *follower) close() error {
	if t.file == nil {
		return nil
	}
	err := t.file.Close()
	t.file = nil
	return err
}

// end closes for good.
func (t *follower) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	return t.close()
}

// readGrown reads complete lines from offset, about want bytes, but one line in
// any case if there is one.
func readGrown(file io.ReaderAt, offset, size int64, want int) ([]byte, error) {
	for {
		block := make([]byte, min(int64(want), size-offset))
		n, err := file.ReadAt(block, offset)
		if err != nil && err != io.EOF { // EOF: the writer cut a torn line just now
			return nil, err
		}
		if at := bytes.LastIndexByte(block[:n], '\n'); at >= 0 {
			return block[:at+1], nil
		}
		if int64(n) >= size-offset || err == io.EOF {
			return nil, nil
		}
		if want > maxEventLine {
			return nil, fmt.Errorf("a line is longer than %d bytes; the file was changed or damaged", maxEventLine)
		}
		want *= 2
	}
}
