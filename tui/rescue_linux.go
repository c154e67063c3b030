package tui

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownGroup keeps a child out of what is sent to the whole group.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// ignoreTerminal makes a process of the background free to use the terminal, and
// outlive it.
func ignoreTerminal() {
	signal.Ignore(unix.SIGHUP, unix.SIGQUIT, unix.SIGTTOU, unix.SIGTTIN, unix.SIGTSTP)
}

// raw says whether a terminal is as the screen wants it. A shell that edits lines
// itself keeps output processed.
func raw(f *os.File) bool {
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil && t.Lflag&unix.ICANON == 0 && t.Oflag&unix.OPOST == 0
}

// cook makes a terminal that was left raw read lines again.
func cook(f *os.File) {
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil || !raw(f) {
		return
	}
	t.Iflag |= unix.BRKINT | unix.ICRNL | unix.IXON
	t.Oflag |= unix.OPOST | unix.ONLCR
	t.Lflag |= unix.ICANON | unix.ECHO | unix.ECHOE | unix.ECHOK | unix.ISIG | unix.IEXTEN
	_ = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t) // nobody is left to be told
}
