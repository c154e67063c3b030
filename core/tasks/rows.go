package tasks

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// Bounds of what is read. A benchmark file beyond them is not one of those
// known, or would not fit in memory.
const (
	maxRowBytes  = 256 << 20 // one row, unpacked
	maxFileBytes = 6 << 30   // a file, unpacked
	maxRows      = 200_000
)

// Error says what is wrong with a file and where: the line (or, of Parquet, the
// row) counted from 1, and the field by its path.
type Error struct {
	File  string
	Line  int    // 0: the file as a whole
	Field string // "": the row as a whole
	Msg   string
}

func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(" line %d", e.Line)
	}
	if e.Field != "" {
		s += fmt.Sprintf(", field %q", e.Field)
	}
	return s + ": " + e.Msg
}

// unpack returns r, or what it holds if that is gzip. Its reads fail beyond
// maxFileBytes, which also bounds what a small file may inflate to.
func unpack(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	magic, err := in.Peek(2)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var out io.Reader = in
	if len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		if out, err = gzip.NewReader(in); err != nil {
			return nil, err
		}
	}
	return &bounded{out, maxFileBytes}, nil
}

type bounded struct {
	r    io.Reader
	left int64
}

var errTooLong = fmt.Errorf("it holds more than %d GiB: cut it into parts", maxFileBytes>>30)

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// row is one problem's object with the place it came from.
type row struct {
	file string
	line int
	*object
	used map[string]bool
}

func (r *row) errorf(field, format string, a ...any) error {
	return &Error{filepath.Base(r.file), r.line, field, fmt.Sprintf(format, a...)}
}

// eachRow calls f with every object of a JSON Lines file, or of a JSON array,
// plain or gzip. Blank lines are passed over.
func eachRow(file string, r io.Reader, f func(*row) error) error {
	base := filepath.Base(file)
	whole := func(err error) error { return &Error{File: base, Msg: readFault(err)} }
	text, err := unpack(r)
	if err != nil {
		return whole(err)
	}
	in := bufio.NewReaderSize(text, 1<<16)
	first, err := firstByte(in)
	if err == io.EOF {
		return &Error{File: base, Msg: "it is empty: name a file with problems"}
	}
	if err != nil {
		return whole(err)
	}
	if first == '[' {
		return eachElement(file, in, f)
	}
	rows := 0
	for line := 1; ; line++ {
		b, err := readLine(in)
		if err != nil && err != io.EOF {
			return &Error{File: base, Line: line, Msg: readFault(err)}
		}
		if len(bytes.TrimSpace(b)) > 0 {
			v, perr := parseJSON(b)
			if perr != nil {
				return &Error{File: base, Line: line, Msg: "not JSON, " + perr.Error()}
			}
			o, ok := v.(*object)
			if !ok {
				return &Error{File: base, Line: line, Msg: "want an object, as in {\"task_id\": ...}, not " + kindOf(v)}
			}
			if rows++; rows > maxRows {
				return &Error{File: base, Line: line, Msg: fmt.Sprintf("more than %d rows: cut the file into parts", maxRows)}
			}
			if ferr := f(&row{file, line, o, map[string]bool{}}); ferr != nil {
				return ferr
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// firstByte peeks at the first byte that is not white space, without reading it.
func firstByte(in *bufio.Reader) (byte, error) {
	for n := 1; ; n++ {
		b, err := in.Peek(n)
		if err != nil {
			return 0, err
		}
		switch c := b[n-1]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c, nil
		}
		if n == 1<<12 {
			return 0, errors.New("it begins with blanks only")
		}
	}
}

// readLine returns a line with its break, and io.EOF after the last one.
func readLine(in *bufio.Reader) ([]byte, error) {
	var long []byte
	for {
		part, err := in.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			if long = append(long, part...); len(long) > maxRowBytes {
				return nil, fmt.Errorf("longer than %d MiB: it is damaged, or no file of problems", maxRowBytes>>20)
			}
			continue
		}
		if long == nil {
			return part, err
		}
		return append(long, part...), err
	}
}

// eachElement is eachRow for a file that is one JSON array.
func eachElement(file string, in io.Reader, f func(*row) error) error {
	base := filepath.Base(file)
	text, err := io.ReadAll(io.LimitReader(in, maxRowBytes+1))
	if err != nil {
		return &Error{File: base, Msg: readFault(err)}
	}
	if len(text) > maxRowBytes {
		return &Error{File: base, Msg: fmt.Sprintf("an array of more than %d MiB: write it as JSON Lines, an object a line", maxRowBytes>>20)}
	}
	lineAt := func(at int) int { return 1 + bytes.Count(text[:min(at, len(text))], []byte{'\n'}) }
	v, err := parseJSON(text)
	if err != nil {
		var je *jsonError
		errors.As(err, &je)
		return &Error{File: base, Line: lineAt(je.at), Msg: "not JSON, " + je.msg}
	}
	for i, e := range v.([]node) {
		o, ok := e.(*object)
		if !ok {
			return &Error{File: base, Msg: fmt.Sprintf("element %d: want an object, not %s", i+1, kindOf(e))}
		}
		if err := f(&row{file, lineAt(o.at), o, map[string]bool{}}); err != nil {
			return err
		}
	}
	return nil
}

func readFault(err error) string {
	switch {
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return "damaged or cut gzip (" + err.Error() + "): fetch the file again"
	}
	return err.Error()
}
