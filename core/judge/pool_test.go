package judge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// children counts the living child processes of this one, where /proc tells.
func children(t testing.TB) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(os.Getpid()) {
			n++
		}
	}
	return n
}

// settled waits until no goroutines above base and no children are left:
// goroutines end a moment after what they were waited by.
func settled(t *testing.T, base int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= base && children(t) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines (%d before), %d children left", runtime.NumGoroutine(), base, children(t))
}

func spinners(n int) []Case {
	cases := make([]Case, n)
	for i := range cases {
		cases[i] = one(fmt.Sprintf("def f(xs):\n    while True:\n        %d", i), nil)
	}
	return cases
}

func TestCancel(t *testing.T) {
	base := runtime.NumGoroutine()
	p, err := NewPool(context.Background(), 2, Limits{Steps: 1 << 60, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := p.Judge(ctx, spinners(40)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
	if n := children(t); n > 0 {
		t.Errorf("%d workers survive the cancelled batch", n)
	}
	if v := judgeAll(t, p, []Case{good}); v[0].Kind != Passed {
		t.Errorf("after a cancelled batch: %+v", v[0])
	}
	cancelled, stop := context.WithCancel(context.Background())
	stop()
	if _, err := p.Judge(cancelled, []Case{one("def f(xs):\n    return 1", nil)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	settled(t, base)
}

func TestCloseDuringJudge(t *testing.T) {
	base := runtime.NumGoroutine()
	p, err := NewPool(context.Background(), 2, Limits{Steps: 1 << 60, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		_, err := p.Judge(context.Background(), spinners(40))
		failed <- err
	}()
	time.Sleep(50 * time.Millisecond)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; !errors.Is(err, ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
	if _, err := p.Judge(context.Background(), []Case{good}); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v after Close, want ErrClosed", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	settled(t, base)
}

func TestPoolContext(t *testing.T) {
	base := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	p, err := NewPool(ctx, 3, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	judgeAll(t, p, append(spinners(20), good))
	cancel()
	settled(t, base)
	if _, err := p.Judge(context.Background(), []Case{good}); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
	if _, err := NewPool(ctx, 1, Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v from a pool with a cancelled context", err)
	}
}

func TestConcurrentJudge(t *testing.T) {
	p := newPool(t, 2, Limits{})
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			var cases []Case
			for i := range 40 {
				k := int64(g*100 + i%25) // some repeat within the call
				cases = append(cases, one(fmt.Sprintf("def f(xs):\n    return xs[0] + %d", k), 3+k))
			}
			v, err := p.Judge(context.Background(), cases)
			if err != nil {
				t.Error(err)
			}
			for i := range v {
				if v[i].Kind != Passed {
					t.Errorf("%+v", v[i])
				}
			}
		})
	}
	wg.Wait()
}

// TestKilledWorkers has workers die by another hand, at any time: no program
// may be blamed for it.
func TestKilledWorkers(t *testing.T) {
	p := newPool(t, 1, Limits{})
	for i := range 5 {
		w := <-p.slots
		if w != nil {
			w.kill()
		}
		p.slots <- w
		c := good
		c.Source += strings.Repeat("\n", i)
		if v := judgeAll(t, p, []Case{c})[0]; v.Kind != Passed {
			t.Errorf("after a kill: %+v", v)
		}
	}
}

func TestCache(t *testing.T) {
	p := newPool(t, 1, Limits{})
	want := judgeAll(t, p, []Case{good, one("def f(xs):\n    return 1", ints())})
	(<-p.slots).stop()
	p.slots <- nil // only the cache can answer without starting a worker
	other := good
	other.Want = []any{ints(6)}
	got := judgeAll(t, p, []Case{good, other})
	if got[0] != want[0] || got[1].Kind != Wrong {
		t.Errorf("got %+v", got)
	}
	if n := children(t); n > 0 {
		t.Errorf("a cached answer started %d workers", n)
	}
	var c cache
	for i := range cacheEntries + 10 {
		c.put([32]byte{byte(i), byte(i >> 8)}, outcome{{value: int64(i)}})
	}
	if len(c.byID) != cacheEntries {
		t.Errorf("cache holds %d, bound %d", len(c.byID), cacheEntries)
	}
	if _, ok := c.get([32]byte{5}); ok {
		t.Error("the oldest entry is still there")
	}
	if c.put([32]byte{1: 0xff}, stopped(Timeout, reasonWall)); len(c.byID) != cacheEntries {
		t.Error("a wall limit was cached")
	}
	if _, ok := c.get([32]byte{1: 0xff}); ok {
		t.Error("a wall limit was cached")
	}
}

// TestStartedByHand sets the variable, or all of it, without being a parent.
func TestStartedByHand(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, arg := range []string{"-test.run=^$", workerArg} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, exe, arg)
		cmd.Env = append(os.Environ(), workerEnv+"=1")
		out, err := cmd.CombinedOutput() // standard input is the null device
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitUsage || !strings.Contains(string(out), "unset "+workerEnv) {
			t.Errorf("%s: %v, %q", arg, err, out)
		}
	}
}

// TestOrphan: a worker whose parent has gone reads the end of its input.
func TestOrphan(t *testing.T) {
	w, err := startWorker(context.Background(), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Wait(); err != nil {
		t.Errorf("worker left with %v", err)
	}
}

func BenchmarkJudge(b *testing.B) {
	p := newPool(b, 2, Limits{})
	const tests = 8
	var inputs [][]any
	var want []any
	for i := range int64(tests) {
		inputs = append(inputs, []any{ints(3, -1, 4, i, -5, 9, 2, 6)})
		want = append(want, int64(0))
	}
	n := 0
	for b.Loop() {
		cases := make([]Case, 512)
		for i := range cases {
			n++ // distinct, so that none is answered from the cache
			cases[i] = Case{
				Source: fmt.Sprintf("%s\n# %d", sampleSources[n%16], n),
				Entry:  "f", Inputs: inputs, Want: want,
			}
		}
		judgeAll(b, p, cases)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "programs/s")
}
