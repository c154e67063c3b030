package plots

import (
	"math"
	"testing"
)

func TestShareRange(t *testing.T) {
	for _, c := range []struct{ lo, hi, wantLo, wantHi float64 }{
		{0.204, 0.208, 0.156, 0.256}, {0.2, 0.2, 0.15, 0.25}, {0, 0.01, 0, 0.1}, {0.99, 1, 0.9, 1},
		{0.2, 0.5, 0.2, 0.5}, {-0.01, 0.02, -0.01, 0.09}, {0.99, 1.02, 0.92, 1.02},
	} {
		lo, hi := ShareRange(c.lo, c.hi)
		if math.Abs(lo-c.wantLo) > 1e-9 || math.Abs(hi-c.wantHi) > 1e-9 || lo > c.lo || hi < c.hi {
			t.Errorf("%g to %g gives %g to %g, want %g to %g", c.lo, c.hi, lo, hi, c.wantLo, c.wantHi)
		}
	}
}

func TestNoiseOfSharesStaysSmall(t *testing.T) {
	for label, narrow := range map[string]bool{"held-out pass@1": false, "Share solved": false, "score": false, "nats": true} {
		f := line([]float64{0, 1, 2}, []float64{0.204, 0.208, 0.205})
		f.YLabel = label
		s, err := newPanel(f, newInk(""), defaultWidth, defaultHeight)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.plot.Y.Max-s.plot.Y.Min < 0.1; got != narrow {
			t.Errorf("%s: axis %g to %g", label, s.plot.Y.Min, s.plot.Y.Max)
		}
	}
}
