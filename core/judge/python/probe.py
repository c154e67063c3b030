"""Tries, as a program would, what a program must not be able to do, and tells
what it reached. An ordinary program to the executor: it runs where candidates
run."""
import ctypes, errno, os, resource, signal, socket, threading, time


def attempt(reached, what, act):
    try:
        if act() is not False:
            reached.append(what)
    except (OSError, RuntimeError, MemoryError):
        pass


def probe(targets, threads, memory):
    """targets: a TCP port, a UDP port, a unix and an abstract socket, a
    directory open to all with a file in it, a process; all outside."""
    reached = []

    def connect(family, kind, address):
        with socket.socket(family, kind) as s:
            s.settimeout(1)
            s.connect(address)
            s.send(b"probe")

    attempt(reached, "connect TCP", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", targets["tcp"])))
    attempt(reached, "send UDP", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", targets["udp"])))
    attempt(reached, "connect a unix socket", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, targets["unix"]))
    attempt(reached, "connect an abstract socket", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + targets["abstract"]))
    attempt(reached, "open a raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close())

    def create(directory):
        path = os.path.join(directory, "ra3-probe")
        with open(path, "w") as f:
            f.write("probe")
        os.unlink(path)

    for directory in (targets["directory"], ".", "/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~")):
        attempt(reached, "write " + directory, lambda: create(directory))
    inside = os.path.join(targets["directory"], "file")
    attempt(reached, "change a file's mode", lambda: os.chmod(inside, 0o600))
    attempt(reached, "change a file", lambda: os.truncate(inside, 0))
    for path in (inside, "/etc/passwd", "/etc/hostname", "/proc/1/environ", "/proc/self/mem"):
        attempt(reached, "read " + path, lambda: open(path, "rb").close())
    # Landlock alone closes the root directory, which the mount namespace leaves open.
    attempt(reached, "list /", lambda: os.listdir("/") and None)

    attempt(reached, "signal the judge", lambda: os.kill(targets["process"], 0))
    attempt(reached, "signal its parent", lambda: os.kill(os.getppid(), 0))
    attempt(reached, "signal everybody", lambda: os.kill(-1, 0))
    attempt(reached, "see processes", lambda: bool([p for p in os.listdir("/proc") if p.isdigit()]))

    def new_process():
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)

    attempt(reached, "start a process", new_process)
    attempt(reached, "execute a file", lambda: os.posix_spawn("/bin/true", ["true"], {}))
    libc = ctypes.CDLL(None, use_errno=True)


    def trace():
        libc.ptrace(2, os.getppid(), 0, 0)  # a look into a process that is not being traced: fails, but how?
        return ctypes.get_errno() != errno.EPERM

    attempt(reached, "trace a process", trace)
    attempt(reached, "make a namespace", lambda: libc.unshare(0x10000000) == 0)

    # A hole in a limit shows as a success.
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = 0 < soft <= memory and resource.getrlimit(resource.RLIMIT_CORE)[1] == 0
    limits = limits and resource.getrlimit(resource.RLIMIT_FSIZE)[1] == 0 and resource.getrlimit(resource.RLIMIT_CPU)[1] > 0
    try:
        bytearray(memory)
        limits = False
    except MemoryError:
        pass

    release = threading.Event()
    started = []
    threading.stack_size(64 << 10)
    try:
        for _ in range(threads):
            t = threading.Thread(target=release.wait)
            t.start()
            started.append(t)
    except RuntimeError:
        pass
    release.set()
    for t in started:
        t.join()
    return {"reached": reached, "limits": limits, "threads": len(started)}
