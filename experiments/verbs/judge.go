package verbs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	pyexec "ra3/core/judge/python"
	"ra3/core/score"
	"ra3/core/tasks"
	"ra3/experiments"
	"ra3/experiments/judging"
)

func judgeVerb() *verb {
	return &verb{name: "judge", summary: "score samples on a public benchmark's problems, in sandboxed Python", run: judgeSamples,
		usage: "judge --tasks FILE --samples FILE.jsonl [--k LIST] [--jobs N] [--check-references]\n    [--truncate] [--split NAME] [--from DAY] [--to DAY] [--format NAME] [--out FILE]\n    [--again] [--time-scale X] [--python FILE] [--cache DIR] [--allow-unprotected] [--json]",
		detail: `Problems are read as their owners publish them: HumanEval, MBPP (full and
sanitized), HumanEval+, MBPP+, LiveCodeBench, and Codeforces as open-r1 has it;
plain or gzip, Codeforces also as Parquet. Samples are lines of the public
harnesses, {"task_id": ..., "completion": ...} or with "solution", a whole
program. A HumanEval+ or MBPP+ sample passes if it passes base and plus tests;
base alone stands beside it.

Every verdict goes at once to the results file, with its reason; the same command
goes on where it was left. pass@k is the unbiased estimator over the problems
that have samples, with a bootstrap interval over problems; a k that some problem
has too few samples for is left out. Expected outputs that a benchmark does not
publish are what its reference returns here, kept under --cache by content.

Without --samples, --check-references checks the references alone.`}
}

// judgeFlags are the flags of judge.
type judgeFlags struct {
	tasks, samples, format, split, from, to, out, python, cache string
	k                                                           []int
	jobs, shots                                                 int
	scale                                                       float64
	truncate, again, check, unprotected, json                   bool
}

func judgeSamples(ctx context.Context, e *Env, v *verb, args []string) error {
	f := newFlags(v)
	var o judgeFlags
	f.StringVar(&o.tasks, "tasks", "", "`FILE` of problems")
	f.StringVar(&o.samples, "samples", "", "`FILE` of samples, JSON Lines, plain or gzip")
	ks := f.String("k", "1,10,100", "`LIST` of the k of pass@k (default 1,10,100)")
	f.IntVar(&o.jobs, "jobs", 0, "programs at once, `N` (default: all cores)")
	f.BoolVar(&o.check, "check-references", false, "run the reference solutions first, and score nothing where they fail")
	f.BoolVar(&o.truncate, "truncate", false, "cut completions at the benchmark's stop sequences (default: judge them as they are, as the harnesses do)")
	f.StringVar(&o.split, "split", "", "only the split `NAME` of MBPP: "+strings.Join(tasks.Splits(), ", "))
	f.StringVar(&o.from, "from", "", "only contests from `DAY` on, as 2024-05-01 (LiveCodeBench)")
	f.StringVar(&o.to, "to", "", "only contests up to `DAY`")
	f.StringVar(&o.format, "format", "", "format of the problems, `NAME` (default: told by its fields)")
	f.StringVar(&o.out, "out", "", "results `FILE` (default: the samples' name with _results.jsonl)")
	f.BoolVar(&o.again, "again", false, "judge all samples anew, over what the results file has")
	f.Float64Var(&o.scale, "time-scale", 1, "all limits of time times `X`, for a slow machine (default 1)")
	f.StringVar(&o.python, "python", "", "the interpreter, `FILE` (default: python3 on the path)")
	f.StringVar(&o.cache, "cache", "", "`DIR` for expected outputs (default: ra3/expected in the user's cache)")
	f.BoolVar(&o.unprotected, "allow-unprotected", false, "run programs even where this machine offers no protection: only for programs you trust")
	f.BoolVar(&o.json, "json", false, "print the result as JSON")
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	var err error
	if o.k, err = f.numbers("k", *ks); err != nil {
		return err
	}
	read, err := o.options(f)
	if err != nil {
		return err
	}
	set, err := tasks.Read(o.tasks, read)
	if err != nil {
		return err
	}
	q := judging.Request{Set: set, Jobs: o.jobs}
	if o.samples != "" {
		if q.Samples, err = tasks.ReadSamples(o.samples, set); err != nil {
			return err
		}
	}
	if n := len(set.Left); n > 0 {
		e.note("note: %d of %d problems cannot be scored, the first %s: %s", n, n+len(set.Problems), set.Left[0].ID, set.Left[0].Reason)
	}
	if o.truncate {
		q.Stops = set.Stops
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	return e.judge(ctx, o, q)
}

func (o *judgeFlags) options(f *flags) (tasks.Options, error) {
	r := tasks.Options{Format: tasks.Format(o.format), Split: o.split}
	switch {
	case o.tasks == "":
		return r, usagef("judge: which problems: name their file with --tasks FILE")
	case o.samples == "" && !o.check:
		return r, usagef("judge: which samples: name their file with --samples FILE.jsonl, or check the references alone with --check-references")
	case o.samples == "" && (o.out != "" || o.again):
		return r, usagef("judge: --out and --again are about results of samples: leave them away, or give --samples FILE.jsonl")
	case o.jobs < 0 || f.given("jobs") && o.jobs == 0 || o.jobs > 4096:
		return r, usagef("judge: --jobs %d does not fit: want 1 to 4096", o.jobs)
	case !(o.scale >= 0.1 && o.scale <= 1000):
		return r, usagef("judge: --time-scale %g does not fit: want 0.1 to 1000", o.scale)
	}
	if o.jobs == 0 {
		o.jobs = runtime.NumCPU()
	}
	if o.format != "" {
		var names []string
		for _, n := range tasks.Formats() {
			names = append(names, string(n))
		}
		if err := f.choice("format", o.format, names...); err != nil {
			return r, err
		}
	}
	if o.split != "" {
		if err := f.choice("split", o.split, tasks.Splits()...); err != nil {
			return r, err
		}
	}
	for _, d := range []struct {
		name, text string
		to         *time.Time
	}{{"from", o.from, &r.From}, {"to", o.to, &r.To}} {
		if d.text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, d.text)
		if err != nil {
			return r, usagef("judge: --%s %q does not fit: want a day as in 2024-05-01", d.name, d.text)
		}
		*d.to = day
	}
	if o.samples != "" && o.out == "" {
		o.out = strings.TrimSuffix(strings.TrimSuffix(o.samples, ".gz"), ".jsonl") + "_results.jsonl"
	}
	return r, nil
}

// cacheDir is where expected outputs are kept: a temporary folder where the
// user has no cache.
func (e *Env) cacheDir(named string) string {
	switch {
	case named != "":
		return named
	case e.Getenv("XDG_CACHE_HOME") != "":
		return filepath.Join(e.Getenv("XDG_CACHE_HOME"), "ra3", "expected")
	case e.Getenv("HOME") != "":
		return filepath.Join(e.Getenv("HOME"), ".cache", "ra3", "expected")
	}
	return ""
}

// judge runs a request in a pool of its own.
func (e *Env) judge(ctx context.Context, o judgeFlags, q judging.Request) (err error) {
	pool, err := pyexec.NewPool(ctx, pyexec.Options{Workers: q.Jobs, Python: o.python, AllowUnprotected: o.unprotected})
	if errors.Is(err, pyexec.ErrUnprotected) {
		return fmt.Errorf("%w: run it where ra3 doctor shows protections, or give --allow-unprotected for programs you trust", err)
	}
	if err != nil {
		return stopped(ctx, err, "nothing was judged yet")
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	s, err := score.New(pool, score.Options{CacheDir: e.cacheDir(o.cache), TimeScale: o.scale, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	guard := pool.Protections()
	e.note("Python %s, protections %s%s", pool.Interpreter().Version, guard.Level, missing(guard.Missing()))

	var refs *judging.References
	if o.check {
		p := e.newSteps("references")
		check := q
		check.Progress = p.step
		r, err := judging.Check(ctx, s, check)
		p.close()
		if err != nil {
			return stopped(ctx, err, "nothing was scored yet")
		}
		refs = &r
		if err := r.Err(q.Set); err != nil && (o.samples != "" || len(r.Failed) == 0) {
			return err
		}
		if o.samples == "" {
			return errors.Join(e.printReferences(o, q.Set, r), r.Err(q.Set))
		}
	}
	m := judging.Manifest{Version: experiments.Version, Format: string(q.Set.Format), Tasks: q.Set.File, TasksSHA256: q.Set.SHA256, Chosen: q.Set.Chosen,
		Samples: filepath.Base(o.samples), Stops: q.Stops, Fenced: q.Set.Fenced(), TimeScale: o.scale, Python: pool.Interpreter().Version, Mode: string(pyexec.Fresh), Protections: guard}
	results, err := judging.Open(o.out, m, o.again)
	if err != nil {
		return err
	}
	defer results.Close()
	if results.Notice != "" {
		e.note("note: %s", results.Notice)
	}
	p := e.newSteps("samples")
	q.Progress = p.step
	err = judging.Run(ctx, s, q, results)
	p.close()
	if err != nil {
		return stopped(ctx, err, fmt.Sprintf("%d of %d samples are judged, the same command goes on", len(results.Records()), len(q.Samples)))
	}
	if err := results.Finish(); err != nil {
		return err
	}
	sum := judging.Summarise(q.Set, results.Records(), o.k)
	sum.Protections, sum.References, sum.Results, sum.Manifest = guard, refs, o.out, m
	return e.printScores(o, sum)
}

func missing(what []string) string {
	if len(what) == 0 {
		return ""
	}
	return ": without " + strings.Join(what, "; ")
}

// stopped words the end of interrupted work.
func stopped(ctx context.Context, err error, what string) error {
	if ctx.Err() != nil {
		return &interrupted{"interrupted; " + what}
	}
	return err
}

func (e *Env) printReferences(o judgeFlags, set *tasks.Set, r judging.References) error {
	if o.json {
		return e.printJSON(map[string]any{"references": r, "tasks": set.File, "tasks_sha256": set.SHA256})
	}
	text := fmt.Sprintf("%s: %d of %d references pass", set.File, r.Passed, r.Passed+len(r.Failed))
	if r.SameProcess > 0 {
		text += fmt.Sprintf(", %d of them only with their tests in the program's own process", r.SameProcess)
	}
	for _, f := range r.Failed {
		text += fmt.Sprintf("\n  %s: %s: %s", f.Task, f.Kind, oneLine(f.Reason))
	}
	return e.print(text + "\n")
}
