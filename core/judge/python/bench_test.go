//go:build linux

package python

import (
	"runtime"
	"strconv"
	"testing"

	"ra3/core/judge/pyvalue"
)

// benchJobs are n different small programs of ten tests each.
func benchJobs(n int) []Job {
	jobs := make([]Job, n)
	for i := range jobs {
		jobs[i] = Job{Form: Calls, Entry: "f", Source: "def f(xs):\n    ys = []\n    for x in xs:\n        if x >= " + strconv.Itoa(i) + ":\n            ys.append(x * x)\n    return sorted(ys)\n"}
		for k := range int64(10) {
			jobs[i].Args = append(jobs[i].Args, []pyvalue.Value{pyvalue.List{pyvalue.MakeInt(k), pyvalue.MakeInt(3), pyvalue.MakeInt(-k)}})
		}
	}
	return jobs
}

func benchmark(b *testing.B, mode Mode) {
	p := newPool(b, Options{Mode: mode, Workers: runtime.GOMAXPROCS(0)})
	// The sandboxes come up before the clock starts.
	if _, err := p.Run(b.Context(), benchJobs(2*runtime.GOMAXPROCS(0))); err != nil {
		b.Fatal(err)
	}
	jobs := benchJobs(b.N)
	b.ResetTimer()
	outs, err := p.Run(b.Context(), jobs)
	if err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	for _, o := range outs {
		if len(o.Results) != 10 {
			b.Fatal(o.Results)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "programs/s")
}

func BenchmarkForkServer(b *testing.B) { benchmark(b, ForkServer) }
func BenchmarkFresh(b *testing.B)      { benchmark(b, Fresh) }
