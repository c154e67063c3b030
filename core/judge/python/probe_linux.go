package python

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ra3/core/judge/protect"
	"ra3/core/judge/pyvalue"
)

// discovery is how programs will be run here, and what that protects.
type discovery struct {
	plan        protect.Plan
	interpreter Interpreter
	protections protect.Protections
}

// fallbacks are tried where the python3 on the PATH cannot run in a sandbox,
// as one in root's home cannot where there is no mount namespace.
var fallbacks = []string{"/usr/bin/python3", "/usr/local/bin/python3"}

// discover takes the first interpreter and plan that come up and protect.
func discover(ctx context.Context, opt Options) (discovery, error) {
	paths := []string{opt.Python}
	if opt.Python == "" {
		paths = append(paths, fallbacks...)
	}
	var best *discovery
	var errs []error
	for _, path := range paths {
		py, err := FindInterpreter(ctx, path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, plan := range protect.Plans() {
			d := discovery{plan: plan, interpreter: py}
			if d.protections, err = probe(ctx, plan, py); err != nil {
				if ctx.Err() != nil {
					return d, ctx.Err()
				}
				errs = append(errs, err)
				continue
			}
			if d.protections.Level != protect.None {
				return d, nil
			}
			if best == nil {
				best = &d
			}
		}
		if best != nil {
			break
		}
	}
	if best == nil {
		return discovery{}, errs[0] // what stopped the best of them
	}
	return *best, best.allowed(opt)
}

// allowed refuses to run programs that nothing holds back, unless told to.
func (d *discovery) allowed(opt Options) error {
	if d.protections.Level != protect.None || opt.AllowUnprotected {
		return nil
	}
	return fmt.Errorf("python: %w: %s; run where the kernel grants more, or allow it explicitly", ErrUnprotected, strings.Join(d.protections.Lines(), "; "))
}

//go:embed probe.py
var probeSource string

// probeMemoryMB is what the probe runs in.
const probeMemoryMB = 256

// probe starts a sandbox under a plan and finds out what it protects.
func probe(ctx context.Context, plan protect.Plan, py Interpreter) (protect.Protections, error) {
	var p protect.Protections
	s, err := startServer(ctx, plan, py, nil, false)
	if err != nil {
		return p, err
	}
	defer s.stop()
	if err := p.Inspect(s.proc.Pid()); err != nil {
		return p, err
	}
	targets, err := newTargets()
	if err != nil {
		return p, err
	}
	defer targets.close()
	t, err := check(&Job{Source: probeSource, Form: Calls, Entry: "probe",
		Args:   [][]pyvalue.Value{{targets.value(), pyvalue.MakeInt(maxThreads + 8), pyvalue.MakeInt(probeMemoryMB << 20)}},
		Limits: Limits{PerTest: 20 * time.Second, MemoryMB: probeMemoryMB}})
	if err != nil {
		return p, err
	}
	out, err := s.execute(ctx, t)
	if err != nil {
		return p, err
	}
	r := out.Results[len(out.Results)-1]
	found, ok := r.Value.(pyvalue.Dict)
	if !ok {
		return p, fmt.Errorf("python: probing the sandbox: %s %s", r.Kind, r.Reason)
	}
	for _, it := range found {
		switch v := it.Value.(type) {
		case pyvalue.Bool:
			p.Rlimits = bool(v)
		case pyvalue.Int:
			p.Nproc = v.V.Int64() <= maxThreads
		case pyvalue.List:
			for _, what := range v {
				if text, ok := what.(pyvalue.Str); ok {
					p.Reached = append(p.Reached, string(text))
				}
			}
		}
	}
	p.Landlock = protect.LandlockABI()
	// The judge's own directories are the ones that count outside; the root
	// listing tells only whether Landlock is in force.
	if i := slices.Index(p.Reached, "list /"); i >= 0 {
		p.Landlock = 0
		p.Reached = slices.Delete(p.Reached, i, i+1)
	}
	p.Level = p.Grade()
	return p, nil
}

// targets are things outside for a probe to try and reach: ports, paths and a
// process, by name.
type targets struct {
	dir     string
	closers []func() error
	numbers map[string]int
	paths   map[string]string
}

// value is what the probe is called with.
func (t *targets) value() pyvalue.Value {
	var d pyvalue.Dict
	for name, n := range t.numbers {
		d = append(d, pyvalue.Item{Key: pyvalue.Str(name), Value: pyvalue.MakeInt(int64(n))})
	}
	for name, p := range t.paths {
		d = append(d, pyvalue.Item{Key: pyvalue.Str(name), Value: pyvalue.Str(p)})
	}
	return d
}

func (t *targets) close() {
	for _, c := range t.closers {
		_ = c()
	}
	_ = os.RemoveAll(t.dir)
}

func newTargets() (t *targets, err error) {
	t = &targets{}
	defer func() {
		if err != nil {
			t.close()
			t, err = nil, fmt.Errorf("python: preparing to probe the sandbox: %w", err)
		}
	}()
	if t.dir, err = os.MkdirTemp("", "ra3-probe-"); err != nil {
		return t, err
	}
	// Open to all: what turns the probe away must be the sandbox.
	if err = errors.Join(os.Chmod(t.dir, 0o777), os.WriteFile(filepath.Join(t.dir, "file"), []byte("outside"), 0o666), os.Chmod(filepath.Join(t.dir, "file"), 0o666)); err != nil {
		return t, err
	}
	abstract := filepath.Base(t.dir)
	t.paths = map[string]string{"directory": t.dir, "abstract": abstract, "unix": filepath.Join(t.dir, "socket")}
	t.numbers = map[string]int{"process": os.Getpid()}
	for _, l := range []struct{ network, address string }{{"tcp4", "127.0.0.1:0"}, {"unix", t.paths["unix"]}, {"unix", "@" + abstract}} {
		ln, err := net.Listen(l.network, l.address)
		if err != nil {
			return t, err
		}
		t.closers = append(t.closers, ln.Close)
		if a, ok := ln.Addr().(*net.TCPAddr); ok {
			t.numbers["tcp"] = a.Port
		}
	}
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return t, err
	}
	t.closers = append(t.closers, udp.Close)
	t.numbers["udp"] = udp.LocalAddr().(*net.UDPAddr).Port
	return t, os.Chmod(t.paths["unix"], 0o777)
}
