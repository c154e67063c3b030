package verbs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ra3/core/judge"
	"ra3/core/simd"
	"ra3/core/trace"
	"ra3/experiments"
	"ra3/experiments/store"
)

func evalVerb() *verb {
	return &verb{name: "eval", summary: "sample a finished run's policies on held-out problems and judge them", run: eval,
		usage: "eval --run DIR [--branch B] [--lane NAME]... [--after] [--tasks LIST] [--problems N] [--n N] [--k LIST]\n    [--temperature T] [--rationale-temperature T] [--seed N] [--threads N] [--json]",
		detail: `Problems are held out from all training. Without --seed they are those of the
run itself, drawn in the same way, and temperatures are those that it was sampled
at or chose on validation problems: with its own --n the run's own numbers come
out again. With --seed N others are drawn. A plus task judges the samples of doc
or ask on many more tests as well. In place of names --tasks takes a file of
problems in any form that ra3 judge reads; its programs run in sandboxed Python.
A pocket policy knows the words of its own domain only, so that it can be asked
such problems (ra3 runs export --what problems) and no public benchmark's.

Beside pass@k stand the ceilings, what a perfect reader of the prompts could
score; the nuisance, the nats of choices in expert programs that tests do not
see; and how the bodies that failed departed from the plan.`}
}

func eval(ctx context.Context, e *Env, v *verb, args []string) error {
	var lanes list
	var seed, threads int
	var q experiments.EvalRequest
	f := newFlags(v)
	dir := f.String("run", "", "run directory `DIR`")
	f.StringVar(&q.Branch, "branch", store.Main, "the policies of branch `B` (default main)")
	f.Var(&lanes, "lane", "only the lane `NAME`, one of "+strings.Join(experiments.LaneNames(), ", ")+"; may be repeated (default: the run's, with --after those it post-trained)")
	f.BoolVar(&q.After, "after", false, "the policies after post-training")
	names := f.String("tasks", "doc,ask", "`LIST` of "+strings.Join(experiments.Tasks, ", ")+"; or a file of problems, as for ra3 judge")
	jobs := f.Int("jobs", 0, "with a file: programs judged at once, `N` (default: all cores)")
	f.IntVar(&q.Problems, "problems", 0, "problems a task, `N` (default: as in the run)")
	f.IntVar(&q.Samples, "n", 20, "samples a problem, `N` (default 20)")
	ks := f.String("k", "1,5,10", "`LIST` of the k of pass@k (default 1,5,10)")
	temperature := f.Float64("temperature", 0, "temperature `T` of every token (default: as in the run, or as it chose them)")
	rationale := f.Float64("rationale-temperature", 0, "temperature `T` of rationale tokens alone")
	f.IntVar(&seed, "seed", 0, "draw other problems and samples, from `N`")
	f.IntVar(&threads, "threads", 0, "threads to compute with, `N` (default: all cores)")
	asJSON := f.Bool("json", false, "print the result as JSON, by lane and task")
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	if *dir == "" {
		return usagef("eval: which run: name it with --run DIR; ra3 runs ls lists the runs there are")
	}
	for _, x := range []struct {
		name  string
		value float64
	}{{"problems", float64(q.Problems)}, {"n", float64(q.Samples)}, {"temperature", *temperature}, {"rationale-temperature", *rationale}} {
		if f.given(x.name) && !(x.value > 0) {
			return usagef("eval: --%s %g does not fit: want more than 0", x.name, x.value)
		}
	}
	if threads < 0 || seed < 0 {
		return usagef("eval: --threads and --seed count from 0: give no negative number")
	}
	var err error
	if q.K, err = f.numbers("k", *ks); err != nil {
		return err
	}
	file, err := problemsFile(f, *names, *jobs)
	if err != nil {
		return err
	}
	for t := range strings.SplitSeq(*names, ",") {
		if file != nil {
			break
		}
		q.Tasks = append(q.Tasks, strings.TrimSpace(t))
		if err := f.choice("tasks", strings.TrimSpace(t), experiments.Tasks...); err != nil {
			return err
		}
	}
	for _, l := range lanes {
		if err := f.choice("lane", l, experiments.LaneNames()...); err != nil {
			return err
		}
	}
	for _, k := range q.K {
		if k > q.Samples {
			return usagef("eval: pass@%d needs %d samples a problem: raise --n from %d or lower --k", k, k, q.Samples)
		}
	}
	q.Lanes = lanes
	q.Temperatures = trace.Temperatures{Code: *temperature, Decision: *temperature, Rationale: *temperature}
	if *rationale > 0 {
		q.Temperatures.Rationale = *rationale
	}
	if f.given("seed") {
		q.Seed = &seed
	}
	if err := instructionSet(); err != nil {
		return err
	}
	run, err := store.View(*dir)
	if err != nil {
		return err
	}
	if made, have := run.Manifest().InstructionSet, simd.Active().String(); made != have {
		e.note("note: the run was computed with %s, this process uses %s: results may differ in the last digits", made, have)
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	p := e.newProgress()
	told := func(done, total int) { p.bar(done, total, fmt.Sprintf("problem %d/%d", done, total)) }
	var res *experiments.EvalResult
	if file != nil {
		res, err = e.evalFile(ctx, run, q, file, *jobs, threads, told)
	} else {
		res, err = experiments.EvalRun(ctx, run, q, threads, told)
	}
	p.close()
	if err != nil {
		if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, judge.ErrClosed)) {
			return &interrupted{"interrupted; an evaluation keeps nothing, start it again"}
		}
		return err
	}
	if *asJSON {
		return e.printJSON(evalJSON(res))
	}
	of := *dir
	if q.Branch != store.Main {
		of += "@" + q.Branch
	}
	return e.print(evalTable(of, q.After, res))
}
