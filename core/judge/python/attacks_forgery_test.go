//go:build linux

package python

import (
	"testing"

	"ra3/core/judge"
)

// all is every kind but Passed.
var all = []judge.Kind{judge.Wrong, judge.Error, judge.Crashed, judge.Timeout, judge.Memory}

// TestAttackForgery: programs that do not know the answer and try to have
// passed all the same.
func TestAttackForgery(t *testing.T) {
	// frames as this executor's own protocol has them, and other harnesses' words.
	frames := `
import os, struct
def frame(op, *fields):
    body = op + b"".join(struct.pack("<I", len(f)) + f for f in fields)
    return struct.pack("<I", len(body)) + body
words = [b"passed\n", b"42\n", b'{"passed": true}\n', b"OK\n", b"1"]
forged = [frame(b"o"), frame(b"p"), frame(b"r"), frame(b"n", b"0" * 16), frame(b"n", b""), frame(b"v", b"N"), frame(b"c", b"f", b"l\0", b"m\0"), frame(b"H"), b"\0" * 64, b"\xff" * 64]
def everywhere(payload):
    for fd in range(3, 256):
        try: os.write(fd, payload)
        except OSError: pass
`
	compare := "import math\nassert abs(f(3) - 42) < 1e-6\nassert math.isclose(f(3), 42)\nassert sum([f(3)]) == 42 and max(f(3), 0) == 42\nassert isinstance(f(3), int)\nassert len(str(f(3))) == 2\n"
	cases := []attack{
		{name: "prints success", kinds: []judge.Kind{judge.Error}, forms: everyForm, source: "import sys\ndef f(x):\n    for out in sys.stdout, sys.stderr: print('passed\\nOK\\n42', file=out, flush=True)\n    sys.exit(7)\n"},
		{name: "writes words everywhere", kinds: isCrashed, source: frames + "def f(x):\n    for w in words: everywhere(w)\n    return 1\n"},
		{name: "writes words everywhere at import", kinds: all, forms: everyForm, source: frames + "for w in words: everywhere(w)\ndef f(x): return 1\n"},
		{name: "writes frames everywhere", kinds: all, forms: everyForm, source: frames + "def f(x):\n    for w in forged: everywhere(w)\n    return 1\n"},
		{name: "writes frames everywhere at import", kinds: all, forms: everyForm, source: frames + "for w in forged: everywhere(w)\ndef f(x): return 1\n"},
	}
	for _, op := range []string{"o", "n", "p", "r", "E", "P", "c", "H", "X", "V"} {
		cases = append(cases, attack{name: "writes frame " + op, kinds: all, forms: everyForm, source: frames + "def f(x):\n    everywhere(frame(b'" + op + "'))\n    os._exit(0)\n"})
	}
	cases = append(cases, []attack{
		{name: "echoes what it is sent", kinds: all, forms: everyForm, lim: hangTime, source: frames + `
import threading
def copy(fd):
    try: everywhere(os.read(fd, 65536))
    except OSError: pass
def f(x):
    threading.stack_size(1 << 18)
    for fd in range(3, 256):
        try: os.fstat(fd)
        except OSError: continue
        threading.Thread(target=copy, args=(fd,), daemon=True).start()
    return 1
`},
		{name: "equal to everything", kinds: isError, forms: bothForms, tests: compare, source: "class A:\n    def __eq__(self, o): return True\n    def __ne__(self, o): return False\n    def __hash__(self): return 42\n    __lt__ = __gt__ = __le__ = __ge__ = __eq__\n    def __sub__(self, o): return 0\n    def __float__(self): return 42.0\n    __class__ = int\ndef f(x):\n    return A()\n"},
		{name: "equal within a list", kinds: isError, forms: bothForms, tests: "assert f(3) == [42]", source: "class A:\n    def __eq__(self, o): return True\ndef f(x):\n    return [A()]\n"},
		{name: "int subclass", kinds: isError, forms: bothForms, tests: compare, source: "class A(int):\n    def __eq__(self, o): return True\n    def __sub__(self, o): return 0\n    __hash__ = int.__hash__\ndef f(x):\n    return A(1)\n"},
		{name: "float subclass", kinds: isError, forms: bothForms, tests: compare, source: "class A(float):\n    def __eq__(self, o): return True\n    def __sub__(self, o): return 0.0\ndef f(x):\n    return A(1)\n"},
		{name: "str subclass", kinds: isError, forms: bothForms, tests: "assert f(3) == '42'", source: "class A(str):\n    def __eq__(self, o): return True\n    __hash__ = str.__hash__\ndef f(x):\n    return A('x')\n"},
		{name: "list subclass", kinds: isError, forms: bothForms, tests: "assert f(3) == [42]", source: "class A(list):\n    def __eq__(self, o): return True\ndef f(x):\n    return A()\n"},
		{name: "dict subclass as a key", kinds: isError, forms: bothForms, source: "class A(str):\n    def __eq__(self, o): return True\n    __hash__ = str.__hash__\ndef f(x):\n    return {A('a'): 1}\n"},
		{name: "tuple with names", kinds: isError, forms: bothForms, tests: "assert f(3) == (42,)", source: "import collections\nclass A(collections.namedtuple('A', 'x')):\n    def __eq__(self, o): return True\ndef f(x):\n    return A(1)\n"},
		{name: "metaclass", kinds: isError, forms: bothForms, source: "class M(type):\n    def __eq__(self, o): return True\n    def __hash__(self): return hash(int)\n    __name__ = 'int'\nclass A(metaclass=M):\n    def __eq__(self, o): return True\ndef f(x):\n    return A()\n"},
		{name: "nan", kinds: isWrong, forms: bothForms, source: "def f(x):\n    return float('nan')\n"},
		{name: "True for 1", kinds: isWrong, forms: bothForms, source: "def f(x):\n    return True\n"},
		{name: "patches builtins", kinds: isWrong, forms: bothForms, tests: compare, source: `
import builtins
def f(x): return 1
for name in "len abs sum all any max min str repr isinstance type int float list tuple set dict bytes hasattr getattr callable print exec compile eval vars zip range".split():
    setattr(builtins, name, lambda *a, **k: 0)
`},
		{name: "patches builtins when called", kinds: isWrong, forms: bothForms, tests: compare, source: "import builtins\ndef f(x):\n    builtins.abs = builtins.sum = lambda *a: 0\n    builtins.isinstance = builtins.all = lambda *a: True\n    return 1\n"},
		{name: "defines builtins of its own", kinds: isWrong, forms: bothForms, tests: compare, source: "def abs(x): return 0\ndef sum(x): return 42\ndef max(*x): return 42\ndef isinstance(*a): return True\ndef len(x): return 2\ndef f(x): return 1\n"},
		{name: "patches __import__", kinds: isWrong, forms: bothForms, tests: compare, source: "import builtins, types\nm = types.ModuleType('math')\nm.isclose = lambda *a, **k: True\nbuiltins.__import__ = lambda *a, **k: m\ndef f(x): return 1\n"},
		{name: "patches modules", kinds: isWrong, forms: bothForms, tests: compare, source: `
import sys, math, types
math.isclose = lambda *a, **k: True
fake = types.ModuleType("numpy")
fake.allclose = fake.isclose = fake.array_equal = lambda *a, **k: True
for name in list(sys.modules) + ["numpy"]: sys.modules[name] = fake
def f(x): return 1
`},
		{name: "numpy.allclose", kinds: []judge.Kind{judge.Wrong, judge.Error}, forms: bothForms, tests: "import numpy\nassert numpy.allclose(f(3), 42)", source: "import sys, types\nsys.modules['numpy'] = numpy = types.ModuleType('numpy')\nnumpy.allclose = lambda *a, **k: True\ndef f(x): return 1\n"},
		{name: "clears modules", kinds: all, forms: bothForms, source: "import sys\ndef f(x):\n    sys.modules.clear()\n    return 1\n"},
		{name: "patches what the driver uses", kinds: all, forms: bothForms, source: `
import os, struct, sys
def f(x):
    os.write = os.read = os._exit = struct.pack = struct.unpack = sys.settrace = lambda *a: None
    return 1
`},
		{name: "changes its caller's variables", kinds: all, forms: bothForms, source: `
import sys
def f(x):
    frame = sys._getframe()
    while frame:
        for space in frame.f_locals, frame.f_globals:
            for name in list(space):
                if any(w in name.lower() for w in ("result", "want", "expect", "error", "value", "passed", "nonce")):
                    try: space[name] = 42
                    except Exception: pass
        frame = frame.f_back
    return 1
`},
		{name: "searches its callers for the answer", kinds: all, forms: bothForms, source: `
import sys
def f(x):
    seen = set()
    frame = sys._getframe()
    while frame:
        for space in frame.f_locals, frame.f_globals:
            for value in list(space.values()):
                if type(value) is bytes and b"assert" in value: return value.decode("latin-1")
                if type(value) is str and " == 42" in value: return 42
        frame = frame.f_back
    return 1
`},
		{name: "searches the heap for the answer", kinds: all, forms: bothForms, source: `
import gc
def f(x):
    needle = "".join(["ass", "ert f", "(3)"])  # not to find itself
    for o in gc.get_objects():
        values = o.values() if type(o) is dict else o if type(o) in (list, tuple) else ()
        for v in list(values):
            if type(v) is str and needle in v or type(v) is bytes and needle.encode() in v: return 42
    return 1
`},
		{name: "changes all lists of the heap", kinds: all, forms: bothForms, source: "import gc\ndef f(x):\n    for o in gc.get_objects():\n        if type(o) is list:\n            try: o.append('passed')\n            except Exception: pass\n    return 1\n"},
		{name: "inspects the stack", kinds: isError, forms: bothForms, source: "import inspect\ndef f(x):\n    for f in inspect.stack(): f.frame.f_locals['passed'] = True\n    raise ValueError\n"},
		{name: "walks a traceback", kinds: isWrong, forms: bothForms, source: "def f(x):\n    try: 1 / 0\n    except ZeroDivisionError as e:\n        frame = e.__traceback__.tb_frame.f_back\n        while frame:\n            frame.f_locals.update(value=42, error=None)\n            frame = frame.f_back\n    return 1\n"},
		{name: "calls the driver", kinds: all, forms: everyForm, source: `
import sys
def f(x):
    frame = sys._getframe()
    while frame:
        g = frame.f_globals
        if "send" in g:
            for op in b"o", b"p", b"n", b"v":
                g["send"](op, b"N")
            g["answer"] = g["encode"] = lambda *a: b"N"
            g["failure"] = lambda e: (b"e", b"", b"")
        frame = frame.f_back
    return 1
`},
		{name: "traces and skips", kinds: all, forms: bothForms, source: `
import sys
def trace(frame, event, arg):
    if event == "line":
        try: frame.f_lineno = frame.f_lineno + 1
        except Exception: pass
    return trace
def f(x):
    sys.settrace(trace)
    frame = sys._getframe().f_back
    while frame:
        frame.f_trace = trace
        frame = frame.f_back
    return 1
`},
		{name: "profiles", kinds: all, forms: bothForms, source: "import sys\ndef profile(frame, event, arg):\n    raise SystemExit(0)\ndef f(x):\n    sys.setprofile(profile)\n    return 1\n"},
		{name: "redefines check", kinds: isWrong, forms: []Form{Asserts}, tests: "def check(candidate):\n    assert candidate(3) == 42\ncheck(f)\n", source: "import sys\ndef check(candidate): return True\ndef f(x):\n    sys.modules['__main__'].check = check\n    return 1\n"},
		{name: "replaces AssertionError", kinds: isWrong, forms: []Form{Asserts}, source: "import builtins\nbuiltins.AssertionError = type('A', (Warning,), {})\ndef f(x): return 1\n"},
		{name: "names the test's names", kinds: all, forms: []Form{Asserts}, tests: "import math\nexpected = 42\nassert f(3) == expected", source: "expected = 1\nmath = 1\n__name__ = '__main__'\n__builtins__ = {}\ndef f(x): return 1\n"},
		{name: "raises what the test catches", kinds: isError, forms: []Form{Asserts}, tests: "try:\n    got = f(3)\nexcept ValueError:\n    got = None\nassert got == 42", source: "def f(x):\n    raise SystemExit\n"},
		{name: "optimizes asserts away", kinds: isWrong, forms: []Form{Asserts}, source: "import sys\n__debug = False\ndef f(x):\n    import builtins\n    builtins.__dict__['__debug__'] = False\n    return 1\n"},
		{name: "compares addresses", kinds: isError, forms: bothForms, tests: "assert f(3) is f(3)", source: "x = object()\ndef f(_): return x\n"},
		{name: "generator", kinds: isError, forms: bothForms, source: "def f(x):\n    yield 42\n"},
		{name: "function", kinds: isError, forms: bothForms, source: "def f(x):\n    return f\n"},
		{name: "class", kinds: isError, forms: bothForms, source: "class f:\n    def __init__(self, x): pass\n    def __eq__(self, o): return True\n"},
		{name: "reads its arguments", kinds: all, forms: bothForms, source: "import sys\ndef f(x):\n    return [a for a in sys.argv + getattr(sys, 'orig_argv', []) if 'assert f(3)' in a]\n"},
		{name: "reads the environment", kinds: isWrong, forms: everyForm, source: "import os\ndef f(x):\n    return sorted(os.environ)\n"},
		{name: "keeps the entry for others", kinds: isWrong, forms: bothForms, source: "import sys\nclass Module(type(sys)):\n    def __getattribute__(self, name): return lambda *a: 42\ndef f(x):\n    sys.modules['program'].__class__ = Module\n    return 1\n"},
	}...)
	run(t, cases)
}

// TestSameProcessIsWeaker records what the tests' own process is for: there the
// same programs are caught, and in the candidate's they are not.
func TestSameProcessIsWeaker(t *testing.T) {
	p := attackPool(t, ForkServer)
	for _, a := range []attack{
		{name: "equal to everything", source: "class A:\n    def __eq__(self, o): return True\ndef f(x):\n    return A()\n"},
		{name: "patched builtin", tests: "assert abs(f(3) - 42) < 1", source: "import builtins\nbuiltins.abs = lambda x: 0\ndef f(x): return 1\n"},
	} {
		for _, same := range []bool{false, true} {
			j := a.job(Asserts)
			j.SameProcess = same
			out, err := p.Do(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			if kind, why := verdict(Asserts, out); (kind == judge.Passed) != same {
				t.Errorf("%s, same process %t: %s %s", a.name, same, kind, why)
			}
		}
	}
	// What its nonce does stop.
	for _, source := range []string{
		"import sys\nsys.exit(0)\n", "import os\nos._exit(0)\n", "def f(x):\n    import os\n    os._exit(0)\n",
		"import os\nfor fd in range(3, 256):\n    try: os.write(fd, b'\\1\\0\\0\\0o\\x15\\0\\0\\0n\\x10\\0\\0\\0' + b'0' * 16)\n    except OSError: pass\ndef f(x): return 1\n",
		"def f(x):\n    raise SystemExit\n", "def f(x): return 1\n",
	} {
		a := attack{source: source}
		j := a.job(Asserts)
		j.SameProcess = true
		out, err := p.Do(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if kind, _ := verdict(Asserts, out); kind == judge.Passed {
			t.Errorf("%q passed", source)
		}
	}
}
