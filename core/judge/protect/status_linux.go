package protect

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Inspect fills in what the kernel shows of a running process from outside:
// its namespaces, compared with this process's own, its filter, id and
// capabilities.
func (p *Protections) Inspect(pid int) error {
	for _, ns := range []struct {
		name string
		own  *bool
	}{{"user", &p.UserNS}, {"pid", &p.PidNS}, {"net", &p.NetNS}, {"mnt", &p.MountNS}, {"ipc", &p.IpcNS}} {
		theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, ns.name))
		if err != nil {
			return fmt.Errorf("protect: looking at a sandbox's namespaces; is /proc mounted: %w", err)
		}
		ours, err := os.Readlink("/proc/self/ns/" + ns.name)
		if err != nil {
			return fmt.Errorf("protect: looking at our own namespaces: %w", err)
		}
		*ns.own = theirs != ours
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return fmt.Errorf("protect: looking at a sandbox: %w", err)
	}
	capabilities := true
	for line := range bytes.Lines(status) {
		name, rest, _ := bytes.Cut(line, []byte(":"))
		f := bytes.Fields(rest)
		if len(f) == 0 {
			continue
		}
		switch string(name) {
		case "Seccomp":
			p.Seccomp = string(f[0]) == "2"
		case "NoNewPrivs":
			p.NoNewPrivs = string(f[0]) == "1"
		case "CapPrm":
			capabilities = len(bytes.Trim(f[0], "0")) > 0
		case "Uid": // real, effective, saved, for files
			if p.UID, err = strconv.Atoi(string(f[1])); err != nil {
				return fmt.Errorf("protect: user id of a sandbox: %w", err)
			}
		}
	}
	p.Unprivileged = p.UID != 0 && !capabilities
	return nil
}
