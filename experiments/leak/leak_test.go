package leak

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no /proc here")
	}
	settles = time.Second / 5
	if status := Run(func() int { return 0 }); status != 0 {
		t.Errorf("status %d with nothing left", status)
	}
	if Run(func() int { return 3 }) != 3 {
		t.Error("the tests' own status is lost")
	}
	var file *os.File
	if status := Run(func() int {
		var err error
		if file, err = os.Open("leak.go"); err != nil {
			t.Fatal(err)
		}
		return 0
	}); status != 1 {
		t.Error("an open file is not seen")
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	child := exec.Command("sleep", "60")
	if Run(func() int {
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		return 0
	}) != 1 {
		t.Error("a child is not seen")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	end := make(chan struct{})
	if Run(func() int {
		go func() { <-end }()
		return 0
	}) != 1 {
		t.Error("a goroutine is not seen")
	}
	close(end)
}
