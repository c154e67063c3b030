package bench

import (
	"context"
	"runtime"
	"time"

	"ra3/core/judge/python"
)

// judgeTime is how long each way of executing programs is timed, unless the
// budget is shorter.
const judgeTime = 4 * time.Second

// judge times the Python executor, with a worker for every thread.
func (r *runner) judge(ctx context.Context, rep *Report, until time.Time) error {
	d := judgeTime
	if !until.IsZero() {
		d = min(d, max(0, time.Until(until)/2))
	}
	for _, mode := range []python.Mode{python.ForkServer, python.Fresh} {
		name := "judging Python, " + string(mode)
		rate, err := python.Measure(ctx, python.Options{Mode: mode, Workers: runtime.GOMAXPROCS(0)}, d)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.skipped = append(r.skipped, name+" ("+err.Error()+")")
			continue
		}
		rep.Judge = append(rep.Judge, rate)
	}
	return nil
}
