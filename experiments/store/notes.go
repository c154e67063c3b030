package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"ra3/core/checkpoint/durable"
)

// NotesFile holds what its readers wrote about a run, a line a note.
const NotesFile = "notes.jsonl"

// Note is a remark on a run or a bookmark of a position in it.
type Note struct {
	ID     int    `json:"id"`             // line of the file that made it, counted from 1; given by AppendNote
	At     string `json:"at"`             // RFC 3339, UTC
	Branch string `json:"branch"`         // "": of the run as a whole
	Update int    `json:"update"`         // of the branch's line
	Text   string `json:"text"`           // one line
	Mark   bool   `json:"mark,omitempty"` // a bookmark
	Drops  int    `json:"drops,omitempty"`
}

// maxNote bounds a note's text, in bytes.
const maxNote = 4096

// AppendNote adds a note to the run at dir; also while it is being written by
// another process, since notes are no part of what a run computes. Drops takes
// the note of that ID away, whose line stays.
func AppendNote(dir string, n Note) error {
	if _, err := readConfig(dir); err != nil {
		return fmt.Errorf("note: %w", err)
	}
	r := &Run{dir: dir}
	n.Text = strings.Join(strings.Fields(strings.ToValidUTF8(n.Text, "?")), " ")
	switch {
	case len(n.Text) > maxNote:
		return fmt.Errorf("note: %d bytes are over the limit of %d: shorten it", len(n.Text), maxNote)
	case n.Text == "" && !n.Mark && n.Drops == 0:
		return errors.New("note: it says nothing: give it a text")
	}
	n.ID = 0
	line, err := encodeLine(n)
	if err != nil {
		return fmt.Errorf("note: %w", err)
	}
	path := r.path(NotesFile)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return durable.Explain("write", path, err)
	}
	// One write to an appending file: two writers cannot mix their lines. What a
	// crash left without a line's end gets one, and is passed over; so may, without
	// need, a line that another writer is just writing, which leaves an empty one.
	info, err := file.Stat()
	if err == nil && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err = file.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if err == nil {
		_, err = file.Write(line)
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	return durable.Explain("write", path, err)
}

// Notes lists a run's notes that have not been dropped, in the order they were
// written. Lines that are none are passed over with a notice.
func Notes(dir string) ([]Note, []Notice, error) {
	if _, err := readConfig(dir); err != nil {
		return nil, nil, fmt.Errorf("notes: %w", err)
	}
	path := (&Run{dir: dir}).path(NotesFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, durable.Explain("read", path, err)
	}
	all, notices, err := readNotes(file)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, nil, durable.Explain("read", path, err)
	}
	return all, notices, nil
}

func readNotes(in io.Reader) ([]Note, []Notice, error) {
	var all []Note
	var notices []Notice
	dropped := map[int]bool{}
	torn, err := eachLine(in, maxEventLine, func(number int, line []byte) error {
		if len(line) == 0 {
			return nil
		}
		var n Note
		if err := unmarshal(line, &n); err != nil {
			notices = append(notices, Notice{NotesFile, number, "no note, left out"})
			return nil
		}
		if n.ID = number; n.Drops > 0 {
			dropped[n.Drops] = true
			return nil
		}
		all = append(all, n)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if torn > 0 {
		notices = append(notices, tornNotice(NotesFile, torn))
	}
	var kept []Note
	for _, n := range all {
		if !dropped[n.ID] {
			kept = append(kept, n)
		}
	}
	return kept, notices, nil
}
