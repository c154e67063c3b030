package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"ra3/core/checkpoint/durable"
)

// Longest lines accepted, in bytes with the line break. A record may hold a
// whole annotated trace with its posterior.
const (
	maxEventLine  = 1 << 20
	maxRecordLine = 64 << 20
)

const readBlock = 1 << 16

// errStop ends eachLine early without an error.
var errStop = errors.New("stop")

// eachLine calls f with every complete line of r, without its line break, and
// its number from 1. A line longer than limit is an error. What follows the
// last line break is torn: its length in bytes is returned.
func eachLine(r io.Reader, limit int, f func(number int, line []byte) error) (torn int64, err error) {
	in := bufio.NewReaderSize(r, readBlock)
	var long []byte // the parts of a line that exceeds the buffer
	for number := 1; ; {
		part, err := in.ReadSlice('\n')
		torn += int64(len(part))
		switch {
		case err == bufio.ErrBufferFull:
			if torn <= int64(limit) {
				long = append(long, part...)
			}
			continue
		case err == io.EOF:
			return torn, nil
		case err != nil:
			return torn, err
		case torn > int64(limit):
			return 0, fmt.Errorf("line %d: longer than %d bytes; the file was changed or damaged", number, limit)
		}
		line := part
		if len(long) > 0 {
			line = append(long, part...)
		}
		if err := f(number, line[:len(line)-1]); err == errStop {
			return 0, nil
		} else if err != nil {
			return 0, err
		}
		number, torn, long = number+1, 0, long[:0]
	}
}

// lastLine returns the last complete line among the first size bytes of r,
// without its line break, and the offset after it; 0 if there is none.
func lastLine(r io.ReaderAt, size int64, limit int) (line []byte, end int64, err error) {
	last, err := lastBreak(r, size)
	if err != nil || last < 0 {
		return nil, 0, err
	}
	before, err := lastBreak(r, last)
	if err != nil {
		return nil, 0, err
	}
	length := last - before - 1
	if length >= int64(limit) {
		return nil, 0, fmt.Errorf("the last line is longer than %d bytes; the file was changed or damaged", limit)
	}
	line = make([]byte, length)
	if _, err := r.ReadAt(line, before+1); err != nil {
		return nil, 0, err
	}
	return line, last + 1, nil
}

// lastBreak returns the offset of the last line break before offset end, or -1.
func lastBreak(r io.ReaderAt, end int64) (int64, error) {
	block := make([]byte, readBlock)
	for end > 0 {
		start := max(0, end-readBlock)
		part := block[:end-start]
		if _, err := r.ReadAt(part, start); err != nil {
			return 0, err
		}
		if at := bytes.LastIndexByte(part, '\n'); at >= 0 {
			return start + int64(at), nil
		}
		end = start
	}
	return -1, nil
}

// cutTorn removes what follows the last line break of file and returns its
// length in bytes, the last line and the size left.
func cutTorn(file *os.File, limit int) (torn int64, line []byte, size int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, nil, 0, err
	}
	line, size, err = lastLine(file, info.Size(), limit)
	if err != nil {
		return 0, nil, 0, err
	}
	if torn = info.Size() - size; torn > 0 {
		err = file.Truncate(size)
	}
	return torn, line, size, err
}

// keepLines rewrites the file at path, aside and renamed, with its first n
// lines; check sees the last line kept.
func keepLines(path string, n int64, limit int, check func(line []byte) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return durable.Explain("read", path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = durable.Explain("read", path, cerr)
		}
	}()
	return durable.Replace(path, func(w io.Writer) error {
		kept := int64(0)
		_, err := eachLine(file, limit, func(_ int, line []byte) error {
			if kept == n {
				return errStop
			}
			if kept++; kept == n {
				if err := check(line); err != nil {
					return fmt.Errorf("line %d: %w", n, err)
				}
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
			_, err := w.Write([]byte{'\n'})
			return err
		})
		if err == nil && kept < n {
			err = fmt.Errorf("it has %d lines, fewer than the %d to keep", kept, n)
		}
		return err
	})
}

func tornNotice(name string, torn int64) Notice {
	return Notice{File: name, Text: fmt.Sprintf("the last line was incomplete (%d bytes) and is left out", torn)}
}
