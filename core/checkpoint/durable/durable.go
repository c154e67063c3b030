// Package durable replaces files so that a crash, a full disk or a cancelled
// write leaves either the old content or the new one, never a mixture, and
// turns the errors of file systems into one line with cause and cure.
package durable

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// asideMark is in the name of every file that Replace writes before renaming
// it, so that Sweep recognises those a crash left behind.
const asideMark = ".aside-"

const bufferBytes = 1 << 18

// Replace makes the file at path hold what write produces. The bytes go to a
// file aside in the same directory, are synced and renamed over path. On any
// error the aside file is removed and path is as before; only a failure to sync
// the directory, the last step, can leave the new file in place. Errors of the
// file system have been through Explain.
func Replace(path string, write func(io.Writer) error) error {
	file, err := createAside(path)
	if err != nil {
		return Explain("write", path, err)
	}
	aside := file.Name()
	if err := fill(file, write); err != nil {
		return discard(aside, Explain("write", path, err))
	}
	if err := os.Rename(aside, path); err != nil {
		return discard(aside, Explain("write", path, err))
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return Explain("sync the directory of", path, err)
	}
	return nil
}

// createAside opens a new file beside path. Not os.CreateTemp: its mode 0600
// would survive the rename and override the user's umask.
func createAside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s.%s%s%d-%d", dir, base, asideMark, os.Getpid(), n)
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return file, err
	}
}

// fill writes, syncs and closes file; it is closed on every path.
func fill(file *os.File, write func(io.Writer) error) (err error) {
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	disk := &diskWriter{file: file}
	w := bufio.NewWriterSize(disk, bufferBytes)
	if err := write(w); err != nil {
		if disk.err != nil { // without the context write put around it: the disk is at fault
			return disk.err
		}
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Sync()
}

// diskWriter remembers the error of its file.
type diskWriter struct {
	file *os.File
	err  error
}

func (d *diskWriter) Write(p []byte) (int, error) {
	n, err := d.file.Write(p)
	if err != nil {
		d.err = err
	}
	return n, err
}

func discard(aside string, cause error) error {
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; the partial file %s is still there: %v", cause, aside, rootCause(err))
	}
	return cause
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // directories cannot be synced there
		return nil
	}
	if dir == "" {
		dir = "."
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) { // file systems without directory sync say so
		err = nil
	}
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}

// IsAside tells whether a file of that base name is an unfinished Replace.
func IsAside(base string) bool {
	return strings.HasPrefix(base, ".") && strings.Contains(base, asideMark)
}

// Sweep removes what interrupted calls of Replace left in dir. The caller makes
// sure that no other process is writing there.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Explain("read", dir, err)
	}
	for _, e := range entries {
		if !IsAside(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Explain("remove", path, err)
		}
	}
	return nil
}
