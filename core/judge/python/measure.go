package python

import (
	"context"
	"fmt"
	"time"

	"ra3/core/judge/pyvalue"
)

// Rate is how fast programs are judged.
type Rate struct {
	Mode      Mode    `json:"mode"`
	Workers   int     `json:"workers"`
	Programs  int     `json:"programs"` // timed
	Tests     int     `json:"tests"`    // of each
	PerSecond float64 `json:"programs_per_second"`
}

// measureTests is how many tests the measured programs have.
const measureTests = 10

// Measure runs small programs of ten tests each, all different, for about the
// given time, and again for those that bring every worker up before. It checks
// their results.
func Measure(ctx context.Context, opt Options, d time.Duration) (r Rate, err error) {
	p, err := NewPool(ctx, opt)
	if err != nil {
		return r, err
	}
	defer func() { _ = p.Close() }()
	workers := max(opt.Workers, 1)
	r = Rate{Mode: opt.Mode, Workers: workers, Tests: measureTests}
	if r.Mode == "" {
		r.Mode = Fresh
	}
	n := 0
	batch := func(size int) error {
		jobs := make([]Job, size)
		for i := range jobs {
			jobs[i] = measured(n)
			n++
		}
		outs, err := p.Run(ctx, jobs)
		if err != nil {
			return err
		}
		for i, o := range outs {
			if len(o.Results) != measureTests || o.Results[measureTests-1].Value == nil {
				last := o.Results[len(o.Results)-1]
				return fmt.Errorf("python: a right program gave %s (%s)", last.Kind, last.Reason)
			}
			want := pyvalue.List{pyvalue.MakeInt(int64(n - size + i))}
			if !pyvalue.Same(o.Results[0].Value, want) {
				return fmt.Errorf("python: a right program gave %s", pyvalue.Repr(o.Results[0].Value, 100))
			}
		}
		return nil
	}
	if err := batch(workers); err != nil {
		return r, err
	}
	size := 2 * workers
	if r.Mode == ForkServer {
		size = 32 * workers
	}
	start := time.Now()
	for r.Programs == 0 || time.Since(start) < d {
		if err := batch(size); err != nil {
			return r, err
		}
		r.Programs += size
	}
	r.PerSecond = float64(r.Programs) / time.Since(start).Seconds()
	return r, nil
}

// measured is the n-th of the programs that are timed.
func measured(n int) Job {
	j := Job{Form: Calls, Entry: "f", Source: fmt.Sprintf("def f(xs):\n    ys = [%d]\n    for x in xs:\n        if x > 0:\n            ys.append(x * x)\n    return sorted(ys)\n", n)}
	for k := range int64(measureTests) {
		j.Args = append(j.Args, []pyvalue.Value{pyvalue.List{pyvalue.MakeInt(k), pyvalue.MakeInt(-k)}})
	}
	return j
}
