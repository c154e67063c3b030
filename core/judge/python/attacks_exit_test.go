//go:build linux

package python

import (
	"testing"

	"ra3/core/judge"
)

// TestAttackExit: programs that end their process, or leave by other doors than
// returning.
func TestAttackExit(t *testing.T) {
	crash := []judge.Kind{judge.Crashed, judge.Error}
	run(t, []attack{
		{name: "sys.exit", kinds: isError, forms: bothForms, source: "import sys\ndef f(x):\n    sys.exit(0)\n"},
		{name: "sys.exit at import", kinds: isError, forms: bothForms, source: "import sys\nsys.exit(0)\n"},
		{name: "sys.exit of a script", kinds: isWrong, forms: []Form{Stdio}, source: "import sys\ndef f(x):\n    sys.exit(0)\n"},
		{name: "sys.exit of a script with a status", kinds: isError, forms: []Form{Stdio}, source: "import sys\ndef f(x):\n    print(42)\n    sys.exit(3)\n"},
		{name: "exit", kinds: isError, forms: bothForms, source: "def f(x):\n    exit()\n"},
		{name: "SystemExit", kinds: isError, forms: bothForms, source: "def f(x):\n    raise SystemExit\n"},
		{name: "KeyboardInterrupt", kinds: isError, forms: everyForm, source: "def f(x):\n    raise KeyboardInterrupt\n"},
		{name: "GeneratorExit", kinds: isError, forms: everyForm, source: "def f(x):\n    raise GeneratorExit\n"},
		{name: "its own BaseException", kinds: isError, forms: everyForm, source: "class E(BaseException): pass\ndef f(x):\n    raise E\n"},
		{name: "an exception that fails to print", kinds: isError, forms: everyForm, source: "class E(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\ndef f(x):\n    raise E\n"},
		{name: "os._exit(0)", kinds: isCrashed, forms: bothForms, source: "import os\ndef f(x):\n    os._exit(0)\n"},
		{name: "os._exit(0) at import", kinds: isCrashed, forms: bothForms, source: "import os\nos._exit(0)\n"},
		{name: "os._exit(0) of a script", kinds: isWrong, forms: []Form{Stdio}, source: "import os\ndef f(x):\n    os._exit(0)\n"},
		{name: "os._exit(1)", kinds: crash, forms: everyForm, source: "import os\ndef f(x):\n    os._exit(1)\n"},
		{name: "os.abort", kinds: isCrashed, forms: everyForm, source: "import os\ndef f(x):\n    os.abort()\n"},
		{name: "kills itself", kinds: isCrashed, forms: everyForm, source: "import os\ndef f(x):\n    os.kill(os.getpid(), 9)\n    return 42\n"},
		{name: "terminates itself", kinds: isCrashed, forms: everyForm, source: "import os\ndef f(x):\n    os.kill(os.getpid(), 15)\n    return 42\n"},
		{name: "an alarm", kinds: isCrashed, forms: everyForm, source: "import signal, time\ndef f(x):\n    signal.setitimer(signal.ITIMER_REAL, 0.01)\n    time.sleep(10)\n    return 42\n"},
		{name: "reads address 0", kinds: isCrashed, forms: everyForm, source: "import ctypes\ndef f(x):\n    ctypes.string_at(0)\n    return 42\n"},
		{name: "raises SIGSEGV", kinds: isCrashed, source: "import signal\ndef f(x):\n    signal.raise_signal(signal.SIGSEGV)\n    return 42\n"},
		{name: "raises every signal", kinds: isCrashed, source: "import signal\ndef f(x):\n    for s in range(1, 65):\n        try: signal.raise_signal(s)\n        except (OSError, KeyboardInterrupt): pass\n    return 1\n", lim: hangTime},
		{name: "a broken code object", kinds: []judge.Kind{judge.Crashed, judge.Error, judge.Timeout, judge.Wrong}, source: "def f(x):\n    c = f.__code__\n    f.__code__ = c.replace(co_code=bytes([100, 255] * 50), co_consts=())\n    return f(x)\n"},
		{name: "exit handler", kinds: isError, forms: everyForm, source: "import atexit\natexit.register(print, '42')\ndef f(x):\n    raise ValueError\n"},
		{name: "exit handler that ends well", kinds: []judge.Kind{judge.Error, judge.Wrong}, forms: everyForm, source: "import atexit, os\natexit.register(os._exit, 0)\ndef f(x):\n    raise ValueError\n"},
		{name: "finalizer", kinds: isError, forms: everyForm, source: "import os\nclass A:\n    def __del__(self): print('passed')\na = A()\ndef f(x):\n    raise ValueError\n"},
		{name: "exception hook", kinds: isError, forms: everyForm, source: "import os, sys\nsys.excepthook = lambda *a: os._exit(0)\ndef f(x):\n    raise ValueError\n"},
		{name: "a thread that exits", kinds: isCrashed, forms: bothForms, source: "import os, threading, time\ndef f(x):\n    threading.Thread(target=lambda: os._exit(0)).start()\n    time.sleep(30)\n    return 42\n"},
		{name: "an exit status of success after failure", kinds: isError, forms: everyForm, source: "def f(x):\n    try:\n        raise ValueError\n    finally:\n        print('OK')\n"},
	})
}
