package score

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ra3/core/checkpoint/durable"
	"ra3/core/judge/python"
	"ra3/core/judge/pyvalue"
	"ra3/core/tasks"
)

// cache keeps on disk what running references gave, each in a file named by the
// hash of all that it depends on. A damaged file is made again.
//
// A file of values is magic, the slowest test in nanoseconds, the values each
// with its length before it, and a SHA-256 of all that; numbers are eight
// little-endian bytes.
type cache struct{ dir string }

const (
	valuesMagic = "ra3 values 1\n"
	maxNote     = 4096
)

func newCache(dir string) (cache, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return cache{}, durable.Explain("make", dir, err)
	}
	// What a crash left half written stays: another process may be writing it.
	return cache{dir}, nil
}

// key hashes parts with their lengths.
func (c cache) key(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		order.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c cache) path(key, ext string) string { return filepath.Join(c.dir, key+ext) }

// note is a short answer.
func (c cache) note(key string) (string, bool) {
	b, err := os.ReadFile(c.path(key, ".note"))
	if err != nil || len(b) == 0 || len(b) > maxNote || b[len(b)-1] != '\n' {
		return "", false
	}
	return string(b[:len(b)-1]), true
}

func (c cache) setNote(key, answer string) error {
	return durable.Replace(c.path(key, ".note"), func(w io.Writer) error {
		_, err := io.WriteString(w, answer+"\n")
		return err
	})
}

// write makes a file of values from those that run adds, unless it sets a fault.
func (c cache) write(key string, into *wanted, run func(add func([]byte) error) (python.Outcome, error)) (out python.Outcome, err error) {
	path := c.path(key, ".values")
	errFault := errors.New("fault")
	err = durable.Replace(path, func(w io.Writer) error {
		h := &hashing{w: w, h: sha256.New()}
		h.Write([]byte(valuesMagic))
		h.number(0) // in place of the slowest test, which is not known yet
		var runErr error
		out, runErr = run(func(b []byte) error {
			h.number(uint64(len(b)))
			into.offsets = append(into.offsets, h.at)
			h.Write(b)
			return h.err
		})
		if runErr != nil {
			return runErr
		}
		if into.fault != "" {
			return errFault
		}
		h.number(uint64(into.slowest))
		into.offsets = append(into.offsets, h.at)
		if h.err == nil {
			_, h.err = w.Write(h.h.Sum(nil))
		}
		return h.err
	})
	into.path = path
	if errors.Is(err, errFault) {
		return out, nil
	}
	return out, err
}

// hashing writes and hashes; its first error stays.
type hashing struct {
	w   io.Writer
	h   hash.Hash
	at  int64
	err error
}

func (h *hashing) Write(b []byte) (int, error) {
	if h.err == nil {
		h.h.Write(b)
		h.at += int64(len(b))
		_, h.err = h.w.Write(b)
	}
	return len(b), h.err
}

func (h *hashing) number(n uint64) {
	var b [8]byte
	order.PutUint64(b[:], n)
	h.Write(b[:])
}

// values finds a file of n values that is whole.
func (c cache) values(key string, n int) (*wanted, bool) {
	w := &wanted{path: c.path(key, ".values")}
	f, err := os.Open(w.path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	sum := sha256.New()
	in := bufio.NewReaderSize(f, 1<<18)
	read := &counting{r: io.TeeReader(in, sum)}
	magic := make([]byte, len(valuesMagic)+8)
	if _, err := io.ReadFull(read, magic); err != nil || string(magic[:len(valuesMagic)]) != valuesMagic {
		return nil, false
	}
	var b [8]byte
	for range n {
		if _, err := io.ReadFull(read, b[:]); err != nil {
			return nil, false
		}
		size := order.Uint64(b[:])
		if size > maxOutput {
			return nil, false
		}
		w.offsets = append(w.offsets, read.at)
		if _, err := io.CopyN(io.Discard, read, int64(size)); err != nil {
			return nil, false
		}
	}
	if _, err := io.ReadFull(read, b[:]); err != nil {
		return nil, false
	}
	w.slowest = time.Duration(order.Uint64(b[:]))
	w.offsets = append(w.offsets, read.at)
	want := sum.Sum(nil)
	have, err := io.ReadAll(io.LimitReader(in, int64(len(want))+1))
	return w, err == nil && string(have) == string(want)
}

type counting struct {
	r  io.Reader
	at int64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.at += int64(n)
	return n, err
}

// expected gives the value expected of each test, read as it is asked for: all
// values of a problem together may take hundreds of megabytes.
func (s *Scorer) expected(c *tasks.Calls, w *wanted) (next func(test int) (pyvalue.Value, error), done func(), err error) {
	if w == nil {
		return func(test int) (pyvalue.Value, error) { return c.Want[test], nil }, func() {}, nil
	}
	f, err := os.Open(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("its expected values are gone from %s while they were in use: start again", filepath.Dir(w.path))
	}
	if err != nil {
		return nil, nil, err
	}
	next = func(test int) (pyvalue.Value, error) {
		if test >= len(w.offsets)-1 {
			return nil, fmt.Errorf("no expected value for test %d", test+1)
		}
		// Between two values is the length of the second, or the slowest test.
		b := make([]byte, w.offsets[test+1]-8-w.offsets[test])
		if _, err := f.ReadAt(b, w.offsets[test]); err != nil {
			return nil, err
		}
		return pyvalue.Decode(b)
	}
	return next, func() { f.Close() }, nil
}
