//go:build linux

package python

import (
	"strings"
	"testing"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

// TestAttackMemory: programs that take all memory, by every way of asking.
func TestAttackMemory(t *testing.T) {
	run(t, []attack{
		{name: "bytearray", kinds: isMemory, forms: everyForm, source: "def f(x):\n    return len(bytearray(1 << 40))\n"},
		{name: "touched bytearrays", kinds: isMemory, source: "def f(x):\n    keep = []\n    while True: keep.append(bytearray(b'x') * (1 << 20))\n"},
		{name: "string", kinds: isMemory, source: "def f(x):\n    s = 'x'\n    while True: s += s\n"},
		{name: "string at import", kinds: isMemory, source: "s = 'x' * (1 << 40)\ndef f(x):\n    return 42\n"},
		{name: "list", kinds: isMemory, source: "def f(x):\n    return len([0] * (1 << 40))\n"},
		{name: "growing list", kinds: []judge.Kind{judge.Memory, judge.Timeout}, source: "def f(x):\n    xs = [x]\n    while True: xs.extend(xs)\n"},
		{name: "range list", kinds: []judge.Kind{judge.Memory, judge.Timeout}, source: "def f(x):\n    return len(list(range(10 ** 12)))\n"},
		{name: "big int", kinds: isMemory, source: "def f(x):\n    return (1 << (1 << 36)) % 43\n"},
		{name: "nested dict", kinds: []judge.Kind{judge.Memory, judge.Timeout, judge.Crashed}, source: "def f(x):\n    d = {}\n    while True: d = {i: d for i in range(1000)}, dict(a=d)\n"},
		{name: "swallows the error", kinds: []judge.Kind{judge.Timeout, judge.Memory, judge.Crashed}, source: `
def f(x):
    keep = []
    while True:
        try: keep.append(bytearray(1 << 16))
        except BaseException: pass
`},
		{name: "malloc", kinds: isWrong, value: pyvalue.Bool(true), source: `
import ctypes
def f(x):
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    n = 0
    while libc.malloc(1 << 20): n += 1
    return n < 256
`},
		{name: "mmap", kinds: isError, source: "import mmap\ndef f(x):\n    keep = []\n    while True: keep.append(mmap.mmap(-1, 1 << 20))\n"},
		{name: "file in memory", kinds: isError, source: "import os\ndef f(x):\n    fd = os.memfd_create('x')\n    while True: os.write(fd, b'x' * (1 << 20))\n"},
		{name: "shared memory", kinds: isError, source: "from multiprocessing import shared_memory\ndef f(x):\n    return shared_memory.SharedMemory('pwned', True, 1 << 30).size\n"},
		{name: "system V memory", kinds: isWrong, value: pyvalue.MakeInt(-1), source: "import ctypes\ndef f(x):\n    return ctypes.CDLL(None).shmget(0, 1 << 28, 0o1600)\n"},
		{name: "standard input as a store", kinds: isError, forms: everyForm, source: "import os\ndef f(x):\n    while True: os.write(0, b'x' * 65536)\n"},
		{name: "pipes as a store", kinds: isError, source: "import os\ndef f(x):\n    while True:\n        r, w = os.pipe()\n        os.set_blocking(w, False)\n        os.write(w, b'x' * 65536)\n"},
		{name: "raises the limit", kinds: isError, source: "import resource\ndef f(x):\n    resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))\n    return 42\n"},
		{name: "text of a number", kinds: []judge.Kind{judge.Error, judge.Timeout, judge.Memory}, source: "def f(x):\n    return len(str(7 ** 10 ** 7))\n"},
		{name: "the exception's text", kinds: []judge.Kind{judge.Memory, judge.Error, judge.Timeout}, source: "class E(Exception):\n    def __str__(self): return 'x' * (1 << 40)\ndef f(x):\n    raise E\n"},
	})
}

// TestAttackTime: programs that never end.
func TestAttackTime(t *testing.T) {
	run(t, []attack{
		{name: "loop", kinds: isTimeout, forms: everyForm, source: "def f(x):\n    while True: pass\n"},
		{name: "loop at import", kinds: isTimeout, source: "while True: pass\n"},
		{name: "loop that swallows exceptions", kinds: isTimeout, source: "def f(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\n"},
		{name: "power", kinds: []judge.Kind{judge.Timeout, judge.Memory}, source: "def f(x):\n    return (10 ** 10 ** 9) % 7\n"},
		{name: "regular expression", kinds: isTimeout, source: "import re\ndef f(x):\n    return re.match('(a+)+$', 'a' * 60 + 'b')\n"},
		{name: "sum in C", kinds: isTimeout, source: "def f(x):\n    return sum(range(10 ** 12))\n"},
		{name: "sleep", kinds: isTimeout, forms: everyForm, source: "import time\ndef f(x):\n    time.sleep(1000)\n    return 42\n"},
		{name: "deadlock", kinds: isTimeout, source: "import threading\ndef f(x):\n    l = threading.Lock()\n    l.acquire()\n    l.acquire()\n"},
		{name: "waits for a signal", kinds: isTimeout, source: "import signal\ndef f(x):\n    for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n        try: signal.signal(s, lambda *a: None)\n        except (OSError, ValueError): pass\n    while True: signal.pause()\n"},
		{name: "stops itself", kinds: isTimeout, source: "import os, signal\ndef f(x):\n    os.kill(os.getpid(), signal.SIGSTOP)\n    return 42\n"},
		{name: "does not read", kinds: isTimeout, source: "import os\ndef f(x):\n    r, w = os.pipe()\n    os.read(r, 1)\n"},
		{name: "reads the terminal", kinds: isError, source: "def f(x):\n    return input()\n", forms: bothForms},
		{name: "hangs in __eq__", kinds: isError, forms: bothForms, source: "class A:\n    def __eq__(self, other):\n        while True: pass\ndef f(x):\n    return A()\n"},
		{name: "hangs in an exception's text", kinds: isTimeout, source: "class E(Exception):\n    def __str__(self):\n        while True: pass\ndef f(x):\n    raise E\n"},
		{name: "hangs at exit", kinds: isTimeout, forms: []Form{Stdio}, source: "import atexit, time\natexit.register(time.sleep, 1000)\ndef f(x): return 42\n"},
		{name: "patches the clock", kinds: isTimeout, source: "import time\ntime.time = time.monotonic = time.perf_counter = lambda: 0\ndef f(x):\n    while True: pass\n"},
		{name: "sets the clock", kinds: isError, source: "import time\ndef f(x):\n    time.clock_settime(time.CLOCK_REALTIME, 0)\n    return 42\n"},
		{name: "processor limit ignored", kinds: isTimeout, source: "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\ndef f(x):\n    while True: pass\n"},
	})
}

// TestAttackDepth: recursion beyond any stack.
func TestAttackDepth(t *testing.T) {
	deep := []judge.Kind{judge.Error, judge.Memory, judge.Crashed, judge.Timeout}
	run(t, []attack{
		{name: "recursion", kinds: isError, forms: everyForm, source: "def f(x):\n    return f(x + 1)\n"},
		{name: "recursion with the limit raised", kinds: deep, forms: everyForm, source: "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(x):\n    return f(x + 1)\n"},
		{name: "recursion in C", kinds: deep, source: "import sys\nsys.setrecursionlimit(10 ** 9)\nclass A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\ndef f(x):\n    return A().y\n"},
		{name: "recursion through repr", kinds: deep, source: "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(x):\n    l = []\n    for _ in range(10 ** 6): l = [l]\n    return len(repr(l))\n"},
		{name: "lowers the limit", kinds: isWrong, value: nothing, source: "import sys\ndef f(x):\n    sys.setrecursionlimit(30)\n    return []\n"},
		{name: "nested value", kinds: isError, forms: bothForms, source: "def f(x):\n    l = []\n    for _ in range(10 ** 5): l = [l]\n    return l\n"},
		{name: "cyclic value", kinds: isError, forms: bothForms, source: "def f(x):\n    l = []\n    l.append(l)\n    return l\n"},
		{name: "doubling value", kinds: []judge.Kind{judge.Error, judge.Timeout}, forms: bothForms, source: "def f(x):\n    l = [1]\n    for _ in range(60): l = [l, l]\n    return l\n"},
		{name: "nested source", kinds: deep, source: "def f(x):\n    return " + strings.Repeat("(", 50000) + "42" + strings.Repeat(")", 50000) + "\n"},
		{name: "long chain in source", kinds: deep, source: "def f(x):\n    return " + strings.Repeat("-", 200000) + "42\n"},
		{name: "nested source at run time", kinds: deep, source: "def f(x):\n    return eval('(' * 10 ** 5 + '42' + ')' * 10 ** 5)\n"},
	})
}

// TestAttackOutput: programs that print without end, or what is no text.
func TestAttackOutput(t *testing.T) {
	run(t, []attack{
		{name: "prints without end", kinds: isError, forms: everyForm, source: "def f(x):\n    while True: print('spam' * 100)\n"},
		{name: "prints without end at import", kinds: isError, source: "while True: print('spam' * 100)\n"},
		{name: "prints without newline", kinds: isError, forms: everyForm, source: "def f(x):\n    while True: print('spam' * 100, end='')\n"},
		{name: "writes descriptor 1 without end", kinds: isError, source: "import os\ndef f(x):\n    while True: os.write(1, b'x' * 65536)\n"},
		{name: "prints to standard error without end", kinds: isTimeout, source: "import sys\ndef f(x):\n    while True: print('spam' * 100, file=sys.stderr)\n"},
		{name: "prints 100 MB at once", kinds: []judge.Kind{judge.Error, judge.Memory}, source: "def f(x):\n    print('x' * 100_000_000)\n    return 1\n"},
		{name: "invalid UTF-8", kinds: isWrong, forms: everyForm, source: "import os\ndef f(x):\n    os.write(1, b'\\xff\\xfe\\xc0')\n    return 1\n"},
		{name: "NUL", kinds: isWrong, forms: everyForm, source: "import os\ndef f(x):\n    os.write(1, b'\\0' * 1000)\n    return 1\n"},
		{name: "escape sequences", kinds: isError, source: "def f(x):\n    raise ValueError('\\x1b[2J\\x1b]0;pwned\\x07\\n\\n' * 100)\n"},
		{name: "closes standard output", kinds: isWrong, forms: bothForms, source: "import sys\ndef f(x):\n    sys.stdout.close()\n    sys.stderr.close()\n    return 1\n"},
		{name: "closes descriptors 0 to 2", kinds: isWrong, forms: bothForms, source: "import os\ndef f(x):\n    os.closerange(0, 3)\n    return 1\n"},
		{name: "closes all descriptors", kinds: isCrashed, forms: bothForms, source: "import os\ndef f(x):\n    os.closerange(0, 256)\n    return 42\n"},
		{name: "closes all and goes on", kinds: isCrashed, source: "import os\ndef f(x):\n    os.closerange(0, 256)\n    while True: pass\n"},
		{name: "large value", kinds: isError, forms: bothForms, source: "def f(x):\n    return 'x' * 10_000_000\n"},
		{name: "many values", kinds: isError, forms: bothForms, source: "def f(x):\n    return [0] * 3_000_000\n"},
		{name: "large number", kinds: isError, forms: bothForms, source: "def f(x):\n    return 1 << 100_000_000\n"},
	})
}
