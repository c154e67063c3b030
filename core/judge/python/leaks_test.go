//go:build linux

package python

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ra3/core/judge"
)

var long = flag.Bool("long", false, "the tests that take minutes: 10,000 programs in a row, all mutants in fresh processes")

// habits are what the programs of a long row do, right and wrong.
var habits = []attack{
	{name: "right", source: innocent, kinds: one(judge.Passed)},
	{name: "wrong", source: "def f(x): return x\n", kinds: isWrong},
	{name: "raises", source: "def f(x): return 1 / 0\n", kinds: isError},
	{name: "does not parse", source: "def f(x) return\n", kinds: isError},
	{name: "leaves descriptors", source: "import os\nkeep = []\ndef f(x):\n    for _ in range(8): keep.append(os.pipe())\n    return 42\n", kinds: one(judge.Passed)},
	{name: "leaves a thread", source: "import threading, time\ndef f(x):\n    threading.Thread(target=time.sleep, args=(1000,)).start()\n    return 42\n", kinds: one(judge.Passed)},
	{name: "leaves memory", source: "keep = bytearray(b'x') * (8 << 20)\ndef f(x): return 42\n", kinds: one(judge.Passed)},
	{name: "forks", source: "import os\ndef f(x): return os.fork()\n", kinds: isError},
	{name: "writes", source: "def f(x): return open('/tmp/pwned', 'w')\n", kinds: isError},
	{name: "exits", source: "import os\ndef f(x): os._exit(0)\n", kinds: isCrashed},
	{name: "prints", source: "def f(x):\n    print('x' * 1000)\n    return 42\n", kinds: one(judge.Passed)},
	{name: "right again", source: "import math, re, collections\n" + innocent, kinds: one(judge.Passed)},
}

// TestManyPrograms runs programs in a row through one fork server and looks
// for what is left: processes, descriptors, files, memory.
func TestManyPrograms(t *testing.T) {
	n := 300
	if *long {
		n = 10_000
	}
	p := attackPool(t, ForkServer)
	first := habits[0]
	if _, err := p.Do(t.Context(), first.job(Calls)); err != nil {
		t.Fatal(err)
	}
	s := p.current()
	files, pages := openFiles(t), residentKB(t, s.proc.Pid())
	start := time.Now()
	for i := range n {
		a := habits[i%len(habits)]
		form := []Form{Calls, Calls, Asserts}[i/len(habits)%3]
		j := a.job(form)
		out, err := p.Do(t.Context(), j)
		if err != nil {
			t.Fatalf("program %d: %v", i, err)
		}
		if kind, why := verdict(form, out); !slices.Contains(a.kinds, kind) {
			t.Errorf("program %d (%s, %s): %s %s", i, a.name, form, kind, why)
		}
	}
	t.Logf("%d programs in %v, one worker", n, time.Since(start).Round(time.Millisecond))
	if p.current() != s {
		t.Error("the sandbox was replaced on the way")
	}
	if left := children(t, s.proc.Pid()); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	if now := openFiles(t); now != files {
		t.Errorf("%d descriptors where there were %d", now, files)
	}
	if fds := serverFiles(t, s.proc.Pid()); fds > 5 {
		t.Errorf("the driver has %d descriptors open", fds)
	}
	if grown := residentKB(t, s.proc.Pid()) - pages; grown > 4<<10 {
		t.Errorf("the driver has grown by %d kB", grown)
	}
	if w := written(t); len(w) > 0 {
		t.Errorf("written: %v", w)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if left := children(t, os.Getpid()); slices.Contains(left, s.proc.Pid()) {
		t.Errorf("the sandbox outlives its pool")
	}
}

// TestManyFresh does the same with a sandbox for every program.
func TestManyFresh(t *testing.T) {
	n := len(habits)
	if *long {
		n = 500
	}
	p := attackPool(t, Fresh)
	files, before := openFiles(t), children(t, os.Getpid())
	for i := range n {
		a := habits[i%len(habits)]
		out, err := p.Do(t.Context(), a.job(Calls))
		if err != nil {
			t.Fatalf("program %d: %v", i, err)
		}
		if kind, why := verdict(Calls, out); !slices.Contains(a.kinds, kind) {
			t.Errorf("program %d (%s): %s %s", i, a.name, kind, why)
		}
	}
	if now := openFiles(t); now != files {
		t.Errorf("%d descriptors where there were %d", now, files)
	}
	if now := children(t, os.Getpid()); len(now) > len(before) {
		t.Errorf("processes %v, where there were %v", now, before)
	}
}

func residentKB(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

func serverFiles(t *testing.T, pid int) int {
	t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Skipf("looking at the driver's descriptors: %v", err)
	}
	return len(list)
}
