//go:build !unix

package tui

import "time"

// cpuTime is the clock where processor time is not to be had.
func cpuTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
