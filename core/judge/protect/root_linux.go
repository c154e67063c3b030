package protect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// devices are what a program may expect to be there.
var devices = []string{"/dev/null", "/dev/urandom"}

// enterRoot replaces the root by a small tmpfs that holds only the readable
// paths and devices, and makes all of it read-only. There is no /proc in it, no
// home and nothing to write to. Needs CAP_SYS_ADMIN over the mount namespace.
func enterRoot(l launch) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	trees := make(map[string]int)
	for _, p := range append(slices.Clone(l.Readable), devices...) {
		if fd, ok := l.Trees[p]; ok {
			trees[p] = fd
			continue
		}
		fd, err := unix.OpenTree(unix.AT_FDCWD, p, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		if err != nil {
			return fmt.Errorf("copying the mount of %s: %w", p, err)
		}
		trees[p] = fd
	}
	links, err := topLinks()
	if err != nil {
		return err
	}

	base, err := mountpoint()
	if err != nil {
		return err
	}
	if err := unix.Mount("sandbox", base, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "size=64k,nr_inodes=256,mode=755"); err != nil {
		return fmt.Errorf("mounting the new root on %s: %w", base, err)
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(base, name)); err != nil {
			return fmt.Errorf("new root: %w", err)
		}
	}
	paths := make([]string, 0, len(trees))
	for p := range trees {
		paths = append(paths, p)
	}
	slices.Sort(paths) // parents before what is mounted below them
	for _, p := range paths {
		if err := attach(trees[p], base, p); err != nil {
			return err
		}
	}

	if err := unix.Chdir(base); err != nil {
		return fmt.Errorf("entering the new root: %w", err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("changing the root: %w", err)
	}
	// The old root now lies over the new one.
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leaving the old root: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("entering the new root: %w", err)
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	if err := unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, &attr); err != nil {
		return fmt.Errorf("making the new root read-only: %w", err)
	}
	return nil
}

// attach mounts a detached tree at path below base.
func attach(tree int, base, path string) error {
	at := filepath.Join(base, path)
	if _, err := os.Lstat(at); err == nil && !slices.Contains(devices, path) {
		return nil // it came with a parent
	}
	var st unix.Stat_t
	if err := unix.Fstat(tree, &st); err != nil {
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return fmt.Errorf("new root: %w", err)
	}
	var err error
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		err = os.Mkdir(at, 0o755)
	} else {
		err = os.WriteFile(at, nil, 0o644)
	}
	if err != nil {
		return fmt.Errorf("new root: %w", err)
	}
	if err := unix.MoveMount(tree, "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("attaching %s: %w", path, err)
	}
	return nil
}

// topLinks are the symbolic links in / by which programs find their loader and
// libraries, as in /lib64 -> usr/lib64.
func topLinks() (map[string]string, error) {
	links := make(map[string]string)
	for _, name := range []string{"bin", "lib", "lib32", "lib64", "libx32", "sbin"} {
		to, err := os.Readlink("/" + name)
		switch {
		case errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.EINVAL): // none, or a directory
		case err != nil:
			return nil, fmt.Errorf("reading the link /%s: %w", name, err)
		case !strings.Contains(to, ".."):
			links[name] = to
		}
	}
	return links, nil
}

// mountpoint is a directory that exists on about every system; what it holds
// is hidden in this namespace alone.
func mountpoint() (string, error) {
	for _, p := range []string{"/tmp", "/dev/shm", "/mnt", "/var"} {
		if st, err := os.Stat(p); err == nil && st.IsDir() {
			return p, nil
		}
	}
	return "", errors.New("found no directory to mount the new root on; is there no /tmp")
}
