package verbs

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/cpu"

	"ra3/core/judge"
	"ra3/core/judge/protect"
	"ra3/core/judge/python"
	"ra3/core/simd"
	"ra3/experiments"
)

func doctorVerb() *verb {
	return &verb{name: "doctor", summary: "what this machine offers: kernels, threads, judge, terminal", run: doctor, usage: "doctor [--json]",
		detail: "The exit status is 1 if something here would stop an experiment."}
}

// health is what ra3 doctor finds.
type health struct {
	Version     string   `json:"version"`
	Go          string   `json:"go"`
	Platform    string   `json:"platform"`
	CPU         []string `json:"cpu_features"`
	Kernels     string   `json:"kernels"`
	Available   []string `json:"kernels_available"`
	KernelError string   `json:"kernel_error,omitempty"`
	BF16        bool     `json:"bf16_tiles"`
	BF16Error   string   `json:"bf16_error,omitempty"`
	Cores       int      `json:"cores"`
	Threads     int      `json:"threads"`
	Memory      int64    `json:"memory_bytes,omitempty"`
	MemoryFree  int64    `json:"memory_available_bytes,omitempty"`
	Judge       judged   `json:"judge"`
	Terminal    terminal `json:"terminal"`
	DiskFree    int64    `json:"disk_free_bytes,omitempty"`
	Python      string   `json:"python3,omitempty"`
	Executor    executed `json:"python_executor"`
}

type judged struct {
	PerSecond   float64  `json:"programs_per_second"`
	Programs    int      `json:"programs"`
	Workers     int      `json:"workers"`
	Error       string   `json:"error,omitempty"`
	Protections []string `json:"protections"`
}

// executed is what the executor of the public benchmarks offers here.
type executed struct {
	Interpreter *python.Interpreter  `json:"interpreter,omitempty"`
	Protections *protect.Protections `json:"protections,omitempty"`
	Error       string               `json:"error,omitempty"`
}

type terminal struct {
	Interactive bool   `json:"interactive"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	TERM        string `json:"TERM"`
	Colour      string `json:"colour"`
	UTF8        bool   `json:"utf8"`
	Problem     string `json:"problem,omitempty"` // why the workbench cannot use it
}

func doctor(ctx context.Context, e *Env, v *verb, args []string) error {
	f := newFlags(v)
	asJSON := f.Bool("json", false, "print the findings as JSON")
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	h := health{Version: experiments.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpuFeatures(), Kernels: simd.Active().String(),
		Cores: runtime.NumCPU(), Threads: runtime.GOMAXPROCS(0), Terminal: e.terminal()}
	for _, isa := range simd.Available() {
		h.Available = append(h.Available, isa.String())
	}
	if err := instructionSet(); err != nil {
		h.KernelError = err.Error()
	}
	h.BF16 = simd.HasBF16()
	if err := simd.BF16Error(); err != nil {
		h.BF16Error = oneLine(err.Error())
	}
	h.Memory, h.MemoryFree = memory()
	h.DiskFree = diskFree(".")
	h.Python = hostPython(ctx)
	h.Executor = tryPython(ctx)
	h.Judge = tryJudge(ctx, h.Threads)
	if ctx.Err() != nil {
		return &interrupted{"interrupted"}
	}
	var err error
	if *asJSON {
		err = e.printJSON(h)
	} else {
		err = e.print(h.text())
	}
	switch {
	case err != nil:
		return err
	case h.KernelError != "":
		return errors.New(h.KernelError)
	case h.Judge.Error != "":
		return errors.New(h.Judge.Error)
	}
	return nil
}

// cpuFeatures lists what the kernels ask of a processor, as far as it has it.
func cpuFeatures() []string {
	var have []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"sse4.2", cpu.X86.HasSSE42}, {"avx", cpu.X86.HasAVX}, {"avx2", cpu.X86.HasAVX2}, {"fma", cpu.X86.HasFMA},
		{"avx512f", cpu.X86.HasAVX512F}, {"avx512dq", cpu.X86.HasAVX512DQ}, {"avx512bw", cpu.X86.HasAVX512BW}, {"avx512vl", cpu.X86.HasAVX512VL},
		{"avx512vnni", cpu.X86.HasAVX512VNNI}, {"avx512bf16", cpu.X86.HasAVX512BF16}, {"amx-tile", cpu.X86.HasAMXTile}, {"amx-bf16", cpu.X86.HasAMXBF16},
		{"asimd", cpu.ARM64.HasASIMD}, {"sve", cpu.ARM64.HasSVE},
	} {
		if f.has {
			have = append(have, f.name)
		}
	}
	return have
}

const (
	judgePrograms = 1000
	judgeWait     = 20 * time.Second
)

// tryJudge starts the judge and times it on programs like those it gets.
func tryJudge(ctx context.Context, workers int) judged {
	lim := judge.DefaultLimits()
	j := judged{Programs: judgePrograms, Workers: workers, Protections: []string{
		"programs run in child processes of this binary, not in the experiment's process",
		fmt.Sprintf("%d interpreter steps a test", lim.Steps),
		fmt.Sprintf("%d MiB a worker, an eighth of it allocated by one test", lim.MemoryMB),
		fmt.Sprintf("%g s a program, then the worker is killed and replaced", lim.Timeout.Seconds()),
		"the interpreter has no built-ins for files, network, processes or the clock",
	}}
	ctx, cancel := context.WithTimeout(ctx, judgeWait)
	defer cancel()
	rate, err := timeJudge(ctx, workers, lim)
	if err != nil {
		j.Error = "the judge does not work here: " + oneLine(err.Error())
	}
	j.PerSecond = rate
	return j
}

func timeJudge(ctx context.Context, workers int, lim judge.Limits) (perSecond float64, err error) {
	pool, err := judge.NewPool(ctx, workers, lim)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	cases := make([]judge.Case, judgePrograms)
	for i := range cases {
		cases[i] = judge.Case{Entry: "f", Inputs: [][]any{{[]any{int64(3), int64(i), int64(-4)}}}, Want: []any{[]any{int64(9), int64(i) * int64(i)}},
			Source: "def f(xs):\n    ys = []\n    for x in xs:\n        if x >= 0:\n            ys.append(x * x)\n    return ys\n"}
	}
	start := time.Now()
	verdicts, err := pool.Judge(ctx, cases)
	if err != nil {
		return 0, err
	}
	took := time.Since(start)
	for _, v := range verdicts {
		if v.Kind != judge.Passed {
			return 0, fmt.Errorf("a right program was judged %s (%s)", v.Kind, v.Reason)
		}
	}
	return judgePrograms / took.Seconds(), nil
}

// tryPython starts the Python executor and has it probe its protections. Where
// they come to none that is told, and no program is run.
func tryPython(ctx context.Context) executed {
	ctx, cancel := context.WithTimeout(ctx, judgeWait)
	defer cancel()
	pool, err := python.NewPool(ctx, python.Options{AllowUnprotected: true})
	if err != nil {
		return executed{Error: oneLine(err.Error())}
	}
	defer func() { _ = pool.Close() }()
	interpreter, protections := pool.Interpreter(), pool.Protections()
	return executed{Interpreter: &interpreter, Protections: &protections}
}

// text is a row for the interpreter and one for what protects.
func (x executed) text(t *columns) {
	if x.Error != "" {
		t.row("Python judge", "not available: "+x.Error)
		return
	}
	t.row("Python judge", x.Interpreter.Path+" ("+x.Interpreter.Version+")")
	p := x.Protections
	t.row("protections", string(p.Level)+", probed from inside; programs act as user "+fmt.Sprint(p.UID))
	for _, line := range p.Lines() {
		t.row("", line)
	}
}

// hostPython is the host's CPython, which pocket experiments do not need.
func hostPython(ctx context.Context) string {
	path, err := exec.LookPath("python3")
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return path + " (does not run)"
	}
	return path + " (" + oneLine(string(out)) + ")"
}

func (e *Env) terminal() terminal {
	t := terminal{Interactive: e.StdinTTY && e.StdoutTTY, TERM: e.Getenv("TERM")}
	t.Width, t.Height, _ = e.Size()
	t.Colour, t.UTF8 = e.Terminal()
	if e.Getenv("NO_COLOR") != "" {
		t.Colour += " (NO_COLOR is set)"
	}
	if err := e.ScreenUsable(); err != nil {
		t.Problem = oneLine(err.Error())
	}
	return t
}

func (h health) text() string {
	t := &columns{layout: "ll"}
	t.row("ra3", h.Version+", "+h.Go+", "+h.Platform)
	t.row("CPU features", strings.Join(h.CPU, " "))
	t.row("kernels", h.Kernels+" (available: "+strings.Join(h.Available, ", ")+"; RA3_ISA chooses)")
	if h.KernelError != "" {
		t.row("", "problem: "+h.KernelError)
	}
	if h.BF16 {
		t.row("bf16 tiles", "work (model.precision chooses)")
	} else {
		t.row("bf16 tiles", "not available: "+h.BF16Error)
	}
	t.row("threads", fmt.Sprintf("%d of %d cores (GOMAXPROCS)", h.Threads, h.Cores))
	if h.Memory > 0 {
		t.row("memory", fmt.Sprintf("%s, %s available", bytesText(h.Memory), bytesText(h.MemoryFree)))
	}
	if h.Judge.Error != "" {
		t.row("judge", "problem: "+h.Judge.Error)
	} else {
		t.row("judge", fmt.Sprintf("works: %d programs at %.0f a second, up to %d workers", h.Judge.Programs, h.Judge.PerSecond, h.Judge.Workers))
	}
	for i, p := range h.Judge.Protections {
		name := ""
		if i == 0 {
			name = "protections"
		}
		t.row(name, p)
	}
	size := "size unknown"
	if h.Terminal.Width > 0 {
		size = fmt.Sprintf("%dx%d", h.Terminal.Width, h.Terminal.Height)
	}
	utf := "no UTF-8"
	if h.Terminal.UTF8 {
		utf = "UTF-8"
	}
	t.row("terminal", fmt.Sprintf("%s, TERM=%s, colours: %s, %s", size, h.Terminal.TERM, h.Terminal.Colour, utf))
	if h.Terminal.Problem != "" {
		t.row("", "no workbench here: "+h.Terminal.Problem)
	}
	if h.DiskFree > 0 {
		t.row("disk", bytesText(h.DiskFree)+" free in the current directory")
	}
	py := h.Python
	if py == "" {
		py = "not found (pocket experiments do not need it)"
	}
	t.row("python3", py)
	h.Executor.text(t)
	return t.String()
}
