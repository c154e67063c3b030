package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"ra3/core/checkpoint/durable"
)

// tailBytes bounds what one call of Next reads.
const tailBytes = 4 << 20

// Tail reads a log that another process may be writing, from where it last
// stopped.
type Tail struct {
	run    *Run
	file   fs.FileInfo // as it was last
	offset int64       // after the last line read
	seq    int64
}

// Tail starts at the log's beginning.
func (r *Run) Tail() *Tail { return &Tail{run: r} }

// Next returns the events that have come since, some of them if they are many;
// none at the end. restarted says that the log was cut, as by a run that goes on
// from its last state: what was read is void, and these are its first events. A
// line still being written is left for a later call.
func (t *Tail) Next() (events []Event, restarted bool, err error) {
	path := t.run.path(eventsName)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && t.file == nil {
		return nil, false, nil // about to be made
	}
	if err != nil {
		return nil, false, durable.Explain("read", path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = durable.Explain("read", path, cerr)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, false, durable.Explain("read", path, err)
	}
	if t.file != nil && (!os.SameFile(t.file, info) || info.Size() < t.offset) {
		t.offset, t.seq, restarted = 0, 0, true
	}
	t.file = info
	if info.Size() == t.offset {
		return nil, restarted, nil
	}
	offset, seq := t.offset, t.seq
	part := io.NewSectionReader(file, offset, info.Size()-offset)
	_, err = eachLine(part, maxEventLine, func(_ int, line []byte) error {
		if offset-t.offset > tailBytes {
			return errStop
		}
		e, err := parseEvent(line)
		if err == nil && e.Seq != seq+1 {
			err = fmt.Errorf("seq is %d", e.Seq)
		}
		if err != nil {
			return damaged(int(seq)+1, err)
		}
		events, seq, offset = append(events, e), e.Seq, offset+int64(len(line))+1
		return nil
	})
	if err != nil {
		return nil, restarted, durable.Explain("read", path, err)
	}
	t.offset, t.seq = offset, seq
	return events, restarted, nil
}

// State tells what the run is doing now.
func (r *Run) State() (State, error) { return r.state() }
