//go:build linux

package python

import (
	"runtime"
	"testing"
)

func benchmark(b *testing.B, mode Mode) {
	p := newPool(b, Options{Mode: mode, Workers: runtime.GOMAXPROCS(0)})
	jobs := make([]Job, b.N)
	for i := range jobs {
		jobs[i] = measured(i)
	}
	// The sandboxes come up before the clock starts.
	if _, err := p.Run(b.Context(), jobs[:min(b.N, 2*runtime.GOMAXPROCS(0))]); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	outs, err := p.Run(b.Context(), jobs)
	if err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	for _, o := range outs {
		if len(o.Results) != measureTests {
			b.Fatal(o.Results)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "programs/s")
}

func BenchmarkForkServer(b *testing.B) { benchmark(b, ForkServer) }
func BenchmarkFresh(b *testing.B)      { benchmark(b, Fresh) }

func TestMeasure(t *testing.T) {
	for _, mode := range []Mode{ForkServer, Fresh} {
		newPool(t, Options{Mode: mode}) // or skip
		r, err := Measure(t.Context(), Options{Mode: mode, Workers: 2}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if r.Mode != mode || r.PerSecond <= 0 || r.Programs < 4 {
			t.Errorf("%+v", r)
		}
	}
}
