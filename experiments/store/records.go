package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ra3/core/checkpoint/durable"
)

// The record files of a run; TracesFile names those of annotated traces.
const (
	SamplesFile  = "samples.jsonl"
	VerdictsFile = "verdicts.jsonl"
)

// TracesFile returns the record file traces/<name>.jsonl.
func TracesFile(name string) string { return path.Join(tracesName, name+".jsonl") }

// recordPath returns where the record file name is, which is given with slashes.
func (r *Run) recordPath(name string) (string, error) {
	dir, base := path.Split(name)
	if (dir != "" && dir != tracesName+"/") || !filepath.IsLocal(base) || strings.HasPrefix(base, ".") ||
		path.Ext(base) != ".jsonl" || strings.ContainsAny(base, `\:`) || (dir == "" && base == eventsName) {
		return "", fmt.Errorf("%q is not a record file; name one like %s or %s", name, SamplesFile, TracesFile("1"))
	}
	return r.path(filepath.FromSlash(name)), nil
}

// AppendJSONL adds records, one a line, to a record file such as SamplesFile.
// They are in the file all or none, unless the process dies in between: a line
// torn by that is cut off, with a notice in Notices, when records are next
// appended. They survive the end of the process, not a loss of power.
func AppendJSONL[T any](r *Run, name string, records ...T) error {
	var b bytes.Buffer
	if err := encodeRecords(&b, records); err != nil {
		return fmt.Errorf("append to %s: %w", name, err)
	}
	if err := r.appendRecords(name, b.Bytes()); err != nil {
		return fmt.Errorf("append to %s: %w", name, err)
	}
	return nil
}

func encodeRecords[T any](w io.Writer, records []T) error {
	for i, record := range records {
		line, err := encodeLine(record)
		if err != nil {
			return fmt.Errorf("record %d: %w", i+1, err)
		}
		if len(line) > maxRecordLine {
			return fmt.Errorf("record %d: %d bytes are over the limit of %d", i+1, len(line), maxRecordLine)
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) appendRecords(name string, lines []byte) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	path, err := r.writableRecords(name)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return durable.Explain("open", path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = durable.Explain("close", path, cerr)
		}
	}()
	torn, _, size, err := cutTorn(file, maxRecordLine)
	if err != nil {
		return durable.Explain("read", path, err)
	}
	if torn > 0 {
		r.notices = append(r.notices, tornNotice(name, torn))
	}
	if _, err := file.Write(lines); err != nil {
		err = durable.Explain("write", path, err)
		if terr := file.Truncate(size); terr != nil {
			err = also(err, durable.Explain("truncate", path, terr))
		}
		return err
	}
	return nil
}

// writableRecords is recordPath for a run that may be written. r.mu is held.
func (r *Run) writableRecords(name string) (string, error) {
	if err := r.writable(); err != nil {
		return "", err
	}
	return r.recordPath(name)
}

// WriteJSONL makes a record file hold just these records. It is written aside
// and renamed, so that it is never there in part.
func WriteJSONL[T any](r *Run, name string, records []T) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	path, err := r.writableRecords(name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return durable.Replace(path, func(w io.Writer) error { return encodeRecords(w, records) })
}

// TruncateJSONL drops the records after the first n of a record file, as
// Truncate does for events. It is an error if there are fewer.
func (r *Run) TruncateJSONL(name string, n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	path, err := r.writableRecords(name)
	if err != nil {
		return fmt.Errorf("truncate %s: %w", name, err)
	}
	if n < 0 {
		return fmt.Errorf("truncate %s: negative number of records %d", name, n)
	}
	if _, err := os.Stat(path); n == 0 && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := keepLines(path, int64(n), maxRecordLine, func([]byte) error { return nil }); err != nil {
		return fmt.Errorf("truncate %s: %w", name, err)
	}
	return nil
}

// ReadJSONL reads a record file; none if it is not there. A torn last line is
// left out with a notice.
func ReadJSONL[T any](r *Run, name string) ([]T, []Notice, error) {
	path, err := r.recordPath(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, durable.Explain("read", path, err)
	}
	var all []T
	torn, err := eachLine(file, maxRecordLine, func(number int, line []byte) error {
		var record T
		if err := json.Unmarshal(line, &record); err != nil {
			return damaged(number, oneLine(truncatedJSON(err)))
		}
		all = append(all, record)
		return nil
	})
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, nil, durable.Explain("read", path, err)
	}
	var notices []Notice
	if torn > 0 {
		notices = append(notices, tornNotice(name, torn))
	}
	return all, notices, nil
}
