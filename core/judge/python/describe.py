# Tells the judge where this interpreter keeps what it needs to run.
import json, os, sys, sysconfig

missing = []
for name in "_sitebuiltins _socket _struct array ctypes gc resource select".split():
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
if sys.version_info >= (3, 9) and not hasattr(os, "pidfd_open"):
    missing.append("os.pidfd_open")

paths = [p for p in sys.path if os.path.exists(p)]
paths += [sysconfig.get_path(k) for k in ("stdlib", "platstdlib")]
with open("/proc/self/maps") as maps:  # shared libraries, wherever they lie
    paths += {os.path.dirname(l.split(None, 5)[5].strip()) for l in maps if l.count("/") and ".so" in l}
executable = os.path.realpath(sys.executable)
installed = [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages") and os.path.isdir(p)]
print(json.dumps({"executable": executable, "version": list(sys.version_info[:3]), "paths": paths,
                  "installed": installed, "missing": missing}))
