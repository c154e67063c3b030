"""The first process of a sandbox: it forks a process for every program, tells
the judge how each ended, and never looks at one. Everything below fork() runs
in a program's own process.

This text is executed with a copy of the builtins, and keeps what it uses of
other modules under names of its own, so that a program that patches them in
its process changes nothing here. What a program can still do to its own
process does not matter: the expected answers are not in it.
"""
import _sitebuiltins, _socket, array, builtins, ctypes, gc, os, resource, select, sys
from _struct import pack, unpack  # of struct, which ctypes has loaded

CONTROL, REQUESTS, RESULTS, LAST_FD = 3, 60, 61, 64  # descriptors
SELF_PID = 0x7FFFFFF1  # stands for the process's own id in the filter
MAX_DEPTH = 100
SIGKILL = 9  # the module signal takes long to import

FILTER = bytes.fromhex(sys.argv[1])
for _name in sys.argv[2].split(","):
    if _name:
        try:
            __import__(_name)
        except ImportError:
            pass
sys.argv[:] = ["main.py"]
sys.path[:] = [p for p in sys.path if p]  # not the current directory
for _name in "exit", "quit":  # which -S leaves out
    setattr(builtins, _name, _sitebuiltins.Quitter(_name, "Ctrl-D"))
libc = ctypes.CDLL(None, use_errno=True)
Module = type(sys)
read, write, leave, fork = os.read, os.write, os._exit, os.fork
settrace, setprofile, setrecursionlimit = sys.settrace, sys.setprofile, sys.setrecursionlimit
stdout, modules = sys.stdout, sys.modules


# --- the server -------------------------------------------------------------

def serve():
    control = _socket.socket(fileno=CONTROL)
    poll = select.poll()
    poll.register(control.fileno(), select.POLLIN)
    children = {}  # pidfd -> (the judge's number, pid)
    gc.collect()
    gc.freeze()  # collections in children shall not touch, and copy, our pages
    control.send(b"H" + ("%d.%d.%d" % sys.version_info[:3]).encode())
    while True:
        for fd, _ in poll.poll():
            if fd in children:
                number, pid = children.pop(fd)
                poll.unregister(fd)
                os.close(fd)
                _, status, usage = os.wait4(pid, 0)
                control.send(pack("<cIiQ", b"X", number, status, usage.ru_maxrss))
                continue
            message, ancillary, _, _ = control.recvmsg(64, _socket.CMSG_SPACE(16))
            if not message:
                leave(0)  # the judge is gone
            op, number, memory, seconds = unpack("<cIQQ", message)
            if op == b"K":
                for number_, pid in children.values():
                    if number_ == number:
                        os.kill(pid, SIGKILL)
                continue
            fds = array.array("i")
            for _, _, data in ancillary:
                fds.frombytes(data)
            pid = fork()
            if pid == 0:
                try:
                    child(fds, memory, seconds)
                finally:
                    leave(71)
            for passed in fds:
                os.close(passed)
            pidfd = os.pidfd_open(pid)
            children[pidfd] = number, pid
            poll.register(pidfd, select.POLLIN)


class Fprog(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def child(fds, memory, seconds):
    """Confine this process and serve requests about one program."""
    requests, results, stdin, stdout = fds
    os.dup2(0, 2)  # /dev/null
    os.dup2(stdin, 0)
    os.dup2(stdout, 1)
    os.dup2(requests, REQUESTS)
    os.dup2(results, RESULTS)
    os.closerange(3, REQUESTS)
    os.closerange(RESULTS + 1, LAST_FD)
    prctl = libc.prctl
    prctl(1, SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: where there is no pid namespace
    prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: closed to others of the same user
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    code = FILTER.replace(pack("=I", SELF_PID), pack("=I", os.getpid()))
    if prctl(22, 2, ctypes.byref(Fprog(len(code) // 8, code)), 0, 0):  # PR_SET_SECCOMP
        send(b"!", ("cannot install the filter: " + os.strerror(ctypes.get_errno())).encode())
        return
    send(b"r")
    while True:
        op, fields = receive()
        OPERATIONS[op](*fields)


# --- frames: a little-endian length, an operation, fields with lengths --------

def receive():
    (size,) = unpack("<I", exactly(4))
    frame = exactly(size)
    fields, at = [], 1
    while at < size:
        (n,) = unpack("<I", frame[at:at + 4])
        fields.append(frame[at + 4:at + 4 + n])
        at += 4 + n
    return frame[:1], fields


def exactly(n):
    parts = []
    while n:
        part = read(REQUESTS, min(n, 1 << 20))
        if not part:
            leave(0)  # the judge wants no more
        parts.append(part)
        n -= len(part)
    return b"".join(parts)


def send(op, *fields):
    frame = b"".join([op] + [pack("<I", len(f)) + f for f in fields])
    frame = memoryview(pack("<I", len(frame)) + frame)
    while frame:
        frame = frame[write(RESULTS, frame):]


# --- values: see pyvalue/codec.go ---------------------------------------------

class NotPlain(Exception):
    """A value of another type, too deep, or too large."""


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def encode(value, limit):
    out = bytearray()
    put(out, value, 0, limit)
    return bytes(out)


def put(out, v, depth, limit):
    if depth > MAX_DEPTH:
        raise NotPlain("nested deeper than %d" % MAX_DEPTH)
    t = type(v)  # exactly: a subclass may lie about everything
    if v is None:
        out += b"N"
    elif t is bool:
        out += b"T" if v else b"F"
    elif t is int:
        size = v.bit_length() // 8 + 1
        fits(out, size, limit)
        out += b"i" + varint(size) + v.to_bytes(size, "little", signed=True)
    elif t is float:
        out += b"d" + pack("<d", v)
    elif t is complex:
        out += b"c" + pack("<dd", v.real, v.imag)
    elif t is str:
        fits(out, len(v), limit)
        data = v.encode("utf-8", "surrogatepass")
        out += b"s" + varint(len(data)) + data
    elif t is bytes:
        fits(out, len(v), limit)
        out += b"b" + varint(len(v)) + v
    elif t in TAGS:
        fits(out, len(v), limit)
        out += TAGS[t] + varint(len(v))
        for item in v:
            put(out, item, depth + 1, limit)
    elif t is dict or t in dicts():
        items = list(items_of(v))
        fits(out, 2 * len(items), limit)
        out += b"m" + varint(len(items))
        for key, item in items:
            put(out, key, depth + 1, limit)
            put(out, item, depth + 1, limit)
    else:
        raise NotPlain("of type " + name_of(t))
    fits(out, 0, limit)


items_of = dict.items  # whatever a class says of its items


def dicts():
    """The library's own kinds of dict, which equal a plain one of their items. A
    program may put other classes in their place; what is told is still what the
    dict in them holds."""
    module = modules.get("collections")
    return [getattr(module, name, None) for name in ("Counter", "OrderedDict", "defaultdict")]


TAGS = {list: b"l", tuple: b"t", set: b"e", frozenset: b"z"}
MAKE = {b"l": list, b"t": tuple, b"e": set, b"z": frozenset}


def fits(out, more, limit):
    if len(out) + more > limit:
        raise NotPlain("larger than %d bytes" % limit)


def decode(data):
    value, at = get(data, 0)
    return value


def get(data, at):
    tag = data[at:at + 1]
    at += 1
    if tag == b"N":
        return None, at
    if tag == b"T":
        return True, at
    if tag == b"F":
        return False, at
    if tag == b"d":
        return unpack("<d", data[at:at + 8])[0], at + 8
    if tag == b"c":
        return complex(*unpack("<dd", data[at:at + 16])), at + 16
    n = shift = 0
    while True:
        byte = data[at]
        at += 1
        n |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    if tag == b"i":
        return int.from_bytes(data[at:at + n], "little", signed=True), at + n
    if tag == b"s":
        return data[at:at + n].decode("utf-8", "surrogatepass"), at + n
    if tag == b"b":
        return data[at:at + n], at + n
    if tag == b"m":
        pairs = {}
        for _ in range(n):
            key, at = get(data, at)
            pairs[key], at = get(data, at)
        return pairs, at
    items = []
    for _ in range(n):
        item, at = get(data, at)
        items.append(item)
    return MAKE[tag](items), at


# --- what went wrong ------------------------------------------------------------

reserve = [bytearray(1 << 20)]  # given back when memory is out, to say so


def name_of(t):
    name = type.__getattribute__(t, "__name__")
    return name if type(name) is str else "?"


def failure(error):
    """The fields that describe an exception: kind, type, text."""
    reserve.clear()
    kind = b"e"
    if isinstance(error, MemoryError):
        kind = b"m"
    elif isinstance(error, AssertionError):
        kind = b"a"
    name, text = "exception", ""
    try:
        name = name_of(type(error))
        text = str(error)[:300]
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "<program>":
                line = trace.tb_lineno
            trace = trace.tb_next
        if line:
            text += " (line %d)" % line if text else "line %d" % line
    except BaseException:
        pass  # its own __str__ or so fails
    return kind, name.encode("utf-8", "replace"), text.encode("utf-8", "replace")


def calm():
    """Take back what a program may have set in the interpreter."""
    settrace(None)
    setprofile(None)
    try:
        setrecursionlimit(1000)
    except RecursionError:
        pass  # it is deep in its own


def attempt(work, *args):
    """Run work; the error, or None, and its value."""
    try:
        value = work(*args)
        calm()
        return None, value
    except BaseException as error:
        calm()
        return failure(error), None


# --- operations on a program ------------------------------------------------------

program = {}  # the namespace of the program, and of what was found in it


def start(name, source):
    """Compile; on success say so and make the module to run in."""
    error, code = attempt(compile, source, "<program>", "exec", 0, True)
    if error:
        send(b"P", *error)
        return None, None
    module = Module(name)
    modules[name] = module
    program["space"] = space = module.__dict__
    space["__builtins__"] = builtins  # the true ones, not this driver's copy
    send(b"p")
    return code, space


def load(source, entry):
    """Run the program's body and find the entry."""
    code, space = start("program", source)
    if code is None:
        return
    error, _ = attempt(exec, code, space)
    if not error and entry:
        error, program["entry"] = attempt(find, space, entry.decode())
    send(b"E", *error) if error else send(b"o")


def find(space, entry):
    owner, _, method = entry.partition(".")
    if owner not in space:
        raise NameError("the program defines no %s" % owner)
    return getattr(space[owner](), method) if method else space[owner]


def call(args, limit):
    (limit,) = unpack("<Q", limit)
    args = decode(args)
    error, value = attempt(program["entry"], *args)
    if error:
        send(b"E", *error)
    else:
        answer(value, limit)


def answer(value, limit, *more):
    error, data = attempt(encode, value, limit)
    if error:
        send(b"V", *error)
    else:
        send(b"v", data, *more)


def exports():
    """Tell what a text of asserts may name: functions, modules, plain values."""
    found = {}
    for name, value in list(program["space"].items()):
        if type(name) is not str or name.startswith("__") or name in vars(builtins):
            continue  # asserts mean the true builtins
        if type(value) is Module:
            found[name] = ("module", name_of_module(value))
        elif callable(value):
            found[name] = ("function", None)
        else:
            error, _ = attempt(encode, value, 1 << 16)
            if not error:
                found[name] = ("value", value)
    answer(found, 1 << 20)


def name_of_module(module):
    name = module.__dict__.get("__name__")
    return name if type(name) is str else ""


def called(name, args, keywords, limit):
    """Call any function of the program; what it did to its arguments goes back."""
    (limit,) = unpack("<Q", limit)
    values, named = decode(args), decode(keywords)
    error, value = attempt(lambda: program["space"][name.decode()](*values, **named))
    if error:
        send(b"E", *error)
        return
    error, after = attempt(encode, values, limit)
    answer(value, limit, *([after] if not error and after != args else []))


def script(source):
    """Run the program as python would run a file, to the very end."""
    code, space = start("__main__", source)
    if code is None:
        return
    error = None
    try:
        exec(code, space)
    except SystemExit as stop:
        if type(stop.code) is not int and stop.code is not None or stop.code:
            error = b"e", b"SystemExit", str(stop.code)[:300].encode("utf-8", "replace")
    except BaseException as raised:
        error = failure(raised)
    calm()
    finish, _ = attempt(finalize)
    error = error or finish
    send(b"E", *error) if error else send(b"o")
    leave(0)


def finalize():
    if "threading" in modules:
        modules["threading"]._shutdown()
    if "atexit" in modules:
        modules["atexit"]._run_exitfuncs()
    now = sys.stdout
    if now is not None:
        now.flush()
    if now is not stdout:
        stdout.flush()


def same_process(source, tests):
    """The program, then its tests in the same namespace, then the nonce."""
    code, space = start("program", source)
    if code is None:
        return
    error, _ = attempt(exec, code, space)
    if error:
        send(b"E", *error)
        return
    send(b"o")
    error, _ = attempt(lambda: exec(compile(tests, "<tests>", "exec", 0, True), space))
    if error:
        send(b"E", *error)
        return
    _, (nonce,) = receive()  # it was not in this process before
    send(b"n", nonce)


# --- the tests' process: no code of the candidate ever runs here ------------------

def tester(found, tests, limit):
    space = {"__name__": "tests"}
    (limit,) = unpack("<Q", limit)
    for name, (kind, value) in decode(found).items():
        if kind == "value":
            space[name] = value
        elif kind == "function":
            space[name] = stub(name, limit)
        elif value.partition(".")[0] in KNOWN:
            error, module = attempt(importlib_import, value)
            if not error:
                space[name] = module
    error, _ = attempt(lambda: exec(compile(tests, "<tests>", "exec", 0, True), space))
    send(b"E", *error) if error else send(b"o")


KNOWN = getattr(sys, "stdlib_module_names", ("math", "collections", "itertools", "functools", "re", "random", "copy", "string", "typing"))


def importlib_import(name):
    __import__(name)
    return modules[name]


def stub(name, limit):
    def function(*args, **keywords):
        send(b"c", name.encode(), encode(list(args), limit), encode(keywords, limit))
        op, fields = receive()
        if op == b"E":
            kind, text = fields
            known = getattr(builtins, kind.decode(), None)
            if not (isinstance(known, type) and issubclass(known, Exception)):
                known = RuntimeError
            try:
                error = known(text.decode())
            except Exception:  # UnicodeDecodeError and such want more
                error = RuntimeError(text.decode())
            raise error
        if len(fields) > 1:
            for mine, theirs in zip(args, decode(fields[1])):
                renew(mine, theirs)
        return decode(fields[0])
    function.__name__ = name
    return function


def renew(mine, theirs):
    """Repeat what the program did to an argument, as far as it is the list's,
    dict's or set's own content."""
    if type(mine) is list:
        mine[:] = theirs
    elif type(mine) in (dict, set):
        mine.clear()
        mine.update(theirs)


OPERATIONS = {b"L": load, b"C": call, b"X": exports, b"F": called, b"M": script, b"A": same_process, b"T": tester}

serve()
