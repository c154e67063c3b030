package tui

import (
	"fmt"
	"os"
	"sync"
)

// terminal is standard output as the screen and its commands share it.
type terminal struct {
	*os.File
	mu sync.Mutex
}

// Write brackets each frame in the terminal's synchronized output mode (2026),
// so that none is seen half drawn; terminals without it ignore that.
func (t *terminal) Write(p []byte) (int, error) {
	frame := make([]byte, 0, len(p)+16)
	frame = append(frame, "\x1b[?2026h"...)
	frame = append(frame, p...)
	frame = append(frame, "\x1b[?2026l"...)
	t.mu.Lock()
	defer t.mu.Unlock()
	if n, err := t.File.Write(frame); err != nil {
		return max(0, min(n-8, len(p))), err
	}
	return len(p), nil
}

// raw sends what is no part of a frame: pictures, text for the clipboard.
func (t *terminal) raw(s string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := t.File.WriteString(s); err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	return nil
}
