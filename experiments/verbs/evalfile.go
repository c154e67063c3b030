package verbs

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	pyexec "ra3/core/judge/python"
	"ra3/core/score"
	"ra3/core/tasks"
	"ra3/experiments"
	"ra3/experiments/store"
)

// problemsFile reads the file of problems that --tasks names; nil if it names
// tasks.
func problemsFile(f *flags, value string, jobs int) (*tasks.Set, error) {
	first, _, _ := strings.Cut(value, ",")
	_, err := os.Stat(value)
	if slices.Contains(experiments.Tasks, strings.TrimSpace(first)) || err != nil && !strings.ContainsAny(value, "./") {
		if f.given("jobs") {
			return nil, usagef("eval: --jobs is about a file of problems: leave it away, or name a file with --tasks")
		}
		return nil, nil
	}
	switch {
	case f.given("problems"):
		return nil, usagef("eval: --problems is about drawn problems: a file's are taken all, leave it away")
	case jobs < 0 || f.given("jobs") && jobs == 0 || jobs > 4096:
		return nil, usagef("eval: --jobs %d does not fit: want 1 to 4096", jobs)
	}
	return tasks.Read(value, tasks.Options{})
}

// evalFile samples a run's policies on a file's problems.
func (e *Env) evalFile(ctx context.Context, run *store.Run, q experiments.EvalRequest, set *tasks.Set, jobs, threads int, progress func(done, total int)) (res *experiments.EvalResult, err error) {
	if jobs == 0 {
		jobs = runtime.NumCPU()
	}
	pool, err := pyexec.NewPool(ctx, pyexec.Options{Workers: jobs})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	s, err := score.New(pool, score.Options{CacheDir: e.cacheDir(""), Now: time.Now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	guard := pool.Protections()
	e.note("Python %s, protections %s%s", pool.Interpreter().Version, guard.Level, missing(guard.Missing()))
	return experiments.EvalFile(ctx, run, q, set, s, jobs, threads, progress)
}
