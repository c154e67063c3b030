package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// near fails unless got is within tol*(1+size) of want, NaNs matching NaNs.
func near(t *testing.T, what string, got, want float32, size, tol float64) {
	t.Helper()
	if math.IsNaN(float64(want)) && math.IsNaN(float64(got)) || got == want {
		return
	}
	if d := math.Abs(float64(got) - float64(want)); !(d <= tol*(1+size)) {
		t.Fatalf("%s = %g, want %g", what, got, want)
	}
}

func nearAll(t *testing.T, what string, got, want []float32, tol float64) {
	t.Helper()
	for i := range want {
		near(t, what, got[i], want[i], math.Abs(float64(want[i])), tol)
	}
}

// spread bounds how far two orders of adding n normal products may drift apart:
// the plain order alone loses some n/10 roundings of the largest partial sum.
func spread(n int) float64 { return math.Sqrt(float64(n)) + 0.1*float64(n) }

func clone(x []float32) []float32 { return append([]float32(nil), x...) }

// checkVectors compares every vector kernel of the active tier with the plain
// Go one on n elements. The slices are cut out of longer ones, whose margins
// must stay as they are.
func checkVectors(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	const margin = 17
	var margins [][]float32
	vec := func() []float32 {
		x := normals(r, n+2*margin)
		for i := range margin {
			x[i], x[margin+n+i] = float32(i), float32(i)
		}
		margins = append(margins, x)
		return x[margin : margin+n : margin+n]
	}
	x, y, w := vec(), vec(), vec()
	size := spread(n)
	near(t, "Dot", Dot(x, y), dotGo(x, y), size, 2e-6)
	if Max(x) != maxGo(x) {
		t.Fatalf("Max of %d = %g, want %g", n, Max(x), maxGo(x))
	}
	d, e := vec(), []float32(nil)
	e = clone(d)
	Scale(-1.3, d)
	scaleGo(-1.3, e)
	nearAll(t, "Scale", d, e, 1e-6)
	Add(d, x)
	addGo(e, x)
	nearAll(t, "Add", d, e, 1e-6)

	copy(e, x)
	copy(d, x)
	s, want := ExpSub(d, d, 0.5, 0.25), expSubGo(e, e, 0.5, 0.25)
	near(t, "ExpSub sum", s, want, float64(n), 2e-5) // the plain sum of many is off by this much
	nearAll(t, "ExpSub", d, e, 1e-6)
	SwiGLU(d, x, y)
	swigluGo(e, x, y)
	nearAll(t, "SwiGLU", d, e, 1e-6)

	act, dg, du := vec(), vec(), vec()
	wact, wg, wu := make([]float32, n), make([]float32, n), make([]float32, n)
	copy(dg, x)
	copy(du, y)
	swigluGradGo(wact, wg, wu, w, x, y)
	SwiGLUGrad(act, dg, du, w, dg, du) // in place
	nearAll(t, "SwiGLUGrad act", act, wact, 1e-6)
	nearAll(t, "SwiGLUGrad gate", dg, wg, 2e-6)
	nearAll(t, "SwiGLUGrad up", du, wu, 2e-6)

	m, v := vec(), vec()
	for i := range v {
		v[i] *= v[i]
	}
	step := AdamWStep{LR: 1e-3, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Decay: 0.1, Correct1: 2, Correct2: 3, GradScale: 0.5}
	wantM, wantV := clone(m), clone(v)
	copy(e, d)
	AdamW(d, x, m, v, step)
	adamWGo(e, x, wantM, wantV, step)
	nearAll(t, "AdamW p", d, e, 1e-6)
	nearAll(t, "AdamW m", m, wantM, 1e-6)
	nearAll(t, "AdamW v", v, wantV, 1e-6)

	for _, x := range margins {
		for i := range margin {
			if x[i] != float32(i) || x[margin+n+i] != float32(i) {
				t.Fatalf("a kernel wrote outside a slice of %d", n)
			}
		}
	}
}

func TestVectors(t *testing.T) {
	under(t, vectorTiers(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for n := range 150 {
			checkVectors(t, r, n)
		}
		for _, n := range []int{256, 300, 320, 1408, 1 << 16, 1<<16 + 3, 3<<16 + 77} {
			checkVectors(t, r, n)
		}
	})
}

func FuzzVectors(f *testing.F) {
	f.Add(uint64(1), uint16(96))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		under(t, vectorTiers(), func(t *testing.T) { checkVectors(t, rand.New(rand.NewPCG(seed, 7)), int(n)%3000) })
	})
}

func TestExpAccuracy(t *testing.T) {
	under(t, vectorTiers(), func(t *testing.T) {
		const n = 1 << 16
		x, e := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = -87.3 + 175.3*float32(i)/n
		}
		ExpSub(e, x, 1, 0)
		worst := 0.0
		for i, v := range x {
			want := math.Exp(float64(v))
			worst = max(worst, math.Abs(float64(e[i])-want)/want)
		}
		if !(worst < 2e-7) {
			t.Errorf("relative error of exp is %.2g", worst)
		}
		t.Logf("relative error of exp: %.2g", worst)
	})
}

func TestExpLimits(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	under(t, vectorTiers(), func(t *testing.T) {
		for _, c := range []struct{ x, want float32 }{
			{-inf, 0}, {-1e30, 0}, {-88, 0}, {0, 1}, {89, inf}, {1e30, inf}, {inf, inf}, {nan, nan},
		} {
			for _, n := range []int{1, 7, 16, 100} {
				x := make([]float32, n)
				for i := range x {
					x[i] = c.x
				}
				sum := ExpSub(x, x, 1, 0)
				for _, v := range x {
					near(t, "exp", v, c.want, 0, 0)
				}
				near(t, "sum of exp", sum, c.want*float32(n), 0, 0)
			}
		}
		x := []float32{88}
		if ExpSub(x, x, 1, 0); math.IsInf(float64(x[0]), 0) {
			t.Error("exp(88) overflows")
		}
	})
}

// TestNaN puts one NaN at every place: it must reach the results that depend on
// it, and Max must pass over it as the plain form does.
func TestNaN(t *testing.T) {
	nan := float32(math.NaN())
	isNaN := func(v float32) bool { return v != v }
	under(t, vectorTiers(), func(t *testing.T) {
		for n := 1; n < 70; n += 3 {
			for at := range n {
				x, y, ones := make([]float32, n), make([]float32, n), make([]float32, n)
				for i := range ones {
					ones[i] = 1
				}
				x[at] = nan
				if !isNaN(Dot(x, ones)) || !isNaN(ExpSub(y, x, 1, 0)) {
					t.Fatalf("a NaN at %d of %d is lost in a sum", at, n)
				}
				if got, want := Max(x), maxGo(x); got != want {
					t.Fatalf("Max with a NaN at %d of %d is %g, want %g", at, n, got, want)
				}
				SwiGLU(y, x, ones)
				for i, v := range y {
					if isNaN(v) != (i == at) {
						t.Fatalf("SwiGLU with a NaN at %d of %d: y[%d] = %g", at, n, i, v)
					}
				}
			}
		}
	})
}

func TestShortSlicesPanic(t *testing.T) {
	long, short := make([]float32, 10), make([]float32, 20)[:9]
	under(t, vectorTiers(), func(t *testing.T) {
		for name, call := range map[string]func(){
			"Dot":        func() { Dot(long, short) },
			"Add":        func() { Add(short, long) },
			"ExpSub":     func() { ExpSub(short, long, 1, 0) },
			"SwiGLU":     func() { SwiGLU(long, long, short) },
			"SwiGLUGrad": func() { SwiGLUGrad(short, long, long, long, long, long) },
			"MatVec":     func() { MatVec(long[:2], short, 5, long[:5]) },
			"VecMat":     func() { VecMat(long[:5], long[:2], short, 5) },
			"AdamW":      func() { AdamW(long, short, long, long, AdamWStep{}) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic on a short slice", name)
					}
				}()
				call()
			}()
		}
	})
}
