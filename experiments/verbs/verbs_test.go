package verbs

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/judge"
	"ra3/experiments"
	"ra3/experiments/leak"
)

func TestMain(m *testing.M) {
	judge.ServeIfChild()
	os.Exit(leak.Run(m.Run))
}

// tiny shrinks the quick preset to a run of about a second.
var tiny = []string{
	"--set", "mid.traces=20", "--set", "mid.updates=4", "--set", "mid.tokens=400", "--set", "mid.probe_every=4", "--set", "ra3.warm=2", "--set", "ra3.iterations=1",
	"--set", "ra3.e_updates=1", "--set", "ra3.e_batch=2", "--set", "ra3.group=2", "--set", "rlvr.updates=2", "--set", "rlvr.eval_every=2", "--set", "rlvr.eval_problems=2",
	"--set", "rlvr.eval_samples=2", "--set", "rlvr.problems=2", "--set", "rlvr.group=2", "--set", "rlvr.max_tokens=60", "--set", "eval.problems=6", "--set", "eval.samples=2",
	"--set", "eval.traces=4", "--set", "eval.max_tokens=80",
}

// output is what a command line gave.
type output struct {
	status         int
	stdout, stderr string
}

// command runs one command line without terminals.
func command(t *testing.T, ctx context.Context, args ...string) output {
	t.Helper()
	var out, errs bytes.Buffer
	status := Main(ctx, plainEnv(&out, &errs), args)
	return output{status, out.String(), errs.String()}
}

func plainEnv(out, errs *bytes.Buffer) Env {
	return Env{Stdin: strings.NewReader(""), Stdout: out, Stderr: errs, Getenv: func(string) string { return "" },
		Size: func() (int, int, bool) { return 0, 0, false }, Terminal: func() (string, bool) { return "none", false },
		ScreenUsable: func() error { return errors.New("no terminal here") }}
}

// tinyRun makes a finished tiny run.
func tinyRun(t *testing.T, dir string, more ...string) {
	t.Helper()
	args := append(append([]string{"run", "--out", dir}, tiny...), more...)
	if o := command(t, t.Context(), args...); o.status != exitDone {
		t.Fatalf("run: status %d\n%s", o.status, o.stderr)
	}
}

// Every mistake is one line with the status that scripts rely on.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x = ["), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, c := range []struct {
		line   string
		status int
		want   string
	}{
		{"rnu", 2, "did you mean run?"},
		{"frobnicate", 2, "ra3 help lists them"},
		{"help rns", 2, "did you mean run"},
		{"help run eval", 2, "unexpected argument"},
		{"version now", 2, "unexpected argument"},
		{"--threme dark", 2, "did you mean --theme?"},
		{"--theme pink", 2, "choose one of auto, dark, light"},
		{"--glyphs wide", 2, "choose one of auto, ascii, block, braille"},
		{"", 2, "no terminal here"},
		{"run --presett x", 2, "did you mean --preset?"},
		{"run --zzzzzzzz", 2, "ra3 run -h lists its flags"},
		{"run --preset nope", 2, "choose one of base, quick"},
		{"run --set a.b=3", 2, "unknown field a.b"},
		{"run --set mid.updates", 2, "want field=value"},
		{"run --set mid.updates=0", 2, "mid.updates = 0 is out of range"},
		{"run --set mid.updates=many", 2, "mid.updates"},
		{"run --seed", 2, "give a whole number"},
		{"run --seed one", 2, "give a whole number"},
		{"run --seed -3", 2, "out of range"},
		{"run --threads -1", 2, "--threads -1"},
		{"run extra", 2, "unexpected argument"},
		{"run --config missing.toml", 2, "no such file"},
		{"run --config file", 2, "configuration"},
		{"run --resume .", 1, "not a run directory"},
		{"run --resume missing", 1, "no such file"},
		{"run --resume x --seed 3", 2, "leave --seed away"},
		{"run --branch f1", 2, "belongs to --resume"},
		{"run --fresh", 2, "belongs to --fork"},
		{"run --fork x --preset quick", 2, "leave --preset away"},
		{"run --fork @main:3", 2, "names no run"},
		{"run --fork .@main:x3", 2, "BRANCH:UPDATE"},
		{"run --fork . --set ra3.group=3", 1, "not a run directory"},
		{"view", 2, "name its directory"},
		{"view x", 2, "no terminal here"},
		{"view x --theme pink", 2, "choose one of auto, dark, light"},
		{"plot --run . --at main:3 --out figures", 1, "not a run directory"},
		{"runs ls --where seed>", 2, "--where"},
		{"runs ls --where foo=1", 2, `no field "foo": there are name, state`},
		{"runs note", 2, "a run and a text"},
		{"runs note . hello", 1, "not a run directory"},
		{"runs note . --mark", 2, "--at BRANCH:UPDATE"},
		{"runs notes .", 1, "not a run directory"},
		{"runs show x --where a", 2, "belongs to runs ls"},
		{"run --out file", 1, "not a directory"},
		{"run --out .", 1, "holds other files"},
		{"eval", 2, "--run DIR"},
		{"eval --run .", 1, "not a run directory"},
		{"eval --run . --lane foo", 2, "choose one of base, ntp, ra3"},
		{"eval --run . --tasks code", 2, "choose one of doc"},
		{"eval --run . --k 0", 2, "counts from 1 up"},
		{"eval --run . --k 50", 2, "raise --n"},
		{"eval --run . --n 0", 2, "more than 0"},
		{"eval --run . --temperature NaN", 2, "more than 0"},
		{"plot", 2, "--run DIR"},
		{"plot --run . --figure boud --out x.png", 2, "choose one of loss, bound"},
		{"plot --run . --figure bound", 2, "where to"},
		{"plot --run . --figure bound --out x.gif", 2, "png, svg, pdf, csv"},
		{"plot --run . --out x.png", 2, "--figure"},
		{"plot --run . --out figures", 1, "not a run directory"},
		{"theory --set discount=1", 2, "must lie below 1"},
		{"theory --set speed=3", 2, "unknown field speed"},
		{"theory --set family=maze", 2, "choose one of rooms, phrases, random"},
		{"theory --set doors=1", 1, "open doors"},
		{"theory --set actions=3", 1, "at least 5"},
		{"theory --only magic", 2, "choose one of decomposition"},
		{"theory --figure bond --out x", 2, "choose one of decomposition, pruning"},
		{"theory --figure bound", 2, "where to"},
		{"theory --format gif --out x", 2, "png, svg, pdf, csv"},
		{"theory --run missing", 1, "no such file"},
		{"theory extra", 2, "unexpected argument"},
		{"runs", 2, "choose one of ls, show"},
		{"runs lss", 2, "did you mean ls?"},
		{"runs show", 2, "one run"},
		{"runs diff a", 2, "two runs"},
		{"runs show missing", 1, "no such file"},
		{"runs ls --yes", 2, "belongs to runs rm"},
		{"runs export x", 2, "--out FILE"},
		{"runs export x --what base --out -", 2, "not for standard output"},
		{"runs export x --what all --out f", 2, "events-csv"},
		{"runs rm .", 1, "not a run directory"},
	} {
		o := command(t, t.Context(), strings.Fields(c.line)...)
		if o.status != c.status || !strings.Contains(o.stderr, c.want) {
			t.Errorf("ra3 %s: status %d, %q; want %d, ...%q...", c.line, o.status, o.stderr, c.status, c.want)
		}
		if !strings.HasPrefix(o.stderr, "ra3: ") || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("ra3 %s: not one line: %q", c.line, o.stderr)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("mistakes left something behind: %v %v", entries, err)
	}
}

func TestHelp(t *testing.T) {
	for _, v := range table() {
		for _, args := range [][]string{{"help", v.name}, {v.name, "-h"}, {v.name, "--help"}} {
			o := command(t, t.Context(), args...)
			if o.status != exitDone || !strings.Contains(o.stdout, v.usage) || o.stderr != "" {
				t.Errorf("ra3 %v: status %d, %q, %q", args, o.status, o.stdout, o.stderr)
			}
			for line := range strings.Lines(o.stdout) {
				if len(line) > 130 {
					t.Errorf("ra3 %v: long line %q", args, line)
				}
			}
		}
	}
	o := command(t, t.Context(), "help")
	for _, v := range table() {
		if !strings.Contains(o.stdout, v.summary) {
			t.Errorf("the overview leaves %s out", v.name)
		}
	}
	if o := command(t, t.Context()); !strings.Contains(o.stdout, "ra3 run") {
		t.Errorf("without a terminal the help is missing: %q", o.stdout)
	}
	if o := command(t, t.Context(), "version"); o.stdout != "ra3 "+experiments.Version+"\n" {
		t.Errorf("version: %q", o.stdout)
	}
}

func TestInterspersedFlags(t *testing.T) {
	for _, c := range []struct {
		line, rest string
		seed       int
		set        string
	}{
		{"a --seed 3 b", "a b", 3, ""},
		{"--seed=3 a -set x=1 b --set y=2", "a b", 3, "x=1 y=2"},
		{"a -- --seed 3", "a --seed 3", 0, ""},
		{"-seed 4", "", 4, ""},
		{"", "", 0, ""},
	} {
		var x experiment
		f := newFlags(&verb{name: "try"})
		x.add(f, true)
		rest, err := f.parse(&Env{}, strings.Fields(c.line), -1)
		if err != nil || strings.Join(rest, " ") != c.rest || x.seed != c.seed || x.set.String() != c.set {
			t.Errorf("%q: rest %q, seed %d, set %q, %v", c.line, rest, x.seed, x.set, err)
		}
	}
}

func FuzzArguments(f *testing.F) {
	for _, s := range []string{"run --seed 3", "a -- b", "--set=a=b", "-", "--", "---x", "--json=maybe", "-h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var out, errs bytes.Buffer
		e := plainEnv(&out, &errs)
		for _, v := range []*verb{runVerb(), runsVerb()} {
			var x experiment
			fl := newFlags(v)
			x.add(fl, true)
			fl.Bool("json", false, "")
			args := strings.Split(line, " ")
			rest, err := fl.parse(&e, args, -1)
			if err == nil && len(rest) > len(args) {
				t.Fatalf("%q gave %q", line, rest)
			}
			if err != nil && !errors.Is(err, errHelped) && !isUsage(err) {
				t.Fatalf("%q: %v is no usage error", line, err)
			}
		}
	})
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"run", "rnu", 2}, {"runs", "run", 1}, {"", "ab", 2}, {"plot", "plto", 2}, {"eval", "eval", 0}} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != got {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
