package judge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const parentEnv = "RA3_JUDGE_TEST_PARENT"

// TestDiesWithParent kills a process whose worker is busy and will not read
// the end of its input.
func TestDiesWithParent(t *testing.T) {
	if os.Getenv(parentEnv) != "" {
		p := newPool(t, 1, Limits{Steps: 1 << 60, Timeout: time.Minute})
		w := <-p.slots
		fmt.Println("worker", w.cmd.Process.Pid)
		p.slots <- w
		_, err := p.Judge(context.Background(), spinners(1))
		t.Fatalf("the parent outlived its kill: %v", err)
	}
	cmd := exec.Command(executable, "-test.run=^TestDiesWithParent$")
	cmd.Env = append(os.Environ(), parentEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Errorf("reading the worker's id: %v", err)
	}
	time.Sleep(50 * time.Millisecond) // let the worker get busy
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // killed
	pid, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), "worker "))
	if err != nil {
		t.Fatalf("worker's id: %v", err)
	}
	for range 300 {
		if gone(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the worker outlives its parent")
}

// gone counts a zombie as gone: whoever adopts it may be slow to collect it.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}
