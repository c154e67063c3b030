package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func put(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, text := range []string{"one", "two"} {
		if err := Replace(path, put(text)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != text {
			t.Errorf("content %q, want %q", got, text)
		}
	}
	if got := names(t, dir); got != "a" {
		t.Errorf("directory holds %q", got)
	}
}

func TestReplaceKeepsOldOnError(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := Replace(path, put("old")); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("no more ideas")
	err := Replace(path, func(w io.Writer) error {
		if err := put("new")(w); err != nil {
			return err
		}
		return fmt.Errorf("compose: %w", cause)
	})
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("content %q after a failed write", got)
	}
	if got := names(t, dir); got != "a" {
		t.Errorf("directory holds %q", got)
	}
}

func TestReplaceRenameFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := os.MkdirAll(filepath.Join(path, "child"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, put("x")); err == nil {
		t.Fatal("a directory was replaced")
	}
	if got := names(t, dir); got != "a" {
		t.Errorf("directory holds %q", got)
	}
}

func TestReplaceInMissingDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "a")
	err := Replace(path, put("x"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	file, err := createAside(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := createAside(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*os.File{file, second} {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, keep := range []string{"a", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, keep), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); got != ".hidden a" {
		t.Errorf("directory holds %q", got)
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "write", Path: "/other", Err: syscall.ENOSPC}, "save p: no space left on device; the disk is full: free"},
		{&fs.PathError{Op: "open", Path: "/other", Err: syscall.EROFS}, "save p: read-only file system; choose"},
		{&fs.PathError{Op: "open", Path: "/other", Err: syscall.EACCES}, "save p: permission denied; change"},
		{&os.LinkError{Op: "rename", Old: "/x", New: "/y", Err: syscall.EDQUOT}, "save p: disk quota exceeded; your"},
		{errors.New("odd"), "save p: odd"},
	} {
		got := Explain("save", "p", c.err)
		if !errors.Is(got, c.err) || !strings.HasPrefix(got.Error(), c.want) || strings.Contains(got.Error(), "\n") {
			t.Errorf("%v gives %q, want %q...", c.err, got, c.want)
		}
		if again := Explain("other", "q", fmt.Errorf("context: %w", got)); again.Error() != "context: "+got.Error() {
			t.Errorf("explained twice: %q", again)
		}
	}
	if Explain("save", "p", nil) != nil {
		t.Error("nil became an error")
	}
}
