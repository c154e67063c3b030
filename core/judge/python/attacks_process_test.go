//go:build linux

package python

import (
	"testing"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

// TestAttackProcesses: programs that make other processes, or threads without
// end.
func TestAttackProcesses(t *testing.T) {
	count := `
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def tried(number, *args):
    pid = libc.syscall(number, *args)
    if pid == 0:
        while True: pass
    return pid != -1
`
	run(t, []attack{
		{name: "fork bomb", kinds: isError, forms: everyForm, source: "import os\ndef f(x):\n    while True: os.fork()\n"},
		{name: "fork bomb at import", kinds: isError, source: "import os\nwhile True: os.fork()\n"},
		{name: "fork bomb by posix", kinds: isError, source: "import posix\ndef f(x):\n    while True: posix.fork()\n"},
		{name: "fork bomb that swallows errors", kinds: isTimeout, source: "import os\ndef f(x):\n    while True:\n        try: os.fork()\n        except BaseException: pass\n"},
		{name: "system calls", kinds: isWrong, value: nothing, source: count + `
import platform
def f(x):
    x86 = platform.machine() == "x86_64"
    calls = {"fork": (57,), "vfork": (58,), "clone": (56, 17, 0, 0, 0, 0), "clone of a namespace": (56, 17 | 0x10000000, 0, 0, 0, 0)} if x86 else {"clone": (220, 17, 0, 0, 0, 0)}
    return [name for name, call in calls.items() if tried(*call)]
`},
		{name: "clone3", kinds: isWrong, value: nothing, source: count + `
def f(x):
    args = (ctypes.c_uint64 * 11)(*[0] * 11)
    args[4] = 17
    return [1] if tried(435, ctypes.byref(args), 88) else []
`},
		{name: "threads without end", kinds: isError, source: `
import threading, time
def f(x):
    while True: threading.Thread(target=time.sleep, args=(1000,)).start()
`},
		{name: "threads that stay", kinds: isWrong, value: pyvalue.MakeInt(1), forms: bothForms, source: `
import threading, time
def work():
    while True: time.sleep(0.001)
def f(x):
    threading.stack_size(1 << 18)
    for _ in range(10): threading.Thread(target=work).start()
    return 1
`},
		{name: "threads that keep a script alive", kinds: isTimeout, forms: []Form{Stdio}, source: `
import threading, time
threading.Thread(target=lambda: time.sleep(1000)).start()
def f(x): return 42
`},
		{name: "threads that start threads", kinds: []judge.Kind{judge.Wrong, judge.Error, judge.Timeout, judge.Memory}, source: `
import threading
def work():
    while True:
        try: threading.Thread(target=work).start()
        except RuntimeError: pass
def f(x):
    work()
`},
		{name: "multiprocessing", kinds: isError, source: "import multiprocessing as m\ndef f(x):\n    p = m.Process(target=print)\n    p.start()\n    p.join()\n    return 42\n"},
		{name: "multiprocessing pool", kinds: isError, source: "import multiprocessing as m\ndef g(x): return 42\ndef f(x):\n    with m.Pool(2) as p: return p.map(g, [x])[0]\n"},
		{name: "process pool", kinds: isError, source: "from concurrent.futures import ProcessPoolExecutor as E\ndef g(x): return 42\ndef f(x):\n    with E() as e: return e.submit(g, x).result()\n"},
		{name: "subprocess", kinds: isError, source: "import subprocess\ndef f(x):\n    return int(subprocess.check_output(['echo', '42']))\n"},
		{name: "subprocess of Python", kinds: isError, source: "import subprocess, sys\ndef f(x):\n    return subprocess.run([sys.executable, '-c', 'pass']).returncode + 42\n"},
		{name: "system", kinds: isWrong, source: "import os\ndef f(x):\n    return os.system('touch /tmp/pwned')\n"},
		{name: "popen", kinds: isError, source: "import os\ndef f(x):\n    return int(os.popen('echo 42').read())\n"},
		{name: "posix_spawn", kinds: isError, source: "import os\ndef f(x):\n    return os.posix_spawn('/bin/sh', ['sh', '-c', 'touch /tmp/pwned'], {})\n"},
		{name: "exec", kinds: isError, forms: everyForm, source: "import os\ndef f(x):\n    os.execv('/bin/echo', ['echo', '42'])\n"},
		{name: "terminal fork", kinds: isError, source: "import pty\ndef f(x):\n    return pty.spawn(['/bin/echo', '42'])\n"},
		{name: "daemon", kinds: isError, source: `
import os, time
def f(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True: time.sleep(1)
        os._exit(0)
    os.wait()
    return 42
`},
		{name: "zombies", kinds: isError, source: "import os\ndef f(x):\n    for _ in range(100):\n        if os.fork() == 0: os._exit(0)\n    return 42\n"},
		{name: "leaves the session", kinds: isTimeout, source: "import os\ndef f(x):\n    os.setsid()\n    while True: pass\n"},
		{name: "holds its pipes open", kinds: isTimeout, forms: everyForm, source: `
import os
def f(x):
    for fd in range(256):
        try: os.dup(fd)
        except OSError: pass
    while True: pass
`},
		{name: "outlives its server", kinds: isTimeout, source: count + `
def f(x):
    libc.prctl(1, 0, 0, 0, 0)
    while True: pass
`},
	})
}
