//go:build linux

package python

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"ra3/core/judge/pyvalue"
)

// reach is a program that tries lines of Python, each an attack of its own, and
// returns those that worked.
func reach(lines ...string) string {
	s := "import os, sys, socket, ctypes, signal, resource, stat\nlibc = ctypes.CDLL(None, use_errno=True)\ndef ok(n):\n    if n == -1: raise OSError(ctypes.get_errno())\ndef f(x):\n    reached = []\n"
	for _, line := range lines {
		s += fmt.Sprintf("    try:\n        %s\n        reached.append(%q)\n    except (OSError, ValueError, ImportError, RuntimeError): pass\n", line, line)
	}
	return s + "    return reached\n"
}

// TestAttackReach: programs that reach for files, sockets and processes. Each
// returns the list of what worked, which must be empty.
func TestAttackReach(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("42"), 0o666); err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	unix, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	port := tcp.Addr().(*net.TCPAddr).Port
	self := os.Getpid()
	q := func(format string, args ...any) string { return fmt.Sprintf(format, args...) }
	var writes []string
	for _, d := range []string{".", "/", "/tmp", "/var/tmp", "/dev/shm", "/dev", "/usr", "/usr/lib", "/run", "/home", "/root", dir, cwd, filepath.Dir(exe)} {
		writes = append(writes, q("open(%q, 'w').write('x')", d+"/pwned"), q("os.mkdir(%q)", d+"/pwned-dir"))
	}
	run(t, []attack{
		{name: "writes", kinds: isWrong, value: nothing, source: reach(writes...)},
		{name: "writes from its home", kinds: isWrong, value: nothing, source: reach(
			"open(os.path.expanduser('~/pwned'), 'w')", "import tempfile; tempfile.TemporaryFile()", "import tempfile; tempfile.mkdtemp()", "import tempfile; tempfile.NamedTemporaryFile(dir='.')")},
		{name: "links", kinds: isWrong, value: nothing, source: reach(
			"os.symlink('/etc/passwd', '/tmp/pwned')", "os.symlink('/', 'pwned')", "os.link(sys.executable, '/tmp/pwned')", q("os.link(%q, %q)", secret, dir+"/pwned"),
			"os.mkfifo('/tmp/pwned')", "os.mknod('/tmp/pwned')", "os.mknod('/tmp/pwned', stat.S_IFCHR | 0o666, os.makedev(1, 1))", q("os.rename(%q, %q)", secret, dir+"/pwned"), q("os.unlink(%q)", secret), q("os.rmdir(%q)", dir))},
		{name: "changes", kinds: isWrong, value: nothing, source: reach(
			q("os.truncate(%q, 0)", secret), q("os.chmod(%q, 0)", secret), q("os.utime(%q)", secret), q("os.setxattr(%q, 'user.x', b'x')", secret), q("open(%q, 'r+')", secret), q("open(%q, 'a')", exe),
			"os.chmod(sys.executable, 0o777)", "os.utime('/')", "os.chmod('/dev/null', 0)", "os.chmod(os.__file__, 0o777)", "os.chown('/dev/null', 65534, 65534)", "open(os.__file__, 'a')", "open('/dev/urandom', 'r+b').truncate(5)")},
		{name: "fills the disk", kinds: isWrong, value: nothing, source: reach("[open('/tmp/pwned%d' % i, 'w') for i in range(10 ** 5)]", "open('/dev/shm/pwned', 'wb').write(b'x' * (1 << 30))", "os.posix_fallocate(os.open('/tmp/pwned', os.O_CREAT | os.O_RDWR), 0, 1 << 30)", "os.sendfile(0, os.open('/dev/urandom', 0), 0, 1 << 20) or ok(-1)")},
		{name: "reads", kinds: isWrong, value: nothing, source: reach(
			q("open(%q)", secret), q("open(%q, 'rb')", exe), q("os.listdir(%q)", cwd), q("open(%q)", filepath.Join(cwd, "driver.py")), "open('/etc/passwd')", "open('/etc/shadow')", "open('/etc/resolv.conf')", "os.listdir('/')", "os.listdir('/etc')",
			"os.listdir('/home')", "os.listdir('/root')", "os.listdir('/tmp')", "os.listdir('/sys')", "os.listdir('/dev')", "os.listdir('/run')", "os.listdir(os.path.expanduser('~'))", "open('/dev/mem')", "open('/dev/kmsg')", "open('/dev/tty')", "open('../' * 40 + 'etc/passwd')", "open('/usr/../etc/passwd')")},
		{name: "reads /proc", kinds: isWrong, value: nothing, source: reach(
			"os.listdir('/proc')", "open('/proc/self/mem', 'r+b')", "open('/proc/self/environ')", "open('/proc/self/cmdline')", "open('/proc/self/maps')", "open('/proc/1/mem', 'rb')", "open('/proc/1/environ')", "open('/proc/1/root/etc/passwd')", q("open('/proc/%d/cmdline')", self), "os.listdir('/proc/self/fd')", "open('/dev/fd/60')",
			"open('/proc/sys/kernel/core_pattern', 'w')", "open('/proc/sysrq-trigger', 'w')")},
		{name: "sockets", kinds: isWrong, value: nothing, source: reach(
			q("socket.create_connection(('127.0.0.1', %d), 1)", port), q("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', %d))", port), "socket.socket(socket.AF_INET6)", q("socket.socket(socket.AF_UNIX).connect(%q)", unix.Addr().String()),
			"socket.socket(socket.AF_UNIX).connect('\\0pwned')", "socket.socket(socket.AF_UNIX).bind('\\0pwned')", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "socket.socket(socket.AF_VSOCK)", "socket.socket(socket.AF_ALG)",
			"socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)", "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", "socket.create_server(('127.0.0.1', 0))", "socket.getaddrinfo('localhost', 80)[0][4][0] == '127.0.0.1' and socket.create_connection(('localhost', 80), 1)",
			"socket.gethostbyname('example.org')", "import urllib.request; urllib.request.urlopen('http://127.0.0.1/', timeout=1)", "a, b = socket.socketpair(); a.bind('\\0pwned')")},
		{name: "other descriptors", kinds: isWrong, value: nothing, source: reach("socket.socket(fileno=3)", "[os.fstat(fd) for fd in range(3, 60)]", "[os.fstat(fd) for fd in range(62, 256)]", "os.dup2(1, 64)")},
		{name: "signals", kinds: isWrong, value: nothing, source: reach(
			"os.kill(1, 9)", "os.kill(os.getppid(), 9)", "os.kill(os.getppid(), 0)", "os.kill(0, 9)", "os.kill(-1, 9)", "os.killpg(os.getpgid(0), 9)", q("os.kill(%d, 9)", self), "os.kill(os.getpid() - 1, 9)", "os.kill(os.getpid() + 1, 0)", "signal.pidfd_send_signal(os.pidfd_open(1), 9)", "os.pidfd_open(os.getpid())",
			"ok(libc.tgkill(1, 1, 9))", "ok(libc.syscall(200, 1, 9))", "import fcntl; fcntl.fcntl(0, fcntl.F_SETOWN, 1)", "ok(libc.sigqueue(1, 9, None))")},
		{name: "other processes", kinds: isWrong, value: nothing, source: reach(
			"ok(libc.ptrace(16, 1, 0, 0))", "ok(libc.ptrace(0, 0, 0, 0))", "ok(libc.process_vm_readv(1, None, 0, None, 0, 0))", "ok(libc.process_vm_writev(os.getpid(), None, 0, None, 0, 0))", "resource.prlimit(1, resource.RLIMIT_AS, (1, 1))", "resource.prlimit(os.getppid(), resource.RLIMIT_CPU)", "os.sched_setaffinity(1, {0})",
			"os.setpriority(os.PRIO_PROCESS, 1, 19)", "os.setpriority(os.PRIO_USER, 0, 19)", "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))", "os.setpgid(0, 1)")},
		{name: "privileges", kinds: isWrong, value: nothing, source: reach(
			"os.setuid(0)", "os.setgid(0)", "os.setgroups([0])", "os.setresuid(0, 0, 0)", "os.chroot('/')", "ok(libc.unshare(0x10000000))", "ok(libc.unshare(0x20000))", "ok(libc.setns(0, 0))", "ok(libc.mount(b'x', b'/', b'tmpfs', 0, None))", "ok(libc.umount2(b'/', 2))", "ok(libc.pivot_root(b'/', b'/'))", "socket.sethostname('pwned')", "os.nice(-1)",
			"resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))", "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))", "resource.setrlimit(resource.RLIMIT_CORE, (1, 1))", "resource.setrlimit(resource.RLIMIT_NPROC, (1 << 20, 1 << 20))",
			"ok(libc.prctl(1, 0, 0, 0, 0))", "ok(libc.prctl(4, 1, 0, 0, 0))", "ok(libc.prctl(38, 0, 0, 0, 0))", "ok(libc.prctl(22, 0, 0, 0, 0))", "ok(libc.personality(0x0040000))", "ok(libc.reboot(0))", "ok(libc.swapoff(b'/'))", "ok(libc.acct(b'/'))")},
		{name: "kernel facilities", kinds: isWrong, value: nothing, source: reach(
			"ok(libc.syscall(425, 8, None))", "ok(libc.syscall(321, 0, None, 0))", "ok(libc.syscall(323, 0))", "ok(libc.syscall(298, None, 0, -1, -1, 0))", "ok(libc.syscall(250, 0, 0, 0, 0, 0))", "ok(libc.syscall(248, b'user', b'x', b'x', 1, -2))", "ok(libc.syscall(304, -100, None, 0))", "ok(libc.syscall(175, None, 0, b''))", "ok(libc.syscall(319, b'x', 0))",
			"ok(libc.syscall(322, -100, b'/bin/true', None, None, 0))", "ok(libc.mq_open(b'/pwned', 0o102, 0o600, None))", "ok(libc.semget(0, 1, 0o1600))", "ok(libc.msgget(0, 0o1600))", "ok(libc.syscall(500))", "ok(libc.fanotify_init(0, 0))")},
		{name: "another numbering of system calls", kinds: isCrashed, source: "import ctypes\ndef f(x):\n    ctypes.CDLL(None).syscall(0x40000000 + 39)\n    return 42\n"},
	})
	if text, err := os.ReadFile(secret); err != nil || string(text) != "42" {
		t.Errorf("the file outside is now %q (%v)", text, err)
	}
}

// TestAttackState: what one program or test leaves in its process must not be
// there for the next.
func TestAttackState(t *testing.T) {
	set := `
import builtins, os, sys, random, decimal, signal, locale, threading, gc, math, warnings
builtins.len = builtins.print = None
builtins.pwned = True
sys.modules["pwned"] = sys
sys.path.insert(0, "/pwned")
sys.setrecursionlimit(77)
sys.stdout = sys.stdin = None
os.environ["PWNED"] = "1"
os.umask(0o777)
os.chdir("/usr")
random.seed(1)
decimal.getcontext().prec = 2
signal.signal(signal.SIGTERM, signal.SIG_IGN)
math.pi = 3
gc.disable()
sys.settrace(lambda *a: None)
threading.stack_size(1 << 16)
class A: pass
def f(x): return 1
`
	look := `
import builtins, os, sys, decimal, signal, threading, gc, math
def f(x):
    found = []
    for name, bad in {
        "builtins": builtins.len is None or hasattr(builtins, "pwned"), "modules": "pwned" in sys.modules, "path": "/pwned" in sys.path, "recursion": sys.getrecursionlimit() == 77,
        "streams": sys.stdout is None, "environment": "PWNED" in os.environ, "umask": os.umask(0o22) == 0o777, "directory": os.getcwd() != "/", "decimals": decimal.getcontext().prec == 2,
        "handlers": signal.getsignal(signal.SIGTERM) is signal.SIG_IGN, "pi": math.pi == 3, "collector": not gc.isenabled(), "trace": sys.gettrace() is not None, "stack": threading.stack_size() == 1 << 16,
    }.items():
        if bad: found.append(name)
    return found
`
	for _, mode := range []Mode{ForkServer, Fresh} {
		p := attackPool(t, mode)
		for _, source := range []string{look, set, look} {
			a := attack{source: source}
			out, err := p.Do(t.Context(), a.job(Calls))
			if err != nil {
				t.Fatal(err)
			}
			if r := out.Results[0]; source == look && (r.Value == nil || !pyvalue.Same(r.Value, nothing)) {
				t.Errorf("%s: the next program finds %v %s", mode, r.Value, r.Reason)
			} else if source == set && r.Kind != "" {
				t.Errorf("%s: the first program: %s", mode, r.Reason)
			}
		}
	}
}

// TestAttackArguments: a program changes its arguments; later tests get theirs
// as they were.
func TestAttackArguments(t *testing.T) {
	p := attackPool(t, ForkServer)
	xs := pyvalue.List{pyvalue.MakeInt(1), pyvalue.List{pyvalue.MakeInt(2)}}
	j := Job{Form: Calls, Entry: "f", Source: "kept = []\ndef f(xs):\n    got = repr((xs, kept))\n    xs[1].append(9)\n    xs.clear()\n    kept.append(xs)\n    return got\n", Args: [][]pyvalue.Value{{xs}, {xs}}}
	out, err := p.Do(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	// Globals of the program itself do last, as in one CPython process.
	for i, want := range []string{"([1, [2]], [])", "([1, [2]], [[]])"} {
		if got := out.Results[i].Value; got != pyvalue.Str(want) {
			t.Errorf("test %d: %v, want %s", i+1, got, want)
		}
	}
}

// TestHashSeed: sets of strings have one order, in every process of every
// sandbox.
func TestHashSeed(t *testing.T) {
	source := "def f(x):\n    return [hash('ra3'), list({'a', 'b', 'c', 'd', 'e', 'f'})]\n"
	var first pyvalue.Value
	for _, mode := range []Mode{ForkServer, ForkServer, Fresh} {
		p := attackPool(t, mode)
		for range 2 {
			a := attack{source: source}
			out, err := p.Do(t.Context(), a.job(Calls))
			if err != nil {
				t.Fatal(err)
			}
			v := out.Results[0].Value
			switch {
			case v == nil:
				t.Fatal(out.Results[0].Reason)
			case first == nil:
				first = v
			case !pyvalue.Same(first, v):
				t.Errorf("%s: %s, then %s", mode, pyvalue.Repr(first, 100), pyvalue.Repr(v, 100))
			}
		}
	}
}
