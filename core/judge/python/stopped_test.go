//go:build linux

package python

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"ra3/core/judge/pyvalue"
)

// A program is not blamed for the time in which the judge itself was stopped, as
// by a terminal's ctrl+z.
func TestStoppedJudge(t *testing.T) {
	if testing.Short() {
		t.Skip("stops this process for seconds")
	}
	p := newPool(t, Options{Mode: ForkServer})
	for _, entry := range []string{"f", ""} {
		source := "def f():\n    import time\n    end = time.time() + 0.7\n    while time.time() < end: pass\n    return 7\n"
		job := Job{Form: Calls, Entry: entry, Source: source, Args: [][]pyvalue.Value{{}}, Limits: Limits{PerTest: 2 * time.Second}}
		if entry == "" {
			job = Job{Form: Stdio, Source: source + "print(f())\n", Stdin: []string{""}, Limits: job.Limits}
		}
		stop := exec.Command("sh", "-c", fmt.Sprintf("sleep 0.2; kill -STOP %d; sleep 3; kill -CONT %[1]d", os.Getpid()))
		if err := stop.Start(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		out, err := p.Do(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		if err := stop.Wait(); err != nil {
			t.Skipf("nobody stops this process: %v", err)
		}
		if r := out.Results[0]; r.Kind != "" || entry != "" && (r.Value == nil || !pyvalue.Same(r.Value, pyvalue.MakeInt(7))) {
			t.Errorf("entry %q: %+v after %v", entry, r, took)
		}
	}
}
