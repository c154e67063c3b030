package tui

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// flags are what a program may have set and a shell does not want: the alternate
// screen, the mouse, the cursor hidden.
func (x *tmux) flags(want string) {
	x.t.Helper()
	got := ""
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(20 * time.Millisecond) {
		if got = strings.TrimSpace(x.run("display-message", "-p", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}")); got == want {
			return
		}
	}
	x.t.Fatalf("alternate screen, mouse, cursor are %s, want %s:\n%s", got, want, x.screen())
}

// Suspended and called back the screen has what it had; killed so that it can do
// nothing, in the foreground or suspended, it leaves a shell that can be used.
func TestKilledInATerminal(t *testing.T) {
	x := newTmux(t, 80, 24)
	if runtime.GOOS != "linux" || !filepath.IsAbs(os.Args[0]) {
		t.Skip("terminals are cooked again on Linux only, by the binary's own path")
	}
	const shells, screens = "001", "110"
	begin := func(name string) (pid string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "pid")
		x.keys("clear", "Enter", "sh -c 'echo $$ >"+file+"; "+screenChild+"=1 exec "+os.Args[0]+"'; echo left "+name, "Enter")
		x.waits("1 Lab")
		x.flags(screens)
		raw, err := os.ReadFile(file)
		must(t, err)
		return strings.TrimSpace(string(raw))
	}
	sane := func(name string) {
		t.Helper()
		x.flags(shells)
		x.keys("clear; stty -a | grep -o ' icanon' && echo "+name, "Enter")
		x.waits(" icanon\n" + name)
		x.keys("stty -a | grep -o ' echo ' && echo typed", "Enter")
		x.waits("echo typed") // what is typed is to be seen
	}
	kill := func(signal, pid string) {
		t.Helper()
		if out, err := exec.Command("kill", signal, pid).CombinedOutput(); err != nil {
			t.Fatalf("kill: %v: %s", err, out)
		}
	}

	pid := begin("first")
	kill("-9", pid)
	x.waits("ra3 was killed: ra3 --run ")
	sane("one")

	pid = begin("second")
	x.keys("C-z")
	x.waits("Stopped")
	x.flags(shells)
	x.keys("fg", "Enter")
	x.waits("1 Lab")
	x.flags(screens)
	x.keys("C-z")
	x.flags(shells)
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		raw, err := os.ReadFile("/proc/" + pid + "/stat")
		must(t, err)
		if strings.Contains(string(raw), ") T ") {
			break
		}
		if time.Now().After(late) {
			t.Fatal("it does not stop")
		}
	}
	kill("-9", pid)
	x.keys("fg", "Enter")
	sane("two")
	if s := x.screen(); strings.Contains(s, "ra3 was killed") {
		t.Errorf("a terminal that the shell had is taken back:\n%s", s)
	}

	pid = begin("third")
	kill("-HUP", pid)
	x.waits("left third")
	sane("three")
}
