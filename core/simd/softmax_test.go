package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func isNaN(v float32) bool { return v != v }

// checkCausalRows compares both kernels with the plain ones on rows x ld scores.
func checkCausalRows(t *testing.T, r *rand.Rand, rows, ld, first, stride int) {
	t.Helper()
	s, dp := newStrided(r, rows, ld, 0), newStrided(r, rows, ld, 0)
	lse, dot := newStrided(r, rows, 1, stride-1), normals(r, rows)
	scale := float32(0.1 + 2*r.Float64())
	scores, ws, wdp, wlse := s.copy(), s.copy(), dp.copy(), lse.copy()

	CausalSoftmax(s.data(), ld, rows, first, scale, lse.data(), stride)
	causalSoftmaxGo(ws.data(), ld, rows, first, scale, wlse.data(), stride)
	nearAll(t, "CausalSoftmax", s.data(), ws.data(), 2e-6)
	for i := range rows {
		near(t, "CausalSoftmax lse", lse.row(i)[0], wlse.row(i)[0], math.Abs(float64(wlse.row(i)[0])), 2e-6)
		after := s.row(i)[first+i+1:]
		same(t, "CausalSoftmax beyond", after, make([]float32, len(after)))
		one, alone := scores.copy(), [1]float32{}
		CausalSoftmax(one.row(i), ld, 1, first+i, scale, alone[:], 1)
		same(t, "CausalSoftmax alone", one.row(i), s.row(i))
		same(t, "CausalSoftmax lse alone", alone[:], lse.row(i))
	}

	p := s
	s = scores.copy()
	CausalSoftmaxGrad(s.data(), dp.data(), ld, rows, first, scale, lse.data(), stride, dot)
	causalSoftmaxGradGo(scores.data(), wdp.data(), ld, rows, first, scale, lse.data(), stride, dot)
	nearAll(t, "CausalSoftmaxGrad p", s.data(), scores.data(), 2e-6)
	nearAll(t, "CausalSoftmaxGrad p again", s.data(), p.data(), 5e-6)
	nearAll(t, "CausalSoftmaxGrad dp", dp.data(), wdp.data(), 5e-6)
	for i := range rows {
		for _, m := range []*strided{s, dp} {
			after := m.row(i)[first+i+1:]
			same(t, "CausalSoftmaxGrad beyond", after, make([]float32, len(after)))
		}
	}
	for name, m := range map[string]*strided{"p": p, "s": s, "dp": dp, "lse": lse} {
		if m.touched() {
			t.Fatalf("causal rows: %d of %d from %d: wrote outside %s", rows, ld, first, name)
		}
	}
}

func TestCausalSoftmax(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 1))
		for ld := 0; ld <= 192; ld += 16 {
			checkCausalRows(t, r, ld, ld, 0, 1)
			for range 6 {
				rows := r.IntN(ld + 1)
				checkCausalRows(t, r, rows, ld, r.IntN(ld-rows+1), 1+r.IntN(4))
			}
		}
		checkCausalRows(t, r, 100, 1040, 930, 3)
		checkCausalRows(t, r, 3, 1<<16+32, 1<<16-5, 1)
	})
}

func FuzzCausalSoftmax(f *testing.F) {
	f.Add(uint64(1), uint8(28), uint8(2), uint16(4), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, rows, ld uint8, first uint16, stride uint8) {
		width := int(ld) % 40 * 16
		n := min(int(rows), width)
		under(t, Available(), func(t *testing.T) {
			checkCausalRows(t, rand.New(rand.NewPCG(seed, 11)), n, width, int(first)%(width-n+1), 1+int(stride)%9)
		})
	})
}

// TestCausalSpecials puts NaN, infinities and forbidden scores into a row: its
// neighbours and the columns it may not see stay as without them.
func TestCausalSpecials(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	under(t, Available(), func(t *testing.T) {
		for _, ld := range []int{16, 32, 64, 160} {
			for valid := 1; valid <= ld-2; valid += 5 {
				for _, v := range []float32{nan, inf, -inf, -1e30} {
					at := valid / 2
					s, dp := make([]float32, 3*ld), make([]float32, 3*ld)
					s[ld+at] = v
					for i := range 3 { // a row must not see what it may not see
						for j := valid + i; j < ld; j++ {
							s[i*ld+j], dp[i*ld+j] = nan, nan
						}
					}
					first, lse, dot := valid-1, make([]float32, 3), []float32{0, v, 0}
					q := clone(s)
					CausalSoftmax(s, ld, 3, first, 0.5, lse, 1)
					CausalSoftmaxGrad(q, dp, ld, 3, first, 0.5, lse, 1, dot)
					for i := range 3 {
						n := valid + i
						want := 1 / float32(n)
						if i == 1 && v < 0 {
							want = 1 / float32(n-1)
						}
						for j := range ld {
							p, grad := s[i*ld+j], dp[i*ld+j]
							switch bad := i == 1 && (v == inf || isNaN(v)); {
							case j >= n:
								if p != 0 || q[i*ld+j] != 0 || grad != 0 {
									t.Fatalf("%g at %d of %d: column %d of row %d is not 0", v, at, n, j, i)
								}
							case bad && !(isNaN(p) && isNaN(q[i*ld+j]) && isNaN(grad)):
								t.Fatalf("%g at %d of %d is lost: p[%d] = %g, again %g, gradient %g", v, at, n, j, p, q[i*ld+j], grad)
							case !bad && i == 1 && j == at && v < 0:
								near(t, "forbidden p", p, 0, 0, 0)
							case !bad:
								near(t, "p", p, want, 1, 1e-6)
								near(t, "p again", q[i*ld+j], want, 1, 1e-6)
							}
						}
					}
				}
			}
		}
	})
}

// checkCrossEntropy compares with float64; about one logit in four is forbidden.
func checkCrossEntropy(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	m := newStrided(r, 1, n, 0)
	x, target := m.data(), r.IntN(n)
	for i := range x {
		if i != target && r.IntN(4) == 0 {
			x[i] = -1e30
		}
	}
	inv, weight := float32(0.2+2*r.Float64()), float32(r.NormFloat64())
	top, sum := math.Inf(-1), 0.0
	for _, v := range x {
		top = max(top, float64(inv)*float64(v))
	}
	for _, v := range x {
		sum += math.Exp(float64(inv)*float64(v) - top)
	}
	before := clone(x)
	got := CrossEntropy(x, inv, target, weight)
	near(t, "CrossEntropy", got, float32(float64(inv)*float64(before[target])-top-math.Log(sum)), 3+math.Log(float64(n)), 2e-6)
	for i, v := range before {
		p := math.Exp(float64(inv)*float64(v)-top) / sum
		if i == target {
			p--
		}
		near(t, "CrossEntropy gradient", x[i], float32(float64(weight*inv)*p), math.Abs(float64(weight*inv)), 3e-6)
		if v == -1e30 && x[i] != 0 {
			t.Fatalf("forbidden logit %d of %d has gradient %g", i, n, x[i])
		}
	}
	if m.touched() {
		t.Fatalf("CrossEntropy of %d wrote outside", n)
	}
}

func TestCrossEntropy(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 2))
		for n := 1; n < 140; n++ {
			checkCrossEntropy(t, r, n)
		}
		checkCrossEntropy(t, r, 1<<16+77)
		for n := 1; n < 70; n += 3 {
			x := make([]float32, n)
			x[n/2] = float32(math.NaN())
			if logp := CrossEntropy(x, 1, 0, 1); !isNaN(logp) || !isNaN(x[0]) || !isNaN(x[n-1]) {
				t.Fatalf("a NaN among %d logits is lost", n)
			}
		}
	})
}

func FuzzCrossEntropy(f *testing.F) {
	f.Add(uint64(1), uint16(28))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		under(t, Available(), func(t *testing.T) {
			checkCrossEntropy(t, rand.New(rand.NewPCG(seed, 12)), 1+int(n)%3000)
		})
	})
}

func TestRowsOutOfBoundsPanic(t *testing.T) {
	a, b, one := make([]float32, 96), make([]float32, 96)[:95], make([]float32, 1)
	under(t, Available(), func(t *testing.T) {
		for name, call := range map[string]func(){
			"CausalSoftmax scores":  func() { CausalSoftmax(b, 32, 3, 0, 1, a, 1) },
			"CausalSoftmax lse":     func() { CausalSoftmax(a, 32, 3, 0, 1, b, 48) },
			"CausalSoftmax columns": func() { CausalSoftmax(a, 32, 3, 30, 1, a, 1) },
			"CausalSoftmax first":   func() { CausalSoftmax(a, 32, 3, -1, 1, a, 1) },
			"CausalSoftmax ld":      func() { CausalSoftmax(a, 24, 3, 0, 1, a, 1) },
			"CausalSoftmaxGrad dp":  func() { CausalSoftmaxGrad(a, b, 32, 3, 0, 1, a, 1, a) },
			"CausalSoftmaxGrad dot": func() { CausalSoftmaxGrad(a, a, 32, 3, 0, 1, a, 1, one) },
			"CrossEntropy":          func() { CrossEntropy(a, 1, 96, 1) },
			"RMSNormRows x":         func() { RMSNormRows(a, 32, b, 32, a[:32], a, 3, 1) },
			"RMSNormRows inv":       func() { RMSNormRows(a, 32, a, 32, a[:32], one, 3, 1) },
			"RMSNormRows stride":    func() { RMSNormRows(a, 32, a[64:], -32, a[:32], a, 3, 1) },
			"RMSNormGradRows dw":    func() { RMSNormGradRows(a, 32, one, a, 32, a, 32, a[:32], a, 3) },
			"RotateRows x":          func() { RotateRows(b, 32, 2, 16, a, a, make([]int32, 3), 3) },
			"RotateRows positions":  func() { RotateRows(a, 32, 2, 16, a, a, make([]int32, 2), 3) },
			"RotateRows table":      func() { RotateRows(a, 32, 2, 16, a, b, []int32{0, 11, 0}, 3) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				call()
			}()
		}
	})
}
