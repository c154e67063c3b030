package verbs

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// memory is the machine's in bytes, in all and available; 0 where unknown.
func memory() (total, available int64) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	for line := range bytes.Lines(text) {
		f := bytes.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, err := strconv.ParseInt(string(f[1]), 10, 64)
		switch {
		case err != nil:
		case string(f[0]) == "MemTotal:":
			total = kb << 10
		case string(f[0]) == "MemAvailable:":
			available = kb << 10
		}
	}
	return total, available
}

// diskFree is what this user may still write below path, in bytes; 0 where
// unknown.
func diskFree(path string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0
	}
	return int64(s.Bavail) * s.Bsize
}
