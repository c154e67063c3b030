package tui

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"ra3/experiments"
)

const (
	// Both mark the child: the variable alone may have leaked into a shell.
	rescueEnv = "RA3_TERMINAL_RESCUE"
	rescueArg = "terminal-rescue"
)

// What a rescue is told.
const (
	rescueDone  = 'd' // the terminal is given back
	rescueAway  = 's' // suspended: it is the shell's for a while
	rescueAgain = 'r'
)

// giveBack takes back what the screen has set: frames, mouse, paste, the
// alternate screen, the hidden cursor, styles.
const giveBack = "\x1b[?2026l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m"

// rescue is a child process that gives the terminal back if this one is killed
// so that it cannot. It is not needed for anything else: where it does not start,
// the screen works without.
type rescue struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// startRescue starts one for the terminal on standard output. dir is the run's.
func startRescue(dir string) *rescue {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	r := &rescue{cmd: exec.Command(self, rescueArg, dir)}
	r.cmd.Env = append(os.Environ(), rescueEnv+"=1", "GOMAXPROCS=1")
	r.cmd.Stdout = os.Stdout
	r.cmd.SysProcAttr = ownGroup()
	if r.pipe, err = r.cmd.StdinPipe(); err != nil {
		return nil
	}
	if err := r.cmd.Start(); err != nil {
		return nil
	}
	return r
}

// tell may fail without harm: then there is nobody to tell.
func (r *rescue) tell(what byte) {
	if r != nil {
		_, _ = r.pipe.Write([]byte{what})
	}
}

// end dismisses the child.
func (r *rescue) end() {
	if r != nil {
		r.tell(rescueDone)
		_ = r.pipe.Close()
		_ = r.cmd.Wait() // it has no result
	}
}

// RescueIfChild waits to give a terminal back, and exits, if this process was
// started for that; otherwise it returns at once. It comes first in main.
func RescueIfChild() {
	if os.Getenv(rescueEnv) == "" || len(os.Args) != 3 || os.Args[1] != rescueArg {
		return
	}
	// What ends the workbench is not to end this before.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	ignoreTerminal()
	var said [1]byte
	away := false
	for {
		n, err := os.Stdin.Read(said[:])
		switch {
		case n == 1 && said[0] == rescueDone:
			os.Exit(0)
		case n == 1:
			away = said[0] == rescueAway
		}
		if err != nil {
			break // the workbench has ended without a word
		}
	}
	// Killed between its word and giving the terminal away it has it still.
	if !away || raw(os.Stdout) {
		fmt.Print(giveBack)
		cook(os.Stdout)
		fmt.Print("\r\nra3 was killed: ra3 --run " + experiments.ShellWord(os.Args[2]) + " goes on from its last checkpoint\r\n")
	}
	os.Exit(0)
}
