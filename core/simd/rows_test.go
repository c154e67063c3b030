package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// strided is a matrix at a row stride of its own, inside a margin: touched tells
// whether anything but its elements has changed since it was made.
type strided struct {
	all, before []float32
	at, ld      int
	rows, cols  int
}

func newStrided(r *rand.Rand, rows, cols, gap int) *strided {
	const margin = 19
	m := &strided{at: margin, ld: cols + gap, rows: rows, cols: cols}
	m.all = normals(r, max(0, rows*m.ld-gap)+2*margin)
	m.before = clone(m.all)
	return m
}

func (m *strided) data() []float32 {
	return m.all[m.at : len(m.all)-m.at : len(m.all)-m.at]
}

func (m *strided) row(i int) []float32 { return m.data()[i*m.ld:][:m.cols] }

func (m *strided) copy() *strided {
	c := *m
	c.all = clone(m.all)
	return &c
}

func (m *strided) touched() bool {
	for i, v := range m.all {
		j := i - m.at
		inside := j >= 0 && j < m.rows*m.ld && j%m.ld < m.cols
		if !inside && v != m.before[i] {
			return true
		}
	}
	return false
}

// same fails unless the slices agree to the bit, NaNs matching NaNs.
func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s: element %d is %g, want %g exactly", what, i, got[i], want[i])
		}
	}
}

// checkNormRows compares the norms of many rows and their gradients with the
// plain ones, and with those of one row at a time, which must have the same bits.
func checkNormRows(t *testing.T, r *rand.Rand, rows, n, gap int) {
	t.Helper()
	x, dst, dx := newStrided(r, rows, n, gap), newStrided(r, rows, n, r.IntN(3)), newStrided(r, rows, n, gap)
	dout := newStrided(r, rows, n, r.IntN(3))
	w, dw, inv := newStrided(r, 1, n, 0), newStrided(r, 1, n, 0), newStrided(r, 1, rows, 0)
	plain, plainInv, plainX, plainW := dst.copy(), inv.copy(), dx.copy(), dw.copy()
	one, v, oneX, oneW := dst.copy(), inv.copy(), dx.copy(), dw.copy()
	RMSNormRows(dst.data(), dst.ld, x.data(), x.ld, w.data(), inv.data(), rows, 1e-5)
	RMSNormGradRows(dx.data(), dx.ld, dw.data(), dout.data(), dout.ld, x.data(), x.ld, w.data(), inv.data(), rows)
	rmsNormRowsGo(plain.data(), dst.ld, x.data(), x.ld, w.data(), plainInv.data(), 1e-5)
	rmsNormGradRowsGo(plainX.data(), dx.ld, plainW.data(), dout.data(), dout.ld, x.data(), x.ld, w.data(), inv.data())
	for i := range rows {
		a, want := v.data()[i:i+1], plainInv.data()[i]
		RMSNormRows(one.row(i), n, x.row(i), n, w.data(), a, 1, 1e-5)
		RMSNormGradRows(oneX.row(i), n, oneW.data(), dout.row(i), n, x.row(i), n, w.data(), a, 1)
		same(t, "RMSNormRows inverse alone", a, inv.data()[i:i+1])
		same(t, "RMSNormRows alone", one.row(i), dst.row(i))
		same(t, "RMSNormGradRows x alone", oneX.row(i), dx.row(i))
		near(t, "RMSNormRows inverse", a[0], want, float64(want), 5e-6)
		nearAll(t, "RMSNormRows", dst.row(i), plain.row(i), 3e-6)
		for j, want := range plainX.row(i) { // its terms have the size of inv, and may cancel
			near(t, "RMSNormGradRows x", dx.row(i)[j], want, math.Abs(float64(want))+float64(a[0]), 1.5e-5)
		}
	}
	same(t, "RMSNormGradRows w alone", oneW.data(), dw.data())
	for j, want := range plainW.data() {
		near(t, "RMSNormGradRows w", dw.data()[j], want, math.Abs(float64(want))+spread(max(0, rows-1)), 3e-6)
	}
	dots := newStrided(r, 1, rows, 0)
	RowDots(dots.data(), x.data(), x.ld, dst.data(), dst.ld, n)
	for i, d := range dots.data() {
		near(t, "RowDots", d, dotGo(x.row(i), dst.row(i)), spread(n), 2e-6)
	}
	y := x.copy()
	RMSNormRows(y.data(), y.ld, y.data(), y.ld, w.data(), inv.data(), rows, 1e-5)
	for i := range rows {
		same(t, "RMSNormRows in place", y.row(i), dst.row(i))
	}
	for name, m := range map[string]*strided{"x": x, "dst": dst, "dout": dout, "dx": dx, "w": w, "dw": dw, "inv": inv, "y": y, "dots": dots} {
		if m.touched() {
			t.Fatalf("the norms of %d rows of %d wrote outside %s", rows, n, name)
		}
	}
}

func TestNormRows(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 1))
		for n := range 140 {
			checkNormRows(t, r, r.IntN(5), n, r.IntN(4))
		}
		for _, s := range [][2]int{{1, 320}, {300, 96}, {64, 1408}, {9, 8191}, {1, 60000}, {1, 1 << 16}, {3, 1<<16 + 3}, {1, 1<<17 + 77}} {
			checkNormRows(t, r, s[0], s[1], 1)
		}
	})
}

func FuzzNormRows(f *testing.F) {
	f.Add(uint64(1), uint8(28), uint16(96), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, rows uint8, n uint16, gap uint8) {
		under(t, Available(), func(t *testing.T) {
			checkNormRows(t, rand.New(rand.NewPCG(seed, 9)), int(rows)%80, int(n)%700, int(gap)%40)
		})
	})
}

// checkRotateRows compares with the plain form, given opposite sines to turn
// back, and with itself on one row at a time, which must have the same bits.
func checkRotateRows(t *testing.T, r *rand.Rand, rows, heads, h, gap int) {
	t.Helper()
	const table = 11
	hd := 2 * h
	x := newStrided(r, rows, heads*hd, gap)
	angles, sin, back := normals(r, table*h), make([]float32, table*h), make([]float32, table*h)
	cos := make([]float32, table*h)
	for i, a := range angles {
		si, co := math.Sincos(float64(a))
		cos[i], sin[i], back[i] = float32(co), float32(si), -float32(si)
	}
	positions := make([]int32, rows)
	for i := range positions {
		positions[i] = r.Int32N(table)
	}
	for _, f := range []struct {
		name   string
		rotate func([]float32, int, int, int, []float32, []float32, []int32, int)
		sin    []float32
	}{{"RotateRows", RotateRows, sin}, {"RotateRowsBack", RotateRowsBack, back}} {
		got, want, one := x.copy(), x.copy(), x.copy()
		f.rotate(got.data(), got.ld, heads, hd, cos, sin, positions, rows)
		rotateRowsGo(want.data(), want.ld, heads, hd, cos, f.sin, positions, 1)
		for i := range positions {
			f.rotate(one.row(i), one.ld, heads, hd, cos, sin, positions[i:i+1], 1)
			nearAll(t, f.name, got.row(i), want.row(i), 2e-6)
			same(t, f.name+" alone", one.row(i), got.row(i))
		}
		if got.touched() {
			t.Fatalf("%s of %d rows, %d heads of %d wrote outside", f.name, rows, heads, hd)
		}
	}
}

func TestRotateRows(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 2))
		for h := range 90 {
			checkRotateRows(t, r, r.IntN(5), r.IntN(5), h, r.IntN(4))
		}
		checkRotateRows(t, r, 700, 8, 16, 256)
		checkRotateRows(t, r, 500, 5, 32, 0)
		checkRotateRows(t, r, 2, 1, 1<<16+3, 1)
	})
}

func FuzzRotateRows(f *testing.F) {
	f.Add(uint64(1), uint8(28), uint8(3), uint8(16), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, rows, heads, h, gap uint8) {
		under(t, Available(), func(t *testing.T) {
			checkRotateRows(t, rand.New(rand.NewPCG(seed, 10)), int(rows)%70, int(heads)%7, int(h), int(gap)%40)
		})
	})
}

func TestPeak(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		one := PeakFP32(1)
		if !(one > 0) || PeakFP32(70000) != 70000*one || PeakFP32(0) != 0 || PeakFP32(-1) != 0 {
			t.Errorf("PeakFP32 counts %g operations in a round, %g in 70000", one, PeakFP32(70000))
		}
	})
}
